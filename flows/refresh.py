"""Refresh: the sentence of the project as code."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow, unmapped
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows.deduplicate.match import match_cache
from flows.deduplicate.resolve import Ways
from flows.deduplicate.resolve.task import resolve_records
from flows.deduplicate.task import deduplicate
from flows.enrich.links.link_checks import list_check_files as list_link_checks
from flows.enrich.task import enrich
from flows.enrich.topics import taxonomy_version
from flows.parse.task import find_raw_files, parse
from flows.paths import PROJECT
from flows.publish import hub
from flows.publish.task import (
    Publication,
    describe_observations,
    push_release,
    require_gates,
    write_release,
)
from flows.refresh_summary import Summary, note, summarise
from flows.release import lock_folder, repair_release
from flows.runs.prefect_artifacts import follow, recording
from flows.validate import validate
from schemas.vocabulary import Source, Way

RAW = PROJECT / "data" / "raw"
"""What is read when no input is given."""

ANSWERS = PROJECT / "data" / "answers"
"""What services answered, by URL and day: releases made with it are repeated from it."""

LINK_CHECKS = PROJECT / "data" / "link_checks"
"""What links answered, a file per day: see `open-papers check-links`."""

RUNNER: ThreadPoolTaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)
"""Two files are parsed at once: the smallest machine the project is tested on has two cores."""


@flow(
    name="refresh",
    description="Rebuild the table of papers, code and topics, and publish it if asked to.",
    task_runner=RUNNER,  # type: ignore[arg-type]  # Prefect's own runners are invariant in it
)
def refresh(  # noqa: PLR0913  # each is a field of Prefect's run form
    inputs: Annotated[
        list[Path] | None, Field(description="Files or folders; data/raw if none is given.")
    ] = None,
    release: Annotated[
        Path, Field(description="Folder of the release; the one in it is the previous release.")
    ] = PROJECT / "data" / "release",
    interim: Annotated[
        Path, Field(description="Folder for what the run makes on its way; safe to delete.")
    ] = PROJECT / "data" / "interim",
    publish_to: Annotated[
        str | None,
        Field(description="OWNER/NAME of the dataset on the Hub; nothing is sent if none."),
    ] = None,
    source: Annotated[
        Source | None, Field(description="Take every input for this source, recognised or not.")
    ] = None,
    *,
    previous: Annotated[
        str | None,
        Field(
            description="The previous release, as a folder or OWNER/NAME@REVISION on the Hub; "
            "the one in the release folder if none."
        ),
    ] = None,
    allowed: Annotated[
        dict[str, str] | None,
        Field(description="Gates that may fail, each with the reason; the card shows them."),
    ] = None,
    branch: Annotated[
        str | None, Field(description="Branch on the Hub that stages the release, untagged.")
    ] = None,
    create_pr: Annotated[
        bool, Field(description="Stage the release as a pull request on the Hub, untagged.")
    ] = False,
    private: Annotated[
        bool, Field(description="Publish to a private repository or not at all.")
    ] = False,
    skip_unknown: Annotated[
        bool, Field(description="Leave out files that no source recognises instead of stopping.")
    ] = False,
    dry_run: Annotated[
        bool, Field(description="Say what would change on the Hub; send nothing.")
    ] = False,
    strict: Annotated[bool, Field(description="Stop when anything at all is rejected.")] = False,
    fresh: Annotated[bool, Field(description="Parse again what was parsed before.")] = False,
    resolve_titles: Annotated[
        Way | None,
        Field(description="Look up records without identifiers by title: in an index, or online."),
    ] = None,
    index: Annotated[Path | None, Field(description="Folder of the index of titles.")] = None,
    answers: Annotated[
        Path, Field(description="Folder that keeps what services answer.")
    ] = ANSWERS,
    link_checks: Annotated[
        Path, Field(description="Folder of what links answered: moved repositories are followed.")
    ] = LINK_CHECKS,
) -> Summary:
    """Fetch, parse, deduplicate, validate, enrich and publish."""
    require_gates(allowed or {})
    ways = Ways.of(resolve_titles, index, answers)
    if publish_to:
        hub.require_repo_name(publish_to)
    with recording(release) as run, lock_folder(release), lock_folder(interim):
        repair_release(release)
        before = hub.locate_release(previous, interim / "hub") if previous else release
        if publish_to and not previous and not release.exists():
            before = hub.download_newest(publish_to, branch or hub.MAIN, interim / "hub") or release
        fetched = find_raw_files(inputs or [RAW], source=source, skip_unknown=skip_unknown)
        parsing = parse.map(fetched.raw, interim=unmapped(interim), fresh=unmapped(fresh))
        parsed = follow(parsing, "Files that are parsed", key="parsed")
        checks = list_link_checks(link_checks)
        known = hub.read_paper_ids(before) if publish_to else ()

        def made(before: Path) -> Publication:
            resolved = resolve_records(parsed, before, interim / "resolved", ways)
            merged = deduplicate(
                parsed, before, interim / "merged", resolved.table, match_cache.beside(release)
            )
            validated = validate(merged, parsed, interim / "validated")
            enriched = enrich(validated, interim / "enriched", before, checks)
            observed = describe_observations(resolved.used, checks, taxonomy_version())
            return write_release(
                enriched,
                fetched.raw,
                release,
                before,
                allowed=allowed,
                strict=strict,
                observed=observed,
            )

        def sent() -> hub.PushReport | None:
            if publish_to is None:
                return None
            return push_release(
                release,
                publish_to,
                branch=branch,
                create_pr=create_pr,
                private=private,
                dry_run=dry_run,
            )

        published, on_the_hub = hub.push_on_newest(made, sent, before, known, interim / "hub")
        summary = summarise(fetched, parsed, published, interim / "merged", on_the_hub)
        note(run, summary, fetched)
        return report(summary)


def report(summary: Summary) -> Summary:
    """Leave the summary as artifacts of the run, for Prefect's pages."""
    create_markdown_artifact(summary.markdown(), key="summary", description="What the run did")
    create_table_artifact(summary.table(), key="sources", description="What each source gave")
    create_table_artifact(summary.inputs, key="inputs", description="What each file was taken for")
    return summary
