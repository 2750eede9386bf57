"""Nodes: what is known of each record when records are compared, ready to be compared fast."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.matching import titles
from flows.matching.candidates import Candidates, bands, candidates, keyed
from flows.matching.names import Names, names_of
from flows.matching.sets import Sets, sets_of
from flows.matching.words import words

IDENTIFIERS = ("arxiv_id", "doi", "acl_id", "openreview_id")
"""Columns of strong identifiers, the strongest first."""

OPENING = 60
"""Characters of an abstract's words that make its opening: some nine words, enough to be rare."""


@dataclass(frozen=True)
class Nodes:
    """Everything that is compared, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """``record_id``, ``source``, the identifiers, ``title`` (its words), ``kind``, ``part``,
    ``numbers``, ``is_generic``."""
    abstracts: Sets
    names: Names
    openings: pl.Series
    """The first characters of each abstract's words."""

    def order(self) -> npt.NDArray[np.int64]:
        """Give each row's place in the order of the titles; equal titles keep their order."""
        return places(self.records["title"])


def places(titles: pl.Series) -> npt.NDArray[np.int64]:
    """Give each title's place in the order of all, equal ones as they came."""
    order = np.empty(len(titles), np.int64)
    sorted_rows = titles.to_frame("title").select(pl.arg_sort_by("title", maintain_order=True))
    order[sorted_rows.to_series().to_numpy()] = np.arange(len(order))
    return order


def nodes(records: pl.DataFrame) -> Nodes:
    """Prepare records for comparison. Raises `ValueError` when a record id occurs twice."""
    require_once(records["record_id"])
    records = records.sort("record_id")
    spaced = words(records["abstract"])
    key = pl.col("title")
    described = records.select(
        "record_id", "source", *IDENTIFIERS, words(records["title"]).alias("title")
    ).with_columns(
        titles.kind(key).alias("kind"),
        titles.part(key).alias("part"),
        titles.numbers(key).alias("numbers"),
        titles.is_generic(key).alias("is_generic"),
    )
    return Nodes(
        described, sets_of(spaced), names_of(records["authors"]), spaced.str.slice(0, OPENING)
    )


def require_once(ids: pl.Series) -> None:
    """Raise `ValueError` when a record id occurs twice."""
    if ids.is_duplicated().any():
        twice = ids.filter(ids.is_duplicated()).unique().sort()
        raise ValueError(
            f"{len(twice)} record ids occur twice, such as {twice.head(5).to_list()}: "
            "was one snapshot read two times? Remove the copy from data/raw."
        )


def pairs(given: Nodes) -> Candidates:
    """Give the pairs of records worth comparing."""
    return candidates(blocks(given), given.order())


def blocks(given: Nodes) -> dict[str, pl.DataFrame]:
    """Give the keys of the records, kind by kind: ``row``, ``key``."""
    records, long = given.records, given.openings.str.len_chars() >= OPENING
    text = {
        "title": keyed(records["title"].str.replace_all(" ", "")),
        "authors": keyed(given.names.keys),
        "opening": keyed(given.openings).filter(long.gather(keyed(given.openings)["row"])),
        "abstract": bands(given.abstracts),
    }
    identifiers = {name: keyed(records[name]) for name in IDENTIFIERS}
    return {**identifiers, **text}
