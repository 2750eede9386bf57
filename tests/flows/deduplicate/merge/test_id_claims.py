"""A paper claims the ids of the papers whose records, identifiers or id it has."""

import polars as pl
import pytest

from flows.deduplicate.merge.id_claims import (
    CLAIMS,
    WEAKEST,
    NumberedPapers,
    list_claims,
    number_ids,
    settle_claims,
)
from schemas.vocabulary import STRONG_IDENTIFIERS

Row = dict[str, object]


def numbered(
    *papers: Row, owners: dict[str, int] | None = None, aliases: dict[str, int] | None = None
) -> NumberedPapers:
    schema = {"number": pl.UInt32, **dict.fromkeys(("paper_id", *STRONG_IDENTIFIERS), pl.String)}
    return NumberedPapers(
        pl.DataFrame([{"number": place, **row} for place, row in enumerate(papers)], schema=schema),
        list_numbers("record_id", owners),
        list_numbers("paper_id", aliases),
    )


def list_numbers(name: str, numbers: dict[str, int] | None) -> pl.DataFrame:
    rows = [*(numbers or {}).items()]
    return pl.DataFrame(rows, schema={name: pl.String, "number": pl.UInt32}, orient="row")


def test_ids_are_numbered_in_their_order_and_others_have_no_number() -> None:
    ids = number_ids(pl.Series(["c", "a"]), pl.Series(["b", "a"]))
    assert ids.number(pl.Series(["b", "z", "a"])).to_list() == [1, None, 0]


@pytest.mark.parametrize(
    ("now", "before", "claims"),
    [
        # As many records as both have; who lost or gained others does not matter.
        (
            numbered({"paper_id": "new"}, owners={"r1": 0, "r2": 0, "r9": 0}),
            numbered({"paper_id": "old"}, owners={"r1": 0, "r2": 0, "r3": 0}),
            [(0, 0, 2, WEAKEST)],
        ),
        # An identifier of a kind says more than one of a later kind.
        (
            numbered({"paper_id": "new", "arxiv_id": "1", "doi": "d"}),
            numbered({"paper_id": "old", "arxiv_id": "1", "doi": "d"}),
            [(0, 0, 0, 0), (0, 0, 0, 1)],
        ),
        # One DOI at two preprints is no claim: their arXiv ids differ.
        (
            numbered({"paper_id": "new", "arxiv_id": "1", "doi": "d"}),
            numbered({"paper_id": "old", "arxiv_id": "2", "doi": "d"}),
            [],
        ),
        # The id itself, and an alias that leads to it.
        (
            numbered({"paper_id": "same"}, {"paper_id": "former"}),
            numbered({"paper_id": "same"}, aliases={"former": 0}),
            [(0, 0, 0, WEAKEST), (1, 0, 0, WEAKEST)],
        ),
    ],
)
def test_a_claim_has_its_reason(
    now: NumberedPapers, before: NumberedPapers, claims: list[tuple[int, ...]]
) -> None:
    assert sorted(list_claims(now, before).rows()) == claims


@pytest.mark.parametrize(
    ("claims", "winner"),
    [
        # An identifier before any number of records.
        ([(0, 5, 9, WEAKEST), (1, 5, 0, 0)], 1),
        # The stronger identifier before the weaker one.
        ([(0, 5, 0, 1), (1, 5, 0, 0)], 1),
        # More records before fewer, where identifiers say the same; several reasons count together.
        ([(0, 5, 1, WEAKEST), (1, 5, 2, WEAKEST)], 1),
        ([(0, 5, 1, WEAKEST), (1, 5, 2, WEAKEST), (0, 5, 0, 3)], 0),
        # Then the one whose new id is smaller.
        ([(1, 5, 1, WEAKEST), (0, 5, 1, WEAKEST)], 0),
    ],
)
def test_the_best_claim_to_an_id_wins(claims: list[tuple[int, ...]], winner: int) -> None:
    rows = pl.DataFrame(claims, schema=CLAIMS, orient="row")
    assert settle_claims(rows).rows() == [(winner, 5)]


def test_a_paper_may_win_several_ids() -> None:
    rows = pl.DataFrame([(0, 5, 1, 0), (0, 6, 1, 0)], schema=CLAIMS, orient="row")
    assert sorted(settle_claims(rows).rows()) == [(0, 5), (0, 6)]
