"""Inherit ids: a paper keeps the id it was released under, and lost ids live on as aliases."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from flows import external_sort
from flows.deduplicate.merge.id_claims import (
    NumberedPapers,
    list_claims,
    number_ids,
    settle_claims,
)
from flows.deduplicate.merge.paper_ids import KINDS, hash_title_id
from schemas.alias import Alias
from schemas.vocabulary import STRONG_IDENTIFIERS

PREVIOUS = ("papers", "origins", "aliases")
"""The tables of `PreviousIds`."""


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
        """Return whether no id was ever released."""
        return all(t.is_empty() for t in (self.papers, self.origins, self.aliases))


def write_previous_ids(ids: PreviousIds, folder: Path) -> Path:
    """Write the ids of the previous release into a folder, until ids are settled."""
    for name in PREVIOUS:
        external_sort.write_part(getattr(ids, name), folder / f"{name}.arrow")
    return folder


def map_previous_ids(folder: Path) -> PreviousIds:
    """Map what `write_previous_ids` wrote: what is looked at of it is read."""
    tables = []
    for name in PREVIOUS:
        file = folder / f"{name}.arrow"
        tables.append(external_sort.map_part(file, list(pl.read_ipc_schema(file))))
    return PreviousIds(*tables)


def inherit_ids(
    papers: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds, since: date
) -> InheritedIds:
    """Give each paper the smallest id that it had in the previous release.

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
    kept, lost = _assign_ids(papers, origins, previous)
    return InheritedIds(
        papers.with_columns(kept).pipe(_leave_identifiers_to_one, previous.papers),
        _update_aliases(previous.aliases, lost, since),
    )


def _assign_ids(
    papers: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds
) -> tuple[pl.Series, pl.DataFrame]:
    """Return the id that each paper keeps, and the ids that lost: ``old`` and ``kept``."""
    new = number_ids(papers["paper_id"])
    tables = (previous.papers, previous.origins, previous.aliases)
    old = number_ids(*(table["paper_id"] for table in tables))
    now, before = (
        NumberedPapers(
            side.select("paper_id", *STRONG_IDENTIFIERS, number=ids.number(side["paper_id"])),
            owners.select("record_id", number=ids.number(owners["paper_id"])),
            aliases.select(paper_id="alias_id", number=ids.number(aliases["paper_id"])),
        )
        for ids, side, owners, aliases in (
            (new, papers, origins, previous.aliases.clear()),
            (old, previous.papers, previous.origins, previous.aliases),
        )
    )
    won = settle_claims(list_claims(now, before))
    first = won.group_by("paper").agg(kept=pl.col("old").min())
    own = now.papers.select("paper_id", paper="number").join(
        first, on="paper", how="left", validate="1:1", maintain_order="left"
    )
    inherited = old.ids.gather(own["kept"])
    fresh = _mint_fresh_ids(papers.filter(own["kept"].is_null()), origins, previous)
    minted = own.join(fresh, on="paper_id", how="left", validate="1:1", maintain_order="left")
    kept = minted.select(pl.coalesce(pl.lit(inherited), "fresh", "paper_id").alias("paper_id"))
    lost = won.join(first, on="paper").filter(pl.col("old") != pl.col("kept"))
    return kept.to_series(), pl.DataFrame(
        {"old": old.ids.gather(lost["old"]), "kept": old.ids.gather(lost["kept"])}
    )


def _mint_fresh_ids(
    new: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds
) -> pl.DataFrame:
    """Mint another id (``fresh``) for each new paper whose own id an old release has used.

    It is that of a paper that comes second to an id, see `make_ids_distinct`.
    """
    used = pl.concat([previous.papers["paper_id"], previous.aliases["alias_id"]])
    held = new.join(used.to_frame("paper_id"), on="paper_id", how="semi")
    ours = (
        origins.join(held, on="paper_id", how="semi")
        .group_by("paper_id")
        .agg(pl.col("record_id").min().alias("first_record_id"))
        .sort("paper_id")
    )
    fresh = ours["paper_id"].clone()
    # More than once: two papers that were one for a while and are two again may come to the id
    # that one of them kept.
    while (rows := fresh.is_in(used.implode()).arg_true()).len():
        claims = zip(fresh[rows], ours["first_record_id"][rows], strict=True)
        again = [hash_title_id(f"{claimed_id}\n{first}") for claimed_id, first in claims]
        fresh = fresh.scatter(rows, pl.Series(again, dtype=pl.String))
    return ours.select("paper_id", fresh.alias("fresh"))


def _leave_identifiers_to_one(papers: pl.DataFrame, previous: pl.DataFrame) -> pl.DataFrame:
    """Leave an identifier to one of the papers that people, or a stronger identifier, keep apart.

    That is the paper that bore it in the previous release, else the one whose id names it, else
    the one whose id is smallest. Several papers may have one DOI: a journal prints two preprints
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
