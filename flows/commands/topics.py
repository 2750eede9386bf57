"""Commands that look after the topics."""

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import IMPROVE, ReadRelease
from flows.commands.preflight import require_release
from flows.errors import count_noun
from flows.paths import RELEASE, TOPIC_MODEL

commands = typer.Typer()


@commands.command(
    "train-topics",
    rich_help_panel=IMPROVE,
    epilog="Example: open-papers train-topics ../shared/train/arxiv-categories.parquet "
    "../shared/corpus/arxiv-snapshot-100k.jsonl.zst",
)
def learn_topic_weights(
    records: Annotated[
        list[Path],
        typer.Argument(
            metavar="RECORDS...",
            exists=True,
            dir_okay=False,
            help="Parquet with arxiv_id, title, abstract and categories, or arXiv's snapshot.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model.")] = TOPIC_MODEL,
    keep_words: Annotated[
        bool,
        typer.Option(
            "--keep-words", help="Keep the learned words of fields and topics, which take minutes."
        ),
    ] = False,
) -> None:
    """Learn the weights of the topic labeller; the same data give the same bytes."""
    from flows.operate import maintain_topics
    from flows.runs.progress import show_step

    with show_step("Learn from the labelled papers and the categories"):
        folder = maintain_topics.train_topic_model(records, out, keep_words=keep_words)
    typer.echo(f"the model is in {folder}")


topic_commands = typer.Typer(no_args_is_help=True, help="Check and extend the taxonomy of topics.")
commands.add_typer(topic_commands, name="topics", rich_help_panel=IMPROVE)


@topic_commands.command("suggest", epilog="Example: open-papers topics suggest")
def suggest_topics(release: ReadRelease = RELEASE) -> None:
    """List frequent phrases of titles that no topic knows, as candidates for the taxonomy."""
    require_release(release)
    from flows.operate import maintain_topics
    from flows.runs.progress import OUTPUT

    OUTPUT.print(maintain_topics.render_suggestions(release))


@topic_commands.command("check", epilog="Example: open-papers topics check")
def check_taxonomy() -> None:
    """Read the curated tables; name every line that cannot be read, and its fault."""
    from flows.enrich import topics as labeller

    topics, papers = labeller.load_knowledge().topics.height, labeller.read_examples().texts.height
    typer.echo(
        f"{count_noun(topics, 'topic')}, version {labeller.taxonomy_version()}, and "
        f"{count_noun(papers, 'labelled paper')}: no fault found"
    )
