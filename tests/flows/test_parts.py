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
    assert all(end - start <= 3 * rows for start, end in parts)


def mix(number: int) -> int:
    """Mix the bits of a number as MurmurHash3 does in the end."""
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        number = ((number ^ (number >> shift)) * factor) % 2**32
    return number ^ (number >> 16)


@given(
    st.lists(st.sampled_from(["a", "b", "é", "plumless", "buckeroo", "x" * 70])), st.integers(0, 4)
)
def test_a_peak_is_the_greatest_hash_near_it(ids: list[str], reach: int) -> None:
    """Two of these words have one sum; equal ones are never both peaks where they are near."""
    sums = [mix(crc32(text.encode())) for text in ids]
    greatest = [
        row
        for row, number in enumerate(sums)
        if number == max(sums[max(row - reach, 0) : row + reach + 1])
    ]
    expected = [
        row for row in greatest if row >= reach and not {*range(row - reach, row)} & {*greatest}
    ]
    assert id_hashes.find_peaks(pl.Series("id", ids, pl.String), reach).tolist() == expected


def test_parts_are_neither_short_nor_long() -> None:
    ids = pl.Series("id", [f"arxiv:2603.{n:05}" for n in range(50_000)])
    sizes = [end - start for start, end in cut_at_ids(ids, 500)]
    assert min(sizes[:-1]) > 250
    assert 400 < len(ids) / len(sizes) < 600
    assert max(sizes) <= 1_500


def test_a_new_row_changes_the_part_that_it_is_in_and_seldom_another() -> None:
    ids = [f"arxiv:2603.{n:05}" for n in range(0, 4000, 2)]
    old = {tuple(ids[start:end]) for start, end in cut_at_ids(pl.Series("id", ids), 100)}
    changed = []
    for number in range(1, 4000, 40):
        more = sorted([*ids, f"arxiv:2603.{number:05}"])
        new = {tuple(more[start:end]) for start, end in cut_at_ids(pl.Series("id", more), 100)}
        changed.append(len(new - old))
    assert len(old) > 15
    assert max(changed) <= 3
    assert changed.count(1) > 90


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
