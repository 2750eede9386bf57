"""Fetch: bring raw files from a source's site into ``data/raw``, where `parse` finds them.

Nothing here reads what is in the files; a refresh does, and needs no network.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows import runs
from flows.errors import UserError, explain_disk_error
from flows.http.errors import SiteError
from flows.http.site_client import Web
from flows.paths import RAW
from flows.raw.fetch_request import FetchRequest
from flows.raw.fetch_result import FetchResult, fetch_source
from flows.raw.outcome import FetchProgress, Outcome
from flows.raw.store import Store
from flows.release import lock_folder
from flows.runs.prefect_artifacts import describe_parameters, record_flow, show_progress
from flows.runs.progress import CONSOLE
from flows.sources import SOURCES
from schemas.vocabulary import Source

logger = logging.getLogger(__name__)

A_LINE_EACH = 25
"""Days after which a long fetch shows how far it is: a minute and more at arXiv's pace."""


@flow(name="fetch", flow_run_name="fetch {source}")
@describe_parameters
def fetch(  # noqa: PLR0913  # each is a field of Prefect's run form
    source: Annotated[Source, Field(description="Where from.")],
    *,
    since: Annotated[
        date | None, Field(description="First day; where the last fetch ended if none.")
    ] = None,
    until: Annotated[date | None, Field(description="Last day; yesterday if none.")] = None,
    ids: Annotated[list[str] | None, Field(description="Papers, by their arXiv ids.")] = None,
    sets: Annotated[list[str] | None, Field(description="Sets of arXiv, such as cs.")] = None,
    urls: Annotated[list[str] | None, Field(description="Addresses of files.")] = None,
    files: Annotated[list[Path] | None, Field(description="Files that are here already.")] = None,
    raw: Annotated[Path, Field(description="Folder of the raw files.")] = RAW,
    required: Annotated[bool, Field(description="Fail when anything cannot be had.")] = False,
) -> FetchResult:
    """Ask a source's site politely and keep its answers as they came.

    Trouble at the site is logged and part of the result; the files of earlier fetches stay as they
    are. Raises `UserError` for it where the source is ``required``, and always for a request that
    the source cannot fulfil.
    """
    request = FetchRequest(since, until, ids or (), sets or (), urls or (), files or ())
    with record_flow(raw) as run:
        with runs.measure_step(f"Fetch {source}"):
            harvested = bring_source(source, request, raw, seen=report_outcomes(source))
        logger.info(harvested.sentence(), extra={"source": source.value})
        run.harvested.append(harvested.as_record())
        if required:
            require_success([harvested])
    return harvested


def report_outcomes(source: Source) -> Callable[[Outcome], None]:
    """Return a function that logs each outcome, and shows progress as an artifact of the run."""
    show = show_progress(f"{source}: what was asked for", key="fetched")
    about = {"source": source.value}

    def report_outcome(outcome: Outcome) -> None:
        if isinstance(outcome, SiteError):
            logger.warning("%s: %s", source, outcome, extra=about)
        elif isinstance(outcome, FetchProgress):
            if outcome.of > 1:
                show(outcome.pieces, outcome.of)
            if outcome.pieces % A_LINE_EACH == 0:
                CONSOLE.print(f"{source}: {outcome.pieces:,} of {outcome.of:,}")
        else:
            place = f"{outcome.path.parent.name}/{outcome.path.name}"
            news = "new" if outcome.is_new else "unchanged"
            logger.info("%s: %s %s", source, news, place, extra={**about, "file": place})

    return report_outcome


def bring_source(
    source: Source, request: FetchRequest, raw: Path, *, seen: Callable[[Outcome], None]
) -> FetchResult:
    """Fetch what is wanted of a source into its folder, while no other run does."""
    module = SOURCES[source]
    folder = raw / source
    with refuse_disk_errors(folder), lock_folder(folder / ".harvest", wait=0):
        return fetch_source(
            source, module.fetch, request, Store(folder), Web(module.SITE), seen=seen
        )


@contextmanager
def refuse_disk_errors(folder: Path) -> Iterator[None]:
    """Turn a disk that is full or closed to us into a `UserError`."""
    try:
        yield
    except OSError as error:
        if refusal := explain_disk_error(error, folder):
            raise refusal from None
        raise


def require_success(harvests: Sequence[FetchResult]) -> None:
    """Raise `UserError` with everything that went wrong, if anything did."""
    failures = [f"{result.source}: {failure}" for result in harvests for failure in result.failures]
    if failures:
        raise UserError(
            "A required source failed:\n  " + "\n  ".join(failures) + "\nIts last good files are "
            "kept. Try again later, or go on without --require."
        )
