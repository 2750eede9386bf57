"""Link training: what sentences whose links people sorted teach about cues and words."""

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from flows.enrich.links.describe_links import revise_kinds
from flows.enrich.links.link_words import WINDOWS
from flows.enrich.links.role_cues import read_contexts
from flows.enrich.links.roles import (
    KINDS,
    OWN_CHANCE,
    USED_CHANCE,
    WEIGHTS,
    WORD_WEIGHTS,
    Array,
    Reading,
    choose_roles,
    list_features,
    log_odds,
    name_cue,
    read_mentions,
)
from flows.enrich.topics.logistic_regression import fit_logistic
from flows.urls import rules
from schemas.vocabulary import LinkRole

PENALTY = 2.0
"""Ridge penalty of every cue; the bias goes almost free. Chosen by the F1 of the folds."""

WORD_PENALTY = 8.0
"""The same of a word, of which there are many more."""

USED_PENALTIES = {"cue": 4.0, "word": 16.0, "noun": 8.0}
"""The same of cues, words and classes of nouns where links that are used are told from others."""

KIND_PENALTY = 60.0
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
    ("we present it", "outside"): 2.0,
    ("by making it", "statement"): 3.0,
    ("by making it", "object"): 3.0,
    ("by making it", "outside"): 3.0,
    ("project page", "statement"): 3.0,
    ("project page", "object"): 3.0,
    ("project page", "behind"): 1.0,
}
"""Log odds that a link is the authors' own which people set: sentences from the middle of papers,
which the examples are, name no pages of their own project and seldom present it."""

LEAST_WEIGHT = 0.005
"""A weight below this moves no decision."""

WRITTEN_IMPORTANCE = 0.5
"""What a sentence that was made up counts beside one of a paper; chosen on four fifths of these.
For roles alone: to kinds such sentences added nothing outside of noise."""

FOLDS = 10

ROUNDED = 4
"""Decimals of the figures of folds."""

DECIMALS = 2
"""Of a weight in the file: a hundredth moves no decision that a reader would make."""

WORD_DECIMALS = 3

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


class TrainingData(NamedTuple):
    """Examples as numbers, a line each: cues, words, whose the link is, and how right each kind is.

    ``names`` are those of the columns of words; ``is_written`` marks sentences that were made up.
    """

    shown: Array
    words: Array
    names: list[str]
    role: pl.Series
    kinds: Array
    is_written: Flags


def read_training_data(papers: pl.DataFrame, written: pl.DataFrame | None = None) -> TrainingData:
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
    return TrainingData(reading.shown, words, names, examples["role"], right, is_written)


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


def train_link_weights(
    papers: pl.DataFrame, written: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Learn `WEIGHTS` of cues and `WORD_WEIGHTS`; the same examples give the same ones."""
    examples = read_training_data(papers, written)
    is_own = (examples.role == LinkRole.OWN.value).to_numpy()
    of_cues, of_words = _fit_own(examples, np.full(len(is_own), fill_value=True))
    # Two questions in a row: what is used is learned from links of others alone.
    used_of_cues, used_of_words = fit_used(examples, ~is_own)
    features = pl.DataFrame(list_features(), schema=["cue", "place"], orient="row")
    cues = (
        features.with_columns(
            own=pl.Series(_set_by_hand(of_cues, of_words)[0]).round(DECIMALS),
            used=pl.Series(used_of_cues).round(DECIMALS),
        )
        .select(WEIGHTS.names())
        .cast(WEIGHTS)
    )
    of_kinds = pl.DataFrame(
        _fit_kinds(examples, np.full(len(is_own), fill_value=True)), schema=KINDS
    )
    names = [name_cue(*key) for key in list_features()]
    of_roles = {
        role: pl.Series([*[None] * len(names), *weights], dtype=pl.Float64)
        for role, weights in {"own": of_words, "used": used_of_words}.items()
    }
    words = of_kinds.with_columns(**of_roles, feature=pl.Series([*names, *examples.names]))
    return cues, words.select("feature", pl.exclude("feature").round(WORD_DECIMALS)).select(
        WORD_WEIGHTS.names()
    )


def _fit_own(examples: TrainingData, chosen: Flags) -> tuple[Array, Array]:
    """Fit the log odds that chosen examples are the authors' own: those of cues, and of words."""
    # Addresses would teach who published the examples.
    is_word = np.array([name.split(":")[0] in WINDOWS for name in examples.names])
    penalty = np.where(is_word, WORD_PENALTY, np.inf)
    return _fit_role(examples, LinkRole.OWN, chosen, (PENALTY, penalty))


def fit_used(examples: TrainingData, chosen: Flags) -> tuple[Array, Array]:
    """Fit the log odds that chosen examples, links of others, are used: of cues, and of words."""
    prefixes = [name.split(":")[0] for name in examples.names]
    penalty = [
        USED_PENALTIES["word"]
        if prefix in WINDOWS
        else USED_PENALTIES["noun"]
        if prefix.startswith("noun")
        else np.inf
        for prefix in prefixes
    ]
    return _fit_role(examples, LinkRole.USED, chosen, (USED_PENALTIES["cue"], np.array(penalty)))


def _fit_role(
    examples: TrainingData, role: LinkRole, chosen: Flags, penalties: tuple[float, Array]
) -> tuple[Array, Array]:
    """Fit a role; ``penalties`` are that of every cue, and those of the words (inf: no weight)."""
    of_cue, of_each_word = penalties
    is_weighed = np.isfinite(of_each_word)
    count = int(is_weighed.sum())
    values = np.hstack([examples.words[:, is_weighed], examples.shown])[chosen]
    penalty = np.full(values.shape[1], of_cue)
    penalty[:count] = of_each_word[is_weighed]
    penalty[-1] = BIAS_PENALTY
    is_role = (examples.role == role.value).to_numpy()[chosen]
    importance = np.where(examples.is_written, WRITTEN_IMPORTANCE, 1.0)[chosen]
    weights = fit_logistic(values, is_role.astype(float), importance, penalty)
    of_words = np.zeros(len(examples.names))
    of_words[is_weighed] = weights[:count]
    return weights[count:], of_words


def _fit_kinds(examples: TrainingData, chosen: Flags) -> Array:
    """Fit how right kinds are, by least squares: a line per cue and word, a column per kind."""
    chosen = chosen & ~examples.is_written
    values = np.hstack([examples.shown, examples.words])[chosen]
    # Fewer examples than features: the dual problem is the smaller one, and the same.
    gram = values @ values.T + KIND_PENALTY * np.eye(len(values))
    return np.asarray(values.T @ np.linalg.solve(gram, examples.kinds[chosen]))


def cross_validate(
    papers: pl.DataFrame, groups: pl.Series, written: pl.DataFrame | None = None
) -> dict[str, float]:
    """Score sentences that the weights have not seen: roles (precision, recall) and kinds.

    ``groups`` names what a mention belongs to; all of a group is in one fold: ``url``, so that no
    link is both learned and judged, or the paper, so that none of its sentences is. Sentences that
    were made up are learned in every fold, and never judged.
    """
    examples = read_training_data(papers, written)
    # By a digest that stays: Python's own hash of a text is another one in each process.
    folds = np.full(len(examples.role), -1)
    folds[: papers.height] = [zlib.crc32(str(group).encode()) % FOLDS for group in groups]
    own, used = np.zeros(len(folds)), np.zeros(len(folds))
    scores = np.zeros((len(folds), len(KINDS)))
    is_own = (examples.role == LinkRole.OWN.value).to_numpy()
    for fold in range(FOLDS):
        rest, is_judged = folds != fold, folds == fold
        shown, words = examples.shown[is_judged], examples.words[is_judged]
        for odds, (of_cues, of_words) in (
            (own, _set_by_hand(*_fit_own(examples, rest))),
            (used, fit_used(examples, rest & ~is_own)),
        ):
            odds[is_judged] = shown @ of_cues + words @ of_words
        scores[is_judged] = np.hstack([shown, words]) @ _fit_kinds(examples, rest)
    called = pl.DataFrame(
        {"_is_own": own >= log_odds(OWN_CHANCE), "_is_used": used >= log_odds(USED_CHANCE)}
    ).head(papers.height)
    roles = choose_roles(read_contexts(papers), papers["kind"], called)
    of_papers = pl.DataFrame(scores[: papers.height], schema=KINDS)
    return _score_folds(revise_kinds(papers.with_columns(role=roles), of_papers), papers["role"])


def _set_by_hand(of_cues: Array, of_words: Array) -> tuple[Array, Array]:
    """Set the weights of `BY_HAND` among those of cues, as files have them."""
    by_hand = [BY_HAND.get(feature, np.nan) for feature in list_features()]
    return np.where(np.isnan(by_hand), of_cues, by_hand), of_words


def _score_folds(judged: pl.DataFrame, truth: pl.Series) -> dict[str, float]:
    """Score ``role`` of judged mentions against the truth, and ``kind`` against right ones."""
    figures = {}
    for role in LinkRole.values():
        is_called, is_role = (judged["role"] == role).to_numpy(), (truth == role).to_numpy()
        right = int((is_called & is_role).sum())
        figures[f"{role} precision"] = right / max(int(is_called.sum()), 1)
        figures[f"{role} recall"] = right / max(int(is_role.sum()), 1)
    is_kind_right = judged.select(pl.col("right_kinds").list.contains(pl.col("kind"))).to_series()
    figures["kinds"] = float(is_kind_right.cast(pl.Float64).to_numpy().mean())
    return {name: round(figure, ROUNDED) for name, figure in figures.items()}


def write_weights(weights: pl.DataFrame, path: Path, decimals: int = DECIMALS) -> None:
    """Write `WEIGHTS` or `WORD_WEIGHTS` for readers: those that weigh nothing are left out."""
    numbers = pl.col(pl.Float64).fill_null(0.0)
    heavy = weights.filter(pl.any_horizontal(numbers.abs() >= LEAST_WEIGHT))
    heavy.write_csv(path, float_precision=decimals)
