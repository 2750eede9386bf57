"""How likely titles are one is the same number on every machine."""

import os
import subprocess
import sys

from flows.paths import PROJECT

SCORES = """
import hashlib, numpy as np, polars as pl
from flows.deduplicate.resolve.compare_titles import FEATURES, _title_probability
random = np.random.default_rng(7)
measures = pl.DataFrame({name: random.random(5_000) for name in FEATURES})
print(hashlib.sha256(measures.select(_title_probability()).to_numpy().tobytes()).hexdigest())
"""


def hash_scores(threads: int) -> str:
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", SCORES]
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout.decode()


def test_the_number_of_threads_changes_no_bit_of_a_score() -> None:
    assert hash_scores(1) == hash_scores(5)
