"""Record features: what is known of each record, in a form that is compared fast."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match import title_series
from flows.deduplicate.match.author_names import AuthorNames, collect_names, read_names
from flows.deduplicate.match.blocking import (
    Blocks,
    hash_key,
    list_band_keys,
    list_keyed_rows,
    pair_blocks,
    sketch_abstracts,
)
from flows.deduplicate.match.citation_marks import trim_titles
from flows.deduplicate.match.common_title_words import RAREST_PAIRS, list_rarest_pairs
from flows.deduplicate.match.word_sets import WordSets, collect_sets, join_sets
from flows.errors import UserError, count_noun
from flows.parts import Records, map_in_order, split_records
from flows.text.title_key import make_title_keys
from flows.text.words import list_words, simplify_texts
from schemas.vocabulary import STRONG_IDENTIFIERS


class RepeatedRecords(UserError):
    """Records with the same id: the bytes of one file, read from two places."""


OPENING = 60
"""Characters of an abstract's words that make its opening: some nine words, enough to be rare."""

ENDING = 24
"""Letters that make the end of a longer title: papers are often renamed before a colon."""

BEGINNING = 20
"""Letters that make the beginning of a title: copies add a proceedings or a remark behind it."""

SURNAMES = 100
"""Characters of surnames and initials that are compared where names were misread."""

TEXT_KEYS = ("title", "beginning", "ending", "authors", "opening", *RAREST_PAIRS)
"""Columns of the keys of texts: see `RecordFeatures`."""

KEY_COLUMNS = (*STRONG_IDENTIFIERS, *TEXT_KEYS)
"""Columns of all keys of a record but those of its abstract's sketch."""

KINDS = (*STRONG_IDENTIFIERS, *TEXT_KEYS[:5], "rarest", "abstract")
"""The kinds of keys; of equal blocks the one whose kind comes first is reported."""

ENOUGH = 2 * OPENING
"""Characters of an abstract from whose words its opening is taken, unless they give too few."""


@dataclass(frozen=True)
class RecordFeatures:
    """Everything that is compared, row by row in the order of ``record_id``."""

    records: pl.DataFrame
    """``record_id``, ``source``, the identifiers, ``title`` (its key), ``name`` (what is before its
    colon), ``year`` (null where unknown), ``surname_text``, ``initials``, ``kind``, ``part``,
    ``numbers``, ``is_generic``, ``is_bare`` (without an abstract)."""
    abstracts: WordSets
    sketches: npt.NDArray[np.uint16]
    """The MinHash signatures of the abstracts, one row per record."""
    names: AuthorNames
    keys: pl.DataFrame
    """The keys of the ``title``, of its ``beginning``, its ``rarest`` words and its ``ending``, of
    the ``authors`` and of the ``opening`` of the abstract; null where there is none."""


def describe_records(records: Records) -> RecordFeatures:
    """Prepare records for comparison. Raises `RepeatedRecords` when a record id occurs twice."""
    described, keys, abstracts, signed = map(
        list, zip(*map_in_order(describe_rows, split_records(records)), strict=True)
    )
    ids = pl.concat([part["record_id"] for part in described])
    require_distinct_ids(ids)
    order = ids.arg_sort().to_numpy().astype(np.int64)
    compared, names = complete_records(_join_parts(described, order))
    return RecordFeatures(
        compared,
        join_sets(abstracts, order),
        np.concatenate(signed)[order],
        names,
        _join_parts(keys, order),
    )


def describe_rows(
    part: pl.LazyFrame,
) -> tuple[pl.DataFrame, pl.DataFrame, WordSets, npt.NDArray[np.uint16]]:
    """Return what `RecordFeatures` holds of some records, in the order in which they are.

    Of ``records`` there is what `complete_records` asks for.
    """
    columns = ("record_id", "source", *STRONG_IDENTIFIERS, "title", "abstract", "authors")
    # Most tests, and bibliographies that are evaluated, have no dates.
    has_date = "published" in part.collect_schema()
    published = pl.col("published") if has_date else pl.lit(None, pl.Date).alias("published")
    records = part.select(*columns, published).collect()
    authors = read_names(records["authors"])
    described = _describe_titles(records, authors)
    abstracts = collect_sets(simplify_texts(records["abstract"]))
    described = described.with_columns(pl.Series("is_bare", abstracts.sizes() == 0))
    # Spaces go: "data base" and "database" meet.
    letters = described["title"].str.replace_all(" ", "", literal=True)
    texts = {
        "title": letters,
        "beginning": letters.set(letters.str.len_chars() <= BEGINNING, None).str.head(BEGINNING),
        "ending": letters.set(letters.str.len_chars() <= ENDING, None).str.tail(ENDING),
        "authors": authors["surname"],
        "opening": take_openings(records["abstract"]),
    }
    keyed = pl.DataFrame(texts).hstack(list_rarest_pairs(described["title"]))
    keys = keyed.select(hash_key(pl.col(name)) for name in keyed.columns)
    return described, keys, abstracts, sketch_abstracts(abstracts)


def _describe_titles(records: pl.DataFrame, authors: pl.DataFrame) -> pl.DataFrame:
    """Return a record's title and its name, with its year and its first authors."""
    key = pl.col("title")
    # Of lazy frames what expressions have in common is computed once.
    titles = records.lazy().select(
        "record_id",
        "source",
        *STRONG_IDENTIFIERS,
        make_title_keys(trim_titles(records["title"])).alias("title"),
        title_series.name_before_colon(key).alias("name"),
        pl.col("published").dt.year().alias("year"),
        *(authors["surname"], authors["bag"], authors["initials"].str.slice(0, SURNAMES)),
    )
    return titles.collect()


def complete_records(described: pl.DataFrame) -> tuple[pl.DataFrame, AuthorNames]:
    """Return the ``records`` of `RecordFeatures` and the names of their authors.

    ``described``: these records but for what follows from their ``title``, and ``surname`` and
    ``bag`` of `read_names`. Only pairs ask for the rest, and most records are in none.
    """
    key = pl.col("title")
    records = described.drop("surname", "bag").with_columns(
        described["surname"].str.slice(0, SURNAMES).alias("surname_text"),
        title_series.comment_kind(key).alias("kind"),
        title_series.series_part(key).alias("part"),
        title_series.title_numbers(key).alias("numbers"),
        title_series.is_generic(key).alias("is_generic"),
    )
    return records, collect_names(described)


def take_openings(abstracts: pl.Series) -> pl.Series:
    """Return the first `OPENING` characters of the words of each abstract; null where it has fewer.

    They are at the beginning of the text, but for a few that begin with a URL or a formula.
    """
    spaced = list_words(abstracts.str.slice(0, ENOUGH))
    is_short = (spaced.str.len_chars() < OPENING + OPENING // 2) & (
        abstracts.str.len_chars() > ENOUGH
    )
    rows = is_short.fill_null(value=False).arg_true()
    spaced = spaced.scatter(rows, list_words(abstracts.gather(rows))) if len(rows) else spaced
    long = pl.when(spaced.str.len_chars() >= OPENING).then(spaced.str.slice(0, OPENING))
    return pl.select(long).to_series()


def _join_parts(parts: list[pl.DataFrame], order: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Put parts in order and give them up: all of them twice would be a gigabyte."""
    whole = pl.concat(parts, rechunk=True)
    parts.clear()
    return whole[order]


def require_distinct_ids(ids: pl.Series) -> None:
    """Raise `RepeatedRecords` when a record id occurs twice."""
    # Numbers first: texts take three times as long, and hardly a hash comes twice.
    alike = ids.filter(ids.hash().is_duplicated())
    if alike.is_duplicated().any():
        twice = alike.filter(alike.is_duplicated()).unique().sort()
        raise RepeatedRecords(
            f"{count_noun(len(twice), 'record id')} twice among the records, such as "
            f"{twice.head(5).to_list()}: was one snapshot read two times? Remove the copy from "
            "data/raw."
        )


def block_records(features: RecordFeatures) -> Blocks:
    """Return the pairs of records worth comparing."""
    return pair_blocks(list_block_keys(features), features.records["title"], features.sketches)


def list_block_keys(features: RecordFeatures) -> dict[str, pl.DataFrame]:
    """Return the keys of the records, kind by kind: ``row``, ``key``."""
    keys = hash_identifiers(features.records).hstack(features.keys)
    return arrange_keys(keys, features.sketches)


def hash_identifiers(records: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of the identifiers, each under the name of its column."""
    return records.select(hash_key(pl.col(name)) for name in STRONG_IDENTIFIERS)


def arrange_keys(keys: pl.DataFrame, sketches: npt.NDArray[np.uint16]) -> dict[str, pl.DataFrame]:
    """Return keys by kind, one row per ``row`` and ``key``; ``keys`` has columns `KEY_COLUMNS`."""
    columns = {name: list_keyed_rows(keys[name]) for name in KEY_COLUMNS}
    rarest = pl.concat(columns.pop(name) for name in RAREST_PAIRS).sort("row", "key")
    return {**columns, "rarest": rarest, "abstract": list_band_keys(sketches)}
