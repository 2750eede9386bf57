"""Commands that make, send and compare releases."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from flows.commands.options import (
    CHECK,
    MAKE,
    USE,
    Answers,
    Branch,
    DryRun,
    Interim,
    LinkChecks,
    Private,
    PullRequest,
    ReadRelease,
    Repo,
    take_refresh_options,
)
from flows.commands.preflight import (
    require_dataset_name,
    require_existing,
    require_hub_token,
    require_known_inputs,
    require_refresh_options,
    require_release,
    require_release_place,
    starting_prefect,
)
from flows.paths import (
    ANSWERS,
    CARD_TEMPLATE,
    INTERIM,
    LINK_CHECKS,
    RAW,
    RELEASE,
    RunFolder,
    expand_tag,
    name_kept_folder,
)
from flows.refresh_options import RefreshOptions, describe_wrong_options

if TYPE_CHECKING:
    from flows.publish.hub.commit import PushReport

commands = typer.Typer()


@commands.command(
    "refresh",
    rich_help_panel=MAKE,
    epilog="Example: open-papers refresh downloads/ --publish-to me/open-papers",
)
@take_refresh_options
def refresh_release(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="[INPUT]...", help="Files and folders to read.", show_default=False),
    ] = [RAW],  # noqa: B006  # typer copies it
    *,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Let this gate fail; see --because.")
    ] = None,
    because: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Why; one for each --allow, in order.")
    ] = None,
    choices: Mapping[str, Any],
) -> None:
    """Read INPUTs (default: data/raw) into a release.

    Nothing is sent anywhere unless --publish-to says where.
    """
    from flows.runs.progress import OUTPUT, show_step

    allowed = pair_reasons(allow or [], because or [])
    try:
        options = RefreshOptions(inputs=inputs, allowed=allowed, **choices)
    except ValidationError as error:
        raise typer.BadParameter(describe_wrong_options(error)) from None
    require_refresh_options(options)
    with starting_prefect():
        # Prefect's server takes longer to come up; a refusal ends it before it has begun anything.
        require_known_inputs(options)
        from flows import refresh as flow
        from flows.runs.prefect_artifacts import tag_manual_runs
    with show_step("Refresh"), tag_manual_runs():
        summary = flow.run_refresh(options)
    OUTPUT.print(summary.rendered())


def pair_reasons(allow: list[str], because: list[str]) -> dict[str, str]:
    """Pair each gate that may fail with its reason."""
    if len(allow) != len(because):
        raise typer.BadParameter(
            f"{len(allow)} --allow and {len(because)} --because: every gate that may fail needs "
            "its reason, as in --allow papers.kept.paper_id --because 'a source has closed'."
        )
    return dict(zip(allow, because, strict=True))


Space = Annotated[
    str | None,
    typer.Option(
        metavar="OWNER/NAME",
        help="Show the release in this static Space, too.",
        callback=require_dataset_name,
    ),
]
SigningKey = Annotated[
    Path | None, typer.Option(metavar="KEY", help="Sign it with this private key.", exists=True)
]


@commands.command(
    "publish", rich_help_panel=MAKE, epilog="Example: open-papers publish me/open-papers --dry-run"
)
def publish_release(  # noqa: PLR0913  # each is an option
    repo: Repo,
    release: ReadRelease = RELEASE,
    branch: Branch = None,
    *,
    pr: PullRequest = False,
    private: Private = False,
    dry_run: DryRun = False,
    site: Space = None,
    sign: SigningKey = None,
) -> None:
    """Publish a release that exists already: one commit, one tag."""
    if branch and pr:
        raise typer.BadParameter("Give --branch or --pr: a release is staged in one place.")
    if site and private:
        raise typer.BadParameter("Leave out --site or --private: a Space reads public datasets.")
    require_release(release)
    if not dry_run:
        require_hub_token()
    from flows.publish import hub
    from flows.release import lock_folder, read_manifest
    from flows.runs.progress import show_step

    read_manifest(release)
    with show_step(f"Publishing to {repo}"), lock_folder(release):
        if sign and not dry_run:
            from flows.publish.sign import sign_release

            sign_release(release, sign)
        published = hub.push(
            release, repo, branch=branch, create_pr=pr, private=private, dry_run=dry_run
        )
    print_publication(published)
    if site:
        revision = published.tag or published.commit or "main"
        typer.echo(publish_site(release, repo, revision, site, dry_run=dry_run))


def print_publication(published: "PushReport") -> None:
    """Print what was published, and where it is found where it has a tag."""
    from huggingface_hub import constants

    repo, tag = published.repo, published.tag
    typer.echo(published.sentence())
    if tag:
        typer.echo(f"{constants.ENDPOINT}/datasets/{repo}")
        typer.echo(f'datasets.load_dataset("{repo}", split="train", revision="{tag}")')


def publish_site(release: Path, repo: str, revision: str, space: str, *, dry_run: bool) -> str:
    """Build the site of a release that is on the Hub, send it to a Space, and say what was done."""
    from tempfile import TemporaryDirectory

    from huggingface_hub import constants

    from flows.publish.hub.space import locate_space, push_site, require_readable_release
    from flows.runs.progress import show_step
    from flows.site import build_site

    if not dry_run:
        require_readable_release(release, repo, revision)
    data_url = f"{constants.ENDPOINT}/datasets/{repo}/resolve/{revision}/"
    with TemporaryDirectory(prefix="open-papers-site-") as folder, show_step(f"Showing in {space}"):
        built = Path(folder) / "site"
        build_site(release, built, data_url=data_url, site_url=locate_space(space))
        return push_site(built, space, dry_run=dry_run).sentence()


@commands.command("card", rich_help_panel=USE, epilog="Example: open-papers card > README.md")
def print_card(release: ReadRelease = RELEASE) -> None:
    """Print the dataset card of a release, made from its tables."""
    require_release(release)
    from flows.publish.render_card import render_card

    typer.echo(render_card(release, CARD_TEMPLATE), nl=False)


@commands.command(
    "diff",
    rich_help_panel=USE,
    epilog="Example: open-papers diff me/open-papers@2026.11.23 data/release --json",
)
def print_diff(
    earlier: Annotated[
        str,
        typer.Argument(metavar="A", help="Folder, tag of a kept release, or OWNER/NAME@REVISION."),
    ],
    later: Annotated[str, typer.Argument(metavar="B", help="Likewise, the later one.")],
    interim: Interim = INTERIM,
    release: ReadRelease = RELEASE,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show what differs between two releases: in folders, kept by tag, or on the Hub."""
    earlier, later = (expand_tag(place, release) for place in (earlier, later))
    for place in (earlier, later):
        require_release_place(place, may_be_tag=True)
    import json

    from flows.operate import show_diff
    from flows.runs.progress import OUTPUT
    from flows.runs.terminal import escape_json

    difference = show_diff.compare_places(earlier, later, RunFolder(interim).downloads)
    if as_json:
        typer.echo(escape_json(json.dumps(difference.as_json(), indent=2, ensure_ascii=False)))
    else:
        OUTPUT.print(show_diff.render_diff(difference))


@commands.command(
    "reproduce",
    rich_help_panel=CHECK,
    epilog="Example: open-papers reproduce data/release/manifest.json --raw data/raw",
)
def rebuild_release_of(  # noqa: PLR0913, PLR0917  # each names what the release was made from
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
    if previous:
        require_release_place(previous)
    if index:
        require_existing([index])
    from flows.runs.progress import OUTPUT, show_step

    with show_step("Rebuild"):
        from flows.operate import reproduce as rebuilding

        seen = rebuilding.Observations(index, answers, link_checks)
        reproduction = rebuilding.reproduce_release(
            manifest, raw, previous, RunFolder(interim).downloads, seen
        )
    OUTPUT.print(reproduction.rendered())
    raise typer.Exit(0 if reproduction.is_same else 1)


@commands.command("releases", rich_help_panel=USE, epilog="Example: open-papers releases")
def list_releases(release: ReadRelease = RELEASE) -> None:
    """List the releases that are kept on this machine, for diff and reproduce."""
    from rich.table import Table

    from flows.release.kept_releases import count_papers, list_kept
    from flows.runs.progress import OUTPUT
    from flows.runs.terminal import escape_text

    kept_releases = list_kept(release)
    if not kept_releases:
        folder = name_kept_folder(release)
        typer.echo(f"No release is kept in {folder}: `open-papers refresh` keeps what it makes.")
        return
    table = Table("tag", box=None, pad_edge=False, header_style="bold")
    table.add_column("papers", justify="right")
    table.add_column("folder")
    for entry in kept_releases:
        papers = count_papers(entry.folder)
        count = "damaged" if papers is None else f"{papers:,}"
        table.add_row(escape_text(entry.tag), count, escape_text(str(entry.folder)))
    OUTPUT.print(table)
