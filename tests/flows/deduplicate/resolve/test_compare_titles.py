"""How likely titles are one is the same number on every machine."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import polars as pl

from flows.deduplicate.resolve.compare_titles import FEATURES, _title_probability
from flows.paths import PROJECT


def hash_scores() -> str:
    random = np.random.default_rng(7)
    measures = pl.DataFrame({name: random.random(5_000) for name in FEATURES})
    scores = measures.select(_title_probability()).to_numpy()
    return hashlib.sha256(scores.tobytes()).hexdigest()


def test_the_number_of_threads_changes_no_bit_of_a_score() -> None:
    environment = {**os.environ, "POLARS_MAX_THREADS": "5", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, __file__]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert done.stdout == f"5 {hash_scores()}"
    assert pl.thread_pool_size() == 1


if __name__ == "__main__":
    sys.stdout.write(f"{pl.thread_pool_size()} {hash_scores()}")
