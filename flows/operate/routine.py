"""Routine: what is done every day, every week and every month, composed of the flows there are.

Two of them never run at once: Prefect cancels a run whose deployment is still busy, and a lock of
the operating system, which ends with its process however that ends, keeps the three apart.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

from prefect import State, flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.exceptions import CancelledRun
from prefect.states import Cancelled
from pydantic import Field

from flows import release as releases
from flows.errors import UserError
from flows.fetch import fetch, require_success
from flows.operate import show_diff
from flows.operate.check_links import check_links
from flows.operate.reproduce import build_from_files
from flows.parse.find_raw_files import recognise_files
from flows.paths import INTERIM, RAW, RELEASE, RunFolder
from flows.publish import hub
from flows.publish.card.markdown import escape_markdown
from flows.publish.task import push_release
from flows.raw.fetch_result import FetchResult
from flows.refresh import run_refresh, show_summary
from flows.refresh_options import (
    Dataset,
    InterimFolder,
    PartRunner,
    PreviousRelease,
    RawFolder,
    RefreshOptions,
    ReleaseFolder,
    Runner,
    Scheduler,
)
from flows.refresh_summary import Summary
from flows.runs import Run
from flows.runs.prefect_artifacts import describe_parameters, name_flow_run, record_flow
from flows.runs.progress import watch_task
from schemas.vocabulary import Source

LINKS = 1_000
"""Links that are asked a week: at the pace that hosts are asked, well under an hour."""

SETS = ("cs:cs:AI", "cs:cs:CL", "cs:cs:CV", "cs:cs:LG", "stat:stat:ML")
"""arXiv's sets for machine learning; others can be chosen in the run form."""

Required = Annotated[list[Source] | None, Field(description="Sources whose failure fails the run.")]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Drifted(UserError):
    """A release that differs from one that is built again from the same files."""


def refuse_overlap(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Cancel a run, before it does anything, while another one is at work."""

    @wraps(work)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        try:
            return work(*args, **kwargs)
        # A state is returned, not raised: Prefect then shows the run as cancelled, not as failed.
        except releases.Busy as busy:
            state: State[Any] = Cancelled(message=f"Another run is under way: {busy}")
            return state  # type: ignore[return-value]  # Prefect makes it the state of the run

    return run


class NotBegun(UserError):
    """A run that did not begin, as another one is under way."""


@contextmanager
def explain_cancellation() -> Iterator[None]:
    """Raise `NotBegun` for a run that Prefect has cancelled, as a message for people."""
    try:
        yield
    except CancelledRun as cancelled:
        raise NotBegun(str(cancelled)) from None


@contextmanager
def take_turn(release: Path) -> Iterator[Run]:
    """Let one routine at a time work on a release, and record it. Raises `releases.Busy`."""
    # A lock beside the release's own: the flows below take that one themselves.
    with releases.lock_folder(release.with_name("routine"), wait=0), record_flow(release) as run:
        yield run


def fetch_sources(
    sources: Sequence[Source],
    raw: Path,
    required: Sequence[Source] | None,
    sets: Sequence[str] = (),
) -> list[FetchResult]:
    """Harvest sources one after the other; ``sets`` are of arXiv.

    Raises `UserError`, after all were asked, when one that is required has failed.
    """
    harvested = [
        fetch(source, sets=list(sets) if source is Source.ARXIV else None, raw=raw)
        for source in sources
    ]
    # After all of them: one broken site must not keep the files of the others away.
    require_success([result for result in harvested if result.source in (required or [])])
    return harvested


@flow(
    name="daily",
    flow_run_name=name_flow_run,
    description="Fetch what is new, refresh the release, and publish it.",
)
@describe_parameters
@refuse_overlap
def run_daily(  # noqa: PLR0913  # each is a field of Prefect's run form
    sources: Annotated[
        list[Source] | None, Field(description="What to fetch; the daily papers if not given.")
    ] = None,
    raw: RawFolder = RAW,
    release: ReleaseFolder = RELEASE,
    interim: InterimFolder = INTERIM,
    *,
    publish_to: Dataset = None,
    previous: PreviousRelease = None,
    required: Required = None,
    runner: PartRunner = Runner.THREADS,
    scheduler: Scheduler = None,
) -> Summary:
    """Fetch yesterday and what is not settled before it, refresh, publish.

    A source that fails keeps the files it gave before, and the summary says so; raises `UserError`
    where it is ``required``.
    """
    with take_turn(release):
        harvested = fetch_sources(
            [Source.DAILY_PAPERS] if sources is None else sources, raw, required
        )
        options = RefreshOptions(
            inputs=[raw],
            release=release,
            interim=interim,
            publish_to=publish_to,
            previous=previous,
            runner=runner,
            scheduler=scheduler,
        )
        summary = run_refresh(options)
        return show_summary(replace(summary, harvested=harvested, today=datetime.now(UTC).date()))


@flow(
    name="weekly",
    flow_run_name=name_flow_run,
    description="Harvest arXiv, and ask whether the links still work.",
)
@describe_parameters
@refuse_overlap
def run_weekly(  # noqa: PLR0913  # each is a field of Prefect's run form
    sources: Annotated[
        list[Source] | None, Field(description="What to harvest; arXiv if not given.")
    ] = None,
    raw: RawFolder = RAW,
    release: ReleaseFolder = RELEASE,
    interim: InterimFolder = INTERIM,
    *,
    previous: PreviousRelease = None,
    sets: Annotated[
        list[str] | None, Field(description="Sets of arXiv; those of machine learning if none.")
    ] = None,
    links: Annotated[int, Field(description="Ask so many links at most; 0 for none.")] = LINKS,
    required: Required = None,
) -> list[str]:
    """Fetch what is new, which the next daily run reads; ask the links of the release.

    Returns what there is to report, line by line. Raises `UserError` where there is no release.
    """
    with take_turn(release):
        harvested = fetch_sources(
            [Source.ARXIV] if sources is None else sources, raw, required, sets or SETS
        )
        lines = [result.sentence() for result in harvested]
        failed = [f"failed: {failure}" for result in harvested for failure in result.failures]
        if links:
            checked_release = (
                hub.locate_release(previous, RunFolder(interim).downloads) if previous else release
            )
            lines += check_links(checked_release, release.with_name("link_checks"), links)
        text = "\n".join(f"- {line}" for line in [*lines, *map(escape_markdown, failed)])
        create_markdown_artifact(text, key="week", description="What came in, which links work")
        return [*lines, *failed]


@flow(
    name="monthly",
    flow_run_name=name_flow_run,
    description="Build the release again from all raw files and compare.",
)
@describe_parameters
@refuse_overlap
def run_monthly(  # noqa: PLR0913  # each is a field of Prefect's run form
    raw: RawFolder = RAW,
    release: ReleaseFolder = RELEASE,
    interim: InterimFolder = INTERIM,
    *,
    publish_to: Dataset = None,
    previous: PreviousRelease = None,
    runner: PartRunner = Runner.THREADS,
    scheduler: Scheduler = None,
) -> Summary:
    """Refresh, build the same release again without anything parsed earlier, publish.

    Raises `Drifted` when the two differ; nothing is published then.
    """
    with take_turn(release) as run:
        options = RefreshOptions(
            inputs=[raw],
            release=release,
            interim=interim,
            previous=previous,
            runner=runner,
            scheduler=scheduler,
        )
        summary = run_refresh(options)
        difference = rebuild_release(raw, release, RunFolder(interim).rebuilt)
        create_markdown_artifact(
            show_diff.render_markdown(difference),
            key="comparison",
            description="The release, built again",
        )
        # The comparison is shown before it may fail the run: it is what people then look at.
        require_same_rows(difference)
        if publish_to:
            sent = push_release(release, publish_to)
            run.published, run.tag = sent.repo, sent.tag
            summary = replace(summary, published=sent)
        return show_summary(replace(summary, today=datetime.now(UTC).date()))


@watch_task
@task(name="Rebuild", task_run_name="Build the release again and compare", cache_policy=NO_CACHE)
def rebuild_release(raw: Path, release: Path, folder: Path) -> releases.Diff:
    """Build the successor of a release from the same raw files, parsed again, and compare.

    The changes since the previous release are left out: between these two there are none.
    """
    # What a killed run left may have been parsed by other code.
    shutil.rmtree(folder, ignore_errors=True)
    allowed = releases.read_manifest(release).get("allowed") or {}
    # Read for their hashes, whatever is noted of them.
    files = recognise_files([raw]).raw
    rebuilt = build_from_files(files, release, folder, allowed).written.folder
    current, other = (releases.scan_tables(place) for place in (release, rebuilt))
    # The rebuilt release follows this one, so its own changes are empty.
    difference = releases.compare_releases({**current, "changes": other["changes"]}, other)
    shutil.rmtree(folder)
    return difference


def require_same_rows(difference: releases.Diff) -> None:
    """Raise `Drifted` unless a release and its rebuild hold the same rows."""
    if difference.is_empty:
        return
    tables = [
        name
        for name, table in difference.tables.items()
        if table.added or table.removed or table.changed
    ]
    raise Drifted(
        f"Built again from the same raw files, {', '.join(tables)} differ from the release, so "
        "nothing was published: something that was parsed before is not what its file gives. Run "
        "`open-papers refresh --fresh`, look at the changes it reports, and publish."
    )
