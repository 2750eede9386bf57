"""Titles asked at services: in order, verified here, kept on disk, bounded."""

import json
import threading
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from flows.deduplicate.resolve import build_index
from flows.deduplicate.resolve.answer_cache import AnswerCache
from flows.deduplicate.resolve.online import TitleServices
from flows.deduplicate.resolve.options import (
    ResolveOptions,
    resolve_all,
    resolve_by_index,
    resolve_by_services,
    resolve_repeatably,
)
from flows.deduplicate.resolve.services import ARXIV, CROSSREF, HUGGING_FACE, SEMANTIC_SCHOLAR
from flows.deduplicate.resolve.verify_answer import Lookup
from flows.http.rate_limit import RateLimiter
from flows.paths import PROJECT
from tests.loopback import Reply, local_client, site

FIXTURES = PROJECT / "tests" / "fixtures" / "resolution"
HF, S2, ATOM, ERROR = (
    (FIXTURES / name).read_bytes()
    for name in ("hugging_face.json", "semantic_scholar.json", "arxiv.xml", "arxiv_error.xml")
)
SIMWAM = "SimWAM: A Simple World Action Model for End-to-End Autonomous Driving"
MANA = "Mana: Dexterous Manipulation of Articulated Tools"
SWIN = "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows"
CROSSREF_ITEM = {
    "DOI": "10.1109/ICCV48922.2021.00986",
    "title": [SWIN],
    "author": [{"given": "Ze", "family": "Liu"}],
    "relation": {"has-preprint": [{"id-type": "doi", "id": "10.48550/arXiv.2103.14030"}]},
}
DAY = date(2026, 11, 24)
EMPTY_FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>'


def crossref(*items):
    return Reply(body=json.dumps({"message": {"items": list(items)}}).encode())


NOTHING = {
    "/api/papers/search": Reply(body=b"[]"),
    "/api/query": Reply(body=EMPTY_FEED),
    "/graph/v1/paper/search/match": Reply(404, b'{"error": "Title match not found"}'),
    "/works": crossref(),
}


def ask(tmp_path, title, authors=None, abstract=None, /, **replies):
    """Ask services that know nothing but what ``replies`` say; give verdict and paths asked."""
    paths = dict(zip(("hf", "arxiv", "s2", "crossref"), NOTHING, strict=True))
    told = NOTHING | {paths[name]: reply for name, reply in replies.items()}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        verdict = online(local.url, tmp_path).resolve(Lookup(title, authors, abstract))
    return verdict, [path.partition("?")[0] for _, path in local.asked]


def online(url, folder, day=DAY):
    services = [replace(s, endpoint=url) for s in (HUGGING_FACE, ARXIV, SEMANTIC_SCHOLAR, CROSSREF)]
    return TitleServices(AnswerCache(folder, day), services, local_client())


@pytest.mark.parametrize(
    ("title", "authors", "service", "reply", "arxiv_id"),
    [
        (SIMWAM, ["Zongchuang Zhao"], "hf", Reply(body=HF), "2608.07468"),
        (MANA, None, "arxiv", Reply(body=ATOM), "2606.13677"),
        (SWIN, ["Liu, Ze"], "s2", Reply(body=S2), "2103.14030"),
        (SWIN, ["Ze Liu"], "crossref", crossref(CROSSREF_ITEM), "2103.14030"),
    ],
    ids=["hugging face", "arxiv", "semantic scholar", "crossref"],
)
def test_each_service_is_read_in_its_real_shape(tmp_path, title, authors, service, reply, arxiv_id):  # noqa: PLR0913, PLR0917  # parametrised
    verdict, _ = ask(tmp_path, title, authors, **{service: reply})
    assert (verdict.arxiv_id, verdict.score, verdict.evidence) == (arxiv_id, 1.0, title)


def test_services_are_asked_in_order_until_one_answers(tmp_path):
    verdict, paths = ask(tmp_path, MANA, arxiv=Reply(body=ATOM), s2=Reply(body=S2))
    assert verdict.resolver == "arxiv"
    assert paths == ["/api/papers/search", "/api/query"]


def test_the_other_papers_that_a_service_offers_are_refused_whatever_its_score(tmp_path):
    verdict, _ = ask(tmp_path, "A Title That Nobody Ever Wrote", s2=Reply(body=S2))
    assert verdict.arxiv_id is None
    assert "semantic-scholar: look-alike" in str(verdict.reason)
    assert verdict.evidence == SWIN


def test_other_authors_refuse_an_equal_title(tmp_path):
    verdict, _ = ask(tmp_path, SWIN, ["Ada Lovelace"], s2=Reply(body=S2))
    assert verdict.arxiv_id is None
    assert "other authors" in str(verdict.reason)


ABSTRACT = (
    "This paper presents a new vision Transformer, called Swin Transformer, that capably serves as "
    "a general-purpose backbone for computer vision. Challenges in adapting Transformer from "
    "language to vision arise from differences between the two domains, such as large variations "
    "in the scale of visual entities and the high resolution of pixels in images."
)
OTHER_ABSTRACT = (
    "Harvesting tomatoes automatically requires estimating ripeness under foliage. Thermographic "
    "measurements, collected throughout greenhouses, calibrate spectroscopic indicators; regional "
    "cooperatives evaluated prototypes during harvesting seasons."
)


def with_abstract(text):
    answer = json.loads(S2)
    answer["data"][0]["abstract"] = text
    return Reply(body=json.dumps(answer).encode())


def test_a_paper_under_another_title_is_found_by_its_abstract(tmp_path):
    title = "Hierarchical Backbones from Shifted Local Attention"
    refused, _ = ask(tmp_path / "a", title, s2=with_abstract(ABSTRACT))
    copied = ABSTRACT.replace("general-purpose", "general purpose") + " Code: this https URL"
    found, _ = ask(tmp_path / "b", title, None, copied, s2=with_abstract(ABSTRACT))
    assert refused.arxiv_id is None
    assert (found.arxiv_id, found.evidence, found.shared_abstract) == ("2103.14030", SWIN, 1.0)


def test_another_abstract_refuses_an_equal_title_of_nobody_knows_whom(tmp_path):
    reply = with_abstract(ABSTRACT)
    refused, _ = ask(tmp_path / "a", SWIN, None, OTHER_ABSTRACT, s2=reply)
    rewritten, _ = ask(tmp_path / "b", SWIN, ["Ze Liu"], OTHER_ABSTRACT, s2=reply)
    assert "semantic-scholar: another abstract" in str(refused.reason)
    assert rewritten.arxiv_id == "2103.14030"


def test_a_changed_title_needs_agreeing_authors(tmp_path):
    changed = SWIN.replace("using", "with")
    refused, _ = ask(tmp_path / "a", changed, s2=Reply(body=S2))
    found, _ = ask(tmp_path / "b", changed, ["Ze Liu", "Han Hu"], s2=Reply(body=S2))
    assert (refused.arxiv_id, found.arxiv_id) == (None, "2103.14030")


def test_two_papers_of_one_title_refuse_each_other(tmp_path):
    offers = [
        {"paper": {"id": i, "title": "A shared and common title"}}
        for i in ("2601.00001", "2601.00002")
    ]
    verdict, _ = ask(
        tmp_path, "A shared and common title", hf=Reply(body=json.dumps(offers).encode())
    )
    assert verdict.arxiv_id is None
    assert "ambiguous" in str(verdict.reason)


def test_a_publication_without_a_preprint_gives_its_doi(tmp_path):
    item = {**CROSSREF_ITEM, "relation": {}}
    verdict, _ = ask(tmp_path, SWIN, ["Ze Liu"], crossref=crossref(item))
    assert (verdict.arxiv_id, verdict.doi) == (None, "10.1109/iccv48922.2021.00986")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b"{", b"[1, null, {}]", b'{"data": 3}', b'[{"paper": {"id": "../x", "title": "T"}}]',  # noqa: E501  # an answer as it comes
     b"[" * 100_000, b"\xff\xfe", b'{"data": [{"title": ["a"], "externalIds": 1}]}', ERROR],
)  # fmt: skip
def test_junk_is_no_answer_and_the_next_service_is_asked(tmp_path, body):
    junk = Reply(body=body)
    verdict, paths = ask(
        tmp_path, SWIN, hf=junk, arxiv=junk, s2=junk, crossref=crossref(CROSSREF_ITEM)
    )
    assert verdict.resolver == "crossref"
    assert len(paths) == 4


@pytest.mark.parametrize(
    "reply", [Reply(500), Reply(302, headers={"Location": "http://10.0.0.1/"})]
)
def test_an_error_or_a_redirect_of_a_service_is_the_reason(tmp_path, reply):
    verdict, paths = ask(tmp_path, SWIN, hf=reply)
    assert f"hugging-face: answers {reply.status}" in str(verdict.reason)
    assert len(paths) == 4


def test_a_service_that_says_later_is_asked_again_when_it_said(tmp_path):
    slept: list[float] = []
    replies = iter([Reply(429, headers={"Retry-After": "7"}), Reply(body=HF)])
    with site(lambda *_: next(replies)) as local:
        asking = online(local.url, tmp_path)
        pace = RateLimiter(default=0.0, clock=lambda: 0.0, sleep=slept.append)
        asking.web = replace(asking.web, pace=pace, retries=1)
        assert asking.resolve(Lookup(SIMWAM)).arxiv_id == "2608.07468"
    assert slept == [7.0]


def test_a_service_whose_allowance_is_used_up_is_left_alone_until_it_is_renewed(tmp_path):
    slept: list[float] = []
    told = Reply(body=b"[]", headers={"RateLimit": '"api";r=0;t=30'})
    with site(lambda _, path: told if "papers/search" in path else Reply(404)) as local:
        asking = online(local.url, tmp_path)
        asking.services = asking.services[:1]
        asking.web.pace = RateLimiter(default=0.0, clock=lambda: 0.0, sleep=slept.append)
        for title in ("A first title to ask for", "A second title to ask for"):
            asking.resolve(Lookup(title))
    assert slept == [30.0]


def test_a_service_that_does_not_answer_in_time_is_passed_over(tmp_path):
    is_over = threading.Event()

    def answer(_, path):
        if path.startswith("/api/papers"):
            is_over.wait(5)
        return NOTHING[path.partition("?")[0]]

    with site(answer) as local:
        asking = online(local.url, tmp_path)
        asking.web = local_client(seconds=0.3)
        verdict = asking.resolve(Lookup(SWIN))
        is_over.set()
    assert "hugging-face: no answer in time; arxiv: " in str(verdict.reason)


def test_an_answer_beyond_the_bound_is_refused(tmp_path):
    verdict, _ = ask(tmp_path, SWIN, hf=Reply(body=b"[" + b" " * 2_100_000 + b"]"))
    assert "larger than" in str(verdict.reason)


def test_what_was_answered_once_is_not_asked_again(tmp_path):
    told = NOTHING | {"/graph/v1/paper/search/match": Reply(body=S2)}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        found = [online(local.url, tmp_path).resolve(Lookup(SWIN)).arxiv_id for _ in range(2)]
    assert (found, len(local.asked)) == (["2103.14030"] * 2, 3)


def test_an_old_answer_is_asked_for_again_and_kept_beside_the_new_one(tmp_path):
    with site(lambda *_: Reply(body=HF)) as local:
        for days in (0, 30, 31):
            online(local.url, tmp_path, DAY + timedelta(days)).resolve(Lookup(SIMWAM))
    assert len(local.asked) == 2
    assert sorted(path.name for path in tmp_path.rglob("*.json")) == [
        "2026-11-24.json",
        "2026-12-25.json",
    ]


def test_a_damaged_kept_answer_is_asked_for_again(tmp_path):
    with site(lambda *_: Reply(body=HF)) as local:
        online(local.url, tmp_path).resolve(Lookup(SIMWAM))
        for kept in tmp_path.rglob("*.json"):
            kept.write_text('{"url": ', encoding="utf-8")
        assert online(local.url, tmp_path).resolve(Lookup(SIMWAM)).arxiv_id == "2608.07468"
        assert len(local.asked) == 2


def test_a_service_that_fails_again_and_again_is_left_alone(tmp_path):
    told = NOTHING | {"/api/papers/search": Reply(500)}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        asking = online(local.url, tmp_path)
        for number in range(6):
            asking.resolve(Lookup(f"A title of its own number {number}"))
    assert sum(path.startswith("/api/papers") for _, path in local.asked) == 3


def test_a_title_cannot_leave_its_place_in_the_request(tmp_path):
    with site(lambda *_: Reply(404)) as local:
        online(local.url, tmp_path).resolve(
            Lookup('x" OR all:*&max_results=9999\r\nHost: evil #/../')
        )
    assert all(path.count("max_results") == ("api/query" in path) for _, path in local.asked)
    assert not any('"' in path or "evil\r" in path for _, path in local.asked)


REFERENCE = pl.DataFrame(
    [("2606.13677", MANA, ["Zhao-Heng Yin"])],
    schema={"paper": pl.String, "title": pl.String, "authors": pl.List(pl.String)},
    orient="row",
)
TITLES = pl.DataFrame(
    {"title": [MANA, SIMWAM], "authors": [None, ["Zongchuang Zhao"]]},
    schema={"title": pl.String, "authors": pl.List(pl.String)},
)


def test_services_are_asked_only_for_what_the_index_leaves_open(tmp_path):
    found = resolve_by_index(TITLES, build_index(REFERENCE))
    with site(lambda *_: Reply(body=HF)) as local:
        rows = resolve_by_services(TITLES, found, online(local.url, tmp_path))
    assert rows["arxiv_id"].to_list() == ["2606.13677", "2608.07468"]
    assert rows["resolver"].to_list() == ["index:title", "hugging-face"]
    assert len(local.asked) == 1


def test_nothing_is_asked_unless_one_says_so(tmp_path):
    ways = ResolveOptions(build_index(REFERENCE).save(tmp_path / "index"))
    rows = resolve_all(TITLES, ways, ways.services())
    assert rows["arxiv_id"].to_list() == ["2606.13677", None]
    assert rows["reason"].to_list()[1].startswith("index: ")
    assert resolve_all(TITLES, ResolveOptions(), ResolveOptions().services())[
        "arxiv_id"
    ].to_list() == [None, None]


def test_what_a_run_finds_is_found_again_in_what_it_kept(tmp_path):
    ways = ResolveOptions(build_index(REFERENCE).save(tmp_path / "index"), tmp_path / "answers")
    with site(lambda *_: Reply(body=HF)) as local:
        live = online(local.url, tmp_path / "answers")
        first, used = resolve_repeatably(TITLES, ways, live)
        asked = len(local.asked)
        again, same = resolve_repeatably(TITLES, ways, live.kept())
    assert first["arxiv_id"].to_list() == ["2606.13677", "2608.07468"]
    assert first["answered"].to_list() == [None, DAY]
    assert (again.rows(), same, len(local.asked)) == (first.rows(), used, asked)
    assert used["answers"]["day"] == "2026-11-24"


def test_a_service_that_fails_today_changes_nothing_of_what_it_said_before(tmp_path):
    replies = iter([Reply(body=HF), *[Reply(500)] * 4])
    with site(lambda *_: next(replies)) as local:
        rows = [
            resolve_repeatably(
                TITLES[1:], ResolveOptions(), online(local.url, tmp_path, DAY + timedelta(days))
            )[0]
            for days in (0, 40)
        ]
    assert rows[0].rows() == rows[1].rows()
