"""Link training: what sentences whose links people sorted teach about cues and words."""

import zlib
from pathlib import Path

import numpy as np
import polars as pl

from flows.enrich.links.describe_links import revise_kinds
from flows.enrich.links.link_training_data import (
    NO_VECTORS,
    Flags,
    TrainingData,
    read_training_data,
)
from flows.enrich.links.link_words import WINDOWS
from flows.enrich.links.role_cues import read_contexts
from flows.enrich.links.roles import (
    KINDS,
    OWN_CHANCE,
    USED_CHANCE,
    WEIGHTS,
    WORD_WEIGHTS,
    Array,
    choose_roles,
    list_features,
    log_odds,
    name_cue,
)
from flows.enrich.links.word_vectors import WordVectors, weigh_vector_words
from flows.enrich.topics.logistic_regression import fit_logistic
from schemas.vocabulary import LinkRole

PENALTY = 2.0
"""Ridge penalty of every cue; the bias goes almost free. Chosen by the F1 of the folds."""

WORD_PENALTY = 8.0
"""The same of a word, of which there are many more."""

USED_PENALTIES = {"cue": 4.0, "word": 16.0, "noun": 8.0}
"""The same of cues, words and classes of nouns where links that are used are told from others."""

KIND_PENALTY = 80.0
"""The same where kinds are told apart by least squares."""

BIAS_PENALTY = 1e-3

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
"""What a sentence that was made up counts beside one of a paper; chosen on four fifths of these."""

FOLDS = 10

ROUNDED = 4
"""Decimals of the figures of folds."""

DECIMALS = 2
"""Of a weight in the file: a hundredth moves no decision that a reader would make."""

WORD_DECIMALS = 3


def train_link_weights(
    papers: pl.DataFrame, written: pl.DataFrame | None = None, vectors: WordVectors = NO_VECTORS
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Learn `WEIGHTS` of cues and `WORD_WEIGHTS`; the same examples give the same ones."""
    examples = read_training_data(papers, written, vectors)
    is_own = (examples.role == LinkRole.OWN.value).to_numpy()
    everything = np.full(len(is_own), fill_value=True)
    of_cues, of_words = _fit_own(examples, everything)
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
    of_roles = pl.DataFrame({"feature": examples.names, "own": of_words, "used": used_of_words})
    words = _name_weights(_fit_kinds(examples, everything), examples.names, vectors).join(
        of_roles, on="feature", how="left", validate="1:1", maintain_order="left"
    )
    return cues, words.select("feature", pl.exclude("feature").round(WORD_DECIMALS)).select(
        WORD_WEIGHTS.names()
    )


def _name_weights(of_kinds: Array, names: list[str], vectors: WordVectors) -> pl.DataFrame:
    """Name the lines of `_fit_kinds`; those of vectors become weights of the words."""
    features = [*(name_cue(*key) for key in list_features()), *names]
    alike, of_alike = weigh_vector_words(of_kinds[len(features) :], vectors)
    lines = pl.DataFrame(
        {"feature": [*features, *alike]}
        | dict(zip(KINDS, np.vstack([of_kinds[: len(features)], of_alike]).T, strict=True))
    )
    return lines.group_by("feature", maintain_order=True).sum()


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
    """Fit how right kinds are, by least squares: a line per column of `_join_columns`."""
    values = _join_columns(examples, chosen)
    importance = np.where(examples.is_written, WRITTEN_IMPORTANCE, 1.0)[chosen]
    # Fewer examples than features: the dual problem is the smaller one, and the same.
    gram = values @ values.T + KIND_PENALTY * np.diag(1 / importance)
    return np.asarray(values.T @ np.linalg.solve(gram, examples.kinds[chosen]))


def _join_columns(examples: TrainingData, chosen: Flags) -> Array:
    """Join what kinds are told by: a column per cue, word and axis of vectors."""
    return np.hstack([examples.shown, examples.words, examples.likeness])[chosen]


def cross_validate(
    papers: pl.DataFrame,
    groups: pl.Series,
    written: pl.DataFrame | None = None,
    vectors: WordVectors = NO_VECTORS,
) -> dict[str, float]:
    """Score sentences that the weights have not seen: roles (precision, recall) and kinds.

    ``groups`` names what a mention belongs to; all of a group is in one fold: ``url``, so that no
    link is both learned and judged, or the paper, so that none of its sentences is. Sentences that
    were made up are learned in every fold, and never judged.
    """
    examples = read_training_data(papers, written, vectors)
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
        scores[is_judged] = _join_columns(examples, is_judged) @ _fit_kinds(examples, rest)
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
