"""Options that several commands share, and the folders they stand for."""

from pathlib import Path
from typing import Annotated

import typer

from flows.paths import PROJECT

RELEASE = PROJECT / "data" / "release"
INTERIM = PROJECT / "data" / "interim"
ANSWERS = PROJECT / "data" / "answers"
LINK_CHECKS = PROJECT / "data" / "link_checks"
TOPIC_MODEL = PROJECT / "data" / "models" / "topics"


def repository(name: str | None) -> str | None:
    """Give the name of a repository back; raise `typer.BadParameter` for what is none."""
    if name is not None:
        from flows.publish import hub

        try:
            hub.require_repo_name(name)
        except hub.Unpublished as error:
            raise typer.BadParameter(str(error)) from None
    return name


Release = Annotated[Path, typer.Option(help="Folder of the release.", file_okay=False)]
Interim = Annotated[
    Path, typer.Option(help="Folder for what a run makes on its way.", file_okay=False)
]
Answers = Annotated[
    Path, typer.Option(help="Folder that keeps what services answered.", file_okay=False)
]
LinkChecks = Annotated[
    Path, typer.Option(help="Folder of what links answered, by day.", file_okay=False)
]
Repo = Annotated[
    str,
    typer.Argument(
        metavar="OWNER/NAME", help="Dataset repository on the Hub.", callback=repository
    ),
]
PublishTo = Annotated[
    str | None,
    typer.Option(metavar="OWNER/NAME", help="Publish the release there.", callback=repository),
]
Branch = Annotated[
    str | None, typer.Option(metavar="NAME", help="Stage on this branch, without a tag.")
]
PullRequest = Annotated[bool, typer.Option("--pr", help="Stage as a pull request, without a tag.")]
Private = Annotated[bool, typer.Option("--private", help="To a private repository or not at all.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change on the Hub only.")]
