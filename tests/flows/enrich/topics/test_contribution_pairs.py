"""A contribution that the title or the paper's own claims put forward weighs on the others."""

import polars as pl

from flows.enrich.topics.contribution_pairs import pair_contributions, sum_pair_weights
from schemas.vocabulary import Facet

CANDIDATES = pl.DataFrame(
    {
        "row": [0, 0, 0, 1],
        "facet": ["task", "contribution", "contribution", "contribution"],
        "topic": ["parsing", "benchmark", "survey", "survey"],
        "in_title": [1.0, 1.0, 0.0, 0.0],
        "named_own": [0.0, 0.0, 0.0, 0.0],
        "in_own": [1.0, 0.0, 0.6, 0.3],
    },
    schema_overrides={
        "facet": pl.Enum(Facet.values()),
        "topic": pl.Enum(["benchmark", "parsing", "survey"]),
    },
)


def test_each_pair_has_its_weight() -> None:
    rows = [
        ("contribution", "beside:survey:benchmark:title", -1.0),
        ("contribution", "beside:survey:survey:own", 0.25),
        ("contribution", "beside:survey:parsing:title", 9.0),
        ("contribution", "beside:survey:forgotten:title", 9.0),
    ]
    weights = pl.DataFrame(rows, schema=["facet", "feature", "weight"], orient="row")
    assert sum_pair_weights(CANDIDATES, weights).tolist() == [0.0, 0.0, -0.75, 0.0]
    assert not sum_pair_weights(CANDIDATES, weights.clear()).any()


def test_pairs_are_those_of_one_paper_and_of_contributions_alone() -> None:
    pairs = pair_contributions(CANDIDATES).select("row", "topic", "other", "at")
    assert sorted(pairs.cast({"topic": pl.String, "other": pl.String}).rows()) == [
        (0, "benchmark", "benchmark", "title"),
        (0, "benchmark", "survey", "own"),
        (0, "survey", "benchmark", "title"),
        (0, "survey", "survey", "own"),
    ]
