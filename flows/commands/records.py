"""Commands that answer questions about papers and their records."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import IMPROVE, USE, Interim, ReadRelease
from flows.commands.preflight import require_output_file, require_release
from flows.errors import count_noun
from flows.paths import INTERIM, RELEASE, RunFolder

commands = typer.Typer()


@commands.command(
    "explain", rich_help_panel=USE, epilog="Example: open-papers explain arxiv:2405.14906"
)
def print_explanation(
    paper: Annotated[
        str,
        typer.Argument(
            metavar="PAPER", help="An id, also a former one, a URL, a record's id or a title."
        ),
    ],
    release: ReadRelease = RELEASE,
    interim: Interim = INTERIM,
) -> None:
    """Say why the records of a PAPER are one paper, and which others nearly joined them."""
    if not paper.strip():
        raise typer.BadParameter("PAPER is empty: name a paper, by an id or by its title.")
    require_release(release)
    from flows.operate.explain import render_explanation
    from flows.runs.progress import OUTPUT

    OUTPUT.print(render_explanation(paper, release, RunFolder(interim).merged))


@commands.command(
    "review", rich_help_panel=IMPROVE, epilog="Example: open-papers review --out review.csv"
)
def export_review(
    out: Annotated[Path, typer.Option(help="Where to write the table, as CSV.")],
    interim: Interim = INTERIM,
) -> None:
    """Write the uncertain pairs of the last run, both texts side by side, for people to judge.

    Also lists what matching reported: split clusters, large ones, blocks over the cap, judgements
    that match no record.
    """
    require_output_file(out)
    from flows.operate.review import render_cautions, write_review
    from flows.runs.progress import OUTPUT

    pairs = write_review(RunFolder(interim).merged, out)
    joined = pairs["joined"].is_not_null().sum()
    next_action = (
        "fill in verdict, reason, by and on, and move the first six columns of decided rows to "
        "data/curation/judgements.csv"
    )
    typer.echo(
        f"{count_noun(pairs.height, 'pair')} in {out}, {joined:,} of them joined: "
        f"{'nothing is uncertain' if pairs.is_empty() else next_action}"
    )
    OUTPUT.print(render_cautions(RunFolder(interim).merged))
