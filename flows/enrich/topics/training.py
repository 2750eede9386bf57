"""Training: what labelled papers and categories teach, the same weights from the same data."""

from dataclasses import replace

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.calibration import fit_thresholds, join_roles
from flows.enrich.topics.category_weights import learn_category_weights
from flows.enrich.topics.column_weights import list_axis_cells, list_field_cells
from flows.enrich.topics.curated import Knowledge, load_knowledge
from flows.enrich.topics.examples import FOLDS, Examples, assign_fold, read_examples
from flows.enrich.topics.features import FEATURES
from flows.enrich.topics.field_words import learn_field_words
from flows.enrich.topics.held_out import (
    HALVES,
    HeldOut,
    choose_half,
    hold_out_examples,
    hold_out_features,
)
from flows.enrich.topics.logistic_regression import Array, fit_logistic
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import (
    CATEGORIES,
    DECIMALS,
    Model,
    TextFeatures,
    compute_log_odds,
    extract_features,
    list_indicators,
)
from flows.enrich.topics.self_training import Teacher, train_students
from flows.enrich.topics.subject_scores import list_subject_cells
from flows.enrich.topics.text_model import TextModel

PENALTY = {
    "bias": 1e-3,
    "declared": 0.1,
    "feature": 6.0,
    "topic": 3.0,
    "phrase": 3.0,
    "beside": 6.0,
    "titled": 5.0,
    "field": 1.0,
    "axis": 30.0,
    "subject_score": 6.0,
}
"""Ridge penalty by kind of weight: few papers declare what they are, yet they mean it; a phrase is
seen in few papers and has to stay near zero. Chosen by the log loss of the folds."""

SHARED_PENALTY = 1.0
"""Ridge penalty of what a feature is expected to weigh, learned from all facets but
`UNSHARED_FACET`."""

UNSHARED_FACET = "language"
"""The facet that expects nothing from the others: languages are stated in passing."""

MARKED_PAPERS = 3
"""Papers that must share a phrase or a pair of contributions before it gets a weight of its own."""

TITLED_PAPERS = 8
"""Papers that must share a topic and what their title names: of such pairs there are thousands."""

PLACED_PAPERS = 15
"""Papers among whose candidates a topic must be before it gets weights along the axes, and
one of its subject score."""

TextTraining = tuple[TextModel, HeldOut]
"""The text model, and what is held out of it."""


def train_model(
    records: pl.DataFrame | None = None,
    examples: Examples | None = None,
    knowledge: Knowledge | None = None,
    previous: TextTraining | None = None,
) -> tuple[Model, HeldOut]:
    """Learn the model from labelled papers, and from records what arXiv categories say.

    ``records`` has ``title``, ``abstract`` and ``categories``; without it categories say nothing.
    A ``previous`` text model is kept: to learn it takes minutes. The second result is what
    teachers say of labelled papers that they never saw. The same data give the same model.
    """
    knowledge, examples = knowledge or load_knowledge(), examples or read_examples()
    if previous is None:
        nothing = (TextModel(), HeldOut())
        previous = nothing if records is None else train_text_model(records, examples, knowledge)
    model = _fit_model(previous, examples, knowledge)
    if records is None:
        return model, previous[1]
    return replace(model, categories=learn_category_weights(records, model, knowledge)), previous[1]


def train_text_model(
    records: pl.DataFrame, examples: Examples, knowledge: Knowledge
) -> TextTraining:
    """Learn the text model from records, and hold what it says of the examples out."""
    initial = (TextModel(learn_field_words(records)), HeldOut())
    classes = [examples, *(examples.select_papers(choose_half() == half) for half in range(HALVES))]
    teachers = [Teacher(_fit_model(initial, part, knowledge), part) for part in classes]
    whole, *halves = train_students(records, teachers, knowledge)
    return whole, hold_out_examples(examples, halves)


def _fit_model(text_training: TextTraining, examples: Examples, knowledge: Knowledge) -> Model:
    """Fit weights and thresholds to labelled papers; categories say nothing yet."""
    text_model, held_out = text_training
    text_features = extract_features(examples.texts, knowledge, text_model)
    # By what is held out: what the model says of its own examples is too good to be learned from.
    text_features, subject_weights = hold_out_features(text_features, examples, held_out)
    weights = learn_weights(text_features, examples)
    odds = compute_held_out_odds(text_features, learn_fold_weights(text_features, examples))
    nothing = pl.DataFrame(schema=CATEGORIES)
    text_model = replace(text_model, subject_weights=subject_weights)
    return Model(weights, fit_thresholds(odds, examples), nothing, text_model)


def learn_weights(text_features: TextFeatures, examples: Examples) -> pl.DataFrame:
    """Fit the weights (`WEIGHTS`) of every facet by ridge-penalised logistic regression.

    Candidates of papers that are not among the examples are left aside.
    """
    labelled = join_roles(text_features.candidates, examples)
    # The role is only learned from right labels: "primary" means primary given that it is right.
    facets = {part["facet"][0]: part for part in labelled.sort(KEY).partition_by("facet")}
    expected = _learn_shared_weights(
        {name: part for name, part in facets.items() if name != UNSHARED_FACET}
    )
    fitted = []
    for facet, here in facets.items():
        prior = expected.get(facet)
        fitted.append(
            _fit_target(here, pl.col("role").is_not_null(), "right", text_features, prior)
        )
        right = here.filter(pl.col("role").is_not_null())
        if right.height:
            fitted.append(_fit_target(right, pl.col("role") == "primary", "primary", text_features))
    return pl.concat(fitted).sort("facet", maintain_order=True)


def _learn_shared_weights(facets: dict[str, pl.DataFrame]) -> dict[str, Array]:
    """Learn per facet the bias and weights of features that all facets together teach.

    A facet with few candidates, as domains have, learns from the others what a title is worth.
    """
    labelled = pl.concat(facets.values())
    biases = np.column_stack([(labelled["facet"] == name).to_numpy() for name in facets])
    values = np.hstack([biases, labelled.select(FEATURES).to_numpy()])
    penalty = np.array([PENALTY["bias"]] * len(facets) + [SHARED_PENALTY] * len(FEATURES))
    right = labelled["role"].is_not_null().cast(pl.Float64).to_numpy()
    weights = fit_logistic(
        values, right, labelled["annotators"].cast(pl.Float64).to_numpy(), penalty
    )
    common = weights[len(facets) :]
    return {name: np.append(weights[at], common) for at, name in enumerate(facets)}


def _fit_target(
    labelled: pl.DataFrame,
    is_positive: pl.Expr,
    target: str,
    text_features: TextFeatures,
    prior: Array | None = None,
) -> pl.DataFrame:
    names, values = _build_design(labelled, text_features, in_detail=target == "right")
    outcome = labelled.select(is_positive.cast(pl.Float64).alias("y"))["y"].to_numpy()
    kinds = [name.split(":")[0] for name in names]
    penalty = np.array([PENALTY.get(kind, PENALTY["feature"]) for kind in kinds])
    expected = np.zeros(len(names))
    if prior is not None:
        expected[: len(prior)] = prior
    # A paper counts once for each person who judged it.
    importance = labelled["annotators"].cast(pl.Float64).to_numpy()
    weights = fit_logistic(values, outcome, importance, penalty, expected)
    # Rounded first, so that what would be written as zero is left out.
    frame = pl.DataFrame({"feature": names, "weight": weights.round(DECIMALS)})
    return frame.filter(pl.col("weight") != 0).select(
        facet=pl.lit(labelled["facet"][0]),
        target=pl.lit(target),
        feature="feature",
        weight="weight",
    )


def _build_design(
    labelled: pl.DataFrame, text_features: TextFeatures, *, in_detail: bool
) -> tuple[list[str], scipy.sparse.csr_matrix]:
    """Build names and columns: bias, features, one per topic, one per frequent phrase."""
    marks = list_indicators(text_features).with_columns(value=pl.lit(1.0))
    placed = [
        list_cells(text_features.candidates, text_features.fields)
        for list_cells in (list_field_cells, list_axis_cells)
    ]
    placed.append(list_subject_cells(text_features.candidates))
    cells = pl.concat([marks, *(part.cast(marks.schema) for part in placed)])
    cells = cells.join(labelled.select(KEY), on=KEY, how="semi")
    # A phrase of one or two papers would learn these papers, not what the phrase means.
    of_topic = pl.col("feature").str.starts_with("topic:")
    kind = pl.col("feature").str.extract("^([a-z]+):")
    least = kind.replace_strict(
        {"axis": PLACED_PAPERS, "subject_score": PLACED_PAPERS, "titled": TITLED_PAPERS},
        default=MARKED_PAPERS,
    )
    often = pl.col("row").n_unique().over("feature") >= least
    cells = cells.filter(of_topic | (often & pl.lit(in_detail)))
    names = cells["feature"].unique().sort()
    column = pl.DataFrame({"feature": names}).with_row_index("column")
    cells = cells.join(column, on="feature", how="inner", validate="m:1").join(
        labelled.select(KEY).with_row_index("line"), on=KEY, how="inner", validate="m:1"
    )
    # Never laid out in full: with some thousand papers that would take gigabytes.
    indicators = scipy.sparse.csr_matrix(
        (cells["value"].to_numpy(), (cells["line"].to_numpy(), cells["column"].to_numpy())),
        shape=(labelled.height, len(names)),
    )
    features = np.hstack([np.ones((labelled.height, 1)), labelled.select(FEATURES).to_numpy()])
    values = scipy.sparse.hstack([scipy.sparse.csr_matrix(features), indicators], format="csr")
    return ["bias", *FEATURES, *names.to_list()], values


def learn_fold_weights(text_features: TextFeatures, examples: Examples) -> list[pl.DataFrame]:
    """Learn for each fold the weights without its papers, in order of folds."""
    return [
        learn_weights(text_features, examples.select_papers(assign_fold() != fold))
        for fold in range(FOLDS)
    ]


def compute_held_out_odds(text_features: TextFeatures, weights: list[pl.DataFrame]) -> pl.DataFrame:
    """Compute the ``odds`` of candidates (`KEY`) by weights that never saw their paper."""
    parts = []
    for fold, learned in enumerate(weights):
        rest = text_features.select_papers(assign_fold() == fold)
        odds = compute_log_odds(rest, Model(learned, pl.DataFrame(), pl.DataFrame()), "right")
        parts.append(rest.candidates.select(KEY).with_columns(odds=odds))
    return pl.concat(parts).with_columns(pl.col("facet", "topic").cast(pl.String)).sort(KEY)
