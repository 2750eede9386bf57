"""Inherited ids: a paper keeps the id it was released under, and lost ids live on as aliases."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.deduplicate.merge.paper_ids import KINDS, make_ids_distinct
from schemas.release import Alias
from schemas.vocabulary import STRONG_IDENTIFIERS


@dataclass(frozen=True)
class InheritedIds:
    """Papers under the ids that they keep."""

    papers: pl.DataFrame
    """The papers, in their order."""
    aliases: pl.DataFrame
    """`Alias`."""


@dataclass(frozen=True)
class PreviousIds:
    """What the previous release says about ids; all tables are empty for the first release."""

    papers: pl.DataFrame
    """`Paper`, of which ``paper_id`` and the identifiers are read."""
    origins: pl.DataFrame
    """`Origin`, of which ``record_id`` and ``paper_id`` are read."""
    aliases: pl.DataFrame
    """`Alias`."""

    def is_empty(self) -> bool:
        """Tell whether no id was ever released."""
        return all(t.is_empty() for t in (self.papers, self.origins, self.aliases))


def inherit_ids(
    papers: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds, since: date
) -> InheritedIds:
    """Return each paper the smallest id that it had in the previous release.

    A paper had an id when one of its records was part of that paper, when it bears one of that
    paper's identifiers, or when its new id is that id or an alias of it. Where several papers had
    one id (a paper was split) it stays with the one that bears an identifier of it, then with the
    one that holds more of its records, then with the one whose new id is smallest. Ids that lost
    become aliases, dated ``since``, and old aliases follow their paper. No id ever names another
    paper than it once did: a new id that is already taken is made again. An identifier that several
    papers bear is left to one of them, first of all to the one whose id it is.
    """
    if previous.is_empty():
        return InheritedIds(_leave_identifiers_to_one(papers, previous.papers), previous.aliases)
    renamed = _assign_ids(papers, origins, previous)
    lost = renamed.filter(pl.col("old") != pl.col("kept"))
    return InheritedIds(
        _replace_ids(papers, renamed).pipe(_leave_identifiers_to_one, previous.papers),
        _update_aliases(previous.aliases, lost, since),
    )


def _assign_ids(papers: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds) -> pl.DataFrame:
    """Give, for each paper and each old id that it won, ``paper_id``, ``old`` and ``kept``."""
    won = _settle_claims(_list_claims(papers, origins, previous))
    fresh = _mint_fresh_ids(papers.join(won, on="paper_id", how="anti"), origins, previous)
    return (
        papers.select("paper_id")
        .join(won, on="paper_id", how="left", validate="1:m")
        .join(fresh, on="paper_id", how="left", validate="m:1")
        .with_columns(
            pl.coalesce(pl.col("old").min().over("paper_id"), "fresh", "paper_id").alias("kept")
        )
        .select("paper_id", pl.col("old").fill_null(pl.col("kept")), "kept")
        .sort("paper_id", "old")
    )


def _mint_fresh_ids(
    new: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds
) -> pl.DataFrame:
    """Mint another id (``fresh``) for each new paper whose own id an old release has used."""
    old = (previous.papers["paper_id"], previous.aliases["alias_id"])
    used = pl.concat(ids.to_frame("paper_id") for ids in old).unique()
    # An id in use goes in as if an earlier record bore it, so that the new paper comes second and
    # gets a hash.
    held = used.join(new, on="paper_id", how="semi").with_columns(first_record_id=pl.lit(""))
    ours = (
        origins.join(held, on="paper_id", how="semi")
        .group_by("paper_id")
        .agg(pl.col("record_id").min().alias("first_record_id"))
        .sort("paper_id")
    )
    fresh = make_ids_distinct(pl.concat([held, ours])).tail(len(ours))
    return ours.select("paper_id", fresh.alias("fresh"))


def _leave_identifiers_to_one(papers: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Leave an identifier to one paper where people or a stronger identifier keep two apart.

    That is the paper that bore it in the previous release, else the one whose id names it, else
    the one whose id is smallest. A DOI may stand at several papers: a journal prints two preprints
    as one article.
    """
    for kind, name in KINDS.items():
        if name == "doi":
            continue
        is_named = pl.col("paper_id") == pl.lit(f"{kind}:") + pl.col(name)
        several = papers.filter(pl.col(name).is_not_null() & pl.col(name).is_duplicated())
        bore = previous.select("paper_id", name, is_new=pl.lit(value=False))
        several = several.join(bore, on=["paper_id", name], how="left", validate="1:1")
        is_new = pl.col("is_new").fill_null(value=True)
        order = several.sort(is_new, ~is_named, "paper_id")
        first = order.unique(name, keep="first", maintain_order=True)
        losers = several.join(first, on="paper_id", how="anti")["paper_id"]
        is_left = ~pl.col("paper_id").is_in(losers.implode())
        papers = papers.with_columns(pl.when(is_left).then(name).alias(name))
    return papers


def _list_claims(
    papers: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds
) -> pl.DataFrame:
    """List every reason why a paper (``paper_id``) had an id (``old``).

    ``kind``: place of the identifier that says so, a large number where only records do;
    ``records``: how many records say so.
    """
    weakest = len(STRONG_IDENTIFIERS) + 1
    earlier = previous.papers.select(pl.col("paper_id").alias("old"), *STRONG_IDENTIFIERS)
    by_record = (
        origins.select("record_id", "paper_id")
        .join(previous.origins.select("record_id", old="paper_id"), on="record_id", validate="1:1")
        .group_by("paper_id", "old")
        .agg(pl.len().cast(pl.Int64).alias("records"))
        .with_columns(pl.lit(weakest, pl.Int64).alias("kind"))
    )
    by_identifier = [
        papers.select("paper_id", *STRONG_IDENTIFIERS)
        .join(earlier.drop_nulls(name), on=name, suffix="_old")
        .filter(~_has_other_identifier(STRONG_IDENTIFIERS[:place]))
        .select(
            "paper_id", "old", pl.lit(0, pl.Int64).alias("records"), kind=pl.lit(place, pl.Int64)
        )
        for place, name in enumerate(STRONG_IDENTIFIERS)
    ]
    ids = pl.concat(
        [
            earlier.select(pl.col("old").alias("paper_id"), "old"),
            previous.aliases.select(pl.col("alias_id").alias("paper_id"), old="paper_id"),
        ]
    )
    by_id = papers.select("paper_id").join(ids, on="paper_id", validate="1:1")
    by_id = by_id.with_columns(
        pl.lit(0, pl.Int64).alias("records"), pl.lit(weakest, pl.Int64).alias("kind")
    )
    columns = ["paper_id", "old", "records", "kind"]
    return pl.concat([part.select(columns) for part in (by_record, *by_identifier, by_id)])


def _has_other_identifier(stronger: tuple[str, ...]) -> pl.Expr:
    """Tell whether a stronger identifier says that two papers differ."""
    differ = [(pl.col(name) != pl.col(f"{name}_old")).fill_null(value=False) for name in stronger]
    return pl.any_horizontal(differ) if differ else pl.lit(value=False)


def _settle_claims(claims: pl.DataFrame) -> pl.DataFrame:
    """Return each old id to one of the papers that claim it."""
    weighed = claims.group_by("paper_id", "old").agg(pl.col("records").sum(), pl.col("kind").min())
    # The best claim to each id comes first, and the smallest new id breaks ties: no order of
    # records decides.
    order = weighed.sort(
        "old", "kind", "records", "paper_id", descending=[False, False, True, False]
    )
    return order.unique("old", keep="first", maintain_order=True).select("paper_id", "old")


def _replace_ids(table: pl.DataFrame, renamed: pl.DataFrame) -> pl.DataFrame:
    """Put the kept ids in the place of the new ones."""
    ids = renamed.select("paper_id", "kept").unique(maintain_order=True)
    return table.with_columns(
        table.select("paper_id")
        .join(ids, on="paper_id", how="left", validate="m:1", maintain_order="left")["kept"]
        .alias("paper_id")
    )


def _update_aliases(old: pl.DataFrame, lost: pl.DataFrame, since: date) -> pl.DataFrame:
    """Follow the papers of the old aliases and add the ids that lost."""
    # An alias of an alias would have to be followed twice: old ones are led to where their paper
    # went.
    moved = lost.select(pl.col("old").alias("paper_id"), pl.col("kept").alias("now"))
    followed = old.join(moved, on="paper_id", how="left", validate="m:1").with_columns(
        pl.col("now").fill_null(pl.col("paper_id")).alias("paper_id")
    )
    new = lost.select(
        pl.col("old").alias("alias_id"),
        pl.col("kept").alias("paper_id"),
        pl.lit(since, pl.Date).alias("since"),
    )
    columns = Alias.dtypes().names()
    return pl.concat([followed.select(columns), new.select(columns)]).sort("alias_id")
