"""Refresh: the sentence of the project as code."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow, unmapped
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows import PROJECT, hub
from flows.deduplicate import deduplicate
from flows.enrich import enrich
from flows.fetch import fetch
from flows.matching import stored
from flows.parse import parse
from flows.publish import publish, require_gates, send
from flows.release import locked, repair
from flows.summary import Summary, summarise
from flows.validate import validate
from schemas.vocabulary import Source

RAW = PROJECT / "data" / "raw"
"""What is read when no input is given."""

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
) -> Summary:
    """Fetch, parse, deduplicate, validate, enrich and publish."""
    require_gates(allowed or {})
    if publish_to:
        hub.require_name(publish_to)
    with locked(release), locked(interim):
        repair(release)
        before = hub.locate(previous, interim / "hub") if previous else release
        fetched = fetch(inputs or [RAW], source=source, skip_unknown=skip_unknown)
        parsed = parse.map(fetched.raw, interim=unmapped(interim), fresh=unmapped(fresh)).result()
        merged = deduplicate(parsed, before, interim / "merged", stored.beside(release))
        validated = validate(merged, parsed, interim / "validated")
        enriched = enrich(validated, interim / "enriched")
        published = publish(enriched, fetched.raw, release, before, allowed=allowed, strict=strict)
        if not publish_to:
            return report(summarise(fetched, parsed, published, None))
        sent = send(
            release,
            publish_to,
            branch=branch,
            create_pr=create_pr,
            private=private,
            dry_run=dry_run,
        )
        return report(summarise(fetched, parsed, published, sent))


def report(summary: Summary) -> Summary:
    """Leave the summary as artifacts of the run, for Prefect's pages."""
    create_markdown_artifact(summary.markdown(), key="summary", description="What the run did")
    create_table_artifact(summary.table(), key="sources", description="What each source gave")
    create_table_artifact(summary.inputs, key="inputs", description="What each file was taken for")
    return summary
