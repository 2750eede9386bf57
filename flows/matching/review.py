"""Review: the pairs that people should decide, and why a paper is what it is."""

from dataclasses import dataclass

import polars as pl

from flows.refusal import Refusal
from schemas.vocabulary import MatchRule

SIDE = ("source", "title", "abstract", "authors")
"""What a reader needs of each record to decide."""

SIMILARITIES = ("title", "abstract", "contained", "share", "balance")
"""Columns of near misses that say how alike two records are."""


class UnknownPaper(Refusal):
    """No paper of the release has or had this id."""


def review(near: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Put both texts of each near miss side by side, the most doubtful first.

    ``near``: near misses as `match` gives them; ``records``: ``record_id`` and the columns of
    `SIDE`. Gives ``left``, ``right``, an empty ``verdict`` and ``reason`` to fill in, so that its
    rows can be moved to the judgements, ``probability`` and ``why``, then each of `SIDE` twice,
    ``..._left`` and ``..._right``, then the similarities as ``similar_...``.
    """
    sides = records.select("record_id", *SIDE)
    renamed = near.rename({name: f"similar_{name}" for name in SIMILARITIES})
    both = renamed
    for side in ("left", "right"):
        texts = sides.rename({name: f"{name}_{side}" for name in SIDE})
        both = both.join(texts, left_on=side, right_on="record_id", how="left", validate="m:1")
    pairs = [f"{name}_{side}" for name in SIDE for side in ("left", "right")]
    return (
        both.with_columns(verdict=pl.lit(""), reason=pl.lit(""))
        .select("left", "right", "verdict", "reason", "probability", "why", *pairs, r"^similar_.*$")
        .sort((pl.col("probability") - 0.5).abs(), "left", "right")
    )


@dataclass(frozen=True)
class Explanation:
    """Why the records of a paper are one paper, and what nearly joined them."""

    paper_id: str
    records: pl.DataFrame
    """``record_id``, ``source``, ``rule``, ``meaning`` of the rule, ``score``,
    ``matched_record_id``, in the order in which they joined."""
    near: pl.DataFrame
    """``record_id`` (of the paper), ``other_record_id``, ``other_paper_id`` (null where it is in
    no paper), ``probability``, ``why``, the nearest first."""


def explain(
    paper_id: str, origins: pl.DataFrame, near: pl.DataFrame, aliases: pl.DataFrame
) -> Explanation:
    """Tell why the records of a paper are one paper, from the tables of a release.

    An alias stands for the paper it became. Raises `UnknownPaper`.
    """
    followed = aliases.filter(pl.col("alias_id") == paper_id)["paper_id"]
    current = followed.item() if len(followed) else paper_id
    own = origins.filter(pl.col("paper_id") == current)
    if own.is_empty():
        raise UnknownPaper(
            f"no paper has the id {paper_id}, and none had it before. Ids look like "
            "arxiv:2312.00752, doi:10.1000/x, acl:P18-1001 or title:0123456789abcdef"
        )
    order = {rule.value: place for place, rule in enumerate(MatchRule)}
    meanings = {rule.value: rule.meaning for rule in MatchRule}
    joined = own.with_columns(
        pl.col("rule").replace_strict(meanings, return_dtype=pl.String).alias("meaning"),
        pl.col("rule").replace_strict(order, return_dtype=pl.Int64).alias("place"),
    ).sort(pl.col("matched_record_id").is_not_null(), "place", "record_id")
    columns = ("record_id", "source", "rule", "meaning", "score", "matched_record_id")
    return Explanation(current, joined.select(columns), _nearby(own, origins, near))


def _nearby(own: pl.DataFrame, origins: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """List the near misses of a paper's records, whichever side they stand on."""
    names = ("record_id", "other_record_id", "probability", "why")
    forth = near.select("left", "right", "probability", "why")
    back = near.select("right", "left", "probability", "why")
    sides = [side.rename(dict(zip(side.columns, names, strict=True))) for side in (forth, back)]
    others = origins.select(
        pl.col("record_id").alias("other_record_id"), pl.col("paper_id").alias("other_paper_id")
    )
    return (
        pl.concat(sides)
        .join(own.select("record_id"), on="record_id", how="semi")
        .join(others, on="other_record_id", how="left", validate="m:1")
        .select("record_id", "other_record_id", "other_paper_id", "probability", "why")
        .sort("probability", "record_id", "other_record_id", descending=[True, False, False])
    )
