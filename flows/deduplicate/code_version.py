"""Code version: what decides about a result besides its inputs, as one hash."""

import hashlib
import json
import platform
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version

import polars as pl

from flows.paths import PROJECT

PACKAGES = ("polars", "numpy", "scipy", "rapidfuzz", "pylatexenc", "pyarrow")
"""Packages that decide about features, verdicts, readable texts and files."""

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
    # Python's tables of letters, which texts are folded and made readable by, grow with it.
    packages = [platform.python_version(), *map(version, PACKAGES)]
    # Keys are hashes of polars, which differ between versions and processors.
    about = [*packages, sys.byteorder, *PROBE.hash_rows().to_list()]
    digest.update(json.dumps(about, default=str).encode())
    return digest.hexdigest()
