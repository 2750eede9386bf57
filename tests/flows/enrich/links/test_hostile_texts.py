"""Texts that somebody made to be slow take as long as they are, and no longer."""

import time

import polars as pl
import pytest

from flows.enrich.links.build_links import find_links_in_texts
from flows.enrich.links.extract_links import LONGEST, PIECE, find_links
from flows.enrich.links.promises import read_code_promise
from flows.runs.notices import take_notices
from flows.text import make_readable
from tests.link_texts import bare_record, links_of_text
from tests.records import records

FAMILIES = {
    "bare domains": "see lab.org/x ",
    "DOIs": "10.1000/abc ",
    "arXiv ids": "arXiv:2101.00001 ",
    "schemes": "http://",
    "open brackets": "(https://a.bc/",
    "line breaks": "a-\n",
    "mathematics": "\\(",
    "dollars": "$x ",
    "backslashes": "\\",
    "promises": "we will release the code ",
    "combining marks": "e\u0301",
}

SMALL, LARGE = 10_000, 100_000

MOST = 25
"""Times as long that ten times the text may take: a square would take a hundred."""

QUICK = 0.02
"""Seconds of a small text below which a clock is not sure of them."""


def seconds_of(text: str) -> float:
    frame = records(bare_record(abstract=text))
    before = time.process_time()
    find_links_in_texts(frame)
    frame.select(make_readable(pl.col("abstract")), promise=read_code_promise(pl.col("abstract")))
    return time.process_time() - before


@pytest.mark.parametrize("family", FAMILIES)
def test_time_grows_with_the_length_of_a_text(family: str) -> None:
    unit = FAMILIES[family]
    large = seconds_of((unit * LARGE)[:LARGE])
    if large >= MOST * QUICK:  # else no shorter text could make it too long
        small = min(seconds_of((unit * SMALL)[:SMALL]) for _ in range(2))
        assert large < MOST * small


def test_a_long_text_is_read_in_pieces_without_losing_a_link_or_its_place() -> None:
    text = "Our code is at https://github.com/a/b and more. " * (3 * PIECE // 48)
    found = links_of_text(text)
    assert found.height == text.count("https://")
    for start, end, written in found.select("start", "end", "written").iter_rows():
        assert text[start:end] == written


def test_the_end_of_a_text_longer_than_any_is_left_with_a_notice() -> None:
    text = "https://lab.org/x " + "word " * (LONGEST // 5) + "https://lab.org/y"
    texts = pl.DataFrame({"record_id": ["a:b:7"], "field": ["abstract"], "text": [text]})
    assert find_links(texts)["url"].to_list() == ["https://lab.org/x"]
    (notice,) = take_notices()
    assert notice.examples == ("abstract of a:b:7",)
