"""Papers that nobody disputes keep their ids without a comparison, as if all were compared."""

import random
from datetime import date

import numpy as np
import polars as pl
import pytest

from flows.deduplicate.find_rows import Rows
from flows.deduplicate.merge.inherit_ids import PreviousIds, inherit_ids
from flows.deduplicate.merge.undisputed_ids import find_undisputed, select_disputed
from schemas.alias import Alias
from schemas.vocabulary import STRONG_IDENTIFIERS

TODAY = date(2026, 3, 1)
PAPERS = pl.Schema(dict.fromkeys(("paper_id", "first_record_id", *STRONG_IDENTIFIERS), pl.String))
OWNERS = pl.Schema({"record_id": pl.String, "paper_id": pl.String})

Row = dict[str, str]


def papers(*rows: Row) -> pl.DataFrame:
    return pl.DataFrame([{"first_record_id": "r", **row} for row in rows], schema=PAPERS)


def owners(rows: Row) -> pl.DataFrame:
    return pl.DataFrame([*rows.items()], schema=OWNERS, orient="row")


def released(
    rows: list[Row], records: Row, aliases: tuple[tuple[str, str], ...] = ()
) -> PreviousIds:
    of_old = [(alias, paper_id, TODAY) for alias, paper_id in aliases]
    table = pl.DataFrame(of_old, schema=Alias.dtypes(), orient="row")
    return PreviousIds(papers(*rows), owners(records), table)


def place_owners(now: pl.DataFrame, origins: pl.DataFrame, previous: PreviousIds) -> Rows:
    place = {paper_id: place for place, paper_id in enumerate(now["paper_id"])}
    of_record = {record: place[paper_id] for record, paper_id in origins.rows()}
    return np.array([of_record.get(r, -1) for r in previous.origins["record_id"]], np.int64)


A, B = {"paper_id": "a", "arxiv_id": "1"}, {"paper_id": "b", "arxiv_id": "2"}
RECORDS = {"r1": "a", "r2": "b"}


@pytest.mark.parametrize(
    ("now", "records", "undisputed"),
    [
        # As it was; the order does not matter, nor a record that is new or gone.
        ([A, B], RECORDS, [0, 1]),
        ([B, A], RECORDS, [1, 0]),
        ([A, B], {**RECORDS, "r3": "a"}, [0, 1]),
        ([A, B], {"r1": "a"}, [0, 1]),
        # A paper that is new is to be settled, and disturbs nobody.
        ([A, B, {"paper_id": "c"}], RECORDS, [0, 1, -1]),
        # A record that moves concerns the paper that it leaves and the one that it comes to.
        ([A, B], {"r1": "b", "r2": "b"}, [-1, -1]),
        # Another identifier, or one that another paper bears as well.
        ([{**A, "doi": "10.1/x"}, B], RECORDS, [-1, 1]),
        ([A, B, {"paper_id": "c", "arxiv_id": "2"}], RECORDS, [0, -1, -1]),
        # Another id, though records and identifiers are the same.
        ([{**A, "paper_id": "z"}, B], {"r1": "z", "r2": "b"}, [-1, 1]),
    ],
)
def test_a_paper_is_undisputed_where_nothing_changed(
    now: list[Row], records: Row, undisputed: list[int]
) -> None:
    frame, previous = papers(*now), released([A, B], RECORDS)
    places = place_owners(frame, owners(records), previous)
    assert find_undisputed(frame, places, previous).tolist() == undisputed


def test_a_paper_to_which_an_alias_leads_is_disputed() -> None:
    previous = released([A, B], RECORDS, aliases=(("old", "a"),))
    places = place_owners(papers(A, B), owners(RECORDS), previous)
    assert find_undisputed(papers(A, B), places, previous).tolist() == [-1, 1]


def test_an_identifier_that_two_released_papers_bore_is_disputed() -> None:
    previous = released([A, B, {"paper_id": "c", "arxiv_id": "1"}], RECORDS)
    places = place_owners(papers(A, B), owners(RECORDS), previous)
    assert find_undisputed(papers(A, B), places, previous).tolist() == [-1, 1]


def draw_papers(dice: random.Random, size: int) -> list[Row]:
    rows = []
    for paper_id in dice.sample("abcdefghij", size):
        drawn = {name: dice.choice("12345678") for name in STRONG_IDENTIFIERS}
        rows.append(
            {"paper_id": paper_id} | {k: v for k, v in drawn.items() if dice.random() < 0.2}
        )
    return rows


def draw_records(dice: random.Random, rows: list[Row]) -> Row:
    ids = [row["paper_id"] for row in rows]
    return dict(zip(ids, ids, strict=True)) | {
        f"r{number}": dice.choice(ids) for number in range(dice.randint(0, 6))
    }


@pytest.mark.parametrize("seed", range(4))
def test_what_is_settled_of_the_others_is_what_comparing_all_gives(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # not a secret
    before = draw_papers(dice, 6)
    now = [dict(row) for row in before if dice.random() < 0.9]
    now += [
        row for row in draw_papers(dice, 3) if row["paper_id"] not in {r["paper_id"] for r in now}
    ]
    aliases = [(alias, dice.choice(before)["paper_id"]) for alias in "xyj" if dice.random() < 0.2]
    old_ids = {row["paper_id"] for row in before}
    kept_aliases = tuple(pair for pair in aliases if pair[0] not in old_ids)
    previous = released(before, draw_records(dice, before), kept_aliases)
    frame, origins = papers(*now), owners(draw_records(dice, now))
    whole = inherit_ids(frame, origins, previous, TODAY)
    places = place_owners(frame, origins, previous)
    kept = find_undisputed(frame, places, previous)
    some, others = frame.filter(pl.Series(kept < 0)), frame.filter(pl.Series(kept >= 0))
    disputed = origins.join(some, on="paper_id", how="semi", maintain_order="left")
    parted = inherit_ids(some, disputed, select_disputed(previous, places, kept), TODAY)
    assert parted.aliases.equals(whole.aliases)
    assert pl.concat([parted.papers, others]).sort("paper_id").equals(whole.papers.sort("paper_id"))
