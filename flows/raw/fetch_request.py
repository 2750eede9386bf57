"""Fetch request: what a person or a schedule asks a source for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path


def _utc_today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class FetchRequest:
    """Days, papers, addresses or files. A source refuses what it does not have."""

    since: date | None = None
    """First day; None for where the last harvest ended, and what it has missed."""
    until: date | None = None
    """Last day; None for yesterday, the last day that is over."""
    ids: Sequence[str] = ()
    sets: Sequence[str] = ()
    """Parts of a source, such as arXiv's ``cs``; none for all of it."""
    urls: Sequence[str] = ()
    files: Sequence[Path] = ()
    today: date = field(default_factory=_utc_today)
    """In UTC."""

    @property
    def last(self) -> date:
        """Return the last day that is asked for."""
        return self.until or self.today - timedelta(days=1)
