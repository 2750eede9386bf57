"""Near misses: pairs that nearly joined two papers, for people to look at."""

import polars as pl

from flows.deduplicate.match.clustering import Clustering
from schemas.vocabulary import Objection

NEAR_COLUMNS = ("title", "abstract", "contained", "share", "balance")
"""The similarities shown for a near miss."""

NEAR_PAIRS = pl.Schema(
    {"left": pl.Int64, "right": pl.Int64, "probability": pl.Float64, "why": pl.String}
    | dict.fromkeys(NEAR_COLUMNS, pl.Float64)
)
"""Near misses as `compare_pairs` decides them."""


def collect_near_misses(
    near: pl.DataFrame, verified: pl.DataFrame, apart: pl.DataFrame, cut: pl.DataFrame
) -> pl.DataFrame:
    """Return the near misses and the verified pairs that were not followed, each pair once.

    ``near``, ``verified``: what `compare_pairs` decided; ``apart``: pairs that a person declared to
    be two papers; ``cut``: pairs that clustering gave up, with ``why``. Columns as in `Matching`,
    with rows in the place of record ids. What a person decided goes before what a rule found.
    """
    decided = apart.unique().with_columns(pl.lit(Objection.JUDGEMENT.value).alias("decided"))
    parted = pl.concat(
        [verified.join(decided, on=["left", "right"], how="semi"), cut], how="diagonal"
    )
    unknown = [pl.lit(None, pl.Float64).alias(name) for name in NEAR_COLUMNS]
    misses = pl.concat(
        [
            parted.select("left", "right", pl.col("score").alias("probability"), "why", *unknown),
            near.select("left", "right", "probability", "why", *NEAR_COLUMNS),
        ]
    )
    first = pl.col("why", *NEAR_COLUMNS).drop_nulls().first()
    return (
        misses.group_by("left", "right")
        .agg(pl.col("probability").first(), first)
        .join(decided, on=["left", "right"], how="left", validate="1:1")
        .with_columns(pl.coalesce("decided", "why").alias("why"))
        .drop("decided")
    )


def keep_misses_between_papers(misses: pl.DataFrame, clustering: Clustering) -> pl.DataFrame:
    """Keep the near misses whose two rows are in different clusters."""
    roots = clustering.roots
    is_between = roots[misses["left"].to_numpy()] != roots[misses["right"].to_numpy()]
    return misses.filter(pl.Series(is_between, dtype=pl.Boolean))
