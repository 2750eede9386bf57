"""The model: weights of features, learned by `training`, kept as CSV that a person can read."""

from dataclasses import dataclass, field
from functools import cache, reduce
from pathlib import Path

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import (
    count_topics,
    list_codes,
    number_topics,
)
from flows.enrich.topics.column_weights import (
    sum_axis_weights,
    sum_field_weights,
)
from flows.enrich.topics.contribution_pairs import pair_contributions, sum_pair_weights
from flows.enrich.topics.contribution_scores import add_contribution_features, score_contributions
from flows.enrich.topics.curated import Knowledge
from flows.enrich.topics.disambiguation import drop_without_required_topics, read_abbreviations
from flows.enrich.topics.features import (
    FEATURES,
    describe_candidates,
)
from flows.enrich.topics.field_features import (
    add_field_features,
    suggest_candidates,
)
from flows.enrich.topics.field_words import (
    guess_fields,
)
from flows.enrich.topics.first_years import read_dates
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.introduced_models import find_introduced_models, find_named_benchmarks
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import KEY, add_contexts
from flows.enrich.topics.mentions import find_mentions_and_cues
from flows.enrich.topics.phrase_weights import list_phrase_marks, sum_phrase_weights
from flows.enrich.topics.subject_scores import add_subject_features
from flows.enrich.topics.text_model import TextModel, load_text_model
from flows.enrich.topics.text_words import Ints, TextWords, read_words
from flows.enrich.topics.title_pairs import list_title_pairs, sum_title_weights
from flows.enrich.topics.topic_similarity import add_similarity_features
from flows.paths import TOPIC_MODEL
from schemas.vocabulary import Facet

DECIMALS = 4
"""Digits kept of a weight: more than that is noise of the machine that learned it."""

WEIGHTS = {"facet": pl.String, "target": pl.String, "feature": pl.String, "weight": pl.Float64}
"""Columns of the weights. ``target`` is `right` (given at all) or `primary` (the paper's own
subject, given that it is right); ``feature`` is one of `FEATURES`, `bias`, `topic:<topic>`,
`phrase:<topic>:<key>`, `beside:<topic>:<other topic>:<title or own>`,
`titled:<topic>:<facet>/<other topic>`, `field:<topic>:<field>`, `axis:<topic>:<axis>` or
`subject_score:<topic>`."""

THRESHOLDS = {
    "facet": pl.String,
    "threshold": pl.Float64,
    "slope": pl.Float64,
    "offset": pl.Float64,
    "competitor_weight": pl.Float64,
}
"""Per facet the score from which a label is assigned, slope and offset of its calibration, and the
log odds that a competitor which is sure adds."""

CATEGORIES = {"category": pl.String, "area": pl.String, "weight": pl.Float64}
"""Log odds that an arXiv category adds to an area."""


@dataclass(frozen=True)
class Model:
    """The learned tables: see `WEIGHTS`, `THRESHOLDS`, `CATEGORIES` and `TextModel`."""

    weights: pl.DataFrame
    thresholds: pl.DataFrame
    categories: pl.DataFrame
    text_model: TextModel = field(default_factory=TextModel)


@dataclass(frozen=True)
class TextFeatures:
    """What texts hold: the candidates with their features, and the mentions behind them."""

    candidates: pl.DataFrame
    mentions: pl.DataFrame
    fields: pl.DataFrame

    def select_papers(self, chosen: pl.Expr) -> "TextFeatures":
        """Select what was read in the papers that an expression on ``row`` chooses."""
        return TextFeatures(
            self.candidates.filter(chosen), self.mentions.filter(chosen), self.fields.filter(chosen)
        )


def write_model(model: Model, folder: Path = TOPIC_MODEL) -> Path:
    """Write a model as seven CSV files: the same model gives the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("weights", "thresholds", "categories"):
        getattr(model, name).write_csv(folder / f"{name}.csv", float_precision=DECIMALS)
    # Rounded when they were learned, so that the shortest text of a weight is all of it.
    for name in ("words", "topic_embeddings", "claim_ngrams", "subject_weights"):
        getattr(model.text_model, name).write_csv(folder / f"{name}.csv")
    return folder


@cache
def load_model(folder: Path = TOPIC_MODEL) -> Model:
    """Read a model. Raises `FileNotFoundError` naming the folder when it was never trained."""
    if not (folder / "weights.csv").exists():
        raise FileNotFoundError(f"{folder} holds no model: run `open-papers train-topics` first.")
    return Model(
        weights=pl.read_csv(folder / "weights.csv", schema=WEIGHTS, glob=False),
        thresholds=pl.read_csv(folder / "thresholds.csv", schema=THRESHOLDS, glob=False),
        categories=pl.read_csv(folder / "categories.csv", schema=CATEGORIES, glob=False),
        text_model=load_text_model(folder),
    )


def extract_features(
    texts: pl.DataFrame, knowledge: Knowledge, text_model: TextModel
) -> TextFeatures:
    """Read texts (``row``, ``title``, ``abstract``) and describe every candidate."""
    return extract_word_features(read_words(texts), knowledge, text_model)


def extract_word_features(
    read: TextWords,
    knowledge: Knowledge,
    text_model: TextModel,
    expected: Ints | None = None,
    *,
    is_dated: bool = False,
) -> TextFeatures:
    """Describe every candidate of texts whose words were read, by a text model too.

    ``expected`` are numbers (`number_candidates`) of candidates whatever the words say. Where the
    texts have a ``published`` day (null where unknown), topics that came up later are left out.
    """
    phrase_lookup, lexicon = knowledge.phrase_lookup, knowledge.lexicon
    mentions, cues = find_mentions_and_cues(read, phrase_lookup)
    mentions = read_abbreviations(mentions, read, phrase_lookup)
    # After the abbreviations, which may be the topics that a phrase requires.
    mentions = drop_without_required_topics(mentions, knowledge.required_topics)
    introduced = [
        find(read.texts, lexicon).select(mentions.columns)
        for find in (find_introduced_models, find_named_benchmarks)
    ]
    mentioned = pl.concat([mentions, *introduced])
    mentions = add_contexts(mentioned, read, cues, knowledge.cues["kind"])
    fields = guess_fields(read, text_model.words).hstack(
        score_contributions(read, text_model.claim_ngrams)
    )
    suggested = suggest_candidates(fields, knowledge.topic_fields, mentions)
    suggested = suggested if expected is None else np.append(suggested, expected)
    dates = read_dates(read.texts, knowledge.since, mentions) if is_dated else None
    candidates = (
        describe_candidates(mentions, knowledge.topics, knowledge.implications, suggested, dates)
        .pipe(add_field_features, fields, knowledge.topic_fields)
        .pipe(add_similarity_features, fields, text_model.topic_embeddings)
        .pipe(add_contribution_features, fields)
        .pipe(add_subject_features, fields, text_model.subject_weights)
    )
    return TextFeatures(candidates, mentions, fields)


def compute_log_odds(text_features: TextFeatures, model: Model, target: str) -> pl.Series:
    """Weigh the candidates for a target, in the order of the candidates: that of their keys."""
    weights = _select_target(model.weights, target)
    numbers = number_topics(text_features.candidates)
    parts = (
        _sum_dense_weights(text_features.candidates, weights),
        _read_topic_weights(weights, "topic", *list_codes(text_features.candidates))[numbers],
        sum_phrase_weights(text_features.candidates, text_features.mentions, weights),
        sum_title_weights(text_features.candidates, weights),
        sum_pair_weights(text_features.candidates, weights),
        sum_field_weights(text_features.candidates, text_features.fields, weights),
        sum_axis_weights(text_features.candidates, text_features.fields, weights),
        _read_topic_weights(weights, "subject_score", *list_codes(text_features.candidates))[
            numbers
        ]
        * text_features.candidates["subject_score"].to_numpy(),
    )
    # From left to right, since sums of floats differ with their order.
    return pl.Series("odds", reduce(np.add, parts))


@cache_by_identity
def _select_target(weights: pl.DataFrame, target: str) -> pl.DataFrame:
    return weights.filter(pl.col("target") == target)


def _sum_dense_weights(described: pl.DataFrame, weights: pl.DataFrame) -> Array:
    """Sum the weighed `FEATURES` of candidates, and the bias of their facet."""
    # As what numpy looks up by: it would turn the codes into these for every column.
    codes = described["facet"].to_physical().to_numpy().astype(np.int64)
    odds, weighed = np.zeros((2, described.height))
    # Column by column: a matrix product keeps every core spinning, and its sums differ by machine.
    for name, of_facet in _read_dense_weights(weights).items():
        # The mode spares numpy a copy, since all codes are there.
        of_facet.take(codes, out=weighed, mode="clip")
        if name != "bias":
            weighed *= described[name].to_numpy()
        odds += weighed
    return odds


@cache_by_identity
def _read_dense_weights(weights: pl.DataFrame) -> dict[str, Array]:
    """Read what each of `FEATURES`, and the bias, weighs in each facet."""
    dense = weights.filter(pl.col("feature").is_in([*FEATURES, "bias"]))
    known = {(facet, name): weight for facet, _, name, weight in dense.iter_rows()}
    return {
        name: np.array([known.get((facet, name), 0.0) for facet in Facet.values()])
        for name in [*FEATURES, "bias"]
    }


@cache_by_identity
def _read_topic_weights(
    weights: pl.DataFrame, kind: str, facets: pl.Enum, topics: pl.Enum
) -> Array:
    """Read the weight `<kind>:<topic>` of each topic, by its number."""
    coded = (
        weights.filter(pl.col("feature").str.starts_with(f"{kind}:"))
        .select(
            pl.col("facet").cast(facets, strict=False),
            pl.col("feature")
            .str.strip_prefix(f"{kind}:")
            .cast(topics, strict=False)
            .alias("topic"),
            "weight",
        )
        .drop_nulls(["facet", "topic"])
    )
    table = np.zeros(count_topics(coded))
    table[number_topics(coded)] = coded["weight"].to_numpy()
    return table


def list_indicators(text_features: TextFeatures) -> pl.DataFrame:
    """List what a candidate has beside `FEATURES`, one row each: `KEY`, ``feature``."""
    text = {name: pl.col(name).cast(pl.String) for name in ("topic", "other", "at")}
    pairs = pair_contributions(text_features.candidates).select(
        *KEY, feature=pl.concat_str(pl.lit("beside"), *text.values(), separator=":")
    )
    of_topics = text_features.candidates.select(*KEY, feature="topic:" + text["topic"])
    phrases, titled = (
        list_phrase_marks(text_features.mentions),
        list_title_pairs(text_features.candidates),
    )
    return pl.concat([of_topics, phrases, pairs, titled]).with_columns(
        pl.col("facet", "topic").cast(pl.String)
    )
