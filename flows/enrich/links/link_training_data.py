"""Link training data: sentences whose links people sorted, as numbers to learn weights from."""

from typing import NamedTuple

import numpy as np
import polars as pl

from flows.enrich.links.roles import KINDS, Array, Reading, read_mentions
from flows.enrich.links.word_vectors import WordVectors, sum_vectors
from flows.urls import rules

PREFERRED = 0.2
"""What the first of the kinds that are right has before the others: a tool is software before it
is something else, and a reader is served better by the word that says so."""

LEAST_SITES = 3
"""Sites to which a word must belong before it gets a weight: names of one product teach nothing."""

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


class TrainingData(NamedTuple):
    """Examples as numbers, a line each: cues, words, whose the link is, and how right each kind is.

    ``names`` are those of the columns of words, ``likeness`` is what their vectors sum to;
    ``is_written`` marks sentences that were made up.
    """

    shown: Array
    words: Array
    likeness: Array
    names: list[str]
    role: pl.Series
    kinds: Array
    is_written: Flags


NO_VECTORS = WordVectors([], np.zeros((0, 0)))
"""Without texts no word is like another."""


def read_training_data(
    papers: pl.DataFrame, written: pl.DataFrame | None = None, vectors: WordVectors = NO_VECTORS
) -> TrainingData:
    """Read mentions with a ``role`` and ``right_kinds``, the best one first, given by people.

    ``written`` are those of sentences that were made up; they stand behind those of ``papers``.
    """
    examples = papers if written is None else pl.concat([papers, written], how="diagonal")
    is_written = np.arange(examples.height) >= papers.height
    reading = read_mentions(examples)
    names, words = _encode_words(examples, reading)
    kinds = examples["right_kinds"]
    right = np.column_stack(
        [
            (1 - PREFERRED) * kinds.list.contains(kind).to_numpy()
            + PREFERRED * (kinds.list.first() == kind).to_numpy()
            for kind in KINDS
        ]
    )
    likeness = sum_vectors(reading.words, examples.height, vectors)
    return TrainingData(reading.shown, words, likeness, names, examples["role"], right, is_written)


def _encode_words(examples: pl.DataFrame, reading: Reading) -> tuple[list[str], Array]:
    sites = examples.select(site=_name_site()).with_row_index("row")
    often = (
        reading.words.join(sites, on="row", how="inner", validate="m:1")
        .group_by("feature")
        .agg(sites=pl.col("site").n_unique())
        .filter(pl.col("sites") >= LEAST_SITES)
        .sort("feature")
        .with_row_index("column")
    )
    cells = reading.words.join(often, on="feature", how="inner", validate="m:1")
    words = np.zeros((examples.height, often.height))
    words[cells["row"].to_numpy(), cells["column"].to_numpy()] = 1.0
    return often["feature"].to_list(), words


def _name_site() -> pl.Expr:
    """Name whose pages an address is among: its host, or the account at a forge."""
    account = pl.col("url").str.extract(r"://([^/]*/[^/]*)")
    is_forge = pl.col("host").is_in([*rules.FORGES])
    return pl.when(is_forge).then(pl.coalesce(account, "host")).otherwise("host")
