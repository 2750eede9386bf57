"""The text copy of a listing: which lines are a paper's title and which its abstract.

Chrome of the page is told from text line by line (`line_kinds`, `unwrap`), then every abstract goes
to the title right before it. What does not fall into such a pair is rejected at its line, so that a
broken block costs itself and shifts none of the others.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

from flows.sources.papers_page import line_kinds as page
from flows.sources.papers_page.assign_chrome import assign_chrome
from flows.sources.papers_page.decoding import is_damaged
from flows.sources.papers_page.line_kinds import Kind, Line
from flows.sources.papers_page.listing import Card, Listing, Refused
from flows.sources.papers_page.unwrap import TEXT, lay_out
from schemas.vocabulary import Reason

MIN_CARDED = 3
"""Papers that must be followed by chrome before its absence means anything."""

MAX_BYLINE = 90
"""Characters of the longest names of organisations."""


def read_listing(written: Sequence[str]) -> Listing:
    """Find the papers among the lines of a page."""
    header, body = lay_out(written)
    listing = Listing()
    if any(line.kind in (Kind.PROSE, Kind.EITHER) for line in body):
        _Pairing(body, listing, has_anchor=bool(header)).pair_all()
    else:
        _take_titles(body, listing)
    assign_chrome(body, listing)
    listing.listed = _find_day(header, body)
    listing.refused.sort(key=lambda refused: refused.lines[0].number)
    return listing


SETTLED: Mapping[tuple[Kind, Kind], Kind] = {
    (Kind.TITLE, Kind.TITLE): Kind.PROSE,
    (Kind.PROSE, Kind.PROSE): Kind.TITLE,
}
"""What a line is that could be a title as well as an abstract, by the kinds of the texts before and
after it. Between any others it stays undecided."""


def _settle_kinds(texts: list[Line]) -> list[Line]:
    """Decide by their neighbours what undecided lines are; the page begins after an abstract."""
    settled: list[Line] = []
    previous = Kind.PROSE
    for line, following in zip(texts, [*texts[1:], None], strict=True):
        after = following.kind if following else Kind.TITLE
        is_undecided = line.kind is Kind.EITHER
        kind = SETTLED.get((previous, after), line.kind) if is_undecided else line.kind
        settled.append(replace(line, kind=kind))
        previous = kind
    return settled


class _Pairing:
    """A walk over the texts of a page that gives every abstract to the title before it.

    What is done with a text depends on its kind and on that of the text before it: see `ACTIONS`.
    """

    def __init__(self, body: list[Line], listing: Listing, *, has_anchor: bool) -> None:
        """Settle what each line is, and look at where chrome separates the papers."""
        self.listing = listing
        self.has_anchor = has_anchor
        self.texts = _settle_kinds([line for line in body if line.kind in TEXT])
        self.is_apart = _find_chrome_before(body)
        self.is_plain = not any(list(self.is_apart.values())[1:])
        self.has_cards = _has_cards(self.texts, self.is_apart)
        self.waiting: list[Line] = []
        """Lines since the last abstract, of which the last may be a title."""

    def pair_all(self) -> None:
        """Walk over the texts, and refuse what is still waiting at the end."""
        previous: Line | None = None
        for line in self.texts:
            ACTIONS[previous.kind if previous else None, line.kind](self, line, previous)
            previous = line
        self._refuse_each(self.waiting, "a title without an abstract")

    def wait(self, line: Line, _: Line | None) -> None:
        """Keep a line that may be the title of the next abstract."""
        self.waiting.append(line)

    def refuse(self, line: Line, _: Line | None) -> None:
        """Refuse an abstract that no title can be above."""
        self._refuse_each([line], "an abstract without a title")

    def extend(self, line: Line, previous: Line | None) -> None:
        """Add a paragraph to the abstract before it, where chrome separates the papers."""
        card = self.listing.cards[-1] if self.listing.cards else None
        # An abstract that was refused takes no paragraph: the one after it goes with it.
        is_next = card is not None and previous is card.abstract[-1]
        if card and is_next and self.has_cards and not self.is_apart[line.number]:
            card.abstract.append(line)
            self._refuse_damaged(card)
        else:
            self.refuse(line, previous)

    def close(self, abstract: Line, _: Line | None) -> None:
        """Make a card of an abstract and of the lines since the abstract before it."""
        waiting, self.waiting = self.waiting, []
        above, title = self._choose_title(waiting)
        if fault := self._find_doubt(above, title, is_organisation=title is not waiting[-1]):
            self.listing.refused.append(_refuse_lines([*waiting, abstract], fault))
            return
        if self.listing.cards or self.listing.refused or self.has_anchor:
            papers = [line for line in above if not page.is_organisation(line.text)]
            self._refuse_each(papers, "a title without an abstract")
        else:
            self.listing.header += above
        self.listing.cards.append(Card(title, [abstract]))
        self._refuse_damaged(self.listing.cards[-1])

    def _refuse_damaged(self, card: Card) -> None:
        """Refuse the last card where bytes of it could not be read: no character is guessed."""
        lines = (card.title, *card.abstract)
        if any(is_damaged(line.text) for line in lines):
            self.listing.cards.remove(card)
            detail = f"lines {card.title.number}-{card.abstract[-1].last}: bytes that are not text"
            self.listing.refused.append(Refused(lines, Reason.ENCODING, detail))

    @staticmethod
    def _choose_title(waiting: list[Line]) -> tuple[list[Line], Line]:
        """Choose the title among the lines above an abstract: the last, but for an organisation."""
        *above, title = waiting
        is_byline = page.is_organisation(title.text)
        if above and is_byline and not page.may_be_organisation(above[-1].text):
            *above, title = above
        return above, title

    def _find_doubt(self, above: list[Line], title: Line, *, is_organisation: bool) -> str | None:
        """Say why a line cannot be taken for the title for certain; None where it can."""
        is_apart = self.is_plain or self.is_apart[title.number]
        if above and not is_organisation and _is_doubtful(above[-1], title, is_apart=is_apart):
            return "more than one line could be the title"
        return "the first line could be an abstract" if title.kind is Kind.EITHER else None

    def _refuse_each(self, lines: Sequence[Line], detail: str) -> None:
        self.listing.refused += [_refuse_lines([line], detail) for line in lines]


Action = Callable[[_Pairing, Line, Line | None], None]

ACTIONS: Mapping[tuple[Kind | None, Kind], Action] = {
    # text before        text      what is done with the text
    (None, Kind.TITLE): _Pairing.wait,
    (None, Kind.EITHER): _Pairing.wait,
    (None, Kind.PROSE): _Pairing.refuse,
    (Kind.TITLE, Kind.TITLE): _Pairing.wait,
    (Kind.TITLE, Kind.EITHER): _Pairing.wait,
    (Kind.TITLE, Kind.PROSE): _Pairing.close,
    (Kind.EITHER, Kind.TITLE): _Pairing.wait,
    (Kind.EITHER, Kind.EITHER): _Pairing.wait,
    (Kind.EITHER, Kind.PROSE): _Pairing.close,
    (Kind.PROSE, Kind.TITLE): _Pairing.wait,
    (Kind.PROSE, Kind.EITHER): _Pairing.wait,
    (Kind.PROSE, Kind.PROSE): _Pairing.extend,
}
"""What is done with each text of a page, by the kind of the text before it and by its own."""


def _is_doubtful(above: Line, title: Line, *, is_apart: bool) -> bool:
    """Return whether the line above could be the title, and this one an organisation or people."""
    if above.kind is Kind.EITHER or page.is_names(title.text):
        return True
    looks_foreign = len(title.text) <= MAX_BYLINE and not re.search("[:?!]", title.text)
    return not is_apart and looks_foreign


def _refuse_lines(lines: Sequence[Line], detail: str) -> Refused:
    first, last = lines[0].number, lines[-1].last
    place = f"line {first}" if first == last else f"lines {first}-{last}"
    return Refused(tuple(lines), Reason.AMBIGUOUS_BLOCK, f"{place}: {detail}")


def _find_chrome_before(body: list[Line]) -> dict[int, bool]:
    """Tell for each text, by its line, whether chrome separates it from the text before it."""
    is_apart: dict[int, bool] = {}
    has_chrome = False
    for line in body:
        if line.kind in TEXT:
            is_apart[line.number], has_chrome = has_chrome, False
        elif line.kind is not Kind.BLANK:
            has_chrome = True
    return is_apart


def _has_cards(texts: list[Line], is_apart: dict[int, bool]) -> bool:
    """Return whether chrome separates every paper from the next one."""
    gaps = [
        is_apart[after.number]
        for line, after in pairwise(texts)
        if line.kind is Kind.PROSE and after.kind is not Kind.PROSE
    ]
    return len(gaps) >= MIN_CARDED and all(gaps)


def _take_titles(body: list[Line], listing: Listing) -> None:
    """Make cards of a page without abstracts: titles that are followed by a count of authors."""
    solid = [line for line in body if line.kind is not Kind.BLANK]
    # The page's first lines follow its last ones, so that every line has two after it.
    for line, *after in zip(solid, solid[1:] + solid[:1], solid[2:] + solid[:2], strict=True):
        if line.kind not in TEXT:
            continue
        if line.kind is Kind.TITLE and _is_byline(after):
            listing.cards.append(Card(line))
        else:
            detail = "neither a title nor an abstract for certain"
            listing.refused.append(_refuse_lines([line], detail))


def _is_byline(after: Sequence[Line]) -> bool:
    kinds = [line.kind for line in after]
    return kinds[0] is Kind.AUTHOR_COUNT or kinds == [Kind.DOT, Kind.AUTHOR_COUNT]


def _find_day(header: list[Line], body: list[Line]) -> date | None:
    """Find the day of the page: its only date, above the first paper, with a year."""
    first = next((i for i, line in enumerate(body) if line.kind in TEXT), len(body))
    if any(line.kind is Kind.DATE for line in body[first:]):
        return None
    days = [
        page.read_day(line.value) for line in [*header, *body[:first]] if line.kind is Kind.DATE
    ]
    return days[0] if len(days) == 1 else None
