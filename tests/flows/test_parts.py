"""Parts are cut where the ids say so, and those that were checked are known again."""

import json
import threading
from pathlib import Path
from zlib import crc32

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import id_hashes
from flows.parts import NotedFiles, cut_at_ids, map_in_order


def test_borders_are_where_the_sum_of_the_bytes_of_an_id_says_so() -> None:
    """Long and short ones, in other scripts, more than are hashed at a time: as zlib sums them."""
    tails = ["", "é", "雪", "x" * 60, "y" * 200, "\0"]
    ids = [
        f"arxiv:{n % 900}.{n:05}{tails[n % 97 % len(tails)]}" for n in range(id_hashes.CHUNK + 9)
    ]
    sums = [crc32(text.encode()) for text in ids]
    texts = pl.Series("id", ["", *ids])[1:]
    chunks = (id_hashes.sum_texts(part) for part in (texts[:1_000], texts[-100:]))
    assert np.concatenate([*chunks]).tolist() == sums[:1_000] + sums[-100:]
    borders = [row for row, number in enumerate(sums) if number % 1_000 == 0]
    assert len(borders) > 20
    assert id_hashes.find_borders(texts, 1_000).tolist() == borders


IDS = st.lists(st.text(max_size=4), unique=True).map(sorted)


@given(IDS, st.integers(1, 5))
def test_parts_cover_all_rows_in_order_and_are_bounded(ids: list[str], rows: int) -> None:
    parts = cut_at_ids(pl.Series("id", ids, pl.String), rows)
    assert [row for start, end in parts for row in range(start, end)] == list(range(len(ids)))
    assert all(end - start <= 4 * rows for start, end in parts)


def test_a_new_row_changes_the_part_that_it_is_in_and_no_other() -> None:
    ids = [f"arxiv:2603.{n:05}" for n in range(0, 4000, 2)]
    cut = cut_at_ids(pl.Series("id", ids), 100)
    more = sorted([*ids, "arxiv:2603.01001"])
    again = cut_at_ids(pl.Series("id", more), 100)
    old = {tuple(ids[start:end]) for start, end in cut}
    new = {tuple(more[start:end]) for start, end in again}
    assert len(old) > 5
    assert len(new - old) == 1


@pytest.mark.parametrize("missing", ["version", "checksum", None])
def test_notes_of_an_earlier_version_are_of_no_use_and_not_damaged(
    missing: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "checked.json"
    noted = NotedFiles(path, "a")
    noted.add("0" * 64)
    noted.write()
    content = json.loads(path.read_text())
    path.write_text(json.dumps({key: text for key, text in content.items() if key != missing}))
    later = NotedFiles(path, "b" if missing is None else "a")
    assert (later.is_damaged, later.has("0" * 64)) == (False, False)


def test_notes_of_which_a_key_or_a_hash_was_changed_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "checked.json"
    noted = NotedFiles(path, "a")
    noted.add("0" * 64)
    noted.write()
    whole = path.read_text()
    for written, changed in (("version", "versinn"), ("00", "01"), ("checksum", "checksun")):
        path.write_text(whole.replace(written, changed, 1))
        later = NotedFiles(path, "a")
        assert (later.is_damaged, later.has("0" * 64)) == (True, False)


def test_a_long_part_holds_up_none_and_results_keep_the_order_of_the_parts() -> None:
    last_is_done = threading.Event()

    def work(number: int) -> int:
        # The first one ends after all others, which one thread has to get through meanwhile.
        if number == 0:
            assert last_is_done.wait(10)
        elif number == 9:
            last_is_done.set()
        return number * 2

    assert list(map_in_order(work, range(10))) == [number * 2 for number in range(10)]


def test_an_error_of_a_part_is_raised_and_ends_the_work() -> None:
    is_over, done = threading.Event(), []

    def work(number: int) -> None:
        if number == 0:
            raise ZeroDivisionError
        is_over.wait(0.01)
        done.append(number)

    with pytest.raises(ZeroDivisionError):
        list(map_in_order(work, range(1_000)))
    assert len(done) < 100
