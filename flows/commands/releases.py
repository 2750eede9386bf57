"""Commands that make, send and compare releases."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    ANSWERS,
    INTERIM,
    LINK_CHECKS,
    RELEASE,
    Answers,
    Branch,
    DryRun,
    Interim,
    LinkChecks,
    Private,
    PublishTo,
    PullRequest,
    Release,
    Repo,
)
from flows.paths import PROJECT
from schemas.vocabulary import Source, Way

commands = typer.Typer()


@commands.command(epilog="Example: open-papers refresh downloads/ --publish-to me/open-papers")
def refresh(  # noqa: PLR0913  # every parameter of the flow is an option here
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="[INPUT]...", help="Files or folders to read.")
    ] = None,
    release: Release = RELEASE,
    interim: Interim = INTERIM,
    publish_to: PublishTo = None,
    source: Annotated[Source | None, typer.Option(help="Take every INPUT for this source.")] = None,
    *,
    previous: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="The release before: a folder or OWNER/NAME@REVISION; else the one in --release.",
        ),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Let this gate fail; see --because.")
    ] = None,
    because: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Why; one for each --allow, in order.")
    ] = None,
    branch: Branch = None,
    pr: PullRequest = False,
    private: Private = False,
    dry_run: DryRun = False,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out files that no source recognises.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse the run when anything is rejected.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Parse again what an earlier run has parsed.")
    ] = False,
    resolve: Annotated[
        Way | None,
        typer.Option(help="Find ids by title: in --index, or at services for what it leaves open."),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index made by `open-papers index`.", file_okay=False)
    ] = None,
    answers: Answers = ANSWERS,
    link_checks: LinkChecks = LINK_CHECKS,
) -> None:
    """Read INPUTs (default: data/raw) into a release.

    Nothing is sent anywhere unless --publish-to says where.
    """
    from flows.runs.progress import OUTPUT, step

    allowed = reasons(allow or [], because or [])
    if publish_to is None and (branch or pr or private):
        raise typer.BadParameter("--branch, --pr and --private need --publish-to OWNER/NAME.")
    with step("Start Prefect"):
        from flows import refresh as flow
    with step("Refresh"):
        summary = flow.refresh(
            inputs=inputs,
            release=release,
            interim=interim,
            publish_to=publish_to,
            source=source,
            previous=previous,
            allowed=allowed,
            branch=branch,
            create_pr=pr,
            private=private,
            dry_run=dry_run,
            skip_unknown=skip_unknown,
            strict=strict,
            fresh=fresh,
            resolve_titles=resolve,
            index=index,
            answers=answers,
            link_checks=link_checks,
        )
    OUTPUT.print(summary.rendered())


def reasons(allow: list[str], because: list[str]) -> dict[str, str]:
    """Pair each gate that may fail with its reason."""
    if len(allow) != len(because):
        raise typer.BadParameter(
            f"{len(allow)} --allow and {len(because)} --because: every gate that may fail needs "
            "its reason, as in --allow papers.kept.paper_id --because 'a source has closed'."
        )
    return dict(zip(allow, because, strict=True))


@commands.command(epilog="Example: open-papers publish me/open-papers --dry-run")
def publish(  # noqa: PLR0913  # each is an option
    repo: Repo,
    release: Release = RELEASE,
    branch: Branch = None,
    *,
    pr: PullRequest = False,
    private: Private = False,
    dry_run: DryRun = False,
) -> None:
    """Publish a release that exists already: one commit, one tag."""
    from flows.publish import hub
    from flows.release import lock_folder, read_manifest
    from flows.runs.progress import step

    read_manifest(release)
    with step(f"Publishing to {repo}"), lock_folder(release):
        published = hub.push(
            release, repo, branch=branch, create_pr=pr, private=private, dry_run=dry_run
        )
    typer.echo(published.sentence())


@commands.command(epilog="Example: open-papers card > README.md")
def card(release: Release = RELEASE) -> None:
    """Print the dataset card of a release, made from its tables."""
    from flows.publish import card as cards

    typer.echo(cards.render_card(release, PROJECT / "dataset_card.md"), nl=False)


@commands.command(epilog="Example: open-papers diff me/open-papers@2026.11.23 data/release --json")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Folder, or OWNER/NAME@REVISION.")],
    now: Annotated[str, typer.Argument(metavar="B", help="Likewise, the later one.")],
    interim: Interim = INTERIM,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show what differs between two releases, in folders or on the Hub."""
    import json

    from flows.operate import show_diff
    from flows.runs.progress import OUTPUT

    found = show_diff.between(before, now, interim / "hub")
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        OUTPUT.print(show_diff.rendered(found))


@commands.command(epilog="Example: open-papers reproduce data/release/manifest.json --raw data/raw")
def reproduce(  # noqa: PLR0913, PLR0917  # each names what the release was made from
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", exists=True, dir_okay=False, help="Of a release.")
    ],
    raw: Annotated[
        Path, typer.Option(help="Folder that holds the raw files.", exists=True, file_okay=False)
    ],
    previous: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="The release before: a folder or OWNER/NAME@REVISION."),
    ] = None,
    interim: Interim = INTERIM,
    index: Annotated[
        Path | None, typer.Option(help="The index it was made with.", file_okay=False)
    ] = None,
    answers: Answers = ANSWERS,
    link_checks: LinkChecks = LINK_CHECKS,
) -> None:
    """Rebuild a release from its raw files and compare hashes; exit with 1 if any differs."""
    from flows.runs.progress import OUTPUT, step

    with step("Rebuild"):
        from flows.operate import reproduce as rebuilding

        seen = rebuilding.Seen(index, answers, link_checks)
        found = rebuilding.reproduce(manifest, raw, previous, interim / "hub", seen)
    OUTPUT.print(found.rendered())
    raise typer.Exit(0 if found.is_same else 1)
