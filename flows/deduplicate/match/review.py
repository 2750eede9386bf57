"""Review: the pairs that people should decide, and why a paper is what it is."""

from dataclasses import dataclass

import polars as pl

from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.match.record_keys import PREFIXES, name_records
from flows.errors import LONGEST_NAME, UserError
from flows.identifiers import paper_identifier
from schemas.vocabulary import MatchRule, Objection

SIDE = ("source", "title", "abstract", "authors")
"""What a reader needs of each record to decide."""

SIMILARITIES = ("title", "abstract", "contained", "share", "balance")
"""Columns of near misses that say how alike two records are."""


WEAK = 0.9
"""Score below which a join is shown to people as well: one of sixteen pairs that a rule for
changed titles joins."""


class UnknownPaper(UserError):
    """No paper of the release has or had this id."""


def list_review_pairs(
    near: pl.DataFrame, origins: pl.DataFrame, records: pl.DataFrame
) -> pl.DataFrame:
    """Put both texts of each uncertain pair side by side, the most doubtful first.

    ``near``: near misses as in `Matching`; ``origins``: ``record_id``, ``rule``, ``score``,
    ``matched_record_id``, of which the weak ones are taken; ``records``: ``record_id``,
    ``source_id``, the identifiers and `SIDE`. What people decided already is left out. Returns the
    columns of a judgement, ``verdict``, ``reason``, ``by`` and ``on`` empty, so that rows can be
    moved to the judgements; ``probability``, ``joined`` (the rule that made them one paper; null
    where they are two) and ``why`` they are two, then each of `SIDE` twice, ``..._left`` and
    ``..._right``, then the similarities as ``similar_...``. ``left`` and ``right`` are the names
    that last longest, and record ids only where nothing else tells the two apart: those are gone
    with their file.
    """
    is_open = pl.col("why").ne_missing(Objection.JUDGEMENT.value)
    pairs_shown = pl.concat([near.filter(is_open), list_weak_joins(origins)], how="diagonal")
    concerned = (
        pl.concat([pairs_shown["left"], pairs_shown["right"]]).unique().to_frame("record_id")
    )
    sides = records.join(concerned, on="record_id", how="semi")
    sides = sides.select("record_id", *SIDE, name_records(sides).alias("name"))
    for side in ("left", "right"):
        texts = sides.rename({name: f"{name}_{side}" for name in (*SIDE, "name")})
        pairs_shown = pairs_shown.join(
            texts, left_on=side, right_on="record_id", how="left", validate="m:1"
        )
    pairs = [f"{name}_{side}" for name in SIDE for side in ("left", "right")]
    meanings = {objection.value: objection.meaning for objection in Objection}
    similar = [pl.col(name).alias(f"similar_{name}") for name in SIMILARITIES]
    # Two records with one lasting name can only be judged by their record ids.
    has_two_names = pl.col("name_left") != pl.col("name_right")
    return pairs_shown.select(
        *(
            pl.when(has_two_names).then(f"name_{side}").otherwise(side).alias(side)
            for side in ("left", "right")
        ),
        *(pl.lit("").alias(name) for name in ("verdict", "reason", "by", "on")),
        "probability",
        "joined",
        pl.col("why").replace_strict(meanings, return_dtype=pl.String),
        *pairs,
        *similar,
    ).sort((pl.col("probability") - 0.5).abs(), "left", "right")


def list_weak_joins(origins: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that a text joined without being sure: as near misses, with ``joined``."""
    record, matched = pl.col("record_id"), pl.col("matched_record_id")
    return origins.filter(matched.is_not_null() & (pl.col("score") < WEAK)).select(
        pl.min_horizontal(record, matched).alias("left"),
        pl.max_horizontal(record, matched).alias("right"),
        pl.col("score").alias("probability"),
        pl.col("rule").alias("joined"),
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
    no paper), ``probability``, ``why`` (the meaning of the `Objection`), the nearest first."""


def explain_paper(
    paper_id: str, origins: pl.DataFrame, near: pl.DataFrame, aliases: pl.DataFrame
) -> Explanation:
    """Tell why the records of a paper are one paper, from the tables of a release.

    An alias stands for the paper it became, and so does what names one of the paper's records: its
    record id, an identifier, or a URL that holds one. Raises `UnknownPaper`.
    """
    current = _find_paper(paper_id, origins, aliases)
    own = origins.filter(pl.col("paper_id") == current)
    order = {rule.value: place for place, rule in enumerate(MatchRule)}
    meanings = {rule.value: rule.meaning for rule in MatchRule}
    joined = own.with_columns(
        pl.col("rule").replace_strict(meanings, return_dtype=pl.String).alias("meaning"),
        pl.col("rule").replace_strict(order, return_dtype=pl.Int64).alias("place"),
    ).sort(pl.col("matched_record_id").is_not_null(), "place", "record_id")
    columns = ("record_id", "source", "rule", "meaning", "score", "matched_record_id")
    return Explanation(current, joined.select(columns), _list_nearby(own, origins, near))


def _find_paper(name: str, origins: pl.DataFrame, aliases: pl.DataFrame) -> str:
    """Return the id of the paper that a name stands for. Raises `UnknownPaper`."""
    written = pl.select(
        pl.coalesce(
            paper_identifier(pl.lit(name)), paper_identifier(pl.lit(name.partition(":")[2]))
        )
    ).item()
    for candidate in filter(None, (name, written)):
        followed = aliases.filter(pl.col("alias_id") == candidate)["paper_id"]
        current = followed.item() if len(followed) else candidate
        if (origins["paper_id"] == current).any():
            return str(current)
    bearing = origins.filter(pl.col("record_id") == name)
    kind, _, value = (written or "").partition(":")
    if bearing.is_empty() and (column := PREFIXES.get(kind)):
        identified = origins.filter(pl.col(column).is_not_null())
        bearing = canonicalize_ids(identified).filter(pl.col(column) == value)
    if bearing.is_empty():
        raise UnknownPaper(
            f"no paper has the id {name[:LONGEST_NAME]}, and none had it before. Ids look like "
            "arxiv:2312.00752, doi:10.1000/x, acl:P18-1001 or title:0123456789abcdef"
        )
    return str(bearing["paper_id"][0])


def _list_nearby(own: pl.DataFrame, origins: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """List the near misses of a paper's records, whichever side they stand on."""
    names = ("record_id", "other_record_id", "probability", "why")
    meanings = {objection.value: objection.meaning for objection in Objection}
    forth = near.select("left", "right", "probability", "why")
    back = near.select("right", "left", "probability", "why")
    sides = [side.rename(dict(zip(side.columns, names, strict=True))) for side in (forth, back)]
    other_papers = origins.select(
        pl.col("record_id").alias("other_record_id"), pl.col("paper_id").alias("other_paper_id")
    )
    return (
        pl.concat(sides)
        .join(own.select("record_id"), on="record_id", how="semi")
        .join(other_papers, on="other_record_id", how="left", validate="m:1")
        .select(
            "record_id",
            "other_record_id",
            "other_paper_id",
            "probability",
            pl.col("why").replace_strict(meanings, return_dtype=pl.String),
        )
        .sort("probability", "record_id", "other_record_id", descending=[True, False, False])
    )
