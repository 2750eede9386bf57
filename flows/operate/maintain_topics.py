"""Maintain topics: candidates for the taxonomy, and weights that are learned again."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
from rich.console import RenderableType

from flows import release
from flows.enrich import topics
from flows.enrich.topics.suggestions import LEAST_PAPERS
from flows.errors import UserError
from flows.runs.terminal import render_frame


def render_suggestions(folder: Path) -> RenderableType:
    """Show frequent phrases of a release's titles that no topic knows, or say that there are none.

    Raises `release.NotARelease` where there is no release.
    """
    release.read_manifest(folder)
    phrases = topics.suggest_phrases(release.read_table(folder, "papers"))
    if phrases.is_empty():
        return (
            f"No phrase that the taxonomy lacks is in the titles of {LEAST_PAPERS} papers or more."
        )
    return render_frame(phrases.with_columns(titles=pl.col("titles").list.join(" · ")))


def train_topic_model(records: Sequence[Path], out: Path, *, keep_words: bool = False) -> Path:
    """Learn the topic model from labelled papers and categorised records; return its folder.

    ``keep_words`` takes the words of fields and topics from the model that is there. Raises
    `UserError` for files that hold no records.
    """
    named = ", ".join(map(str, records))
    form = "Name Parquet with arxiv_id, title, abstract and categories, or arXiv's snapshot."
    try:
        papers = topics.read_records(records)
    except pl.exceptions.PolarsError as error:
        # Behind the first line stands a plan of polars' own.
        reason = str(error).partition("\n")[0]
        raise UserError(f"{named}: cannot be read ({reason}). {form}") from None
    if papers["title"].drop_nulls().is_empty():
        raise UserError(f"{named}: no paper with a title is in it to learn from. {form}")
    previous = (topics.load_text_model(out), topics.load_held_out(out)) if keep_words else None
    model, held_out = topics.train_model(papers, previous=previous)
    topics.write_held_out(held_out, topics.write_model(model, out))
    return out
