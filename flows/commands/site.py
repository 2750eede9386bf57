"""Commands that show a release: its site, and its feeds."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import USE, ReadRelease, describe_folder
from flows.commands.preflight import require_release
from flows.errors import count_noun
from flows.paths import DATA, RELEASE

commands = typer.Typer()

SITE = DATA / "site"
"""Where `explore` keeps the site of the release."""

Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)]


@commands.command(
    rich_help_panel=USE, epilog="Example: open-papers site --release data/release --out public"
)
def site(
    out: Annotated[Path, typer.Option(help="Folder to write the site to.", file_okay=False)],
    release: ReadRelease = RELEASE,
    data_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Read the release from there, not from beside the site."),
    ] = None,
    site_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where the site will be, for its feeds.")
    ] = None,
) -> None:
    """Write the release's site: pages, search index and feeds, for any web server."""
    require_release(release)
    from flows.runs.progress import show_step
    from flows.site import build_site

    with show_step(f"Writing the site to {out}"):
        described = build_site(
            release, out, data_url=require_slash(data_url), site_url=require_slash(site_url)
        )
    typer.echo(
        f"{count_noun(described['papers'], 'paper')} in {out}. "
        f"Look at it: open-papers explore --out {out}"
    )


@commands.command(rich_help_panel=USE, epilog="Example: open-papers explore --no-open --port 8000")
def explore(
    release: ReadRelease = RELEASE,
    out: Annotated[Path, typer.Option(help="Folder of the site.", **describe_folder(SITE))] = SITE,
    port: Port = 0,
    *,
    opens: Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")] = True,
) -> None:
    """Look at the release in the browser, on this machine alone; stop with Ctrl-C."""
    require_release(release)
    from flows.runs.progress import show_step
    from flows.site import build_site, is_site_of, make_server

    if not is_site_of(out, release):
        with show_step(f"Writing the site to {out}"):
            build_site(release, out)
    with make_server(out, port) as server:
        typer.echo(f"{server.url} (stop with Ctrl-C)")
        if opens:
            webbrowser.open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            typer.echo("Stopped.")


@commands.command(
    rich_help_panel=USE, epilog="Example: open-papers feed task/question-answering > feed.xml"
)
def feed(
    topic: Annotated[
        str | None, typer.Argument(metavar="[FACET/TOPIC]", help="The topic; else all new papers.")
    ] = None,
    release: ReadRelease = RELEASE,
) -> None:
    """Print the newest papers, of a topic or of all, as an Atom feed."""
    require_release(release)
    from flows.site.feeds import make_feed

    typer.echo(make_feed(release, topic), nl=False)


def require_slash(url: str | None) -> str | None:
    """Return an address with a slash at its end; raise `typer.BadParameter` for another scheme.

    >>> require_slash("https://example.org/data")
    'https://example.org/data/'
    """
    if url is None:
        return None
    if not url.startswith(("https://", "http://")):
        raise typer.BadParameter(f"{url} is no address: begin with https://")
    return url.rstrip("/") + "/"
