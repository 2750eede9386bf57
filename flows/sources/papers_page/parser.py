"""Read a copy of a Papers page, whatever its form, into records and rejections."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from flows.errors import count_noun
from flows.raw.batch import Batch, make_rejection
from flows.raw.json_stream import Unreadable
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.papers_page.decoding import (
    MAX_LINES,
    MAX_PAGE_BYTES,
    MAX_TEXT_BYTES,
    NoText,
    count_lines,
    decode_page,
    is_damaged,
)
from flows.sources.papers_page.line_kinds import Kind, Line, read_count, read_day
from flows.sources.papers_page.listing import Card, Listing
from flows.sources.papers_page.markdown import (
    MarkdownPaper,
    is_markdown,
    read_markdown,
)
from flows.sources.papers_page.pair_titles import read_listing
from flows.sources.papers_page.recognition import is_page, split_lines, with_line_ends
from flows.sources.papers_page.saved import is_html, read_saved
from flows.sources.papers_page.single import is_single, read_single
from flows.sources.papers_page.strip_markdown import strip_markup
from flows.sources.papers_page.unwrap import NoPapers
from flows.sources.papers_page.web_archive import is_web_archive, unpack_page
from flows.sources.shared.hugging_face_item import count_unknown_fields, make_row, read_item
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.vocabulary import Reason


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read one page. Raises `RefusedInput` for anything that is none."""
    content = stream.read(MAX_PAGE_BYTES + 1)
    if len(content) > MAX_PAGE_BYTES:
        raise _make_refusal(raw, f"it is larger than {MAX_PAGE_BYTES >> 20} MB, no page is")
    if not content.strip():
        raise _make_refusal(raw, "it is empty")
    try:
        page = unpack_page(content) if is_web_archive(content) else content
        text, notes = decode_page(page)
        if is_html(text):
            yield _parse_html(raw, text, notes)
        else:
            _require_page_size(page, text)
            yield _parse_text(raw, with_line_ends(text), notes)
    except (NoText, NoPapers) as error:
        raise _make_refusal(raw, str(error)) from None


def _require_page_size(content: bytes, text: str) -> None:
    """Raise `NoPapers` for a text longer than any copy of a page, before it becomes lines."""
    if len(content) > MAX_TEXT_BYTES:
        raise NoPapers(f"it is a text of more than {MAX_TEXT_BYTES >> 20} MB, no page is")
    if (lines := count_lines(text)) > MAX_LINES:
        raise NoPapers(f"it has {lines:,} lines, and no page more than {MAX_LINES:,}")


def _make_refusal(raw: RawFile, why: str) -> RefusedInput:
    return RefusedInput(
        f"{raw.path.name}: no copy of a Hugging Face Papers page: {why}. Open the page, select "
        "all, paste it into a text file, or save it as HTML; or name the right source with "
        "--source."
    )


def _parse_html(raw: RawFile, text: str, notes: tuple[str, ...]) -> Batch:
    rows: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    fields: Counter[str] = Counter()
    for position, item in enumerate(read_saved(text).items, 1):
        try:
            rows.append(read_item(raw, position, item))
            fields += count_unknown_fields(item) if isinstance(item, dict) else Counter()
        except Unreadable as error:
            refused.append(
                make_rejection(raw, position, error.reason, detail=error.detail, excerpt="")
            )
    return _make_batch(rows, refused, notes, fields)


def _parse_text(raw: RawFile, text: str, notes: tuple[str, ...]) -> Batch:
    if is_markdown(text):
        return _parse_markdown(raw, text, notes)
    written = split_lines(text)
    if is_single(written):
        return _parse_single(raw, written, notes)
    listing = read_listing(written)
    if not listing.cards and not listing.refused:
        raise NoPapers("it holds no titles with abstracts")
    if not is_page(written, listing):
        raise NoPapers("nothing on it is of that site, and titles and abstracts do not alternate")
    if len(listing.refused) > len(listing.cards):
        strange = count_noun(len(listing.refused), "line of it/lines of it", "is/are")
        raise NoPapers(
            f"{strange} neither title nor abstract, and only "
            f"{count_noun(len(listing.cards), 'title', 'has/have')} one: the first is line "
            f"{listing.refused[0].lines[0].number}"
        )
    titles = strip_list_marks([card.title.text for card in listing.cards])
    rows = [
        _make_card_row(raw, card, listing, title)
        for card, title in zip(listing.cards, titles, strict=True)
    ]
    refused = [
        make_rejection(
            raw,
            lost.lines[0].number,
            lost.reason,
            detail=lost.detail,
            excerpt=_replace_broken(lost.lines[0].text),
        )
        for lost in listing.refused
    ]
    return _make_batch(rows, refused, notes + _list_notes(listing), Counter())


def _parse_markdown(raw: RawFile, text: str, notes: tuple[str, ...]) -> Batch:
    """Read a copy with Markdown's markup: a listing by its headings, one paper by its labels."""
    text = "\n".join(split_lines(text))
    plain = [line.lstrip("# ") for line in strip_markup(text).lines]
    if is_single(plain):
        return _parse_single(raw, plain, notes)
    papers = read_markdown(text)
    damaged = [paper for paper in papers if is_damaged(paper.title + paper.abstract)]
    rows = [_make_markdown_row(raw, paper) for paper in papers if paper not in damaged]
    refused = [
        make_rejection(
            raw,
            paper.line,
            Reason.ENCODING,
            detail=f"line {paper.line}: bytes that are not text",
            excerpt=_replace_broken(paper.title),
        )
        for paper in damaged
    ]
    summaries = sum(paper.has_summary for paper in papers)
    return _make_batch(rows, refused, notes + _note_summaries(summaries), Counter())


def _make_markdown_row(raw: RawFile, paper: MarkdownPaper) -> dict[str, Any]:
    return make_row(
        raw,
        paper.line,
        title=paper.title,
        abstract=paper.abstract or None,
        source_id=paper.arxiv_id,
        arxiv_id=paper.arxiv_id,
        published=paper.published,
        upvotes=paper.upvotes,
        urls=[{"field": "github", "url": url} for url in paper.urls],
    )


def _replace_broken(text: str) -> str:
    return text.encode(errors="replace").decode()


def _list_notes(listing: Listing) -> tuple[str, ...]:
    notes = []
    if listing.header:
        numbers = ", ".join(str(line.number) for line in listing.header[:10])
        notes.append(f"lines before the first paper were taken for the page's header: {numbers}")
    return (*notes, *_note_summaries(sum(card.has_summary for card in listing.cards)))


def _note_summaries(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    noun = "short text/short texts"
    return (f"{count_noun(count, noun, 'was/were')} left out: machine-made summaries",)


def strip_list_marks(titles: list[str]) -> list[str]:
    """Take off what makes a list of titles: emphasis, bullets, and numbers that count them.

    >>> strip_list_marks(["**A ladder**", "__B__ trees"])
    ['A ladder', '__B__ trees']
    >>> strip_list_marks(["* A ladder", "* Trees"]), strip_list_marks(["- A", "B"])
    (['A ladder', 'Trees'], ['- A', 'B'])
    >>> strip_list_marks(["1. A ladder", "2. Trees"]), strip_list_marks(["3. A ladder", "7. Trees"])
    (['A ladder', 'Trees'], ['3. A ladder', '7. Trees'])
    """
    plain = [_EMPHASISED.sub(r"\2", title) for title in titles]
    if len(plain) > 1 and all(map(_BULLETED.match, plain)):
        plain = [_BULLETED.sub("", title) for title in plain]
    numbers = [match for title in plain if (match := _NUMBERED.match(title))]
    first = int(numbers[0][1]) if numbers else 0
    # A title may begin with a number; that all do, one after the other, is no chance.
    counts = [int(match[1]) for match in numbers]
    is_counted = len(titles) > 1 and counts == list(range(first, first + len(titles)))
    return [_NUMBERED.sub("", title) for title in plain] if is_counted else plain


_EMPHASISED = re.compile(r"^(\*\*|__)(?=\S)([^*_\n]+)\1$")
_BULLETED = re.compile(r"^[*•‣◦▪+-]\s+(?=\S)")
_NUMBERED = re.compile(r"^\(?(\d{1,4})[.)]\s+(?=\S)")


def _make_card_row(raw: RawFile, card: Card, listing: Listing, title: str) -> dict[str, Any]:
    """Make the record of one card."""
    arxiv_id = _find_first(card.about, Kind.PAPER_URL)
    abstract = "\n".join(line.text for line in card.abstract)
    published = [read_day(line.value) for line in card.about if line.kind is Kind.PUBLISHED]
    upvotes = [read_count(line.value) for line in card.about if line.kind is Kind.UPVOTES]
    return make_row(
        raw,
        card.title.number,
        title=title,
        abstract=None if card.has_summary else abstract or None,
        authors=_split_authors(card.about),
        source_id=arxiv_id,
        arxiv_id=arxiv_id,
        published=next((number for number in published if number), None),
        listed=listing.listed,
        upvotes=next((number for number in upvotes if number is not None), None),
        urls=[
            {"field": "github", "url": line.value}
            for line in card.about
            if line.kind is Kind.URL
            and re.match(r"https?://(?:www\.)?github\.com/", line.value)
            and not is_damaged(line.value)
        ],
    )


def _find_first(about: list[Line], kind: Kind) -> str | None:
    return next((line.value for line in about if line.kind is kind), None)


def _split_authors(about: list[Line]) -> list[str]:
    names = [name for line in about if line.kind is Kind.AUTHORS for name in line.value.split(",")]
    return [name.strip() for name in names if name.strip() and not is_damaged(name)]


def _parse_single(raw: RawFile, written: list[str], notes: tuple[str, ...]) -> Batch:
    single = read_single(written)
    place = f"line {single.line}"
    fault = None
    if not single.title:
        fault = (Reason.NO_TITLE, f"{place}: no title below the id of the page")
    elif not single.is_complete:
        fault = (Reason.TRUNCATED, f"{place}: the copy breaks off inside the abstract")
    elif is_damaged(single.title + single.abstract):
        fault = (Reason.ENCODING, f"{place}: bytes that are not text")
    if fault:
        lost = make_rejection(
            raw, single.line, fault[0], detail=fault[1], excerpt=_replace_broken(single.title)
        )
        return _make_batch([], [lost], notes, Counter())
    record = make_row(
        raw,
        single.line,
        source_id=single.arxiv_id,
        arxiv_id=single.arxiv_id,
        title=single.title,
        abstract=single.abstract or None,
        authors=[name for name in single.authors if not is_damaged(name)],
        published=single.published,
        listed=single.listed,
        upvotes=single.upvotes,
        urls=[{"field": "github", "url": url} for url in single.urls if not is_damaged(url)],
    )
    return _make_batch([record], [], notes, Counter())


def _make_batch(
    rows: list[dict[str, Any]],
    refused: list[dict[str, Any]],
    notes: tuple[str, ...],
    fields: Counter[str],
) -> Batch:
    return Batch(
        records=pl.DataFrame(rows, schema=Record.dtypes()),
        rejections=pl.DataFrame(refused, schema=Rejection.dtypes()),
        unseen=fields,
        notes=notes,
    )
