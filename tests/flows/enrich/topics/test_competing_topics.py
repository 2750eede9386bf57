"""A topic competes with the best other one of its paper and facet."""

import polars as pl
import pytest

from flows.enrich.topics.competing_topics import calibrate_odds, find_best_competitors
from flows.enrich.topics.logistic_regression import sigmoid


def list_competitors(*candidates: tuple[int, str, float]) -> list[float]:
    frame = pl.DataFrame(candidates, schema=["row", "facet", "odds"], orient="row")
    return list(find_best_competitors(frame))


def test_the_best_topic_competes_with_the_second_best() -> None:
    one, two = sigmoid(pl.Series([2.0, 1.0]).to_numpy())
    competitors = list_competitors((0, "area", 2.0), (0, "area", 1.0), (0, "area", -3.0))
    assert competitors == pytest.approx([two, one, one])


def test_topics_of_other_facets_and_papers_do_not_compete() -> None:
    assert list_competitors((0, "area", 2.0), (0, "task", 1.0), (1, "task", 3.0)) == [0.0, 0.0, 0.0]


def test_two_that_are_equal_compete_with_each_other() -> None:
    assert list_competitors((0, "area", 0.0), (0, "area", 0.0)) == [0.5, 0.5]


def test_no_candidates_have_no_competitors() -> None:
    empty = pl.DataFrame(schema={"row": pl.UInt32, "facet": pl.String, "odds": pl.Float64})
    assert len(find_best_competitors(empty)) == 0


def test_a_sure_competitor_takes_from_the_odds() -> None:
    row = {"odds": 2.0, "competitor": 0.5, "slope": 1.5, "offset": 0.25, "competitor_weight": -2.0}
    assert pl.DataFrame([row]).select(calibrate_odds()).item() == 2.25
