"""What a page says: its papers as cards, and the lines that are none."""

import re
from dataclasses import dataclass, field
from datetime import date

from flows.sources.papers_page.line_kinds import Kind, Line
from schemas.vocabulary import Reason

MAX_SUMMARY = 400
"""Machine-made summaries are one or two sentences; see `Card.has_summary`."""


_SUMMARY = re.compile(r"\W*(?:TL;?\s?DR|AI[- ](?:generated |made )?summary)\b", re.IGNORECASE)


def is_called_summary(text: str) -> bool:
    """Return whether a text says of itself that it is no abstract.

    >>> is_called_summary("TL;DR (by a model): it climbs."), is_called_summary("We climb.")
    (True, False)
    """
    return _SUMMARY.match(text) is not None


@dataclass
class Card:
    """One paper as the page shows it."""

    title: Line
    abstract: list[Line] = field(default_factory=list)
    about: list[Line] = field(default_factory=list)
    """Chrome of the page that is about this paper, in its order."""

    @property
    def has_summary(self) -> bool:
        """Whether the text may be a machine-made summary.

        Cards of the trending page show one where there is one. They alone have the button
        ``arXiv Page``. What programs write says itself that it is one.
        """
        is_trending = any(line.kind is Kind.ARXIV_PAGE for line in self.about)
        is_short = sum(len(line.text) for line in self.abstract) <= MAX_SUMMARY
        first = self.abstract[0].text if self.abstract else ""
        return is_short and (is_trending or is_called_summary(first))


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
