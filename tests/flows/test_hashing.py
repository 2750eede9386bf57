"""A file is read once for its hash, unless anything may have been written into it since."""

import os
from pathlib import Path

import pytest

from flows import hashing
from flows.hashing import forget_hashes, hash_file, hash_once

LONG_AGO = (0, 1_700_000_000_000_000_000)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    read: list[Path] = []

    def note(path: Path) -> str:
        read.append(path)
        return hash_file(path)

    monkeypatch.setattr(hashing, "hash_file", note)
    return read


def test_a_file_is_read_once_under_all_its_names(tmp_path: Path, read: list[Path]) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_bytes(b"rows")
    os.utime(first, ns=LONG_AGO)
    digest = hash_once(first)
    os.link(first, second)
    assert hash_once(second) == hash_once(first) == digest == hash_file(first)
    assert read == [first]
    forget_hashes()
    assert hash_once(second) == digest
    assert read == [first, second]


def test_what_is_written_into_a_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"rows")
    os.utime(path, ns=LONG_AGO)
    hash_once(path)
    path.write_bytes(b"sown")
    assert hash_once(path) == hash_file(path)


def test_a_second_change_within_a_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"rows")
    state = path.stat()
    hash_once(path)
    path.write_bytes(b"sown")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert hash_once(path) == hash_file(path)
