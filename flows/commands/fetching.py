"""Commands that bring raw files from the sources' sites."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.preflight import (
    require_fetch_options,
    require_writable_folder,
    starting_prefect,
)
from flows.errors import UserError
from flows.paths import RAW
from schemas.vocabulary import Source

commands = typer.Typer()


@commands.command("fetch", epilog="Example: open-papers fetch daily_papers --month 2026-06")
def fetch_raw_files(  # noqa: PLR0913  # every way to say what is wanted is an option
    source: Annotated[Source, typer.Argument(help="Where from.")],
    *,
    day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="This day, even if it is here."),
    ] = None,
    week: Annotated[str | None, typer.Option(metavar="2026-W24", help="A week's days.")] = None,
    month: Annotated[str | None, typer.Option(metavar="2026-06", help="A month's days.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="First day."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Last day; else yesterday."),
    ] = None,
    ids: Annotated[
        list[str] | None, typer.Option("--id", metavar="ID", help="An arXiv paper; repeatable.")
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME", help="A set of arXiv, as cs.")
    ] = None,
    urls: Annotated[
        list[str] | None, typer.Option("--url", metavar="URL", help="A file of the site.")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--file", exists=True, dir_okay=False, help="A file that is here already."),
    ] = None,
    raw: Annotated[Path, typer.Option(help="Folder of the raw files.", file_okay=False)] = RAW,
    require: Annotated[
        bool, typer.Option("--require", help="Exit with 1 when anything cannot be had.")
    ] = False,
) -> None:
    """Bring raw files from a SOURCE's site to data/raw, as they come; refresh reads them.

    daily_papers and papers_page take days, arxiv takes days and sets, or ids; all others come as
    whole files, from --url or --file. Without options: the last days,
    and what was missed in the last 90.
    """
    from flows.http.user_agent import CONTACT
    from flows.raw import due_days
    from flows.raw.fetch_request import FetchRequest
    from flows.runs.progress import CONSOLE, show_step

    if sum(choice is not None for choice in (day, week, month, since or until)) > 1:
        raise typer.BadParameter("Give one of --day, --week, --month, or --since and --until.")
    first, last = (choice.date() if choice else None for choice in (since or day, until or day))
    try:
        span = (week and due_days.parse_week(week)) or (month and due_days.parse_month(month))
    except UserError as error:
        raise typer.BadParameter(str(error)) from None
    if span:
        first, last = due_days.clip_to_past(span, FetchRequest().today)
    require_fetch_options(source, first, last, urls or (), len(files or ()))
    require_writable_folder(raw, "--raw")
    with starting_prefect():
        from flows import fetch as flow
        from flows.runs.prefect_artifacts import tag_manual_runs
    with show_step(f"Fetching {source}"), tag_manual_runs():
        harvested = flow.fetch(
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
    if not os.environ.get(CONTACT):
        CONSOLE.print(f"Set {CONTACT} to a mail address or a page, so that sites can reach you.")
    for failure in harvested.failures:
        typer.echo(f"trouble: {failure}", err=True)
    typer.echo(harvested.sentence())
    if harvested.is_fruitless:
        raise typer.Exit(1)
