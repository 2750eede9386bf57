"""Subject scores: how likely a topic is by the subject of the text, from labelled papers.

A phrase is seen or not; the subject of a text, where it stands on the axes of `subject_axes`, is
always known. One ridge regression per topic tells from it whether people gave the topic to such
papers. What it says of a labelled paper is what it would say without that paper.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_features import find_field_lines, lay_fields, sum_products
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.subject_axes import AXES

SUBJECT_FEATURES = ["subject_score"]
"""Of a candidate: its score, in deviations; zero where too few labelled papers have the topic."""

LEAST_PAPERS = 10
"""Labelled papers that must have a topic before its score is learned."""

RIDGE = 300.0
"""Ridge penalty of an axis; a third or three times as much changes no F1 by 0.001."""

LEAST_SUBJECT_SCORE, MOST_SUBJECT_SCORE = -1.0, 3.0
"""Scores between which they count: beyond them a text only has more of the same words."""

DECIMALS = 3
"""Digits kept of what an axis says of a topic."""

SUBJECT_FACETS = ["area", "task", "method"]
"""Facets whose scores shrink with the probability that the text is of no computing."""

BIAS = "bias"

LOADINGS = [*AXES, BIAS]
"""Columns of a topic: a weight per axis, and the bias."""


def empty_subject_weights() -> pl.DataFrame:
    """Make the table of a model that learned none: key ``facet``, ``topic``; `LOADINGS`."""
    keys = {"facet": pl.String, "topic": pl.String}
    return pl.DataFrame(schema=keys | dict.fromkeys(LOADINGS, pl.Float64))


@dataclass(frozen=True)
class LeaveOneOutScores:
    """The scores of labelled papers, each as learned from all other papers (leave one out)."""

    papers: pl.Series
    """The papers, in the order of the lines."""
    topics: pl.DataFrame
    """``facet`` and ``topic``, in the order of the columns."""
    values: Array
    """A line per paper, a column per topic."""


def learn_subject_weights(
    examples: Examples, fields: pl.DataFrame
) -> tuple[pl.DataFrame, LeaveOneOutScores]:
    """Learn the weights of axes from labelled papers, and the leave-one-out scores of these.

    ``fields`` has a line for each of the examples, in their order. A score counts deviations of
    a topic's share of the papers, which brings rare and frequent topics to one size.
    """
    topics, labels = _spread_labels(examples)
    importance = examples.texts["annotators"].cast(pl.Float64).to_numpy()
    design = np.column_stack([fields.select(AXES).to_numpy(), np.ones(fields.height)])
    weighed = design * importance[:, None]
    penalty = np.diag([*np.full(len(AXES), RIDGE), 1.0])
    inverse = np.linalg.inv(design.T @ weighed + penalty)
    loadings = inverse @ (weighed.T @ labels)
    # How much of what is said of a paper its own labels decide: without it, that part is taken out.
    own_share = ((design @ inverse) * weighed).sum(axis=1)[:, None]
    without = (design @ loadings - own_share * labels) / (1 - own_share)
    share = np.average(labels, axis=0, weights=importance).clip(1e-6, 1 - 1e-6)
    spread = np.sqrt(share * (1 - share))
    loadings[-1] -= share
    rounded = (loadings / spread).round(DECIMALS) + 0.0
    table = topics.hstack(pl.DataFrame(rounded.T, schema=LOADINGS))
    return table, LeaveOneOutScores(examples.texts["paper"], topics, (without - share) / spread)


def _spread_labels(examples: Examples) -> tuple[pl.DataFrame, Array]:
    """Spread labels out: ``facet`` and ``topic`` of the frequent ones, and a column for each."""
    labels = examples.truth.filter(pl.col("role") != "ambiguous", pl.col("facet") != "language")
    topics = (
        labels.group_by("facet", "topic")
        .len()
        .filter(pl.col("len") >= LEAST_PAPERS)
        .select("facet", "topic")
        .sort("facet", "topic")
    )
    lines = examples.texts.select("row").with_row_index("line")
    cells = labels.join(lines, on="row", how="inner", validate="m:1").join(
        topics.with_row_index("column"), on=["facet", "topic"], how="inner", validate="m:1"
    )
    spread = np.zeros((lines.height, topics.height))
    spread[cells["line"].to_numpy(), cells["column"].to_numpy()] = 1.0
    return topics, spread


def add_subject_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, subject_weights: pl.DataFrame
) -> pl.DataFrame:
    """Add `SUBJECT_FEATURES` to candidates, from where their papers stand on the axes.

    Labelled papers, from which the weights are learned, get `use_leave_one_out_scores` instead.
    """
    loadings, has_weights = _read_loadings(subject_weights, *list_codes(candidates))
    numbers = number_topics(candidates)
    weighed = np.flatnonzero(has_weights[numbers])
    placed = np.column_stack([lay_fields(fields, AXES), np.ones(fields.height + 1)])
    values = np.zeros(len(numbers))
    lines = find_field_lines(candidates, fields)[weighed]
    values[weighed] = sum_products(placed, lines, loadings, numbers[weighed])
    # The axes are those of papers on learning: of subjects of other fields they say nothing.
    is_subject = candidates["facet"].is_in(SUBJECT_FACETS).to_numpy()
    values[is_subject] *= 1 - candidates["outside"].to_numpy()[is_subject]
    return _set_subject_scores(candidates, values)


def _set_subject_scores(candidates: pl.DataFrame, values: Array) -> pl.DataFrame:
    # Rounded, since sums of floats differ between machines in their last digits.
    clipped = values.clip(LEAST_SUBJECT_SCORE, MOST_SUBJECT_SCORE).round(4)
    return candidates.drop(SUBJECT_FEATURES, strict=False).with_columns(
        subject_score=pl.Series(clipped)
    )


def use_leave_one_out_scores(
    candidates: pl.DataFrame, papers: pl.DataFrame, scores: LeaveOneOutScores
) -> pl.DataFrame:
    """Replace the scores of labelled papers by those that were learned without them.

    ``papers`` has ``row`` and ``paper``; candidates of papers that are not labelled stay.
    """
    lines = scores.papers.to_frame("paper").with_row_index("line").unique("paper", keep="first")
    placed = papers.join(lines, on="paper", how="inner", validate="m:1").sort("row")
    coded = scores.topics.select(
        pl.col(name).cast(candidates.schema[name], strict=False) for name in ("facet", "topic")
    )
    # The last line and column are those of papers and topics of which nothing is known.
    columns = np.full(count_topics(candidates), -1)
    columns[number_topics(coded)] = np.arange(coded.height)
    column = columns[number_topics(candidates)]
    line = np.append(placed["line"].to_numpy().astype(np.int64), -1)[
        find_field_lines(candidates, placed)
    ]
    values = candidates["subject_score"].to_numpy().copy()
    chosen = (line >= 0) & (column >= 0)
    values[chosen] = scores.values[line[chosen], column[chosen]]
    return _set_subject_scores(candidates, values)


@cache_by_identity
def _read_loadings(
    subject_weights: pl.DataFrame, facets: pl.Enum, topics: pl.Enum
) -> tuple[Array, Flags]:
    """Read the weights of each topic, a line each, and which topics have any."""
    coded = subject_weights.with_columns(
        pl.col("facet").cast(facets, strict=False), pl.col("topic").cast(topics, strict=False)
    ).drop_nulls(["facet", "topic"])
    loadings = np.zeros((count_topics(coded), len(LOADINGS)))
    loadings[number_topics(coded)] = coded.select(LOADINGS).to_numpy()
    return loadings, np.abs(loadings).sum(axis=1) > 0


def list_subject_cells(candidates: pl.DataFrame) -> pl.DataFrame:
    """List the scores of candidates, whose weight differs by topic: ``feature``, ``value``."""
    keys = [pl.col("row"), pl.col("facet", "topic").cast(pl.String)]
    named = pl.concat_str(pl.lit("subject_score"), pl.col("topic").cast(pl.String), separator=":")
    return candidates.filter(pl.col("subject_score") != 0).select(
        *keys, feature=named, value=pl.col("subject_score")
    )
