"""Refresh: the sentence of the project as code."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows.deduplicate.collect_records import NoRecords
from flows.deduplicate.match import match_cache
from flows.deduplicate.resolve import ResolveOptions
from flows.deduplicate.resolve.task import resolve_records
from flows.deduplicate.task import deduplicate
from flows.enrich import derivations
from flows.enrich.links.link_checks import list_check_files as list_link_checks
from flows.enrich.task import enrich
from flows.enrich.topics import taxonomy_version
from flows.parse.find_raw_files import FoundFiles
from flows.parse.report_rejections import report_rejections
from flows.parse.task import find_raw_files, parse
from flows.parts import DamagedStep
from flows.paths import RunFolder
from flows.publish import hub
from flows.publish.manifest import hash_lasting_inputs, require_same_inputs
from flows.publish.segment_cache import compare_release_files, name_segments_file
from flows.publish.task import (
    FailedGates,
    Publication,
    describe_observations,
    push_release,
    require_gates,
    write_release,
)
from flows.raw.parsed import Parsed
from flows.raw.raw_file import RawFile
from flows.refresh_options import DEFAULTS, RefreshOptions
from flows.refresh_summary import Summary
from flows.refresh_summary.collect import note_result, summarise_run
from flows.release import delete_retired, lock_folder, repair_release
from flows.release.kept_releases import hold_release, keep_release, link_tree, require_outside
from flows.runs import Run
from flows.runs.cluster import provide_runner, require_shared_files
from flows.runs.map_parts import submit_parts
from flows.runs.prefect_artifacts import (
    emit_release,
    leave_tasks_untagged,
    name_run_of_inputs,
    record_flow,
)
from flows.runs.progress import announce, note_records
from flows.runs.stray_files import remove_stray, remove_strays
from flows.validate import validate

RUNNER: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)
"""Two files are parsed at once: the smallest machine the project is tested on has two cores."""


def name_refresh() -> str:
    """Name a run of the flow by its day and what it reads."""
    options = RefreshOptions.model_validate(flow_run.parameters.get("options") or DEFAULTS)
    return name_run_of_inputs(options.inputs)


@flow(
    name="refresh",
    flow_run_name=name_refresh,
    description="Rebuild the table of papers, code and topics, and publish it if asked to.",
    task_runner=RUNNER,  # type: ignore[arg-type]  # Prefect's own runners are invariant in it
)
def refresh(options: RefreshOptions = DEFAULTS) -> Summary:
    """Fetch and parse, then deduplicate, validate, enrich and publish."""
    with claim_folders(options) as run, leave_tasks_untagged():
        require_shared_files([options.interim, options.release.absolute().parent], options.inputs)
        previous = locate_previous(options)
        fetched = find_raw_files(
            options.inputs,
            options.interim,
            source=options.source,
            skip_unknown=options.skip_unknown,
            fresh=options.fresh,
        )
        parsed = parse_files(fetched.raw, options)
        publication, pushed = build_and_push(options, previous, fetched, parsed)
        summary = summarise_run(fetched, parsed, publication, options.interim, pushed)
        note_result(run, summary, fetched)
        return show_summary(finish_run(options, summary))


def run_refresh(options: RefreshOptions) -> Summary:
    """Run the flow where the options say that parts are worked on."""
    with provide_runner(options.runner, options.scheduler, RUNNER) as runner:
        return refresh.with_options(task_runner=runner)(options)


def build_and_push(
    options: RefreshOptions, previous: Path, fetched: FoundFiles, parsed: list[Parsed]
) -> tuple[Publication, hub.PushReport | None]:
    """Build the release that follows the ``previous`` one; push it if that was asked for.

    Where another release comes first on the Hub, it is built again on top of that one.
    """
    target = redirect_dry_run(options)
    # Building replaces the folder that the previous release may be in: its ids are read first.
    known_ids = hub.read_paper_ids(previous) if options.publish_to else ()
    with explain_refusal(parsed, options.interim, fetched.notes):
        return hub.push_on_newest(
            partial(build_release, target, fetched.raw, parsed),
            partial(push_if_asked, target),
            previous,
            known_ids,
            RunFolder(options.interim).downloads,
        )


def redirect_dry_run(options: RefreshOptions) -> RefreshOptions:
    """Return the options of a dry run with a release of its own, which is thrown away.

    It begins as the one that is there, so that what it changes is what the real run would change.
    """
    if not options.dry_run:
        return options
    folder = RunFolder(options.interim).dry_run
    shutil.rmtree(folder.parent, ignore_errors=True)
    if options.release.exists():
        link_tree(options.release, folder)
    return options.model_copy(update={"release": folder})


def finish_run(options: RefreshOptions, summary: Summary) -> Summary:
    """Keep the release by its tag and report it as an asset; after a dry run, delete it."""
    if options.dry_run:
        # Its files are links: those of the release stay.
        shutil.rmtree(RunFolder(options.interim).dry_run.parent)
        note = f"dry run: {options.release} is as it was"
        return replace(summary, release=options.release, notes=[*summary.notes, note])
    pushed = summary.published
    keep_release(options.release, options.keep, pushed.tag if pushed else None)
    emit_release(summary.counts, options.release, options.publish_to if pushed else None)
    return summary


def build_release(
    options: RefreshOptions, raw: Sequence[RawFile], parsed: list[Parsed], previous: Path
) -> Publication:
    """Build a release from parsed records; once more where a table was damaged between two steps.

    The ``previous`` release is the one that ids, links and records are carried over from.
    """
    try:
        return run_steps(options, raw, parsed, previous)
    except DamagedStep as damage:
        announce(f"All steps are taken once more: {damage}")
        # A part may be damaged that parsing left: it is compared, and parsed again if it is.
        return run_steps(options, raw, parse_files(raw, options), previous)


def run_steps(
    options: RefreshOptions, raw: Sequence[RawFile], parsed: list[Parsed], previous: Path
) -> Publication:
    """Deduplicate parsed records, validate and enrich them, write them as a release."""
    note_records(sum(file.records for file in parsed))
    # Before the first step reads it: the manifest has to name what was read.
    lasting = hash_lasting_inputs(previous)
    compare_release_files(name_segments_file(options.release), previous)
    steps, checks = RunFolder(options.interim), list_link_checks(options.link_checks)
    resolve_options = ResolveOptions.of(options.resolve_titles, options.index, options.answers)
    resolved = resolve_records(parsed, previous, steps.resolved.folder, resolve_options)
    cache = match_cache.cache_folder(options.release)
    merged = deduplicate(parsed, previous, steps.merged.folder, resolved.table, cache)
    # Asked after every long step: what was edited during it makes the next ones useless.
    require_same_inputs(lasting, previous)
    validated = validate(merged, parsed, steps.validated.folder)
    caches = derivations.beside(options.release)
    enriched = enrich(validated, steps.enriched.folder, previous, checks, caches)
    observed = describe_observations(resolved.used, checks, taxonomy_version())
    require_same_inputs(lasting, previous)
    publication = write_release(
        enriched,
        raw,
        options.release,
        previous,
        allowed=options.allowed,
        strict=options.strict,
        observed=observed,
    )
    # What follows, sending, is counted in files and not in records.
    note_records(0)
    return publication


@contextmanager
def explain_refusal(
    parsed: Sequence[Parsed], interim: Path, notes: Sequence[str] = ()
) -> Iterator[None]:
    """Add to what says that there is no release what was read of each file, and why not more."""
    try:
        yield
    except (NoRecords, FailedGates) as refusal:
        raise type(refusal)(f"{refusal}\n{report_rejections(parsed, interim, notes)}") from None


def push_if_asked(options: RefreshOptions) -> hub.PushReport | None:
    """Send the release to the dataset on the Hub that the options name; None where they do not."""
    if options.publish_to is None:
        return None
    return push_release(
        options.release,
        options.publish_to,
        branch=options.branch,
        create_pr=options.create_pr,
        private=options.private,
        dry_run=options.dry_run,
    )


@contextmanager
def claim_folders(options: RefreshOptions) -> Iterator[Run]:
    """Refuse what cannot be done, then record the run and hold the folders that it writes.

    Raises `UserError` for contradicting options, `release.Busy` while another run holds a folder.
    """
    require_gates(options.allowed)
    ResolveOptions.of(options.resolve_titles, options.index, options.answers)
    if options.publish_to:
        hub.require_repo_name(options.publish_to)
    require_outside(options.release, RunFolder(options.interim).previous)
    with (
        record_flow(options.release) as run,
        lock_folder(options.release),
        lock_folder(options.interim),
    ):
        repair_release(options.release)
        clear_caches(options)
        try:
            yield run
        finally:
            shutil.rmtree(RunFolder(options.interim).previous, ignore_errors=True)
            # While it was written over, the steps still read the release of before.
            delete_retired(options.release)


def clear_caches(options: RefreshOptions) -> None:
    """Remove what has the place of files in the caches of a release and a run, and is none."""
    steps, release = RunFolder(options.interim), options.release
    kept = derivations.beside(release), match_cache.cache_folder(release)
    for folder in (*kept, name_segments_file(release).parent):
        remove_strays(folder, is_flat=True)
    names = (steps.resolved, steps.merged, steps.validated, steps.enriched)
    for folder in (steps.parsed, *(step.folder for step in names)):
        remove_strays(folder)
    remove_stray(steps.raw_hashes)


def locate_previous(options: RefreshOptions) -> Path:
    """Find the release that this one follows: the one named, else the one in the folder.

    A machine without a release follows the one on the Hub, if it publishes there: otherwise it
    would begin again, and ids that people cite would change.
    """
    cache = RunFolder(options.interim).downloads
    if options.previous:
        place = hub.locate_release(options.previous, cache)
        # Our own folder is locked, and what was downloaded is of one commit for ever.
        is_ours = options.release.exists() and place.samefile(options.release)
        if is_ours or not Path(options.previous).exists():
            return place
        return hold_release(place, RunFolder(options.interim).previous)
    # A machine without a release would begin again, and ids that people cite would change.
    if options.publish_to and not options.release.exists():
        newest = hub.download_newest(options.publish_to, options.branch or hub.MAIN, cache)
        return newest or options.release
    return options.release


def parse_files(raw: Sequence[RawFile], options: RefreshOptions) -> list[Parsed]:
    """Parse raw files, two at a time, and show on Prefect's pages how many are done."""
    return submit_parts(
        parse,
        raw,
        "Files that are parsed",
        "parsed",
        interim=options.interim,
        fresh=options.fresh,
        skip_refused=options.skip_unknown,
    )


def show_summary(summary: Summary) -> Summary:
    """Leave the summary as artifacts of the run, for Prefect's pages; return it unchanged."""
    create_markdown_artifact(summary.markdown(), key="summary", description="What the run did")
    create_table_artifact(summary.table(), key="sources", description="What each source gave")
    create_table_artifact(summary.inputs, key="inputs", description="What each file was taken for")
    return summary
