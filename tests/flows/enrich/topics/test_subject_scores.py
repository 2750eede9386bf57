"""Labelled papers get the subject scores that all other papers teach."""

import numpy as np
import polars as pl
import pytest

from flows.enrich.topics.examples import Examples
from flows.enrich.topics.subject_axes import AXES
from flows.enrich.topics.subject_scores import (
    BIAS,
    LOADINGS,
    add_subject_features,
    empty_subject_weights,
    learn_subject_weights,
    use_leave_one_out_scores,
)

PAPERS = 60
"""Labelled papers, of which every third one is on robotics."""

CODED = {"row": pl.UInt32, "facet": pl.Enum(["area"]), "topic": pl.Enum(["robotics", "survey"])}


def place_papers(count: int = PAPERS) -> pl.DataFrame:
    """Place papers on the axes; those on robotics stand high on the first one."""
    places = np.random.default_rng(7).normal(size=(count, len(AXES))).round(4)
    places[::3, 0] += 3
    return pl.DataFrame(places, schema=AXES).with_row_index("row")


def label_papers(rows: pl.Series) -> Examples:
    texts = pl.DataFrame({"row": rows}).with_columns(
        paper=pl.col("row").cast(pl.String), annotators=1 + pl.col("row") % 2
    )
    truth = pl.DataFrame({"row": rows.filter(rows % 3 == 0)}).with_columns(
        facet=pl.lit("area"), topic=pl.lit("robotics"), role=pl.lit("primary")
    )
    return Examples(texts, truth)


def list_candidates(rows: pl.Series, outside: float = 0.0) -> pl.DataFrame:
    papers = pl.DataFrame({"row": rows}).with_columns(outside=pl.lit(outside))
    return papers.with_columns(facet=pl.lit("area"), topic=pl.lit("robotics")).cast(CODED)  # type: ignore[arg-type]  # an enumeration of polars is a type as well


def test_a_paper_is_scored_as_if_it_had_never_been_labelled() -> None:
    fields = place_papers()
    _, leave_one_out = learn_subject_weights(label_papers(fields["row"]), fields)
    for paper in (6, 7):
        rest = fields.filter(pl.col("row") != paper)
        examples = label_papers(rest["row"])
        table, _ = learn_subject_weights(examples, rest)
        place = np.append(fields.row(paper)[1:], 1.0)
        score = float(table.select(LOADINGS).to_numpy()[0] @ place)
        # Both count deviations of the topic's share of papers, which differ by one paper.
        assert leave_one_out.values[paper, 0] == pytest.approx(score, abs=0.1)


def test_papers_like_those_of_a_topic_score_high() -> None:
    fields = place_papers()
    table, _ = learn_subject_weights(label_papers(fields["row"]), fields)
    candidates = list_candidates(fields["row"])
    scores = add_subject_features(candidates, fields, table)["subject_score"].to_numpy()
    is_robotics = np.arange(PAPERS) % 3 == 0
    assert scores[is_robotics].min() > scores[~is_robotics].max()
    assert table[BIAS][0] != 0


def test_texts_of_other_fields_score_low_for_areas() -> None:
    fields = place_papers()
    table, _ = learn_subject_weights(label_papers(fields["row"]), fields)
    inside, outside = (
        add_subject_features(list_candidates(fields["row"], share), fields, table)["subject_score"]
        for share in (0.0, 0.75)
    )
    assert (inside.abs() * 0.25 - outside.abs()).abs().max() == pytest.approx(0, abs=1e-3)


def test_only_labelled_papers_are_scored_without_themselves() -> None:
    fields = place_papers()
    table, leave_one_out = learn_subject_weights(label_papers(fields["row"]), fields)
    candidates = add_subject_features(list_candidates(fields["row"]), fields, table)
    seen = pl.DataFrame({"row": [3], "paper": ["3"]}, schema_overrides={"row": pl.UInt32})
    judged = use_leave_one_out_scores(candidates, seen, leave_one_out)
    changed = (judged["subject_score"] != candidates["subject_score"]).arg_true()
    assert changed.to_list() == [3]
    assert judged["subject_score"][3] == pytest.approx(
        leave_one_out.values[3, 0].clip(-1, 3), abs=1e-4
    )


def test_without_labelled_papers_all_scores_are_zero() -> None:
    fields = place_papers()
    scores = add_subject_features(list_candidates(fields["row"]), fields, empty_subject_weights())
    assert scores["subject_score"].to_list() == [0.0] * PAPERS
