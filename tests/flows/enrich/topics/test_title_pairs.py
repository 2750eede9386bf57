"""What a title names weighs on the other candidates of its paper, and on no other paper."""

import polars as pl

from flows.enrich.topics.title_pairs import list_title_pairs, sum_title_weights
from schemas.vocabulary import Facet

CANDIDATES = pl.DataFrame(
    {
        "row": [0, 0, 0, 1, 1],
        "facet": ["area", "task", "contribution", "area", "task"],
        "topic": ["vision", "parsing", "survey", "vision", "parsing"],
        "in_title": [0.3, 0.0, 0.6, 0.0, 0.3],
    },
    schema_overrides={
        "facet": pl.Enum(Facet.values()),
        "topic": pl.Enum(["parsing", "survey", "vision"]),
    },
)


def weights(**of_features: float) -> pl.DataFrame:
    rows = [(*name.split("__"), weight) for name, weight in of_features.items()]
    return pl.DataFrame(
        [
            (facet, f"titled:{topic}:{of}/{other}", weight)
            for facet, topic, of, other, weight in rows
        ],
        schema={"facet": pl.String, "feature": pl.String, "weight": pl.Float64},
        orient="row",
    )


def test_a_candidate_gets_the_weights_of_what_its_own_title_names() -> None:
    learned = weights(
        area__vision__area__vision=1.0,
        task__parsing__area__vision=-2.0,
        area__vision__task__parsing=4.0,
    )
    assert sum_title_weights(CANDIDATES, learned).tolist() == [1.0, -2.0, 0.0, 4.0, 0.0]


def test_contributions_and_topics_without_weights_get_and_give_nothing() -> None:
    assert not sum_title_weights(CANDIDATES, weights(area__vision__task__unknown=3.0)).any()
    assert not sum_title_weights(CANDIDATES, weights()).any()
    assert list_title_pairs(CANDIDATES)["feature"].to_list() == [
        "titled:vision:area/vision",
        "titled:parsing:area/vision",
        "titled:vision:task/parsing",
        "titled:parsing:task/parsing",
    ]
