"""Evidence: the words that earned a label, as the paper has them."""

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import list_codes, number_candidates, number_topics
from flows.enrich.topics.field_words import BIAS, count_words
from flows.enrich.topics.kept_tables import keep_results
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_search import find_words
from flows.enrich.topics.runs_of_rows import find_runs
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

FOLLOWED = 0.5
"""Weight of a mention of a task or method for an area that follows from it."""

PLACE = [*KEY, "field", "start", "end", "phrase", "weight"]
"""Columns of a piece of evidence on its way; ``phrase`` is null where a place says it."""


SHOWN = ["label", *PLACE[len(KEY) :]]
"""The same where the label is known by its place among all labels."""


def list_pieces(
    places: pl.DataFrame, priors: pl.DataFrame, implications: pl.DataFrame
) -> pl.DataFrame:
    """List what may have earned labels, one row per piece, with the columns of `PLACE`.

    Pieces are mentions, mentions of what an area follows from, categories and venue.
    """
    mentioned = _weigh_places(places)
    return pl.concat([mentioned, _follow_areas(mentioned, implications), _list_priors(priors)])


def gather_evidence(
    labels: pl.DataFrame,
    pieces: pl.DataFrame,
    read: TextWords,
    homes: pl.DataFrame,
    words: pl.DataFrame,
) -> pl.Series:
    """Gather what earned labels, whose `KEY` rise: ``evidence`` of each, null where there is none.

    The weightiest `PIECES` are kept. Where an assigned label has none, the words that made the
    paper's field likely are shown; some have not even these. Phrases are shown as they stand in
    the text, not as the lexicon spells them.
    """
    numbers = number_candidates(labels)
    at = np.searchsorted(numbers, number_candidates(pieces))
    is_wanted = np.append(numbers, -1)[at] == number_candidates(pieces)
    pieces = pieces.with_columns(label=pl.Series(at, dtype=pl.UInt32)).filter(pl.Series(is_wanted))
    is_bare = np.bincount(at[is_wanted], minlength=len(numbers)) == 0
    bare = (
        labels.select(KEY).with_row_index("label").filter(labels["is_assigned"], pl.Series(is_bare))
    )
    found = _find_field_words(bare, read, homes, words)
    best = _select_weightiest(pl.concat([pieces.select(SHOWN), found.select(SHOWN)]))
    lines = read.find_lines(labels["row"])[best["label"].to_numpy()]
    shown = best.with_columns(pl.coalesce("phrase", _quote_places(best, lines, read)))
    lists = shown.group_by("label", maintain_order=True).agg(
        evidence=pl.struct(list(EVIDENCE.to_schema()))
    )
    rows = np.full(len(numbers), -1)
    rows[lists["label"].to_numpy()] = np.arange(lists.height)
    return lists["evidence"].gather(pl.Series(rows).replace(-1, None))


def _select_weightiest(pieces: pl.DataFrame) -> pl.DataFrame:
    """Select the weightiest `PIECES` of each ``label``, in order."""
    # Categories of one weight have no place: without their names their order would be chance.
    ordered = pieces.sort(
        *("label", "weight", "field", "start", "phrase"),
        descending=[False, True, True, False, False],
    )
    runs = find_runs(ordered["label"].to_numpy().astype(np.int64))
    rank = np.arange(ordered.height) - runs.firsts[runs.owners]
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


def _weigh_places(places: pl.DataFrame) -> pl.DataFrame:
    weight = pl.col("strength") * pl.col("zone").replace_strict(
        ZONE_WEIGHTS, return_dtype=pl.Float64
    )
    aside = pl.col("is_negation") | pl.col("is_list")
    return places.select(
        *KEY,
        pl.col("field").cast(pl.String),
        pl.col("start", "end").cast(pl.Int64),
        phrase=pl.lit(None, pl.String),
        weight=(weight * pl.when(aside).then(0.5).otherwise(1)).round(3),
    )


def _follow_areas(mentioned: pl.DataFrame, implications: pl.DataFrame) -> pl.DataFrame:
    """Turn mentions of tasks and methods into evidence of the areas that they imply."""
    facets, topics = list_codes(mentioned)
    return (
        mentioned.join(
            _code_implications(implications, facets, topics),
            on=["facet", "topic"],
            how="inner",
            validate="m:m",
        )
        .with_columns(
            facet=pl.lit("area", facets),
            topic="area",
            weight=(pl.col("weight") * FOLLOWED).round(3),
        )
        .select(PLACE)
        # A long mention and a short one within it say the same of the area: the weightier one, then
        # the longer one, since the order of what is joined depends on how much there is.
        .sort("weight", "end", descending=True)
        .unique([*KEY, "field", "start"], keep="first", maintain_order=True)
        .join(mentioned, on=[*KEY, "field", "start"], how="anti")
    )


@keep_results
def _code_implications(
    implications: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> pl.DataFrame:
    return implications.select(pl.col("facet").cast(facets), pl.col("topic", "area").cast(topics))


def _list_priors(priors: pl.DataFrame) -> pl.DataFrame:
    return priors.filter(pl.col("weight") > 0).select(
        *KEY,
        "field",
        pl.lit(None, pl.Int64).alias("start"),
        pl.lit(None, pl.Int64).alias("end"),
        "phrase",
        "weight",
    )


def _find_field_words(
    labels: pl.DataFrame, texts: TextWords, homes: pl.DataFrame, words: pl.DataFrame
) -> pl.DataFrame:
    """Find the words of the fields that labels are at home in, at their first places: `SHOWN`."""
    read = texts.select_texts(np.isin(texts.rows.to_numpy(), labels["row"].to_numpy()))
    vocabulary, known = _sort_known_words(words)
    # The words of each text once for each label that it may have earned: arrays, not joins.
    spoken = count_words(read, vocabulary)[read.find_lines(labels["row"])]
    owners = np.repeat(np.arange(labels.height), np.diff(spoken.indptr))
    topics, kinds = np.unique(number_topics(labels), return_inverse=True)
    weights = _weigh_words(topics, labels, homes, known)[kinds[owners], spoken.indices]
    owners, places, weights = (
        part[weights >= LEAST_WORD] for part in (owners, spoken.indices, weights)
    )
    order = np.lexsort((places, -weights, owners))
    runs = find_runs(owners[order])
    best = order[np.arange(len(order)) - runs.firsts[runs.owners] < WORDS]
    chosen = labels[owners[best]].with_columns(
        vocabulary.gather(places[best]), weight=pl.Series(weights[best])
    )
    return _place_field_words(chosen, read)


@keep_results
def _sort_known_words(words: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
    known = words.filter(pl.col("word") != BIAS).sort("word")
    return known["word"], known


def _weigh_words(
    topics: Ints, coded: pl.DataFrame, homes: pl.DataFrame, known: pl.DataFrame
) -> Array:
    """Weigh how much words speak for some topics: a line per topic, a column per word.

    Of the fields that a topic is at home in, a word speaks for the one that it says most of.
    """
    numbers = _number_homes(homes, *list_codes(coded))
    weights = np.zeros((len(topics), known.height))
    for line, topic in enumerate(topics):
        fields = homes["field"].filter(pl.Series(numbers == topic)).to_list()
        weights[line] = (
            known.select(pl.max_horizontal(fields or pl.lit(0.0))).to_series().to_numpy()
        )
    return weights


@keep_results
def _number_homes(homes: pl.DataFrame, facets: pl.Enum, topics: pl.Enum) -> Ints:
    coded = homes.select(pl.col("facet").cast(facets), pl.col("topic").cast(topics))
    return number_topics(coded)


def _place_field_words(chosen: pl.DataFrame, texts: TextWords) -> pl.DataFrame:
    """Find the first place of each chosen word in the texts, as `SHOWN`."""
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
        .select(SHOWN)
    )
