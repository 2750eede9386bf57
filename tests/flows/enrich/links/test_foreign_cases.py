"""Cases that others wrote for their finders of links: each one is met, or refused for a reason."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from flows import urls
from flows.enrich.links import find_links
from flows.paths import PROJECT

ARXIV = PROJECT / "tests/fixtures/arxiv_base/urlize_cases.json"
SHARED = PROJECT.parent / "shared/eval/foreign/url_finder_fixtures"

REFUSED = {
    "cond-mat/97063007": "eight digits are no id: arXiv's own pattern takes the first seven",
    "7 Pages; ftp://ftp%40micrognu%2Ecom:anon%40anon@ftp.micrognu.com/pnenp/conclusion.pdf": (
        "holds a password"
    ),
    "something https://arxiv.org bla": "a case about DOIs alone, in which the link does not count",
}
"""Cases of arXiv that we answer differently, and why."""

SILENT = 36
"""Of the 38 texts without links of linkify-it: an underscore beside a URL is emphasis to us."""


def places_of(texts: list[str]) -> list[set[str]]:
    """Find the links of texts, as keys of places; ``example.com`` is a host like others here."""
    hosted = [re.sub(r"example\.(com|org|net)", r"lab-site.\1", text) for text in texts]
    frame = pl.DataFrame({"text": hosted}).with_row_index("record_id")
    found = find_links(
        frame.with_columns(pl.col("record_id").cast(pl.String), field=pl.lit("abstract"))
    ).with_columns(place=urls.location_key(pl.col("url")))
    return [
        set(found.filter(record_id=str(number))["place"].to_list()) for number in range(len(texts))
    ]


def keys_of_each(cases: list[list[str]]) -> list[set[str]]:
    """Return the keys of the places that each case writes, all of them in one pass."""
    written = pl.DataFrame({"urls": cases}, schema={"urls": pl.List(pl.String)})
    hosted = pl.element().str.replace_all(r"example\.(com|org|net)", "lab-site.$1")
    # Some cases of arXiv are patterns: any resolver will do.
    plain = hosted.str.replace_all("https://.*10.", "https://doi.org/10.", literal=True)
    flat = (
        written.with_row_index("case")
        .with_columns(pl.col("urls").list.eval(plain))
        .explode("urls", empty_as_null=True)
        .with_columns(key=urls.location_key(urls.canonical_url(pl.col("urls"))))
    )
    keys = flat.group_by("case", maintain_order=True).agg(pl.col("key").drop_nulls())
    return [set(row) for row in keys["key"].to_list()]


def keys_of(written: list[str]) -> set[str]:
    return keys_of_each([written])[0]


def test_links_that_arxiv_finds_are_found() -> None:
    cases = json.loads(ARXIV.read_text(encoding="utf-8"))
    places = places_of([case["input"] for case in cases])
    keys = keys_of_each([case["hrefs"] for case in cases])
    differing = {
        case["input"]
        for case, found, expected in zip(cases, places, keys, strict=True)
        if found != expected
    }
    assert differing == set(REFUSED)


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of linkify-it are not here")
def test_texts_without_links_stay_silent() -> None:
    path: Path = SHARED / "linkify-it_not_links.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.strip() and not line.startswith("%")]
    assert sum(not places for places in places_of(texts)) >= SILENT


LINKIFY_FOUND = 90
"""Of the 117 positive cases of linkify-it. The others are bare hosts that nothing announces (13),
quotes and brackets in paths, which close a URL in prose (7), letters of other scripts in hosts and
paths (4), users with passwords (2), and a comma behind which digits begin (1)."""


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of linkify-it are not here")
def test_links_of_linkify_are_found_but_for_what_prose_does_not_mean() -> None:
    text = (SHARED / "linkify-it_links.txt").read_text(encoding="utf-8")
    lines = [re.sub(r"\s+%.*$", "", line) for line in text.splitlines()]
    blocks = "\n".join(line for line in lines if not line.startswith("%")).split("\n\n")
    cases = [block.strip().split("\n") for block in blocks if block.strip()]
    pairs = [(case[0], case[-1]) for case in cases if len(case) <= 2]
    places = places_of([text for text, _ in pairs])
    keys = keys_of_each([[url] for _, url in pairs])
    found = sum(expected <= place for expected, place in zip(keys, places, strict=True))
    assert found >= LINKIFY_FOUND


BROKEN = [
    ("Texts are from www . statmt . org / wmt11 in all.", "http://www.statmt.org/wmt11"),
    ("It is at http : // www . lab-site . org / x for all.", "http://www.lab-site.org/x"),
    ("Ask us (www . lab-site . com).", "http://www.lab-site.com"),
    ("See http://lab-site.org/a_(b)_c for it.", "http://lab-site.org/a_(b)_c"),
    ("See http://lab-site.org/a/1Tc,Ig45 for it.", "http://lab-site.org/a/1Tc,Ig45"),
    ("The list (http://lab-site.org/a) is long.", "http://lab-site.org/a"),
    ("Its guide (http://lab-site.org/a/ b-c/v2.pdf.) is long.", "http://lab-site.org/a/b-c/v2.pdf"),
    ("The list (http://lab-site.org/a/ accessed) is long.", "http://lab-site.org/a/"),
    ("See (http://lab-site.org/a/ for more).", "http://lab-site.org/a/"),
]
"""Cases of our own, of the kinds that finders of links are tested with."""


@pytest.mark.parametrize(("text", "url"), BROKEN)
def test_a_link_that_blanks_or_brackets_cut_is_found_whole(text: str, url: str) -> None:
    assert places_of([text]) == [keys_of([url])]


def test_a_host_is_not_put_together_from_words_of_a_sentence() -> None:
    assert places_of(["We met www . It was fine . org charts"]) == [set()]
