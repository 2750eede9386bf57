"""What the last run merged is found again by hashes, in whichever part it is."""

from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort
from flows.deduplicate.merge.last_merge import LastParts, read_last_merge
from flows.deduplicate.part_cache import PartCache

NAMES = ("first", "second")


def parts(folder: Path, *pairs: list[tuple[int, int]]) -> LastParts:
    schema = dict.fromkeys(NAMES, pl.UInt64)
    files = [
        external_sort.write_part(
            pl.DataFrame(rows, schema=schema, orient="row"), folder / f"{number}.arrow"
        )
        for number, rows in enumerate(pairs)
    ]
    return LastParts([str(number) for number in range(len(files))], files, files)


def hashes(*pairs: tuple[int, int]) -> list[np.ndarray]:  # type: ignore[type-arg]  # of numbers
    return [np.array(column, np.uint64) for column in zip(*pairs, strict=True)]


def test_a_row_is_found_where_both_hashes_are_equal(tmp_path: Path) -> None:
    last = parts(tmp_path, [(7, 70), (2**64 - 1, 1)], [], [(3, 30)])
    found = last.match_hashes(hashes((3, 30), (7, 71), (2**64 - 1, 1), (5, 50)), NAMES)
    assert found.tolist() == [2, -1, 1, -1]


def test_found_rows_are_read_in_their_order_from_several_parts(tmp_path: Path) -> None:
    last = parts(tmp_path, [(7, 70), (8, 80)], [(3, 30), (4, 40)])
    rows = last.gather_beside(np.array([3, 0, 2]), NAMES)
    assert rows.rows() == [(4, 40), (7, 70), (3, 30)]


def test_nothing_is_found_without_a_last_run() -> None:
    last = read_last_merge(PartCache(None))
    assert last.papers.match_hashes(hashes((1, 1)), NAMES).tolist() == [-1]
    assert last.read_papers(pl.Series(["arxiv:2312.00752"])).is_empty()
