"""Papers outside learning and computing, whose words have other senses."""

import polars as pl

from flows.enrich.topics.field_words import ARXIV_FIELDS, OUTSIDE
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import TextFeatures

CATEGORY_SEPARATOR = "\x1f"
"""What parts the categories of a paper where they are read as one text."""

COMPUTING = (
    r"(?:^|\x1f)(?:(?:cs|stat|eess)\."
    r"|(?:math\.(?:OC|ST|IT)|physics\.data-an|q-bio\.(?:NC|QM))(?:$|\x1f))"
)
"""Categories of arXiv under which work on learning and computing is filed, among others."""

FILED_OUTSIDE = -4.0
"""Log odds of a label of `COMPUTING_FACETS` for a paper that its authors filed outside
`COMPUTING`: words like "theory", "image" and "agent" have other senses there."""

WORDED_OUTSIDE = -2.5
"""The same for a paper without categories whose words are those of other fields."""

HALF = 0.5
"""Probability from which a text belongs to a field outside computing."""

LEAST_INSIDE = 0.25
"""Probability of `INSIDE` from which such a text may be about learning after all."""

INSIDE = [name for name in ARXIV_FIELDS if name not in OUTSIDE]
"""Fields of computing and statistics."""

COMPUTING_FACETS = ["area", "task", "method"]
"""Facets whose topics are those of learning and computing."""


def find_filed_elsewhere(texts: pl.DataFrame) -> pl.DataFrame:
    """Find where papers with categories are filed: ``row``, ``is_elsewhere``."""
    # As one text: a pattern over a list is asked of each of its words by itself.
    joined = pl.col("categories").list.join(CATEGORY_SEPARATOR, ignore_nulls=True)
    return texts.filter(pl.col("categories").list.len() > 0).select(
        "row", is_elsewhere=~joined.str.contains(COMPUTING)
    )


def doubt_outside_computing(texts: pl.DataFrame, text_features: TextFeatures) -> pl.DataFrame:
    """Doubt candidates of `COMPUTING_FACETS` whose paper is not about computing, one row each.

    Where the authors chose categories these decide, else the fields that the words suggest. The
    columns are `KEY`, ``weight`` in log odds, ``field``, ``phrase`` (null).
    """
    filed = find_filed_elsewhere(texts)
    elsewhere = filed.filter("is_elsewhere").select("row", weight=pl.lit(FILED_OUTSIDE))
    foreign = (
        # What authors chose is surer than a guess, also where the words speak against it.
        text_features.fields.join(filed, on="row", how="anti")
        .filter(
            (_join_probabilities(OUTSIDE) >= HALF) & (_join_probabilities(INSIDE) < LEAST_INSIDE)
        )
        .select(pl.col("row").cast(elsewhere.schema["row"]), weight=pl.lit(WORDED_OUTSIDE))
    )
    return (
        text_features.candidates.select(KEY)
        .filter(pl.col("facet").is_in(COMPUTING_FACETS))
        .join(pl.concat([elsewhere, foreign]), on="row", how="inner", validate="m:1")
        .select(
            "row",
            "weight",
            phrase=pl.lit(None, pl.String),
            field=pl.lit("categories"),
            facet="facet",
            topic="topic",
        )
    )


def _join_probabilities(fields: list[str]) -> pl.Expr:
    """Join the probabilities of fields: that the text belongs to one of them at least."""
    none = pl.lit(1.0)
    for name in fields:
        none *= 1 - pl.col(name)
    return 1 - none
