"""Versions: of the project, and of the code and packages that a result follows from."""

import hashlib
import platform
import sys
import tomllib
from functools import cache
from importlib.metadata import version

from flows.hashing import hash_files
from flows.paths import IS_CHECKOUT, PROJECT, SHIPPED

PROBE = {"text": ["Erdős", None], "number": [2**63, 0], "list": [["a", "b"], []]}
"""What is hashed to tell whether polars hashes as it did: keys and fingerprints are its hashes."""


def read_own_version() -> str:
    """Return the version in ``pyproject.toml``, or that of the package where it was installed."""
    if not IS_CHECKOUT:
        return version("open-papers")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


@cache
def hash_code(patterns: tuple[str, ...], packages: tuple[str, ...]) -> str:
    """Hash what decides about a result besides its inputs, so that a cache of it can be trusted.

    ``patterns`` name modules and the tables that come with them, ``packages`` those of others.
    Python and how polars hashes on this machine are always part of it.
    """
    import polars as pl  # noqa: PLC0415  # --version must answer at once

    digest = hashlib.sha256()
    for pattern in sorted(patterns):
        # An installed package has its tables elsewhere than its code.
        root = SHIPPED if pattern.startswith("data/") else PROJECT
        digest.update(f"{pattern}\0{hash_files(root.glob(pattern), root)}\n".encode())
    # Python's tables of letters, which patterns and foldings follow, grow with it.
    versions = [platform.python_version(), *(f"{name} {version(name)}" for name in packages)]
    # Hashes of polars differ between versions and processors.
    about = [*versions, sys.byteorder, *pl.DataFrame(PROBE).hash_rows().to_list()]
    digest.update(repr(about).encode())
    return digest.hexdigest()
