"""Training: what labelled papers and categories teach, the same weights from the same data."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.topics.features import FEATURES, KEY
from flows.topics.filings import categories
from flows.topics.knowledge import Knowledge, knowledge
from flows.topics.model import (
    CATEGORIES,
    DECIMALS,
    THRESHOLDS,
    Examined,
    Model,
    examine,
    log_odds,
    marks,
)
from flows.topics.taxonomy import CURATION, NO_DOMAIN
from schemas.vocabulary import Facet

LABELLED = CURATION / "labelled_papers.jsonl"
"""Papers that people labelled: arXiv metadata (CC0) with primary, secondary and ambiguous topics
per facet, and the number of annotators."""

FOLDS = 5
"""Parts of the labelled papers; each part is scored by weights that never saw it."""

PENALTY = {
    "bias": 1e-3,
    "declared": 0.1,
    "feature": 1.0,
    "topic": 1.0,
    "phrase": 4.0,
    "beside": 4.0,
}
"""Ridge penalty by kind of weight: few papers declare what they are, yet they mean it; a phrase is
seen in few papers and has to stay near zero."""

MARKED_PAPERS = 3
"""Papers that must share a phrase or a pair before it gets a weight of its own."""

STEPS = 30
"""Newton steps at most; about eight are enough."""

PLATT = np.array([0.1, 0.1])
"""Ridge penalty of calibration, weak because it pulls the slope to zero. It is fitted on the papers
with the most annotators: they are drawn as listings are, while single annotators read a wider
sample with more applications."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Examples:
    """Labelled papers.

    ``texts`` has ``row``, ``paper``, ``title``, ``abstract`` and ``annotators`` (their number);
    ``truth`` has `KEY` and ``role``: `primary`, `secondary` or `ambiguous`.
    """

    texts: pl.DataFrame
    truth: pl.DataFrame


def read_examples(path: Path = LABELLED) -> Examples:
    """Read the labelled papers, in the order of the file."""
    rows = pl.read_ndjson(path, infer_schema_length=None).with_row_index("row")
    facets = [facet for facet in Facet.values() if facet in rows.columns]
    roles = [
        rows.select("row", pl.col(facet).struct.field(role).alias("topic"))
        .explode("topic", empty_as_null=True)
        .drop_nulls("topic")
        .select(
            "row", pl.lit(facet).alias("facet"), pl.col("topic").cast(pl.String), role=pl.lit(role)
        )
        for facet in facets
        for role in ("primary", "secondary", "ambiguous")
    ]
    return Examples(
        texts=rows.select(
            "row", paper="arxiv_id", title="title", abstract="abstract", annotators="annotators"
        ),
        truth=pl.concat(roles),
    )


def train(
    records: pl.DataFrame | None = None,
    examples: Examples | None = None,
    known: Knowledge | None = None,
) -> Model:
    """Learn the model from labelled papers, and from records what arXiv categories say.

    ``records`` has ``title``, ``abstract`` and ``categories``; without it categories say nothing.
    The same data give the same model.
    """
    known, examples = known or knowledge(), examples or read_examples()
    examined = examine(examples.texts, known)
    weights = learn(examined, examples)
    model = Model(weights, thresholds(examined, examples), pl.DataFrame(schema=CATEGORIES))
    if records is None:
        return model
    return Model(weights, model.thresholds, categories(records, model, known))


def learn(examined: Examined, examples: Examples) -> pl.DataFrame:
    """Fit the weights (`WEIGHTS`) of every facet by ridge-penalised logistic regression."""
    told = (
        examined.candidates.with_columns(pl.col("facet", "topic").cast(pl.String))
        .join(examples.truth, on=KEY, how="left", validate="1:1", maintain_order="left")
        .join(
            examples.texts.select("row", "annotators"),
            on="row",
            how="inner",
            validate="m:1",
            maintain_order="left",
        )
    )
    told = told.filter(pl.col("role").is_null() | (pl.col("role") != "ambiguous"))
    fitted = []
    for facet in told["facet"].unique().sort():
        here = told.filter(pl.col("facet") == facet)
        fitted.append(_fitted(here, pl.col("role").is_not_null(), "right", examined))
        right = here.filter(pl.col("role").is_not_null())
        if right.height:
            fitted.append(_fitted(right, pl.col("role") == "primary", "primary", examined))
    return pl.concat(fitted)


def _fitted(told: pl.DataFrame, wanted: pl.Expr, target: str, examined: Examined) -> pl.DataFrame:
    names, values = _design(told, examined, in_detail=target == "right")
    outcome = told.select(wanted.cast(pl.Float64).alias("y"))["y"].to_numpy()
    kinds = [name.split(":")[0] for name in names]
    penalty = np.array([PENALTY.get(kind, PENALTY["feature"]) for kind in kinds])
    weights = logistic(values, outcome, told["annotators"].cast(pl.Float64).to_numpy(), penalty)
    frame = pl.DataFrame({"feature": names, "weight": weights.round(DECIMALS)})
    return frame.filter(pl.col("weight") != 0).select(
        facet=pl.lit(told["facet"][0]), target=pl.lit(target), feature="feature", weight="weight"
    )


def _design(told: pl.DataFrame, examined: Examined, *, in_detail: bool) -> tuple[list[str], Array]:
    """Give names and columns: bias, features, one per topic, one per frequent phrase."""
    had = marks(examined).join(told.select(KEY), on=KEY, how="semi")
    of_topic = pl.col("feature").str.starts_with("topic:")
    often = pl.col("row").n_unique().over("feature") >= MARKED_PAPERS
    had = had.filter(of_topic | (often & pl.lit(in_detail)))
    names = had["feature"].unique().sort()
    column = pl.DataFrame({"feature": names}).with_row_index("column")
    cells = had.join(column, on="feature", how="inner", validate="m:1").join(
        told.select(KEY).with_row_index("line"), on=KEY, how="inner", validate="m:1"
    )
    indicators = np.zeros((told.height, len(names)))
    indicators[cells["line"].to_numpy(), cells["column"].to_numpy()] = 1
    values = [np.ones((told.height, 1)), told.select(FEATURES).to_numpy(), indicators]
    return ["bias", *FEATURES, *names.to_list()], np.hstack(values)


def logistic(values: Array, outcome: Array, importance: Array, penalty: Array) -> Array:
    """Fit logistic regression by Newton's method; a ridge penalty per column keeps it unique."""
    weights = np.zeros(values.shape[1])
    for _ in range(STEPS):
        chance = sigmoid(values @ weights)
        gradient = values.T @ (importance * (chance - outcome)) + penalty * weights
        curvature = (values * (importance * chance * (1 - chance))[:, None]).T @ values
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        weights -= step
        if np.abs(step).max() < 10**-DECIMALS / 100:
            break
    return weights


def sigmoid(odds: Array) -> Array:
    """Give the probability of log odds."""
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def held_out_odds(examined: Examined, examples: Examples) -> pl.DataFrame:
    """Give candidates (`KEY`) with the ``odds`` of weights that never saw their paper.

    Folds go by place in the file: paper number modulo `FOLDS`.
    """
    parts = []
    for fold in range(FOLDS):
        seen = pl.col("row") % FOLDS != fold
        training = Examples(examples.texts.filter(seen), examples.truth.filter(seen))
        model = Model(learn(_only(examined, seen), training), pl.DataFrame(), pl.DataFrame())
        rest = _only(examined, ~seen)
        parts.append(rest.candidates.select(KEY).with_columns(odds=log_odds(rest, model, "right")))
    return pl.concat(parts).with_columns(pl.col("facet", "topic").cast(pl.String)).sort(KEY)


def _only(examined: Examined, chosen: pl.Expr) -> Examined:
    return Examined(examined.candidates.filter(chosen), examined.places.filter(chosen))


def thresholds(examined: Examined, examples: Examples) -> pl.DataFrame:
    """Calibrate the held-out odds per facet, and find the score that serves F1 best."""
    odds = (
        held_out_odds(examined, examples)
        .join(examples.truth, on=KEY, how="left", validate="1:1", maintain_order="left")
        .filter(pl.col("role").is_null() | (pl.col("role") != "ambiguous"))
        .join(
            examples.texts.select("row", "annotators"),
            on="row",
            how="inner",
            validate="m:1",
            maintain_order="left",
        )
    )
    rows = []
    for facet in odds["facet"].unique().sort():
        here = odds.filter(pl.col("facet") == facet)
        right = here["role"].is_not_null().to_numpy().astype(float)
        importance = here["annotators"].cast(pl.Float64).to_numpy()
        raw = here["odds"].to_numpy()
        design = np.column_stack([raw, np.ones_like(raw)])
        agreed = (importance == importance.max()).astype(float)
        slope, offset = logistic(design, right, agreed, PLATT).round(DECIMALS)
        primary = (here["role"] == "primary").fill_null(value=False).to_numpy().astype(float)
        missed = _missed_weight(examples, here, facet)
        best = _best(sigmoid(slope * raw + offset), right, primary, importance, missed)
        rows.append((facet, best, slope, offset))
    return pl.DataFrame(rows, schema=THRESHOLDS, orient="row")


def _missed_weight(examples: Examples, here: pl.DataFrame, facet: str) -> float:
    """Weigh the primary labels that never became candidates: no threshold finds them."""
    missed = examples.truth.filter(
        (pl.col("facet") == facet) & (pl.col("role") == "primary") & (pl.col("topic") != NO_DOMAIN)
    ).join(here, on=KEY, how="anti")
    return float(
        missed.join(
            examples.texts.select("row", "annotators"), on="row", how="inner", validate="m:1"
        )["annotators"].sum()
    )


def _best(scores: Array, right: Array, primary: Array, importance: Array, missed: float) -> float:
    """Give the threshold of the best F1, averaged with its neighbours against chance peaks."""
    grid = np.round(np.arange(0.35, 0.76, 0.01), 2)
    reached = []
    for threshold in grid:
        given = importance * (scores >= threshold)
        precision = (given * right).sum() / max(given.sum(), 1)
        recall = (given * primary).sum() / max((importance * primary).sum() + missed, 1)
        reached.append(2 * precision * recall / max(precision + recall, 1e-9))
    smooth = np.convolve(np.pad(reached, 5, mode="edge"), np.ones(11) / 11, mode="valid")
    return float(grid[int(np.argmax(smooth))])
