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
from prefect.exceptions import CancelledRun
from prefect.states import Cancelled
from pydantic import Field

from flows import release as releases
from flows.errors import UserError
from flows.fetch import fetch, require_success
from flows.operate import show_diff
from flows.operate.check_links import check_links
from flows.operate.reproduce import build
from flows.parse.task import find_raw_files
from flows.paths import INTERIM, RAW, RELEASE, RunFolder
from flows.publish import hub
from flows.publish.card.markdown import escape_markdown
from flows.publish.task import push_release
from flows.raw.fetch_result import FetchResult
from flows.refresh import refresh, show_summary
from flows.refresh_options import (
    Dataset,
    InterimFolder,
    PreviousRelease,
    RawFolder,
    RefreshOptions,
    ReleaseFolder,
)
from flows.refresh_summary import Summary
from flows.runs import Run
from flows.runs.prefect_artifacts import record_flow
from flows.runs.progress import watched
from schemas.vocabulary import Source

LINKS = 1_000
"""Links that are asked a week: at the pace that hosts are asked, well under an hour."""

SETS = ("cs:cs:AI", "cs:cs:CL", "cs:cs:CV", "cs:cs:LG", "stat:stat:ML")
"""arXiv's sets for machine learning; the others are harvested by who wants them."""

Required = Annotated[list[Source] | None, Field(description="Sources whose failure fails the run.")]

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Drifted(UserError):
    """A release that differs from one that is made anew from the same files."""


def refusing_overlap(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Cancel a run, before it does anything, while another one is at work."""

    @wraps(work)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return work(*args, **kwargs)
        except releases.Busy as busy:
            state: State[Any] = Cancelled(message=f"Another run is under way: {busy}")
            return state  # type: ignore[return-value]  # Prefect makes it the state of the run

    return run


class Refused(UserError):
    """A run that was not begun, as another one is under way."""


@contextmanager
def saying_so() -> Iterator[None]:
    """Raise `Refused` for a run that Prefect has cancelled, as a message for people."""
    try:
        yield
    except CancelledRun as cancelled:
        raise Refused(str(cancelled)) from None


@contextmanager
def turn(release: Path) -> Iterator[Run]:
    """Let one routine at a time work on a release, and record it. Raises `releases.Busy`."""
    with releases.lock_folder(release.with_name("routine"), wait=0), record_flow(release) as run:
        yield run


def bring(
    sources: Sequence[Source],
    raw: Path,
    required: Sequence[Source] | None,
    sets: Sequence[str] = (),
) -> list[FetchResult]:
    """Harvest sources one after the other; ``sets`` are of arXiv.

    Raises `UserError`, after all were asked, when one that is required has failed.
    """
    harvested = [
        fetch(one, sets=list(sets) if one is Source.ARXIV else None, raw=raw) for one in sources
    ]
    require_success([one for one in harvested if one.source in (required or [])])
    return harvested


@flow(name="daily", description="Fetch what is new, refresh the release, and publish it.")
@refusing_overlap
def daily(  # noqa: PLR0913  # each is a field of Prefect's run form
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
) -> Summary:
    """Fetch yesterday and what is not settled before it, refresh, publish.

    A source that fails keeps the files it gave before, and the summary says so; raises `UserError`
    where it is ``required``.
    """
    with turn(release):
        harvested = bring([Source.DAILY_PAPERS] if sources is None else sources, raw, required)
        options = RefreshOptions(
            inputs=[raw], release=release, interim=interim, publish_to=publish_to, previous=previous
        )
        summary = refresh(options)
        return show_summary(replace(summary, harvested=harvested, today=datetime.now(UTC).date()))


@flow(name="weekly", description="Harvest arXiv, and ask whether the links still work.")
@refusing_overlap
def weekly(  # noqa: PLR0913  # each is a field of Prefect's run form
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
    """Harvest what is new, which the next daily run takes in; ask the links of the release.

    Gives what there is to say, line by line. Raises `UserError` where there is no release.
    """
    with turn(release):
        harvested = bring(
            [Source.ARXIV] if sources is None else sources, raw, required, sets or SETS
        )
        lines = [one.sentence() for one in harvested]
        failed = [f"failed: {failure}" for one in harvested for failure in one.failures]
        if links:
            there = (
                hub.locate_release(previous, RunFolder(interim).downloads) if previous else release
            )
            lines += check_links(there, release.with_name("link_checks"), links)
        text = "\n".join(f"- {line}" for line in [*lines, *map(escape_markdown, failed)])
        create_markdown_artifact(text, key="week", description="What came in, which links work")
        return [*lines, *failed]


@flow(name="monthly", description="Build the release anew from all raw files and compare.")
@refusing_overlap
def monthly(
    raw: RawFolder = RAW,
    release: ReleaseFolder = RELEASE,
    interim: InterimFolder = INTERIM,
    *,
    publish_to: Dataset = None,
    previous: PreviousRelease = None,
) -> Summary:
    """Refresh, make the same release anew without anything that was parsed before, publish.

    Raises `Drifted` when the two differ; nothing is published then.
    """
    with turn(release) as run:
        options = RefreshOptions(inputs=[raw], release=release, interim=interim, previous=previous)
        summary = refresh(options)
        found = rebuild(raw, release, RunFolder(interim).rebuilt)
        create_markdown_artifact(
            show_diff.markdown(found), key="comparison", description="The release, made anew"
        )
        require_same(found)
        if publish_to:
            sent = push_release(release, publish_to)
            run.published, run.tag = sent.repo, sent.tag
            summary = replace(summary, published=sent)
        return show_summary(replace(summary, today=datetime.now(UTC).date()))


@watched
@task(name="Rebuild", task_run_name="Make the release anew and compare")
def rebuild(raw: Path, release: Path, folder: Path) -> releases.Diff:
    """Make the release that follows a release from the same raw files, parsed anew, and compare.

    What changed since the release before it is left out: between these two that is nothing.
    """
    shutil.rmtree(folder, ignore_errors=True)
    allowed = releases.read_manifest(release).get("allowed") or {}
    made = build(find_raw_files.fn([raw]).raw, release, folder, allowed).written.folder
    one, other = (releases.read_tables(each) for each in (release, made))
    shutil.rmtree(folder)
    return releases.compare_releases({**one, "changes": other["changes"]}, other)


def require_same(found: releases.Diff) -> None:
    """Raise `Drifted` unless a release and its rebuild hold the same rows."""
    if found.is_empty:
        return
    tables = [name for name, one in found.tables.items() if one.added or one.removed or one.changed]
    raise Drifted(
        f"Made anew from the same raw files, {', '.join(tables)} differ from the release, so "
        "nothing was published: something that was parsed before is not what its file gives. Run "
        "`open-papers refresh --fresh`, look at the changes it tells, and publish."
    )
