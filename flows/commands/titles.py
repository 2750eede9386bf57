"""Commands that resolve titles to identifiers."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import IMPROVE, Answers
from flows.commands.preflight import (
    require_existing,
    require_output_file,
    require_writable_folder,
)
from flows.errors import count_noun
from flows.paths import ANSWERS

commands = typer.Typer()

SHOWN_TITLES = 50
"""Answers that are printed; the file has all of them."""


@commands.command(
    "index",
    rich_help_panel=IMPROVE,
    epilog="Example: open-papers index data/interim/parsed --out data/interim/index",
)
def build_title_index(
    reference: Annotated[
        Path,
        typer.Argument(
            metavar="REFERENCE", exists=True, help="Release, or folder of parsed records."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the index.", file_okay=False)],
) -> None:
    """Index the titles of a REFERENCE, for `open-papers resolve --offline`."""
    require_writable_folder(out, "--out")
    from flows.deduplicate.resolve import build_index, read_reference
    from flows.runs.progress import show_step

    with show_step(f"Indexing {reference}"):
        title_index = build_index(read_reference(reference))
        title_index.save(out)
    typer.echo(f"{count_noun(title_index.papers.height, 'title')} in {out}")


@commands.command(
    "resolve",
    rich_help_panel=IMPROVE,
    epilog="Example: open-papers resolve titles.txt --offline index --out ids.parquet",
)
def look_up_titles(
    titles: Annotated[
        Path,
        typer.Argument(
            metavar="RELEASE_OR_TITLES", exists=True, help="Release, Parquet or a .txt of titles."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the ids, as Parquet.", dir_okay=False)],
    offline: Annotated[
        Path | None, typer.Option(metavar="INDEX", help="Look titles up in this index.")
    ] = None,
    answers: Answers = ANSWERS,
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Ask Hugging Face, arXiv, Semantic Scholar, Crossref.")
    ] = False,
) -> None:
    """Find the arXiv ids of titles. The network is asked only with --online."""
    if not offline and not online:
        raise typer.BadParameter("Say where to look: --offline INDEX, --online, or both.")
    require_existing([offline] if offline else [])
    require_output_file(out, titles)
    from flows.deduplicate.resolve import ResolveOptions, read_titles, resolve_all
    from flows.runs.progress import OUTPUT, show_step
    from flows.runs.terminal import render_frame

    with show_step(f"Resolving {titles}"):
        options = ResolveOptions(offline, answers if online else None)
        resolved = resolve_all(read_titles(titles), options, options.services())
        resolved.write_parquet(out)
    OUTPUT.print(render_frame(resolved.head(SHOWN_TITLES).select("title", "arxiv_id", "reason")))
    if (rest := resolved.height - SHOWN_TITLES) > 0:
        typer.echo(f"and {rest:,} more")
    typer.echo(
        f"{resolved['arxiv_id'].count():,} of {count_noun(resolved.height, 'title')} got an id, "
        f"in {out}"
    )
