"""Records that were described in other parts are taken over, not described again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flows.deduplicate.match.feature_parts import FINGERPRINTS, PART_COLUMNS, prepare_features
from flows.deduplicate.match.match_cache import open_match_cache
from flows.deduplicate.match.steps import Result
from tests.matched_records import in_parts
from tests.records import record, records

ROWS = records(*(record(number, title=f"A study of bees {number}") for number in range(6)))


def describe(
    parts: Sequence[pl.DataFrame], last: Sequence[str], folder: Path, cached: Path | None
) -> tuple[Sequence[str], list[int], pl.DataFrame]:
    """Return the keys of the parts, how many records each read, and all features."""
    room, read = folder / "room", []
    room.mkdir(parents=True)

    def call_steps(
        step: Callable[..., Result], jobs: Sequence[Any], _: str, **fixed: object
    ) -> list[Result]:
        done = [step(job, **fixed) for job in jobs]
        read.extend(part.records for part in done)  # type: ignore[attr-defined]  # a DescribedPart
        return done

    cache = open_match_cache(cached)
    features = prepare_features(in_parts(parts, folder / "rows"), last, cache, room, call_steps)
    cache.close()
    rows = np.arange(len(features.part))
    return features.keys, read, features.gather(rows, PART_COLUMNS)


def test_rows_that_moved_to_other_parts_are_found_in_all_of_the_last_ones(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    keys, read, _ = describe([ROWS[:2], ROWS[2:4], ROWS[4:]], [], tmp_path / "first", cache)
    assert read == [2, 2, 2]
    changed = records(record(9, title="A study of wasps"))
    parts = [pl.concat([ROWS[1:3], changed]), pl.concat([ROWS[3:], ROWS[:1]])]
    _, read, features = describe(parts, keys, tmp_path / "second", cache)
    assert read == [1, 0]
    _, read, afresh = describe(parts, [], tmp_path / "third", None)
    assert read == [3, 4]
    assert features.sort(FINGERPRINTS).equals(afresh.sort(FINGERPRINTS))


def test_parts_that_are_as_they_were_are_not_looked_into(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    keys, _, _ = describe([ROWS[:3], ROWS[3:]], [], tmp_path / "first", cache)
    again, read, _ = describe([ROWS[:3], ROWS[3:]], keys, tmp_path / "second", cache)
    assert again == keys
    assert read == []
