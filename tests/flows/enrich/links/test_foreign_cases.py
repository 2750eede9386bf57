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


def keys_of(written: list[str]) -> set[str]:
    hosted = [re.sub(r"example\.(com|org|net)", r"lab-site.\1", url) for url in written]
    # Some cases of arXiv are patterns: any resolver will do.
    plain = pl.Series(
        [url.replace("https://.*10.", "https://doi.org/10.") for url in hosted], dtype=pl.String
    )
    keys = pl.select(urls.location_key(urls.canonical_url(pl.lit(plain))))
    return set(keys.to_series().drop_nulls().to_list())


def test_links_that_arxiv_finds_are_found() -> None:
    cases = json.loads(ARXIV.read_text(encoding="utf-8"))
    places = places_of([case["input"] for case in cases])
    differing = {
        case["input"]
        for case, found in zip(cases, places, strict=True)
        if found != keys_of(case["hrefs"])
    }
    assert differing == set(REFUSED)


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of linkify-it are not here")
def test_texts_without_links_stay_silent() -> None:
    path: Path = SHARED / "linkify-it_not_links.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.strip() and not line.startswith("%")]
    assert sum(not places for places in places_of(texts)) >= SILENT
