"""The text copy of a listing: which lines are a paper's title and which its abstract.

Furniture is told from text line by line (`lines`, `layout`), then every abstract is given to the
title right before it. What does not fall into such a pair is rejected where it stands, so that a
broken block costs itself and shifts none of the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from flows.sources.papers_page import line_kinds as page
from flows.sources.papers_page.decoding import is_damaged
from flows.sources.papers_page.line_kinds import Kind, Line
from flows.sources.papers_page.unwrap import TEXT, lay_out
from schemas.vocabulary import Reason

MIN_CARDED = 3
"""Papers that must be followed by furniture before its absence means anything."""

MAX_BYLINE = 90
"""Characters of the longest names of organisations."""

MAX_SUMMARY = 400
"""Machine-made summaries are one or two sentences; see `Card.has_summary`."""


@dataclass
class Card:
    """One paper as it was found on the page."""

    title: Line
    abstract: list[Line] = field(default_factory=list)
    about: list[Line] = field(default_factory=list)
    """Furniture of this paper, in its order."""

    @property
    def has_summary(self) -> bool:
        """Whether the text may be a machine-made summary.

        Cards of the trending page show one where there is one. They alone have the button
        ``arXiv Page``.
        """
        is_trending = any(line.kind is Kind.ARXIV_PAGE for line in self.about)
        return is_trending and sum(len(line.text) for line in self.abstract) <= MAX_SUMMARY


@dataclass(frozen=True)
class Refused:
    """Lines that are no paper."""

    lines: tuple[Line, ...]
    reason: Reason
    detail: str


@dataclass
class Listing:
    """What a page says."""

    cards: list[Card] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    header: list[Line] = field(default_factory=list)
    """Lines before the first paper that are not of the site's own."""
    listed: date | None = None
    """Day of the page, where it prints one with its year."""


def read_listing(written: Sequence[str]) -> Listing:
    """Find the papers among the lines of a page."""
    header, body = lay_out(written)
    listing = Listing()
    if any(line.kind in (Kind.PROSE, Kind.EITHER) for line in body):
        _pair(body, listing, has_anchor=bool(header))
    else:
        _take_titles(body, listing)
    _furnish(body, listing)
    listing.listed = _listed(header, body)
    listing.refused.sort(key=lambda refused: refused.lines[0].number)
    return listing


def _pair(body: list[Line], listing: Listing, *, has_anchor: bool) -> None:
    """Give every abstract to the title before it."""
    texts = _settle([line for line in body if line.kind in TEXT])
    between = _furniture_before(body)
    is_plain = not any(list(between.values())[1:])
    has_cards = _has_cards(texts, between)
    waiting: list[Line] = []
    for follows, line in zip([None, *texts], texts, strict=False):
        last = listing.cards[-1] if listing.cards else None
        if line.kind is not Kind.PROSE:
            waiting.append(line)
        elif waiting:
            _close(
                waiting,
                line,
                listing,
                is_apart=is_plain or between[waiting[-1].number],
                has_anchor=has_anchor,
            )
            waiting = []
        elif last and has_cards and not between[line.number] and follows is last.abstract[-1]:
            last.abstract.append(line)
        else:
            listing.refused.append(_untold([line], "an abstract without a title"))
    listing.refused += [_untold([line], "a title without an abstract") for line in waiting]


def _settle(texts: list[Line]) -> list[Line]:
    """Decide by their neighbours what lines are that could be a title as well as an abstract."""
    settled: list[Line] = []
    for i, line in enumerate(texts):
        before = settled[-1].kind if settled else Kind.PROSE
        after = texts[i + 1].kind if i + 1 < len(texts) else Kind.TITLE
        if line.kind is not Kind.EITHER:
            settled.append(line)
        elif before is Kind.TITLE and after is Kind.TITLE:
            settled.append(replace(line, kind=Kind.PROSE))
        elif before is Kind.PROSE and after is Kind.PROSE:
            settled.append(replace(line, kind=Kind.TITLE))
        else:
            settled.append(line)
    return settled


def _close(
    waiting: list[Line], abstract: Line, listing: Listing, *, is_apart: bool, has_anchor: bool
) -> None:
    """Make a card of an abstract and of the lines since the abstract before it."""
    *above, title = waiting
    if above and page.is_organisation(title.text) and not page.may_be_organisation(above[-1].text):
        *above, title = above
    elif above and _is_doubtful(above[-1], title, is_apart=is_apart):
        listing.refused.append(
            _untold([*waiting, abstract], "more than one line could be the title")
        )
        return
    if title.kind is Kind.EITHER:
        listing.refused.append(_untold([*waiting, abstract], "the first line could be an abstract"))
        return
    if not listing.cards and not listing.refused and not has_anchor:
        listing.header += above
    else:
        kept = [line for line in above if not page.is_organisation(line.text)]
        listing.refused += [_untold([line], "a title without an abstract") for line in kept]
    damaged = is_damaged(title.text) or is_damaged(abstract.text)
    if damaged:
        detail = f"lines {title.number}-{abstract.last}: bytes that are not text"
        listing.refused.append(Refused((title, abstract), Reason.ENCODING, detail))
        return
    listing.cards.append(Card(title, [abstract]))


def _is_doubtful(above: Line, title: Line, *, is_apart: bool) -> bool:
    """Tell whether the line above could be the title, and this one an organisation or people."""
    if above.kind is Kind.EITHER or page.is_names(title.text):
        return True
    looks_foreign = len(title.text) <= MAX_BYLINE and not re.search("[:?!]", title.text)
    return not is_apart and looks_foreign


def _untold(lines: Sequence[Line], detail: str) -> Refused:
    first, last = lines[0].number, lines[-1].last
    place = f"line {first}" if first == last else f"lines {first}-{last}"
    return Refused(tuple(lines), Reason.AMBIGUOUS_BLOCK, f"{place}: {detail}")


def _furniture_before(body: list[Line]) -> dict[int, bool]:
    """Tell for each line of text whether furniture lies between it and the text before it."""
    before, seen = {}, False
    for line in body:
        if line.kind in TEXT:
            before[line.number], seen = seen, False
        elif line.kind is not Kind.BLANK:
            seen = True
    return before


def _has_cards(texts: list[Line], between: dict[int, bool]) -> bool:
    """Tell whether furniture separates every paper from the next one."""
    gaps = [
        between[after.number]
        for line, after in pairwise(texts)
        if line.kind is Kind.PROSE and after.kind is not Kind.PROSE
    ]
    return len(gaps) >= MIN_CARDED and all(gaps)


def _take_titles(body: list[Line], listing: Listing) -> None:
    """Make cards of a page without abstracts: titles that are followed by a count of authors."""
    solid = [line for line in body if line.kind is not Kind.BLANK]
    for line, *after in zip(solid, solid[1:] + solid[:1], solid[2:] + solid[:2], strict=True):
        if line.kind not in TEXT:
            continue
        if line.kind is Kind.TITLE and _is_byline(after):
            listing.cards.append(Card(line))
        else:
            listing.refused.append(_untold([line], "neither a title nor an abstract for certain"))


def _is_byline(after: Sequence[Line]) -> bool:
    kinds = [line.kind for line in after]
    return kinds[0] is Kind.AUTHOR_COUNT or kinds == [Kind.DOT, Kind.AUTHOR_COUNT]


def _furnish(body: list[Line], listing: Listing) -> None:
    """Give each card its furniture, where the page's order says whose it is.

    Between two papers a kind of line belongs to the next one if the page's first paper has it
    above its title, and to the one before if the last paper has it below its abstract.
    """
    titles = {card.title.number: card for card in listing.cards}
    ends = {(card.abstract or [card.title])[-1].number: card for card in listing.cards}
    zones = _zones(body)
    leading = {line.kind for line, before, _ in zones if before is None}
    trailing = {line.kind for line, _, after in zones if after is None}
    for line, before, after in zones:
        if (
            before in titles
            and (card := titles[before]).abstract
            and after == card.abstract[0].number
        ):
            card.about.append(line)
        elif line.kind in leading - trailing and after in titles:
            titles[after].about.append(line)
        elif line.kind in trailing - leading and before in ends:
            ends[before].about.append(line)


def _zones(body: list[Line]) -> list[tuple[Line, int | None, int | None]]:
    """Give each line of furniture with the numbers of the texts before and after it."""
    zones: list[tuple[Line, int | None, int | None]] = []
    before: int | None = None
    pending: list[Line] = []
    for line in body:
        if line.kind in TEXT:
            zones += [(mark, before, line.number) for mark in pending]
            before, pending = line.number, []
        elif line.kind is not Kind.BLANK:
            pending.append(line)
    return zones + [(mark, before, None) for mark in pending]


def _listed(header: list[Line], body: list[Line]) -> date | None:
    """Give the day of the page: its only date, above the first paper, with a year."""
    first = next((i for i, line in enumerate(body) if line.kind in TEXT), len(body))
    if any(line.kind is Kind.DATE for line in body[first:]):
        return None
    days = [page.day(line.value) for line in [*header, *body[:first]] if line.kind is Kind.DATE]
    return days[0] if len(days) == 1 else None
