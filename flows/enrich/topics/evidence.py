"""Evidence: the words that earned a label, as the paper has them."""

import numpy as np
import polars as pl
import pyarrow as pa

from flows.enrich.topics.candidate_numbers import (
    list_codes,
    number_candidates,
    number_topics,
)
from flows.enrich.topics.features import number_implications
from flows.enrich.topics.field_words import BIAS
from flows.enrich.topics.grouped_rows import RowsByKey, group_equal_keys
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_search import find_words
from flows.enrich.topics.term_matrix import build_term_matrix
from flows.enrich.topics.text_words import Ints, TextWords
from schemas.topic import EVIDENCE

PIECES = 5
"""Pieces of evidence kept per label, the weightiest first."""

WORDS = 3
"""Words shown of a field that no mention speaks for."""

LEAST_WORD = 0.5
"""Weight from which a word speaks for a field."""

ZONE_WEIGHTS = {"title": 1.0, "own": 0.8, "result": 0.5, "body": 0.5, "background": 0.3}
"""How much a place adds to the weight of evidence there: title before claims before background."""

IMPLIED_WEIGHT = 0.5
"""Weight of a mention of a task or method for an area that follows from it."""

EVIDENCE_FIELDS = pl.Enum(["abstract", "categories", "title", "venue"])
"""What may speak for a label, in the order of the alphabet."""

MOST_STARTS = 1 << 32
"""Places where a piece may start: their numbers have 32 bits."""

PIECE = pl.Schema(
    {
        "label": pl.Int64(),
        "field": EVIDENCE_FIELDS,
        "start": pl.Int64(),
        "end": pl.Int64(),
        "phrase": pl.String(),
        "weight": pl.Float64(),
    }
)
"""A piece of evidence: ``label`` is the place of its label among all; ``phrase`` is null where a
place of a text says it, ``start`` and ``end`` where none does."""


def list_pieces(
    labels: pl.DataFrame, places: pl.DataFrame, priors: pl.DataFrame, implications: pl.DataFrame
) -> pl.DataFrame:
    """List what has earned labels, whose `KEY` rise: a row per piece, with the columns of `PIECE`.

    Pieces are mentions, mentions of what an area follows from, categories and venue.
    """
    numbers, candidates = number_candidates(labels), places["candidate"].to_numpy()
    implied = number_implications(implications, *list_codes(places))
    # A gather copies all columns.
    placed = places.select("field", "start", "end", "strength", "zone", "is_negation", "is_list")
    at, here = find_numbers(numbers, candidates)
    mentioned = _weigh_places(placed[here], at)
    followed = _follow_areas(numbers, placed, candidates, *implied)
    # Where a mention speaks for an area itself, what follows from it says nothing more.
    own, other = _number_places(mentioned), _number_places(followed)
    new = np.flatnonzero(~np.isin(other, own))
    return pl.concat([mentioned, followed[new], _list_priors(numbers, priors)])


def find_numbers(numbers: Ints, sought: Ints) -> tuple[Ints, Ints]:
    """Find which of some numbers are among those that rise: their places there, and their own."""
    at = np.searchsorted(numbers, sought)
    here = np.flatnonzero(np.append(numbers, -1)[at] == sought)
    return at[here], here


def gather_evidence(
    labels: pl.DataFrame,
    pieces: pl.DataFrame,
    read: TextWords,
    topic_fields: pl.DataFrame,
    words: pl.DataFrame,
) -> pl.Series:
    """Gather what earned labels: ``evidence`` of each, an empty list where there is none.

    ``pieces`` are those that `list_pieces` lists of them.
    The weightiest `PIECES` are kept. Where an assigned label has none, the words that made the
    paper's field likely are shown; some have not even these. Phrases are shown as they stand in
    the text, not as the lexicon spells them.
    """
    counts = np.bincount(pieces["label"].to_numpy(), minlength=labels.height)
    bare = np.flatnonzero((counts == 0) & labels["is_assigned"].to_numpy())
    field_words = _find_field_words(labels[bare].select(KEY), read, topic_fields, words)
    field_words = field_words.with_columns(label=pl.Series(bare[field_words["label"].to_numpy()]))
    best = _select_weightiest(pl.concat([pieces, field_words.cast(PIECE)]))
    owners = best["label"].to_numpy()
    lines = read.find_lines(labels["row"])[owners]
    shown = best.with_columns(
        pl.coalesce("phrase", _quote_places(best, lines, read)), pl.col("field").cast(pl.String)
    )
    ends = np.cumsum(np.bincount(owners, minlength=labels.height))
    structs = shown.select(pl.struct(list(EVIDENCE.to_schema()))).to_series().rechunk().to_arrow()
    lists = pa.LargeListArray.from_arrays(pa.array(np.append(0, ends)), structs)
    return pl.Series("evidence", lists, pl.List(EVIDENCE))


def _select_weightiest(pieces: pl.DataFrame) -> pl.DataFrame:
    """Select the weightiest `PIECES` of each ``label``, in order."""
    # Categories of one weight have no place: without their names their order would be chance.
    ordered = pieces.sort(
        *("label", "weight", "field", "start", "phrase"),
        descending=[False, True, True, False, False],
    )
    grouped = group_equal_keys(ordered["label"].to_numpy())
    rank = np.arange(ordered.height) - grouped.firsts[grouped.groups]
    return ordered.filter(pl.Series(rank < PIECES))


def _quote_places(pieces: pl.DataFrame, lines: Ints, read: TextWords) -> pl.Series:
    """Quote what is at ``start`` to ``end`` of ``field``, null where there is no such place."""
    in_text = pieces["start"].is_not_null().to_numpy()
    places = pieces.filter(pl.Series(in_text))
    lines = lines[in_text]
    in_title = (places["field"] == "title").to_numpy()
    begins = np.where(in_title, read.firsts[lines], read.borders[lines])
    start, end = (places[name].to_numpy() for name in ("start", "end"))
    quoted = read.quote_letters(begins + start, end - start)
    # What is not in one byte a character is read in the text itself.
    strange = np.flatnonzero(quoted.is_null())
    text = pl.when(pl.col("field") == "title").then("title").otherwise("abstract")
    texts = read.texts.select("title", "abstract")[lines[strange]]
    written = (
        places[strange]
        .hstack(texts)
        .select(text.str.slice("start", pl.col("end") - pl.col("start")))
    )
    quoted = quoted.scatter(strange, written.to_series())
    at = np.cumsum(in_text) - 1
    return quoted.gather(pl.Series(np.where(in_text, at, -1)).replace(-1, None)).alias("quoted")


def _weigh_places(places: pl.DataFrame, labels: Ints) -> pl.DataFrame:
    """Weigh mentions as pieces of the labels beside them."""
    weight = pl.col("strength") * pl.col("zone").replace_strict(
        ZONE_WEIGHTS, return_dtype=pl.Float64
    )
    aside = pl.col("is_negation") | pl.col("is_list")
    return places.select(
        pl.Series("label", labels),
        _FIELD_CODES.gather((places["field"] == "title").cast(pl.UInt32)).alias("field"),
        pl.col("start", "end").cast(pl.Int64),
        phrase=pl.lit(None, pl.String),
        weight=(weight * pl.when(aside).then(0.5).otherwise(1)).round(3),
    )


_FIELD_CODES = pl.Series(["abstract", "title"], dtype=EVIDENCE_FIELDS)


def _follow_areas(
    labels: Ints, places: pl.DataFrame, candidates: Ints, implied: RowsByKey, areas: Ints
) -> pl.DataFrame:
    """Turn mentions of tasks and methods into evidence of the areas that they imply.

    Takes the candidate of each mention, and what `number_implications` reads. A long mention and a
    short one within it say the same of the area: the weightier one does, then the longer one.
    """
    topics = candidates % len(implied.counts)
    at, rows = implied.look_up_rows(topics)
    label, here = find_numbers(labels, candidates[at] - topics[at] + areas[rows])
    pieces = _weigh_places(places[at[here]], label).with_columns(
        weight=(pl.col("weight") * IMPLIED_WEIGHT).round(3)
    )
    numbers = _number_places(pieces)
    order = np.lexsort((-pieces["end"].to_numpy(), -pieces["weight"].to_numpy(), numbers))
    return pieces[order[group_equal_keys(numbers[order]).firsts]]


def _number_places(pieces: pl.DataFrame) -> Ints:
    """Return a number for the label and the place of each piece."""
    fields = pieces["field"].to_physical().to_numpy().astype(np.int64)
    numbers = (pieces["label"].to_numpy() * len(EVIDENCE_FIELDS.categories) + fields) * MOST_STARTS
    return np.asarray(numbers + pieces["start"].to_numpy(), np.int64)


def _list_priors(labels: Ints, priors: pl.DataFrame) -> pl.DataFrame:
    """List what categories and venue say for labels."""
    speaking = priors.filter(pl.col("weight") > 0)
    label, here = find_numbers(labels, number_candidates(speaking))
    return speaking[here].select(
        pl.Series("label", label),
        pl.col("field").cast(EVIDENCE_FIELDS),
        pl.lit(None, pl.Int64).alias("start"),
        pl.lit(None, pl.Int64).alias("end"),
        "phrase",
        "weight",
    )


def _find_field_words(
    labels: pl.DataFrame, texts: TextWords, topic_fields: pl.DataFrame, words: pl.DataFrame
) -> pl.DataFrame:
    """Find the words of the fields that labels are at home in, at their first places: `PIECE`."""
    read = texts.select_texts(np.isin(texts.rows.to_numpy(), labels["row"].to_numpy()))
    vocabulary, word_weights = _sort_known_words(words)
    # The words of each text once for each label that it may have earned: arrays, not joins.
    term_matrix = build_term_matrix(read, vocabulary)[read.find_lines(labels["row"])]
    owners = np.repeat(np.arange(labels.height), np.diff(term_matrix.indptr))
    topics, kinds = np.unique(number_topics(labels), return_inverse=True)
    weights = _weigh_words(topics, labels, topic_fields, word_weights)[
        kinds[owners], term_matrix.indices
    ]
    owners, places, weights = (
        part[weights >= LEAST_WORD] for part in (owners, term_matrix.indices, weights)
    )
    order = np.lexsort((places, -weights, owners))
    grouped = group_equal_keys(owners[order])
    best = order[np.arange(len(order)) - grouped.firsts[grouped.groups] < WORDS]
    chosen = labels[owners[best]].with_columns(
        pl.Series("label", owners[best]),
        vocabulary.gather(places[best]),
        weight=pl.Series(weights[best]),
    )
    return _place_field_words(chosen, read)


@cache_by_identity
def _sort_known_words(words: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    word_weights = words.filter(pl.col("word") != BIAS).sort("word")
    return word_weights["word"], word_weights


def _weigh_words(
    topics: Ints, coded: pl.DataFrame, topic_fields: pl.DataFrame, word_weights: pl.DataFrame
) -> Array:
    """Weigh how much words speak for some topics: a line per topic, a column per word.

    Of the fields that a topic is at home in, a word speaks for the one that it says most of.
    """
    numbers = _number_topic_fields(topic_fields, *list_codes(coded))
    weights = np.zeros((len(topics), word_weights.height))
    for line, topic in enumerate(topics):
        fields = topic_fields["field"].filter(pl.Series(numbers == topic)).to_list()
        weights[line] = (
            word_weights.select(pl.max_horizontal(fields or pl.lit(0.0))).to_series().to_numpy()
        )
    return weights


@cache_by_identity
def _number_topic_fields(topic_fields: pl.DataFrame, facets: pl.Enum, topics: pl.Enum) -> Ints:
    coded = topic_fields.select(pl.col("facet").cast(facets), pl.col("topic").cast(topics))
    return number_topics(coded)


def _place_field_words(chosen: pl.DataFrame, texts: TextWords) -> pl.DataFrame:
    """Find the first place of each chosen word in the texts, as `PIECE`."""
    keys = chosen["word"].unique().sort()
    places = find_words(texts, keys)
    return (
        chosen.join(
            places.select("row", "field", "start", pl.lit(keys).gather("number").alias("word")),
            on=["row", "word"],
            how="inner",
            validate="m:m",
        )
        .sort(*KEY, "word", "field", "start", descending=[False] * 4 + [True, False])
        .unique([*KEY, "word"], keep="first", maintain_order=True)
        .with_columns(
            pl.col("field").cast(pl.String),
            pl.col("start").cast(pl.Int64),
            end=pl.col("start").cast(pl.Int64) + pl.col("word").str.len_chars().cast(pl.Int64),
            phrase=pl.lit(None, pl.String),
            weight=(pl.col("weight") / 10).round(3),
        )
        .select(PIECE.names())
    )
