"""Commands about the links of a release."""

from enum import StrEnum
from typing import Annotated

import typer

from flows.commands.options import CHECK, USE, LinkChecks, ReadRelease
from flows.commands.preflight import require_release, require_writable_folder, starting_prefect
from flows.errors import count_noun
from flows.paths import LINK_CHECKS, RELEASE

commands = typer.Typer()


@commands.command(
    "check-links", rich_help_panel=CHECK, epilog="Example: open-papers check-links --limit 1000"
)
def check_release_links(
    release: ReadRelease = RELEASE,
    out: LinkChecks = LINK_CHECKS,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Ask at most so many links, those asked longest ago first."),
    ] = None,
) -> None:
    """Ask whether the links of a release still work. A dead link stays in the release."""
    require_release(release)
    require_writable_folder(out, "--out")
    with starting_prefect():
        from flows.operate import check_links as flow
        from flows.runs.prefect_artifacts import tag_manual_runs
        from flows.runs.progress import show_step

    with tag_manual_runs(), show_step("Ask links"):
        lines = flow.check_links(release, out, limit=limit)
    for line in lines:
        typer.echo(line)


class Exported(StrEnum):
    """Tables that can be exported."""

    LINKS = "links"


class ExportFormat(StrEnum):
    """Forms in which they can be."""

    DATACITE = "datacite"


@commands.command(
    rich_help_panel=USE, epilog="Example: open-papers export links --format datacite > links.jsonl"
)
def export(
    table: Annotated[Exported, typer.Argument(metavar="TABLE", help="What to export.")],
    form: Annotated[ExportFormat, typer.Option("--format", help="As related identifiers of DOIs.")],
    release: ReadRelease = RELEASE,
) -> None:
    """Print a table in a form that other systems read, a line of JSON a paper."""
    require_release(release)
    import orjson

    from flows.operate.export_links import export_links
    from flows.runs.terminal import escape_json

    exports = {(Exported.LINKS, ExportFormat.DATACITE): export_links}
    papers = 0
    for row in exports[table, form](release):
        typer.echo(escape_json(orjson.dumps(row).decode()))
        papers += 1
    # An empty file and one that lacks papers look alike to who asked for it.
    typer.echo(
        f"{count_noun(papers, 'paper')} of {release} printed: those with a DOI, their own or "
        "arXiv's, and a link to code, data, a model, a demo, a project page or a video.",
        err=True,
    )
