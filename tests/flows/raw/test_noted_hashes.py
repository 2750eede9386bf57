"""A raw file that did not change since the last run is not read again for its hash."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from flows.raw import noted_hashes
from flows.raw.noted_hashes import NotedHashes


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """List the files that are read, by a clock on which the last change is a second ago."""
    read, now = list[Path](), time.time_ns
    monkeypatch.setattr(noted_hashes.time, "time_ns", lambda: now() + 1_000_000_000)
    hash_file = noted_hashes.hash_file

    def count(path: Path) -> str:
        read.append(path)
        return hash_file(path)

    monkeypatch.setattr(noted_hashes, "hash_file", count)
    return read


def hash_in_next_run(notes: Path, raw: Path) -> str:
    noted = NotedHashes(notes)
    digest = noted.hash_file(raw)
    noted.write()
    return digest


def test_a_file_as_it_was_is_not_read_again(tmp_path: Path, reads: list[Path]) -> None:
    notes, raw = tmp_path / "interim/raw_hashes.json", tmp_path / "a.json"
    raw.write_bytes(b"first")
    digests = {hash_in_next_run(notes, raw) for _ in range(3)}
    assert (digests, reads) == ({hashlib.sha256(b"first").hexdigest()}, [raw])


def test_a_changed_file_is_read_whatever_its_size_and_times_say(
    tmp_path: Path, reads: list[Path]
) -> None:
    notes, raw = tmp_path / "raw_hashes.json", tmp_path / "a.json"
    raw.write_bytes(b"first")
    hash_in_next_run(notes, raw)
    before = raw.stat()
    with raw.open("r+b") as file:
        file.write(b"other")
    os.utime(raw, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert raw.stat().st_mtime_ns == before.st_mtime_ns
    assert hash_in_next_run(notes, raw) == hashlib.sha256(b"other").hexdigest()
    assert reads == [raw, raw]


@pytest.mark.parametrize("content", ["", "{}", '{"files": {}, "checksum": "0"}', "[" * 10_000])
def test_damaged_notes_are_none(tmp_path: Path, reads: list[Path], content: str) -> None:
    notes, raw = tmp_path / "raw_hashes.json", tmp_path / "a.json"
    raw.write_bytes(b"first")
    hash_in_next_run(notes, raw)
    notes.write_text(content)
    hash_in_next_run(notes, raw)
    assert reads == [raw, raw]


def test_a_file_that_changed_a_moment_ago_is_read_again(
    tmp_path: Path, reads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, raw = tmp_path / "raw_hashes.json", tmp_path / "a.json"
    raw.write_bytes(b"first")
    monkeypatch.setattr(noted_hashes.time, "time_ns", lambda: raw.stat().st_mtime_ns + 1)
    hash_in_next_run(notes, raw)
    hash_in_next_run(notes, raw)
    assert reads == [raw, raw]
