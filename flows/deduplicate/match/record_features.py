"""Nodes: what is known of each record when records are compared, ready to be compared fast."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match import title_series
from flows.deduplicate.match.author_names import Names, names_of
from flows.deduplicate.match.blocking import Candidates, bands, candidates, keyed, rows_of, sketches
from flows.deduplicate.match.word_sets import Sets, joined_sets, sets_of
from flows.parts import Records, map_in_order, split_records
from flows.text.words import plain, words
from schemas.vocabulary import STRONG_IDENTIFIERS

OPENING = 60
"""Characters of an abstract's words that make its opening: some nine words, enough to be rare."""

ENDING = 24
"""Letters that make the end of a longer title: papers are often renamed before a colon."""

ENOUGH = 2 * OPENING
"""Characters of an abstract from whose words its opening is taken, unless they give too few."""


@dataclass(frozen=True)
class Nodes:
    """Everything that is compared, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """``record_id``, ``source``, the identifiers, ``title`` (its words), ``kind``, ``part``,
    ``numbers``, ``is_generic``."""
    abstracts: Sets
    sketches: npt.NDArray[np.uint16]
    """The MinHash signatures of the abstracts, one row per record."""
    names: Names
    keys: pl.DataFrame
    """The keys of the ``title``, of its ``ending``, of the ``authors`` and of the ``opening`` of
    the abstract; null where there is none."""


def nodes(records: Records) -> Nodes:
    """Prepare records for comparison. Raises `ValueError` when a record id occurs twice."""
    described, keys, abstracts, signed, surnames, bags = map(
        list, zip(*map_in_order(_described, split_records(records)), strict=True)
    )
    ids = pl.concat([part["record_id"] for part in described])
    require_once(ids)
    order = ids.arg_sort().to_numpy().astype(np.int64)
    names = Names(joined_sets(surnames, order), joined_sets(bags, order))
    return Nodes(
        _joined(described, order),
        joined_sets(abstracts, order),
        np.concatenate(signed)[order],
        names,
        _joined(keys, order),
    )


def _described(
    part: pl.LazyFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, Sets, npt.NDArray[np.uint16], Sets, Sets]:
    """Give what `Nodes` holds of some records, in the order in which they are."""
    columns = ("record_id", "source", *STRONG_IDENTIFIERS, "title", "abstract", "authors")
    records, key = part.select(columns).collect(), pl.col("title")
    described = records.select(
        "record_id", "source", *STRONG_IDENTIFIERS, words(records["title"]).alias("title")
    ).with_columns(
        title_series.kind(key).alias("kind"),
        title_series.part(key).alias("part"),
        title_series.numbers(key).alias("numbers"),
        title_series.is_generic(key).alias("is_generic"),
    )
    abstracts = sets_of(plain(records["abstract"]))
    names, authors = names_of(records["authors"])
    letters = described["title"].str.replace_all(" ", "", literal=True)
    texts = {
        "title": letters,
        "ending": letters.set(letters.str.len_chars() <= ENDING, None).str.tail(ENDING),
        "authors": authors,
        "opening": openings(records["abstract"]),
    }
    keys = pl.DataFrame(texts).select(keyed(pl.col(name)) for name in texts)
    return described, keys, abstracts, sketches(abstracts), names.surnames, names.bags


def openings(abstracts: pl.Series) -> pl.Series:
    """Give the first `OPENING` characters of the words of each abstract; null where it has fewer.

    They stand at the beginning of the text, but for a few that begin with a URL or a formula.
    """
    spaced = words(abstracts.str.slice(0, ENOUGH))
    is_short = (spaced.str.len_chars() < OPENING + OPENING // 2) & (
        abstracts.str.len_chars() > ENOUGH
    )
    rows = is_short.fill_null(value=False).arg_true()
    spaced = spaced.scatter(rows, words(abstracts.gather(rows))) if len(rows) else spaced
    long = pl.when(spaced.str.len_chars() >= OPENING).then(spaced.str.slice(0, OPENING))
    return pl.select(long).to_series()


def _joined(parts: list[pl.DataFrame], order: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Put parts in order and give them up: all of them twice would be a gigabyte."""
    whole = pl.concat(parts, rechunk=True)
    parts.clear()
    return whole[order]


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
    return candidates(blocks(given), given.records["title"], given.sketches)


def blocks(given: Nodes) -> dict[str, pl.DataFrame]:
    """Give the keys of the records, kind by kind: ``row``, ``key``."""
    by_id = given.records.select(keyed(pl.col(name)) for name in STRONG_IDENTIFIERS)
    texts = {column.name: rows_of(column) for column in (*by_id, *given.keys)}
    return {**texts, "abstract": bands(given.sketches)}
