"""A topic has the best other one of its paper and facet for a rival."""

import polars as pl
import pytest

from flows.enrich.topics.logistic_regression import sigmoid
from flows.enrich.topics.rivals import calibrate_odds, find_best_rivals


def list_rivals(*candidates: tuple[int, str, float]) -> list[float]:
    frame = pl.DataFrame(candidates, schema=["row", "facet", "odds"], orient="row")
    return list(find_best_rivals(frame))


def test_the_best_topic_has_the_second_best_for_a_rival() -> None:
    one, two = sigmoid(pl.Series([2.0, 1.0]).to_numpy())
    rivals = list_rivals((0, "area", 2.0), (0, "area", 1.0), (0, "area", -3.0))
    assert rivals == pytest.approx([two, one, one])


def test_topics_of_other_facets_and_papers_are_no_rivals() -> None:
    assert list_rivals((0, "area", 2.0), (0, "task", 1.0), (1, "task", 3.0)) == [0.0, 0.0, 0.0]


def test_two_that_are_equal_are_rivals_of_each_other() -> None:
    assert list_rivals((0, "area", 0.0), (0, "area", 0.0)) == [0.5, 0.5]


def test_no_candidates_have_no_rivals() -> None:
    empty = pl.DataFrame(schema={"row": pl.UInt32, "facet": pl.String, "odds": pl.Float64})
    assert len(find_best_rivals(empty)) == 0


def test_a_sure_rival_takes_from_the_odds() -> None:
    row = {"odds": 2.0, "rivals": 0.5, "slope": 1.5, "offset": 0.25, "rival": -2.0}
    assert pl.DataFrame([row]).select(calibrate_odds()).item() == 2.25
