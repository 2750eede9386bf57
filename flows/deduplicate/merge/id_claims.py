"""Id claims: which papers of a run had which ids of the previous release, and which of them wins.

Papers and ids are numbers here, in the order of the ids: millions of claims are a few bytes each.
"""

from dataclasses import dataclass

import polars as pl

from schemas.vocabulary import STRONG_IDENTIFIERS

CLAIMS = pl.Schema({"paper": pl.UInt32, "old": pl.UInt32, "records": pl.UInt32, "kind": pl.UInt8})
"""One row per reason why a ``paper`` had an ``old`` id. ``kind``: place of the identifier that says
so, a large number where only records do; ``records``: how many records say so."""

WEAKEST = len(STRONG_IDENTIFIERS) + 1
"""The ``kind`` where no identifier says so."""


@dataclass(frozen=True)
class NumberedIds:
    """Ids in their order; the number of one is its place."""

    ids: pl.Series

    def number(self, ids: pl.Series) -> pl.Series:
        """Return the number of each id; null for others."""
        numbers = self.ids.to_frame("id").with_row_index("number")
        found = ids.to_frame("id").join(numbers, on="id", how="left", maintain_order="left")
        return found["number"]


def number_ids(*ids: pl.Series) -> NumberedIds:
    """Give every id of some columns its number."""
    return NumberedIds(pl.concat(column.rename("id") for column in ids).unique().sort())


@dataclass(frozen=True)
class NumberedPapers:
    """Papers with the number of the id of each, and what previous ids are compared with."""

    papers: pl.DataFrame
    """``number``, ``paper_id`` and the identifiers, in any order."""
    owners: pl.DataFrame
    """``record_id`` and ``number`` of the paper that it is in."""
    aliases: pl.DataFrame
    """``paper_id``, which leads to the paper of a ``number``."""


def list_claims(papers: NumberedPapers, previous: NumberedPapers) -> pl.DataFrame:
    """List every reason why a paper had an id: `CLAIMS`."""
    owned = previous.owners.select("record_id", old="number")
    by_record = (
        papers.owners.select("record_id", paper="number")
        .join(owned, on="record_id", validate="1:1")
        .group_by("paper", "old")
        .agg(records=pl.len())
        .with_columns(kind=pl.lit(WEAKEST))
    )
    of_ids = pl.concat(
        [
            previous.papers.select("paper_id", old="number"),
            previous.aliases.rename({"number": "old"}),
        ]
    )
    by_id = papers.papers.select("paper_id", paper="number").join(
        of_ids, on="paper_id", validate="1:1"
    )
    claims = [
        by_record,
        *(
            _claim_by_identifier(papers, previous, place)
            for place in range(len(STRONG_IDENTIFIERS))
        ),
        by_id.with_columns(records=pl.lit(0), kind=pl.lit(WEAKEST)),
    ]
    return pl.concat(rows.select(CLAIMS.names()).cast(CLAIMS) for rows in claims)


def _claim_by_identifier(
    papers: NumberedPapers, previous: NumberedPapers, place: int
) -> pl.DataFrame:
    """List the claims of papers with an identifier of an old paper and no other, stronger one."""
    name, stronger = STRONG_IDENTIFIERS[place], STRONG_IDENTIFIERS[:place]
    now, before = (
        side.papers.select(*stronger, name, number=pl.col("number")).drop_nulls(name)
        for side in (papers, previous)
    )
    paired = now.rename({"number": "paper"}).join(
        before.rename({"number": "old"}), on=name, suffix="_old"
    )
    return paired.filter(~_has_other_identifier(stronger)).select(
        "paper", "old", records=pl.lit(0), kind=pl.lit(place)
    )


def _has_other_identifier(stronger: tuple[str, ...]) -> pl.Expr:
    """Return whether a stronger identifier says that two papers differ."""
    differ = [(pl.col(name) != pl.col(f"{name}_old")).fill_null(value=False) for name in stronger]
    return pl.any_horizontal(differ) if differ else pl.lit(value=False)


def settle_claims(claims: pl.DataFrame) -> pl.DataFrame:
    """Return each ``old`` id with the one ``paper`` of those that claim it."""
    weighed = claims.group_by("paper", "old").agg(pl.col("records").sum(), pl.col("kind").min())
    # The best claim to each id comes first, and the smallest new id breaks ties: no order of
    # records decides.
    order = weighed.sort("old", "kind", "records", "paper", descending=[False, False, True, False])
    return order.unique("old", keep="first", maintain_order=True).select("paper", "old")
