"""Nodes: what is known of each record when records are compared, ready to be compared fast."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.matching import titles
from flows.matching.candidates import Candidates, bands, candidates, keyed
from flows.matching.names import Names, joined_names, names_of
from flows.matching.sets import THREADS, Sets, joined_sets, sets_of
from flows.matching.words import plain, words

IDENTIFIERS = ("arxiv_id", "doi", "acl_id", "openreview_id")
"""Columns of strong identifiers, the strongest first."""

OPENING = 60
"""Characters of an abstract's words that make its opening: some nine words, enough to be rare."""


ENOUGH = 2 * OPENING
"""Characters of an abstract from whose words its opening is taken, unless they give too few."""

ROWS_AT_ONCE = 50_000
"""Records described in one go, on each of the threads."""


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
        """Give each row's place in the order of the titles."""
        order = np.empty(len(self.records), np.int64)
        order[self.records["title"].arg_sort().to_numpy()] = np.arange(len(order))
        return order


def nodes(records: pl.DataFrame) -> Nodes:
    """Prepare records for comparison. Raises `ValueError` when a record id occurs twice."""
    records = records.select(
        "record_id", "source", *IDENTIFIERS, "title", "abstract", "authors"
    ).sort("record_id")
    if records["record_id"].is_duplicated().any():
        twice = records.filter(pl.col("record_id").is_duplicated())["record_id"].unique().sort()
        raise ValueError(
            f"{len(twice)} record ids occur twice, such as {twice.head(5).to_list()}: "
            "was one snapshot read two times? Remove the copy from data/raw."
        )
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(_described, records.iter_slices(ROWS_AT_ONCE)))
    return _joined(parts or [_described(records)])


def _described(records: pl.DataFrame) -> Nodes:
    """Prepare some records, in the order in which they are."""
    key = pl.col("title")
    described = records.select(
        "record_id", "source", *IDENTIFIERS, words(records["title"]).alias("title")
    ).with_columns(
        titles.kind(key).alias("kind"),
        titles.part(key).alias("part"),
        titles.numbers(key).alias("numbers"),
        titles.is_generic(key).alias("is_generic"),
    )
    abstracts = sets_of(records["abstract"], plain)
    return Nodes(described, abstracts, names_of(records["authors"]), _openings(records["abstract"]))


def _openings(abstracts: pl.Series) -> pl.Series:
    """Give the first `OPENING` characters of the words of each abstract.

    They stand at the beginning of the text, but for a few that begin with a URL or a formula.
    """
    spaced = words(abstracts.str.slice(0, ENOUGH))
    is_short = (spaced.str.len_chars() < OPENING + OPENING // 2) & (
        abstracts.str.len_chars() > ENOUGH
    )
    rows = is_short.fill_null(value=False).arg_true()
    spaced = spaced.scatter(rows, words(abstracts.gather(rows))) if len(rows) else spaced
    return spaced.str.slice(0, OPENING)


def _joined(parts: list[Nodes]) -> Nodes:
    """Put nodes one after the other."""
    return Nodes(
        pl.concat([part.records for part in parts], rechunk=True),
        joined_sets([part.abstracts for part in parts]),
        joined_names([part.names for part in parts]),
        pl.concat([part.openings for part in parts], rechunk=True),
    )


def pairs(given: Nodes) -> Candidates:
    """Give the pairs of records worth comparing."""
    records, long = given.records, given.openings.str.len_chars() >= OPENING
    text = {
        "title": keyed(records["title"].str.replace_all(" ", "")),
        "authors": keyed(given.names.keys),
        "opening": keyed(given.openings).filter(long.gather(keyed(given.openings)["row"])),
        "abstract": bands(given.abstracts),
    }
    identifiers = {name: keyed(records[name]) for name in IDENTIFIERS}
    blocks = {**identifiers, **text}
    return candidates(blocks, given.order())
