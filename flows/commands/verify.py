"""The command that compares a release with its manifest."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CHECK, Interim, show_path
from flows.commands.preflight import require_release, require_release_place
from flows.paths import INTERIM, RELEASE, expand_tag

commands = typer.Typer()


@commands.command(
    rich_help_panel=CHECK, epilog="Example: open-papers verify me/open-papers@2026.11.23"
)
def verify(
    place: Annotated[
        str,
        typer.Argument(
            metavar="[PLACE]",
            help="Folder, tag of a kept release, or OWNER/NAME@TAG.",
            show_default=show_path(RELEASE),
        ),
    ] = str(RELEASE),
    key: Annotated[
        Path | None,
        typer.Option(help="Public key of who signed it.", exists=True, dir_okay=False),
    ] = None,
    interim: Interim = INTERIM,
) -> None:
    """Compare every file of a release with its manifest; exit with 1 if any differs.

    A folder is verified offline. A release on the Hub is downloaded first.
    """
    place = expand_tag(place, RELEASE)
    if place == str(RELEASE):  # nobody named it: there may be none yet
        require_release(RELEASE)
    require_release_place(place, may_be_tag=True)
    from flows.operate import verify_release

    typer.echo(verify_release.verify_place(place, interim / "hub", key))
