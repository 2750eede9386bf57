"""Training: what sentences whose links people sorted teach about cues and words."""

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from flows.enrich.links.describe_links import revise_kinds
from flows.enrich.links.link_words import ZONES
from flows.enrich.links.roles import (
    KINDS,
    OWN_CHANCE,
    WEIGHTS,
    WORD_WEIGHTS,
    Array,
    Reading,
    list_features,
    name_cue,
    read_mentions,
)
from flows.enrich.topics.logistic_regression import fit_logistic, sigmoid
from flows.urls import rules
from schemas.vocabulary import LinkRole

PENALTY = 2.0
"""Ridge penalty of every cue; the bias goes almost free. Chosen by the F1 of the folds."""

WORD_PENALTY = 8.0
"""The same of a word, of which there are many more."""

KIND_PENALTY = 40.0
"""The same where kinds are told apart by least squares."""

BIAS_PENALTY = 1e-3

PREFERRED = 0.2
"""What the first of the kinds that are right has before the others: a tool is software before it
is something else, and a reader is served better by the word that says so."""

LEAST_SITES = 3
"""Sites to which a word must belong before it gets a weight: names of one product teach nothing."""

BY_HAND = {
    ("we present it", "statement"): 3.5,
    ("we present it", "object"): 2.0,
    ("project page", "statement"): 3.0,
    ("project page", "object"): 3.0,
    ("project page", "behind"): 1.0,
}
"""Log odds that a link is the authors' own which people set: sentences from the middle of papers,
which the examples are, name no pages of their own project and seldom present it."""

LEAST_WEIGHT = 0.005
"""A weight below this moves no decision."""

FOLDS = 10

DECIMALS = 2
"""Of a weight in the file: a hundredth moves no decision that a reader would make."""

WORD_DECIMALS = 3


class Lesson(NamedTuple):
    """Examples as numbers, a line each: cues, words, whose the link is, and how right each kind is.

    ``names`` are those of the columns of words.
    """

    shown: Array
    words: Array
    names: list[str]
    role: pl.Series
    kinds: Array


def read_lesson(examples: pl.DataFrame) -> Lesson:
    """Read mentions with a ``role`` and ``right_kinds``, the best one first, given by people."""
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
    return Lesson(reading.shown, words, names, examples["role"], right)


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


def train_link_weights(examples: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Learn `WEIGHTS` of cues and `WORD_WEIGHTS`; the same examples give the same ones."""
    lesson = read_lesson(examples)
    is_own = (lesson.role == LinkRole.OWN.value).to_numpy()
    is_used = (lesson.role == LinkRole.USED.value).to_numpy()
    of_cues, of_words = _fit_own(lesson, np.full(len(is_own), fill_value=True))
    features = pl.DataFrame(list_features(), schema=["cue", "place"], orient="row")
    by_hand = pl.DataFrame(
        [(*key, weight) for key, weight in BY_HAND.items()],
        schema=["cue", "place", "_own"],
        orient="row",
    )
    cues = (
        features.with_columns(
            # Two questions in a row: what is used is learned from links of others alone.
            own=pl.Series(of_cues).round(DECIMALS),
            used=pl.Series(_fit(lesson.shown[~is_own], is_used[~is_own])).round(DECIMALS),
        )
        .join(by_hand, on=["cue", "place"], how="left", maintain_order="left")
        .with_columns(own=pl.coalesce("_own", "own"))
        .select(WEIGHTS.names())
        .cast(WEIGHTS)
    )
    of_kinds = pl.DataFrame(_fit_kinds(lesson, np.full(len(is_own), fill_value=True)), schema=KINDS)
    names = [name_cue(*key) for key in list_features()]
    own = pl.Series("own", [*[None] * len(names), *of_words], dtype=pl.Float64)
    words = of_kinds.with_columns(own, feature=pl.Series([*names, *lesson.names]))
    return cues, words.select("feature", pl.exclude("feature").round(WORD_DECIMALS)).select(
        WORD_WEIGHTS.names()
    )


def _fit_own(lesson: Lesson, chosen: np.ndarray) -> tuple[Array, Array]:
    """Fit the log odds that chosen examples are the authors' own: those of cues, and of words."""
    # Addresses would teach who published the examples.
    is_word = np.array([name.split(":")[0] in ZONES for name in lesson.names])
    values = np.hstack([lesson.words[:, is_word], lesson.shown])[chosen]
    penalty = np.full(values.shape[1], WORD_PENALTY)
    penalty[is_word.sum() :] = PENALTY
    penalty[-1] = BIAS_PENALTY
    is_own = (lesson.role == LinkRole.OWN.value).to_numpy()[chosen]
    weights = fit_logistic(values, is_own.astype(float), np.ones(len(is_own)), penalty)
    of_words = np.zeros(len(lesson.names))
    of_words[is_word] = weights[: is_word.sum()]
    return weights[is_word.sum() :], of_words


def _fit_kinds(lesson: Lesson, chosen: np.ndarray) -> Array:
    """Fit how right kinds are, by least squares: a line per cue and word, a column per kind."""
    values = np.hstack([lesson.shown, lesson.words])[chosen]
    # Fewer examples than features: the dual problem is the smaller one, and the same.
    gram = values @ values.T + KIND_PENALTY * np.eye(len(values))
    return np.asarray(values.T @ np.linalg.solve(gram, lesson.kinds[chosen]))


def cross_validate(examples: pl.DataFrame) -> dict[str, float]:
    """Score sentences that the weights have not seen: precision and recall of "own", and kinds.

    Mentions of one link are in one fold, so that no link is both learned and judged.
    """
    lesson = read_lesson(examples)
    # By a digest that stays: Python's own hash of a text is another one in each process.
    folds = np.array([zlib.crc32(url.encode()) % FOLDS for url in examples["url"]])
    chance, scores = np.zeros(examples.height), np.zeros((examples.height, len(KINDS)))
    for fold in range(FOLDS):
        rest = folds != fold
        of_cues, of_words = _fit_own(lesson, rest)
        odds = lesson.shown[~rest] @ of_cues + lesson.words[~rest] @ of_words
        chance[~rest] = sigmoid(odds)
        values = np.hstack([lesson.shown, lesson.words])[~rest]
        scores[~rest] = values @ _fit_kinds(lesson, rest)
    is_called = chance >= OWN_CHANCE
    is_own = (lesson.role == LinkRole.OWN.value).to_numpy()
    right = float((is_called & is_own).sum())
    role = pl.when(pl.Series(is_called)).then(pl.lit("own")).otherwise(pl.lit("unknown"))
    revised = revise_kinds(examples.with_columns(role=role), pl.DataFrame(scores, schema=KINDS))
    is_kind_right = revised.select(pl.col("right_kinds").list.contains(pl.col("kind")))
    return {
        "precision": right / is_called.sum(),
        "recall": right / is_own.sum(),
        "kinds": float(is_kind_right.to_series().cast(pl.Float64).to_numpy().mean()),
    }


def _fit(shown: Array, outcome: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    penalty = np.full(shown.shape[1], PENALTY)
    penalty[-1] = BIAS_PENALTY
    return fit_logistic(shown, outcome.astype(float), np.ones(len(outcome)), penalty)


def write_weights(weights: pl.DataFrame, path: Path, decimals: int = DECIMALS) -> None:
    """Write `WEIGHTS` or `WORD_WEIGHTS` for readers: those that weigh nothing are left out."""
    numbers = pl.col(pl.Float64).fill_null(0.0)
    heard = weights.filter(pl.any_horizontal(numbers.abs() >= LEAST_WEIGHT))
    heard.write_csv(path, float_precision=decimals)
