"""Resolved records: which are looked up by their titles, and what becomes of what is found."""

import polars as pl

from flows.text.title_key import title_key
from schemas.resolution import Resolution
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule

DECIDED_BY_MERGING = "not asked: a record of this run has the title and an identifier"
"""Whether two records of one title are one paper is what the rules of merging are for."""


def select_unidentified(records: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records that have no identifier and may be asked for, and those that need not be.

    ``records`` have canonical identifiers, ``title``, ``authors``, ``abstract``, ``license``.
    """
    is_known = pl.any_horizontal(pl.col(name).is_not_null() for name in STRONG_IDENTIFIERS)
    keyed = records.with_columns(_key=title_key(pl.col("title")), _is_known=is_known)
    held = keyed.filter("_is_known").select("_key").unique()
    nameless = keyed.filter(~pl.col("_is_known")).sort("record_id")
    looked_up = nameless.join(held, on="_key", how="anti", maintain_order="left")
    return looked_up, nameless.join(held, on="_key", how="semi", maintain_order="left")


def make_resolutions(
    looked_up: pl.DataFrame, answers: pl.DataFrame, left_out: pl.DataFrame
) -> pl.DataFrame:
    """Make the `Resolution` table from what was found for the records asked for, and the others."""
    answered = looked_up.select("record_id", "license").hstack(answers.drop("title"))
    left = left_out.select(
        "record_id", "license", reason=pl.lit(DECIDED_BY_MERGING), score=pl.lit(0.0)
    )
    dtypes = Resolution.dtypes()
    resolutions = pl.concat([answered, left], how="diagonal_relaxed")
    return resolutions.select(dtypes.names()).cast(dtypes).sort("record_id")


def keep_earlier_resolutions(now: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Add what the release before found for records that were not asked for, or found nothing."""
    is_found = pl.col("arxiv_id").is_not_null() | pl.col("doi").is_not_null()
    return (
        pl.concat([now.with_columns(_age=pl.lit(0)), earlier.with_columns(_age=pl.lit(1))])
        .sort("record_id", ~is_found, "_age")
        .unique("record_id", keep="first", maintain_order=True)
        .drop("_age")
    )


def fill_resolved_ids(records: pl.DataFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Give records without identifiers the ones that their titles led to."""
    is_nameless = pl.all_horizontal(pl.col(name).is_null() for name in STRONG_IDENTIFIERS)
    ids = resolutions.select("record_id", arxiv_id_found="arxiv_id", doi_found="doi")
    return (
        records.join(ids, on="record_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(
            pl.when(is_nameless).then(f"{name}_found").otherwise(name).alias(name)
            for name in ("arxiv_id", "doi")
        )
        .drop("arxiv_id_found", "doi_found")
    )


def mark_resolved_matches(clusters: pl.DataFrame, resolutions: pl.DataFrame) -> pl.DataFrame:
    """Say of records that were matched by an identifier found by title that this is how.

    ``clusters`` has ``record_id, rule, score, matched_record_id``. Such a match is as sure as the
    less sure of the two findings.
    """
    scores = resolutions.filter(pl.col("reason").is_null()).select("record_id", "score")
    scored = clusters.select("record_id", "matched_record_id")
    for name in scored.columns:
        renamed = scores.rename({"record_id": name, "score": f"{name}_score"})
        scored = scored.join(renamed, on=name, how="left", validate="m:1", maintain_order="left")
    score = scored.select(
        pl.min_horizontal("record_id_score", "matched_record_id_score")
    ).to_series()
    is_resolved = (pl.col("rule") == MatchRule.IDENTIFIER.value) & pl.lit(score).is_not_null()
    return clusters.with_columns(
        rule=pl.when(is_resolved).then(pl.lit(MatchRule.RESOLVED.value)).otherwise("rule"),
        score=pl.when(is_resolved).then(pl.lit(score)).otherwise("score"),
    )
