"""Titles asked at services: in order, verified here, kept on disk, bounded."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from flows.resolution import build
from flows.resolution.answers import Answers
from flows.resolution.online import Online
from flows.resolution.services import ARXIV, CROSSREF, HUGGING_FACE, SEMANTIC_SCHOLAR
from flows.resolution.ways import by_index, by_services, resolve_all
from tests.loopback import Reply, local_client, site

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "resolution"
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
EMPTY_FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>'


def crossref(*items):
    return Reply(body=json.dumps({"message": {"items": list(items)}}).encode())


NOTHING = {
    "/api/papers/search": Reply(body=b"[]"),
    "/api/query": Reply(body=EMPTY_FEED),
    "/graph/v1/paper/search/match": Reply(404, b'{"error": "Title match not found"}'),
    "/works": crossref(),
}


def ask(tmp_path, title, authors=None, /, **replies):
    """Ask services that know nothing but what ``replies`` say; give verdict and paths asked."""
    paths = dict(zip(("hf", "arxiv", "s2", "crossref"), NOTHING, strict=True))
    told = NOTHING | {paths[name]: reply for name, reply in replies.items()}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        verdict = online(local.url, tmp_path).resolve(title, authors)
    return verdict, [path.partition("?")[0] for _, path in local.asked]


def online(url, folder):
    services = [replace(s, endpoint=url) for s in (HUGGING_FACE, ARXIV, SEMANTIC_SCHOLAR, CROSSREF)]
    return Online(Answers(folder), services, local_client())


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
def test_errors_and_redirects_are_said(tmp_path, reply):
    verdict, paths = ask(tmp_path, SWIN, hf=reply)
    assert f"hugging-face: answers {reply.status}" in str(verdict.reason)
    assert len(paths) == 4


def test_an_answer_beyond_the_bound_is_refused(tmp_path):
    verdict, _ = ask(tmp_path, SWIN, hf=Reply(body=b"[" + b" " * 2_100_000 + b"]"))
    assert "larger than" in str(verdict.reason)


def test_what_was_answered_once_is_not_asked_again(tmp_path):
    first, asked = ask(tmp_path, SWIN, s2=Reply(body=S2))
    assert len(asked) == 3
    with site(lambda *_: Reply(500)) as local:
        pass
    assert first.arxiv_id == "2103.14030"
    told = NOTHING | {"/graph/v1/paper/search/match": Reply(body=S2)}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        online(local.url, tmp_path / "c").resolve(SWIN)
        before = len(local.asked)
        assert online(local.url, tmp_path / "c").resolve(SWIN).arxiv_id == "2103.14030"
        assert len(local.asked) == before


def test_a_damaged_kept_answer_is_asked_for_again(tmp_path):
    with site(lambda *_: Reply(body=HF)) as local:
        online(local.url, tmp_path).resolve(SIMWAM)
        for kept in tmp_path.rglob("*.json"):
            kept.write_text('{"url": ', encoding="utf-8")
        assert online(local.url, tmp_path).resolve(SIMWAM).arxiv_id == "2608.07468"
        assert len(local.asked) == 2


def test_a_service_that_fails_again_and_again_is_left_alone(tmp_path):
    told = NOTHING | {"/api/papers/search": Reply(500)}
    with site(lambda _, path: told[path.partition("?")[0]]) as local:
        asking = online(local.url, tmp_path)
        for number in range(6):
            asking.resolve(f"A title of its own number {number}")
    assert sum(path.startswith("/api/papers") for _, path in local.asked) == 3


def test_a_title_cannot_leave_its_place_in_the_request(tmp_path):
    with site(lambda *_: Reply(404)) as local:
        online(local.url, tmp_path).resolve('x" OR all:*&max_results=9999\r\nHost: evil #/../')
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
    found = by_index(TITLES, build(REFERENCE))
    with site(lambda *_: Reply(body=HF)) as local:
        rows = by_services(TITLES, found, online(local.url, tmp_path))
    assert rows["arxiv_id"].to_list() == ["2606.13677", "2608.07468"]
    assert rows["resolver"].to_list() == ["index:title", "hugging-face"]
    assert len(local.asked) == 1


def test_nothing_is_asked_unless_one_says_so(tmp_path):
    rows = resolve_all(TITLES, build(REFERENCE).save(tmp_path / "index"), None)
    assert rows["arxiv_id"].to_list() == ["2606.13677", None]
    assert rows["reason"].to_list()[1].startswith("index: ")
    unasked = resolve_all(TITLES, None, None)
    assert unasked["reason"].str.contains("--online").all()
