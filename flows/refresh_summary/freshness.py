"""How old a source is at the end of a run, and whether somebody should look."""

from dataclasses import dataclass
from datetime import date

from flows.release.source_age import is_stale
from flows.sources import SOURCES
from schemas.vocabulary import Source


@dataclass(frozen=True)
class SourceFreshness:
    """How old a source is."""

    source: Source
    newest: date
    """The last day on which it gave something that could be used."""
    days: int
    unit: str
    """What ``days`` counts, in words."""

    @property
    def is_stale(self) -> bool:
        """Return whether somebody should look."""
        return is_stale(self.days, SOURCES[self.source].STALE_AFTER)

    def sentence(self) -> str:
        """Say how old it is, in a line."""
        return f"{self.source} is of {self.newest}, {self.days:,} {self.unit}"
