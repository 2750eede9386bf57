"""Commands that keep a release fresh, and say how it stands."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands.options import MAKE, Interim, Previous, PublishTo, Raw, ReadRelease, Release
from flows.commands.preflight import (
    require_hub_token,
    require_no_others_folder,
    require_prefect,
    require_release,
    require_release_place,
    require_release_target,
    require_writable_folder,
    starting_prefect,
)
from flows.paths import INTERIM, RAW, RELEASE
from schemas.vocabulary import Source

commands = typer.Typer()

Require = Annotated[
    list[Source] | None,
    typer.Option(metavar="SOURCE", help="Fail when this source fails; repeatable."),
]

NoFetch = Annotated[
    bool, typer.Option("--no-fetch", help="Ask no site for papers: read what is in --raw.")
]


class Routine(StrEnum):
    """What is done regularly."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


@commands.command(
    "run", rich_help_panel=MAKE, epilog="Example: open-papers run daily --publish-to me/open-papers"
)
def run_routine(  # noqa: PLR0913  # each is an option
    which: Annotated[Routine, typer.Argument(metavar="ROUTINE", help="What is due.")],
    raw: Raw = RAW,
    release: Release = RELEASE,
    interim: Interim = INTERIM,
    *,
    publish_to: PublishTo = None,
    previous: Previous = None,
    require: Require = None,
    no_fetch: NoFetch = False,
) -> None:
    """Do now what is due daily, weekly or monthly, once; for cron, systemd and workflows.

    Daily: fetch, refresh, publish. Weekly: harvest arXiv, check links. Monthly: rebuild, compare.
    """
    from flows.runs.progress import OUTPUT, show_step
    from flows.runs.terminal import escape_text

    require_routine(which, raw, release, publish_to, previous)
    with starting_prefect():
        from flows.operate import routine
        from flows.runs.prefect_artifacts import tag_manual_runs
    # No source at all is another choice than the usual ones, which None stands for.
    fetching: dict[str, Any] = {"sources": [] if no_fetch else None, "required": require}
    places: dict[str, Any] = {
        "raw": raw,
        "release": release,
        "interim": interim,
        "previous": previous,
    }
    with show_step(f"The {which} routine"), tag_manual_runs(), routine.explain_cancellation():
        if which is Routine.WEEKLY:
            lines = routine.run_weekly(**places, **fetching)
            OUTPUT.print(*map(escape_text, lines), sep="\n")
            return
        if which is Routine.DAILY:
            summary = routine.run_daily(**places, **fetching, publish_to=publish_to)
        else:
            summary = routine.run_monthly(**places, publish_to=publish_to)
    OUTPUT.print(summary.rendered())


def require_routine(
    which: Routine, raw: Path, release: Path, dataset: str | None, previous: str | None
) -> None:
    """Refuse a routine that could not end well."""
    require_writable_folder(raw, "--raw")
    if previous:
        require_release_place(previous)
    if which is Routine.WEEKLY and not previous:
        require_release(release)
    if which is not Routine.WEEKLY:
        require_release_target(release)
        if dataset:
            require_hub_token()


def check_cron(value: str) -> str:
    """Return a cron time unchanged; refuse what cron does not know."""
    from flows.operate import schedule

    try:
        return schedule.require_cron(value)
    except schedule.BadCron as error:
        raise typer.BadParameter(str(error)) from None


TIME: dict[str, Any] = {"metavar": "CRON", "callback": check_cron}

Daily = Annotated[str, typer.Option("--cron", "--daily", **TIME, help="When to fetch and refresh.")]
Weekly = Annotated[str, typer.Option(**TIME, help="When to harvest arXiv and check links.")]
Monthly = Annotated[str, typer.Option(**TIME, help="When to rebuild and compare.")]


@commands.command(
    "serve", rich_help_panel=MAKE, epilog='Example: open-papers serve --cron "30 5 * * *"'
)
def serve_routines(  # noqa: PLR0913  # each is an option
    daily: Daily = "30 5 * * *",
    weekly: Weekly = "0 2 * * 6",
    monthly: Monthly = "0 12 1 * *",
    *,
    raw: Raw = RAW,
    release: Release = RELEASE,
    interim: Interim = INTERIM,
    publish_to: PublishTo = None,
    require: Require = None,
    no_fetch: NoFetch = False,
) -> None:
    """Keep running, and keep the release fresh: daily, weekly and monthly, at times in UTC.

    Prefect's pages show every run (see `make ui`).
    """
    require_writable_folder(raw, "--raw")
    require_release_target(release)
    if publish_to:
        require_hub_token()
    require_prefect()
    from flows.operate import schedule

    schedule.serve_schedule(
        schedule.Schedule(
            daily=daily,
            weekly=weekly,
            monthly=monthly,
            raw=raw,
            release=release,
            interim=interim,
            publish_to=publish_to,
            required=require or (),
            is_fetching=not no_fetch,
        )
    )


@commands.command("status", rich_help_panel=MAKE, epilog="Example: open-papers status --json")
def print_status(
    release: ReadRelease = RELEASE,
    raw: Raw = RAW,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Say what the last runs did, how old each source is, and what release there is."""
    # Whoever may only read here may look, too.
    require_no_others_folder(release, "the folder of one, or one that is yet to be made")
    from datetime import UTC, datetime

    from flows.operate import status as states
    from flows.runs.progress import OUTPUT

    state = states.read_status(release, raw, datetime.now(UTC).date())
    if as_json:
        typer.echo(state.as_json())
    else:
        OUTPUT.print(states.render_status(state, OUTPUT.width))
