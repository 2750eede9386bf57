"""Code version: what decides about a result besides its inputs, as one hash."""

import hashlib
import json
import sys
from collections.abc import Sequence
from functools import cache

import numpy as np
import polars as pl
import rapidfuzz
import scipy

from flows.paths import PROJECT

PROBE = pl.DataFrame({"text": ["Erdős", None], "number": [2**63, 0], "list": [["a", "b"], []]})
"""What is hashed to tell whether polars hashes as it did: keys and fingerprints are hashes."""


@cache
def name_code_version(patterns: Sequence[str]) -> str:
    """Hash the modules that match the patterns, the packages, and how polars hashes here."""
    code = sorted({path for pattern in patterns for path in PROJECT.glob(pattern)})
    digest = hashlib.sha256()
    for path in code:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PROJECT).as_posix()}\0{content}\n".encode())
    packages = [package.__version__ for package in (pl, np, scipy, rapidfuzz)]
    # Keys are hashes of polars, which differ between versions and processors.
    about = [*packages, sys.byteorder, *PROBE.hash_rows().to_list()]
    digest.update(json.dumps(about, default=str).encode())
    return digest.hexdigest()
