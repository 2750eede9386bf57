"""Fetch result: what came of asking a source, good or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.http.errors import SiteError, SiteStopped
from flows.http.site_client import Web
from flows.raw.fetch_request import FetchRequest
from flows.raw.outcome import FetchProgress, Outcome
from flows.raw.store import Store
from schemas.vocabulary import Source

IN_A_ROW = 3
"""Troubles one after the other from which a site is taken to be down, and left alone."""

FetchSource = Callable[[FetchRequest, Store, Web], Iterator[Outcome]]
"""What a source has: asks for what is wanted, gives each file or the trouble with it."""


@dataclass(frozen=True)
class FetchResult:
    """What came in from a source. Its last good files are there whatever happened."""

    source: Source
    stored: tuple[Path, ...] = ()
    """New files, in the order in which they came."""
    unchanged: int = 0
    """Files that were asked for again and had not changed."""
    failures: tuple[str, ...] = ()
    """What went wrong, each as a sentence for people; empty where all is well."""
    newest: date | None = None
    """The last day on which the source gave an answer that could be used; None for never."""

    @property
    def is_fruitless(self) -> bool:
        """Whether the site gave nothing at all because of trouble with it."""
        return bool(self.failures) and not self.stored and not self.unchanged

    def as_record(self) -> dict[str, object]:
        """Return it as the record of a run has it."""
        return {
            "source": self.source.value,
            "stored": len(self.stored),
            "unchanged": self.unchanged,
            "failures": list(self.failures),
            "newest": self.newest.isoformat() if self.newest else None,
        }

    def sentence(self) -> str:
        """Say what came in, in one line."""
        counts = f"{self.source}: {len(self.stored)} new, {self.unchanged} unchanged"
        if not self.failures:
            return counts
        last = f"the last good answer is of {self.newest}" if self.newest else "nothing so far"
        return f"{counts}, {len(self.failures)} failed; {last}"


def fetch_source(  # noqa: PLR0913  # what is asked, where it goes, and who listens
    source: Source,
    fetch: FetchSource,
    request: FetchRequest,
    store: Store,
    web: Web,
    *,
    seen: Callable[[Outcome], None] = lambda _: None,
) -> FetchResult:
    """Fetch what a request names from a source; trouble at its site is reported, not raised.

    ``seen`` gets each outcome as it comes. A site with `IN_A_ROW` troubles one after the other is
    asked nothing more. A wish that makes no sense is still refused (`UserError`).
    """
    stored: list[Path] = []
    failures: list[str] = []
    unchanged = in_a_row = 0
    for outcome in _catch_stop(fetch, request, store, web):
        seen(outcome)
        # Progress says nothing about the site: it neither adds to a row of troubles nor ends it.
        if isinstance(outcome, FetchProgress):
            continue
        # One good answer between two failures: the site is up, and the next may be fine.
        in_a_row = in_a_row + 1 if isinstance(outcome, SiteError) else 0
        if isinstance(outcome, SiteError):
            failures.append(str(outcome))
        elif outcome.is_new:
            stored.append(outcome.path)
        else:
            unchanged += 1
        if in_a_row == IN_A_ROW:
            failures.append(f"{web.site.name} was left alone after {IN_A_ROW} failures in a row.")
            break
    return FetchResult(source, tuple(stored), unchanged, tuple(failures), store.find_newest_day())


def _catch_stop(
    fetch: FetchSource, request: FetchRequest, store: Store, web: Web
) -> Iterator[Outcome]:
    try:
        yield from fetch(request, store, web)
    except SiteStopped as trouble:
        yield trouble
    finally:
        # Also where the caller stops in the middle: a generator that is dropped comes here.
        web.close()
