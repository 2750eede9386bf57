"""Commands that bring raw files from the sources' sites, and list the sources."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import MAKE, Raw
from flows.commands.preflight import (
    require_fetch_options,
    require_writable_folder,
    starting_prefect,
)
from flows.errors import UserError
from flows.paths import RAW
from flows.redact import blank_unprintable
from schemas.vocabulary import Source

if TYPE_CHECKING:
    from flows.raw.fetch_result import FetchResult

commands = typer.Typer()


DAY: dict[str, Any] = {"formats": ["%Y-%m-%d"], "metavar": "DATE"}

Day = Annotated[
    datetime | None, typer.Option(**DAY, help="One day, also if it was fetched before.")
]
Since = Annotated[datetime | None, typer.Option(**DAY, help="First day.")]
Until = Annotated[datetime | None, typer.Option(**DAY, help="Last day; else yesterday.")]
Week = Annotated[str | None, typer.Option(metavar="2026-W24", help="A week's days.")]
Month = Annotated[str | None, typer.Option(metavar="2026-06", help="A month's days.")]
Ids = Annotated[
    list[str] | None, typer.Option("--id", metavar="ID", help="A paper's arXiv id; repeatable.")
]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME", help="A set of arXiv, such as cs; repeatable."),
]
Urls = Annotated[
    list[str] | None,
    typer.Option("--url", metavar="URL", help="The address of a file; repeatable."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="A file on this machine; repeatable.",
    ),
]
FromSource = Annotated[
    Source,
    # A list of choices in the narrow column of types would be cut into pieces.
    typer.Argument(
        metavar="SOURCE", help=f"Where from: {', '.join(Source.values())}.", show_choices=False
    ),
]
Required = Annotated[
    bool, typer.Option("--require", help="Exit with 1 when anything cannot be had.")
]


@commands.command(
    "fetch", rich_help_panel=MAKE, epilog="Example: open-papers fetch daily_papers --month 2026-06"
)
def fetch_raw_files(  # noqa: PLR0913  # every way to say what is wanted is an option
    source: FromSource,
    *,
    day: Day = None,
    week: Week = None,
    month: Month = None,
    since: Since = None,
    until: Until = None,
    ids: Ids = None,
    sets: Sets = None,
    urls: Urls = None,
    files: Files = None,
    raw: Raw = RAW,
    require: Required = False,
) -> None:
    """Bring raw files from a SOURCE's site to data/raw, as they come; refresh reads them.

    papers_page takes days, daily_papers days or ids, arxiv days and sets, or ids: without options
    the last days, and what was missed in the last 90. All other sources come as whole files, from
    --url or --file.
    """
    first, last = choose_days(day, week, month, since, until)
    require_fetch_options(source, first, last, urls or (), len(files or ()))
    require_writable_folder(raw, "--raw")
    from flows.runs.progress import show_step

    with starting_prefect():
        from flows import fetch as flow
        from flows.runs.prefect_artifacts import tag_manual_runs
    with show_step(f"Fetching {source}"), tag_manual_runs():
        result = flow.fetch(
            source,
            since=first,
            until=last,
            ids=ids,
            sets=sets,
            urls=urls,
            files=files,
            raw=raw,
            required=require,
        )
    report_fetch(result)


def report_fetch(result: "FetchResult") -> None:
    """Print what a fetch brought and what went wrong; exit with 1 where trouble left nothing."""
    from flows.http.user_agent import CONTACT

    if not os.environ.get(CONTACT):
        typer.echo(
            f"Set {CONTACT} to a mail address or a page, so that sites can reach you.", err=True
        )
    # What a site answered is quoted in its failures.
    for failure in result.failures:
        typer.echo(f"trouble: {blank_unprintable(failure)}", err=True)
    typer.echo(result.sentence())
    # Nothing new, and something went wrong: cron and people want to know.
    if result.is_fruitless:
        raise typer.Exit(1)


def choose_days(
    day: datetime | None,
    week: str | None,
    month: str | None,
    since: datetime | None,
    until: datetime | None,
) -> tuple[date | None, date | None]:
    """Return the first and the last day to ask for; None where the source decides.

    A week or a month that is not over ends yesterday. Raises `typer.BadParameter` for what is
    neither, and where days are given in two ways.
    """
    if sum(choice is not None for choice in (day, week, month, since or until)) > 1:
        raise typer.BadParameter("Give one of --day, --week, --month, or --since and --until.")
    from flows.raw import due_days
    from flows.raw.fetch_request import FetchRequest

    try:
        span = (week and due_days.parse_week(week)) or (month and due_days.parse_month(month))
    except UserError as error:
        raise typer.BadParameter(str(error)) from None
    if span:
        return due_days.clip_to_past(span, FetchRequest().today)
    start, end = since or day, until or day
    return start.date() if start else None, end.date() if end else None


@commands.command("sources", rich_help_panel=MAKE, epilog="Example: open-papers sources")
def list_sources() -> None:
    """List the sources, by merge precedence, with the licence of what they give."""
    from rich.table import Table

    from flows.runs.progress import OUTPUT
    from flows.sources import SOURCES, list_licenses

    table = Table("source", "licence", "what", box=None, pad_edge=False)
    for name, module in SOURCES.items():
        table.add_row(name, ", ".join(list_licenses(name)), module.SOURCE.meaning)
    OUTPUT.print(table)
