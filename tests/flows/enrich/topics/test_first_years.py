"""A topic that came up after a paper is none of its candidates."""

from datetime import date

import polars as pl

from flows.enrich.topics.candidate_numbers import number_candidates
from flows.enrich.topics.first_years import read_dates

CODED = {"facet": pl.Enum(["method"]), "topic": pl.Enum(["mamba", "parsing"])}


def test_a_topic_is_too_young_where_the_day_of_the_paper_is_known() -> None:
    texts = pl.DataFrame(
        {"row": [0, 2, 3], "published": [date(2007, 6, 1), date(2024, 1, 1), None]}
    )
    since = pl.DataFrame({"facet": ["method"], "topic": ["mamba"], "since": [2023]})
    candidates = pl.DataFrame(
        {"row": [0, 0, 2, 3], "facet": "method", "topic": ["mamba", "parsing", "mamba", "mamba"]},
        schema_overrides=CODED,
    )
    dates = read_dates(texts, since, candidates)
    is_early = dates.find_anachronisms(number_candidates(candidates))
    assert is_early.tolist() == [True, False, False, False]
