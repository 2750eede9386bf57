"""Topics: what their maintainers ask for, candidates for the taxonomy and learned weights."""

from pathlib import Path

import polars as pl
from rich.console import RenderableType

from flows import release
from flows.enrich import topics
from flows.enrich.topics.model import write_model
from flows.runs.terminal import render_frame


def render_suggestions(folder: Path) -> RenderableType:
    """Show frequent phrases of a release's titles that no topic knows.

    Raises `release.NotARelease` where there is no release.
    """
    release.read_manifest(folder)
    phrases = topics.suggest_phrases(release.read_table(folder, "papers"))
    return render_frame(phrases.with_columns(titles=pl.col("titles").list.join(" · ")))


def train_topic_model(records: Path, out: Path) -> Path:
    """Learn the topic model from labelled papers and categorised records; return its folder."""
    return write_model(topics.train_model(pl.read_parquet(records)), out)
