"""Phrase weights: what a phrase is worth for its topic, learned beside what all phrases are worth.

Two phrases of one strength are not worth the same: "LLM" tells less of a paper than "BERT", and
"images" less of vision than "pixels".
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import (
    count_topics,
    list_codes,
    number_candidates,
    number_topics,
    sum_by_candidate,
)
from flows.enrich.topics.grouped_rows import group_equal_keys
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints
from schemas.vocabulary import Facet

UNWEIGHED = Facet.LANGUAGE.value
"""The facet whose phrases have no weights of their own: each names its language."""


@dataclass(frozen=True)
class WeighedPhrases:
    """The phrases that have weights for some topic, by phrase and then by topic."""

    firsts: Ints
    """Of each phrase of the lexicon the place of its first topic, -1 where it has none."""
    topics: Ints
    """The topics, by `number_topics`."""
    is_last: Flags
    """Whether it is the last topic of its phrase."""
    values: Array
    most: int
    """The number of topics of the phrase that has most."""
    count: int
    """The number of numbers that topics may have."""


def list_phrase_marks(places: pl.DataFrame) -> pl.DataFrame:
    """List the phrases that candidates were mentioned by, one row each: `KEY`, ``feature``."""
    text = {name: pl.col(name).cast(pl.String) for name in ("topic", "key")}
    return (
        places.filter(pl.col("facet") != UNWEIGHED)
        .select(*KEY, "key")
        .unique()
        .select(*KEY, feature=pl.concat_str(pl.lit("phrase"), *text.values(), separator=":"))
        .sort("row", "feature")
    )


def sum_phrase_weights(
    candidates: pl.DataFrame, places: pl.DataFrame, weights: pl.DataFrame
) -> Array:
    """Sum the weights of the phrases that each candidate was mentioned by, each phrase once."""
    keys = cast("pl.Enum", places["key"].dtype)  # the lexicon codes its keys
    weighed = _read_phrases(weights, *list_codes(candidates), keys)
    # The weights of a paper's own subject have none of these.
    if not len(weighed.values):
        return np.zeros(candidates.height)
    phrase, candidate = places["key"].to_physical().to_numpy(), places["candidate"].to_numpy()
    at = weighed.firsts[phrase]
    # Most phrases have no weight, and are not looked at further.
    here = np.flatnonzero(at >= 0)
    at, topics = at[here], candidate[here] % weighed.count
    # A phrase of several topics has its weights side by side, in the order of the topics.
    for _ in range(weighed.most - 1):
        at += (weighed.topics[at] < topics) & ~weighed.is_last[at]
    is_there = weighed.topics[at] == topics
    cells = np.sort(candidate[here[is_there]] * len(weighed.values) + at[is_there], kind="stable")
    # A phrase that is there twice says no more.
    owners, phrases = np.divmod(group_equal_keys(cells).keys, len(weighed.values))
    return sum_by_candidate(number_candidates(candidates), owners, weighed.values[phrases])


@cache_by_identity
def _read_phrases(
    weights: pl.DataFrame, facets: pl.Enum, topics: pl.Enum, keys: pl.Enum
) -> WeighedPhrases:
    """Read which phrases have weights."""
    parts = pl.col("feature").str.splitn(":", 3).struct
    coded = (
        weights.filter(pl.col("feature").str.starts_with("phrase:"))
        .select(
            pl.col("facet").cast(facets, strict=False),
            parts.field("field_1").cast(topics, strict=False).alias("topic"),
            parts.field("field_2").cast(keys, strict=False).alias("key"),
            "weight",
        )
        .drop_nulls()
    )
    phrases = coded["key"].to_physical().to_numpy().astype(np.int64)
    topics_of = number_topics(coded)
    order = np.lexsort((topics_of, phrases))
    grouped = group_equal_keys(phrases[order])
    firsts = np.full(len(keys.categories), -1)
    firsts[grouped.keys] = grouped.firsts
    return WeighedPhrases(
        firsts,
        topics_of[order],
        np.append(np.diff(phrases[order]), 1) > 0,
        coded["weight"].to_numpy()[order],
        int(grouped.sizes.max(initial=0)),
        count_topics(coded),
    )
