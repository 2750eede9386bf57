"""Recognising and reading a page takes time in proportion to its length, whatever stands in it."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from flows.raw.raw_file import RefusedInput
from flows.sources import papers_page
from flows.sources.papers_page.saved import is_html
from tests.source_files import parse

FAMILIES: dict[str, Callable[[int], str]] = {
    "blank lines": lambda n: "by" + "\n" * n + "x",
    "blank lines of CRLF": lambda n: "AK" + "\r\n" * n + "x",
    "separators": lambda n: "by" + "\u2028" * n + "x",
    "dots": lambda n: "· " * n,
    "stops": lambda n: "A. " * n,
    "quotes": lambda n: ".\"'" * n,
    "promises": lambda n: "Submitted by\n" * n,
    "upvotes": lambda n: "Upvote\n" * n,
    "names": lambda n: "Ada Lovelace, " * n,
    "brackets": lambda n: "[" * n + "](" * n,
    "links": lambda n: "[a](" * n,
    "images": lambda n: "![" * n,
    "tags": lambda n: "<html><a " * n,
    "open quotes": lambda n: "<html>" + "<a " * n + '" >',
    "comments": lambda n: "<!---->" * n,
    "combining marks": lambda n: "a" + "\u0301" * n,
}


def seconds(text: str) -> float:
    content = text.encode()
    started = time.process_time()
    papers_page.recognise(content[: 1 << 16])
    with suppress(RefusedInput):  # most of them are no pages
        parse(papers_page, content, "page.txt")
    return time.process_time() - started


@pytest.mark.parametrize("family", FAMILIES)
def test_time_grows_with_the_length_and_not_with_its_square(family: str) -> None:
    make = FAMILIES[family]
    long = seconds(make(20_000))
    if long >= 40 * 0.02:  # else no shorter page could make it too long
        short, long = (min(seconds(make(n)) for _ in range(2)) for n in (2_000, 20_000))
        assert long < 40 * max(short, 0.02)  # its square would take a hundred times as long


def test_many_comments_before_no_page_are_looked_at_once() -> None:
    assert not is_html("<!---->" * 500 + "x")


def test_a_broken_byte_in_a_later_paragraph_costs_the_whole_paper() -> None:
    card = "Paper number {} on tables\n\nWe propose a method. It works well.\n\n{}9 authors"
    cards = [card.format(n, "") for n in range(4)]
    cards.insert(2, card.format(9, "We add a paragraph \udce2\udc80. It is broken here.\n\n"))
    page = "Daily Papers\n\nSubscribe\n\n" + "\n\n".join(cards) + "\n"
    # Enough sound characters of several bytes that the text is UTF-8 with damage.
    content = (page + "é" * 50).encode("utf-8", "surrogateescape")
    parsed = parse(papers_page, content, "page.txt")
    assert parsed.records.height == 4
    assert "encoding" in parsed.rejections["reason"].to_list()


def test_half_a_character_of_utf16_costs_its_paper_only() -> None:
    page = (
        "Daily Papers\n\nSubscribe\n\nWhole title of a paper\n\n"
        "We propose a method. It works well in experiments.\n\n12 authors\n\n"
        "Broken title \ud83d of a paper\n\n"
        "We propose another method. It works in experiments too.\n\n3 authors\n"
    )
    content = page.encode("utf-16-le", "surrogatepass")
    parsed = parse(papers_page, content, "page.txt")
    assert parsed.records["title"].to_list() == ["Whole title of a paper"]
    assert parsed.rejections["reason"].to_list() == ["encoding"]
