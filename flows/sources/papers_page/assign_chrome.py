"""Whose chrome is whose: the lines of the page that belong to a paper's card."""

from dataclasses import dataclass

from flows.sources.papers_page.line_kinds import Kind, Line
from flows.sources.papers_page.listing import Listing
from flows.sources.papers_page.unwrap import TEXT


@dataclass(frozen=True)
class _Chrome:
    """A line of chrome, and the lines of the texts around it."""

    line: Line
    before: int | None
    after: int | None


def assign_chrome(body: list[Line], listing: Listing) -> None:
    """Give each card its chrome, where the page's order says whose it is.

    Between two papers a kind of line belongs to the next one if the page's first paper has it
    above its title, and to the one before if the last paper has it below its abstract.
    """
    chrome = _list_chrome(body)
    leading = {mark.line.kind for mark in chrome if mark.before is None}
    trailing = {mark.line.kind for mark in chrome if mark.after is None}
    titles = {card.title.number: card for card in listing.cards}
    ends = {(card.abstract or [card.title])[-1].number: card for card in listing.cards}
    inside = {
        (card.title.number, card.abstract[0].number): card
        for card in listing.cards
        if card.abstract
    }
    for mark in chrome:
        card = inside.get((mark.before or 0, mark.after or 0))
        if card is None and mark.line.kind in leading - trailing:
            card = titles.get(mark.after or 0)
        elif card is None and mark.line.kind in trailing - leading:
            card = ends.get(mark.before or 0)
        if card:
            card.about.append(mark.line)


def _list_chrome(body: list[Line]) -> list[_Chrome]:
    """List the lines of chrome with the texts before and after each."""
    chrome: list[_Chrome] = []
    text_above: int | None = None
    pending: list[Line] = []
    for line in body:
        if line.kind in TEXT:
            chrome += [_Chrome(mark, text_above, line.number) for mark in pending]
            text_above, pending = line.number, []
        elif line.kind is not Kind.BLANK:
            pending.append(line)
    return chrome + [_Chrome(mark, text_above, None) for mark in pending]
