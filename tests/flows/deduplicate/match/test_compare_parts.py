"""Pairs that are compared some at a time, from files, are decided as all are at once."""

from pathlib import Path

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from flows.deduplicate.match import compare_parts
from flows.deduplicate.match.blocking import pack_pairs
from flows.deduplicate.match.compare_pairs import compare_pairs
from flows.deduplicate.match.compare_parts import compare_in_parts
from flows.deduplicate.match.record_features import describe_records
from flows.deduplicate.match.steps import map_on_threads
from tests.matched_records import describe_parts
from tests.records import OTHER_ABSTRACT, record, records

ROWS = records(
    record(1),
    record(2, "daily_papers"),
    record(3, "papers_page", abstract=None, authors=[]),
    record(4, abstract=OTHER_ABSTRACT, authors=["Emmy Noether"]),
    record(5, title="Protein folding archives", arxiv_id="2312.00752"),
    record(6, "daily_papers", title="Protein folding archives", arxiv_id="2312.00752"),
).sort("record_id")

ALL_PAIRS = np.stack(np.triu_indices(ROWS.height, 1), axis=1).astype(np.int64)


@pytest.mark.parametrize("at_a_time", [4, 100_000])
def test_decisions_do_not_depend_on_how_many_pairs_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    monkeypatch.setattr(compare_parts, "PAIRS_READ", at_a_time)
    features = describe_parts([*ROWS.iter_slices(2)], tmp_path / "described")
    found = compare_in_parts(features, pack_pairs(ALL_PAIRS), tmp_path, map_on_threads)
    expected = compare_pairs(describe_records(ROWS), ALL_PAIRS)
    assert expected.verified.height
    assert expected.near.height
    assert_frame_equal(found.verified, expected.verified, check_exact=True)
    assert_frame_equal(found.near, expected.near, check_exact=True)


def test_no_pair_gives_empty_tables_of_the_same_columns(tmp_path: Path) -> None:
    features = describe_parts([ROWS], tmp_path / "described")
    found = compare_in_parts(features, np.zeros(0, np.uint64), tmp_path, map_on_threads)
    expected = compare_pairs(describe_records(ROWS), ALL_PAIRS)
    assert found.verified.schema == expected.verified.schema
    assert found.near.schema == expected.near.schema
    assert not found.verified.height + found.near.height
