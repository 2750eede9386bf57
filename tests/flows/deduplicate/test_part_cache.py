"""What the cache compared by its checksum has the sha256 that was noted with it, and no other."""

import os
from pathlib import Path

import pytest

from flows import hashing
from flows.deduplicate.part_cache import PartCache, make_key
from flows.hashing import find_hash, forget_hashes, hash_file, hash_once
from flows.parts import link_file

KEY = make_key("papers", "x")
LONG_AGO = (0, 1_700_000_000_000_000_000)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return the file of a cache that a run has kept, and hashed before it closed the cache."""
    written, folder = tmp_path / "written", tmp_path / "cache"
    written.write_bytes(b"rows")
    os.utime(written, ns=LONG_AGO)
    cache = PartCache(folder)
    cache.keep(KEY, written)
    hash_once(written)
    cache.close()
    forget_hashes()
    return folder / KEY


def test_a_whole_file_is_not_hashed_again_under_any_of_its_names(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, digest = PartCache(kept.parent).find(KEY), hash_file(kept)
    assert known == kept
    monkeypatch.setattr(hashing, "hash_file", None)
    assert hash_once(link_file(kept, tmp_path / "part")) == digest


def test_the_hash_of_a_file_that_was_changed_is_not_believed(kept: Path) -> None:
    kept.write_bytes(b"sown")
    os.utime(kept, ns=LONG_AGO)
    assert PartCache(kept.parent).find(KEY) is None
    assert find_hash(kept) is None
    assert hash_once(kept) == hash_file(kept)


def test_the_next_run_but_one_still_has_the_hash(kept: Path) -> None:
    cache = PartCache(kept.parent)
    cache.keep_found(KEY)
    forget_hashes()
    cache.close()
    PartCache(kept.parent)
    assert find_hash(kept) == hash_file(kept)
