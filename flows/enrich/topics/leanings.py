"""Leanings: how much the words of a whole text lean to a topic, learned from labelled papers.

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
from flows.enrich.topics.kept_tables import keep_results
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.subject_axes import AXES

LEANING_FEATURES = ["leaning"]
"""Of a candidate: how much its paper leans to the topic; zero where too few papers have that."""

LEAST_PAPERS = 10
"""Labelled papers that must have a topic before its leaning is learned."""

RIDGE = 300.0
"""Ridge penalty of an axis; a third or three times as much changes no F1 by 0.001."""

LEAST_LEANING, MOST_LEANING = -1.0, 3.0
"""Leanings between which they count: beyond them a text only has more of the same words."""

DECIMALS = 3
"""Digits kept of what an axis says of a topic."""

SUBJECTS = ["area", "task", "method"]
"""Facets that a text of no computing leans to less, the surer it is of another field."""

BIAS = "bias"

LOADINGS = [*AXES, BIAS]
"""Columns of what a topic learned: one per axis, and what a text without any word starts from."""


def empty_leanings() -> pl.DataFrame:
    """Make the table of a model that learned none: key ``facet``, ``topic``; `LOADINGS`."""
    keys = {"facet": pl.String, "topic": pl.String}
    return pl.DataFrame(schema=keys | dict.fromkeys(LOADINGS, pl.Float64))


@dataclass(frozen=True)
class OwnLeanings:
    """How much labelled papers lean to topics, each as learned from all other papers."""

    papers: pl.Series
    """The papers, in the order of the lines."""
    topics: pl.DataFrame
    """``facet`` and ``topic``, in the order of the columns."""
    values: Array
    """A line per paper, a column per topic."""


def learn_leanings(examples: Examples, fields: pl.DataFrame) -> tuple[pl.DataFrame, OwnLeanings]:
    """Learn what axes say of topics from labelled papers, and how much these lean themselves.

    ``fields`` has a line for each of the examples, in their order. A leaning counts deviations of
    a topic's share of the papers, which brings rare and frequent topics to one size.
    """
    topics, given = _spread_labels(examples)
    importance = examples.texts["annotators"].cast(pl.Float64).to_numpy()
    design = np.column_stack([fields.select(AXES).to_numpy(), np.ones(fields.height)])
    weighed = design * importance[:, None]
    penalty = np.diag([*np.full(len(AXES), RIDGE), 1.0])
    inverse = np.linalg.inv(design.T @ weighed + penalty)
    loadings = inverse @ (weighed.T @ given)
    # How much of what is said of a paper its own labels decide: without it, that part is taken out.
    own = ((design @ inverse) * weighed).sum(axis=1)[:, None]
    without = (design @ loadings - own * given) / (1 - own)
    share = np.average(given, axis=0, weights=importance).clip(1e-6, 1 - 1e-6)
    spread = np.sqrt(share * (1 - share))
    loadings[-1] -= share
    rounded = (loadings / spread).round(DECIMALS) + 0.0
    table = topics.hstack(pl.DataFrame(rounded.T, schema=LOADINGS))
    return table, OwnLeanings(examples.texts["paper"], topics, (without - share) / spread)


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
    given = np.zeros((lines.height, topics.height))
    given[cells["line"].to_numpy(), cells["column"].to_numpy()] = 1.0
    return topics, given


def add_leaning_features(
    candidates: pl.DataFrame, fields: pl.DataFrame, leanings: pl.DataFrame
) -> pl.DataFrame:
    """Add `LEANING_FEATURES` to candidates, from where their papers stand on the axes.

    Labelled papers, from which the weights are learned, lean by `put_own_leanings` instead.
    """
    loadings, is_known = _read_loadings(leanings, *list_codes(candidates))
    numbers = number_topics(candidates)
    known = np.flatnonzero(is_known[numbers])
    placed = np.column_stack([lay_fields(fields, AXES), np.ones(fields.height + 1)])
    values = np.zeros(len(numbers))
    lines = find_field_lines(candidates, fields)[known]
    values[known] = sum_products(placed, lines, loadings, numbers[known])
    # The axes are those of papers on learning: of subjects of other fields they say nothing.
    is_subject = candidates["facet"].is_in(SUBJECTS).to_numpy()
    values[is_subject] *= 1 - candidates["outside"].to_numpy()[is_subject]
    return _put_leanings(candidates, values)


def _put_leanings(candidates: pl.DataFrame, values: Array) -> pl.DataFrame:
    # Rounded, since sums of floats differ between machines in their last digits.
    clipped = values.clip(LEAST_LEANING, MOST_LEANING).round(4)
    return candidates.drop(LEANING_FEATURES, strict=False).with_columns(leaning=pl.Series(clipped))


def put_own_leanings(
    candidates: pl.DataFrame, papers: pl.DataFrame, leanings: OwnLeanings
) -> pl.DataFrame:
    """Put what is said of labelled papers without them in the place of what the model says.

    ``papers`` has ``row`` and ``paper``; candidates of papers that are not labelled stay.
    """
    lines = leanings.papers.to_frame("paper").with_row_index("line").unique("paper", keep="first")
    placed = papers.join(lines, on="paper", how="inner", validate="m:1").sort("row")
    coded = leanings.topics.select(
        pl.col(name).cast(candidates.schema[name], strict=False) for name in ("facet", "topic")
    )
    # The last line and column are those of papers and topics of which nothing is known.
    columns = np.full(count_topics(candidates), -1)
    columns[number_topics(coded)] = np.arange(coded.height)
    column = columns[number_topics(candidates)]
    line = np.append(placed["line"].to_numpy().astype(np.int64), -1)[
        find_field_lines(candidates, placed)
    ]
    values = candidates["leaning"].to_numpy().copy()
    chosen = (line >= 0) & (column >= 0)
    values[chosen] = leanings.values[line[chosen], column[chosen]]
    return _put_leanings(candidates, values)


@keep_results
def _read_loadings(leanings: pl.DataFrame, facets: pl.Enum, topics: pl.Enum) -> tuple[Array, Flags]:
    """Read what axes say of each topic, a line each, and of which topics they say anything."""
    coded = leanings.with_columns(
        pl.col("facet").cast(facets, strict=False), pl.col("topic").cast(topics, strict=False)
    ).drop_nulls(["facet", "topic"])
    loadings = np.zeros((count_topics(coded), len(LOADINGS)))
    loadings[number_topics(coded)] = coded.select(LOADINGS).to_numpy()
    return loadings, np.abs(loadings).sum(axis=1) > 0


def list_leaning_cells(candidates: pl.DataFrame) -> pl.DataFrame:
    """List the leanings of candidates, whose worth differs by topic: ``feature``, ``value``."""
    keys = [pl.col("row"), pl.col("facet", "topic").cast(pl.String)]
    named = pl.concat_str(pl.lit("leaning"), pl.col("topic").cast(pl.String), separator=":")
    return candidates.filter(pl.col("leaning") != 0).select(
        *keys, feature=named, value=pl.col("leaning")
    )
