"""URLs survive a merge: a page copy that lost them takes none away from the better copy."""

import re

import polars as pl
import pytest

from flows import urls
from flows.deduplicate.match.match_records import match_records
from flows.enrich import links
from tests import merge_records
from tests.records import record, records

EVERY = 20
"""Every so many pairs are merged: 154 of them."""

WRITTEN = re.compile(r"https?://[0-9A-Za-z][0-9A-Za-z./_~?=&-]*[0-9A-Za-z]")
"""URLs as a reader sees them, told by another pattern than the extractor's."""


@pytest.fixture(scope="module")
def merged(shared):
    """Merge both copies of each pair; give origins, links and the better copies."""
    pairs = pl.read_parquet(shared("eval/url_survival") / "pairs.parquet")
    chosen = pairs.gather_every(EVERY)
    rows = []
    for number, pair in enumerate(chosen.iter_rows(named=True), start=1):
        title = " ".join(pair["abstract_api"].split()[:9])
        both = {"title": title, "authors": []}
        rows += [
            record(number, abstract=pair["abstract_api"], arxiv_id=pair["arxiv_id"], **both),
            record(number, "papers_page", abstract=pair["abstract_web"], **both),
        ]
    frame = records(*rows)
    _, origins = merge_records.merged(frame, match_records(frame).clusters)
    return frame, origins, links.build_link_table(frame, origins)


def test_both_copies_are_one_paper(merged):
    frame, origins, _ = merged
    assert origins["paper_id"].n_unique() == frame.height // 2


def lost(copies, found):
    """Give the URLs of ``paper_id, abstract`` that no link of the paper begins with.

    A reader's pattern stops where LaTeX escapes, breaks a line, or turns to a fragment.
    """
    wanted = (
        copies.select("paper_id", url=pl.col("abstract").str.extract_all(WRITTEN.pattern))
        .explode("url", empty_as_null=False)
        .with_columns(place=urls.location_key(urls.canonical_url(pl.col("url"))))
    )
    there = found.group_by("paper_id").agg(places=urls.location_key(pl.col("url")))
    held = wanted.join(there, on="paper_id", how="left", validate="m:1")
    is_held = [
        any(each.startswith(place or url) for each in places or [])
        for place, url, places in held.select(
            pl.col("place"), pl.col("url").str.replace("https?://", ""), "places"
        ).iter_rows()
    ]
    assert held.height >= copies.height
    return held.filter(~pl.Series(is_held))["url"].to_list()


def test_every_url_of_the_better_copy_is_in_the_links_of_the_paper(merged):
    frame, origins, found = merged
    better = frame.filter(pl.col("source") == "arxiv").join(
        origins.select("record_id", "paper_id"), on="record_id", validate="1:1"
    )
    assert lost(better, found) == []


def test_every_url_of_every_pair_is_read(shared):
    pairs = pl.read_parquet(shared("eval/url_survival") / "pairs.parquet")
    copies = pairs.select(paper_id=pl.int_range(pl.len()).cast(pl.String), abstract="abstract_api")
    texts = copies.select(record_id="paper_id", field=pl.lit("abstract"), text="abstract")
    assert lost(copies, links.find_links(texts).rename({"record_id": "paper_id"})) == []


def test_each_link_keeps_the_place_it_was_read_from(merged):
    frame, _, found = merged
    mentions = found.select("mentions").explode("mentions", empty_as_null=False).unnest("mentions")
    texts = frame.select("record_id", "abstract")
    read = mentions.join(texts, on="record_id", validate="m:1").filter(field="abstract")
    there = pl.col("abstract").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    assert read.height >= found.height
    assert read.filter(there != pl.col("written")).is_empty()
