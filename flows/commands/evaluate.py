"""The command that scores a part of the pipeline."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CHECK
from flows.commands.preflight import require_output_file
from schemas.vocabulary import SetKind

commands = typer.Typer()


class Part(StrEnum):
    """What can be evaluated."""

    DEDUP = "dedup"
    TITLES = "titles"
    LINKS = "links"
    TOPICS = "topics"


@commands.command(
    "evaluate",
    rich_help_panel=CHECK,
    epilog="Example: open-papers evaluate dedup tests/evaluation/dedup --out dedup.parquet",
)
def evaluate(
    what: Annotated[Part, typer.Argument(metavar="PART", help="What to score.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Evaluation set.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the predictions, as Parquet.")],
    accuracy: Annotated[
        Path | None,
        typer.Option(help="CSV to write the headline figures to, such as data/accuracy.csv."),
    ] = None,
    kind: Annotated[
        SetKind,
        typer.Option(
            metavar="KIND",
            help=f"What the set is to the project, in the card: {', '.join(SetKind.values())}.",
        ),
    ] = SetKind.DEVELOPMENT,
) -> None:
    """Predict on an evaluation set, write the predictions, print the score if truth is there."""
    require_output_file(out)
    from flows.evaluate import EvaluationSet, evaluate_part

    evaluation_set = EvaluationSet(folder, folder.resolve().name, kind)
    for line in evaluate_part(what, evaluation_set, out, accuracy):
        typer.echo(line)
