"""What was taught: the tables of words that records taught, which nobody labelled."""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.enrich.topics.field_words import empty_field_words
from flows.enrich.topics.leanings import empty_leanings
from flows.enrich.topics.offers import empty_offers
from flows.enrich.topics.wordings import empty_wordings
from flows.paths import TOPIC_MODEL


@dataclass(frozen=True)
class Taught:
    """What words say, mostly learned from records without labels; empty tables say nothing."""

    words: pl.DataFrame = field(default_factory=empty_field_words)
    """Of fields and axes: see `empty_field_words`."""
    wordings: pl.DataFrame = field(default_factory=empty_wordings)
    """What the axes say of topics."""
    offers: pl.DataFrame = field(default_factory=empty_offers)
    """Of contributions, in titles and claims."""
    leanings: pl.DataFrame = field(default_factory=empty_leanings)
    """What the axes of a text say of topics: learned from labelled papers."""


def load_taught(folder: Path = TOPIC_MODEL) -> Taught:
    """Read what records taught."""
    empty = Taught()
    return Taught(
        **{
            name: pl.read_csv(
                folder / f"{name}.csv", schema=getattr(empty, name).schema, glob=False
            )
            for name in ("words", "wordings", "offers", "leanings")
        }
    )
