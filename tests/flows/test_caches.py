"""No cache gives what was not put into it: a flipped bit is found wherever it is."""

import random
from pathlib import Path

import pytest

from tests.bench.flip_bits import flip_cache
from tests.caches import CACHES, Cache

FLIPS = 12
"""Of each cache; `python -m tests.bench.flip_bits` does ten thousand."""


@pytest.mark.parametrize("cache", CACHES, ids=[cache.name for cache in CACHES])
def test_a_flipped_bit_is_never_used(cache: Cache, tmp_path: Path) -> None:
    dice = random.Random(cache.name)  # noqa: S311  # no secret
    outcome = flip_cache(FLIPS, dice, tmp_path, cache)
    # One of the sidecar may change nothing that is read; one of a cache always does.
    assert cache.name == "raw" or outcome.endswith("0 of no effect")
