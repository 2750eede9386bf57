"""Surroundings: what a worker of a cluster sees, asked before it is given any work.

Workers import this module, so it imports nothing that takes long.
"""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from flows.hashing import forget_hashes, hash_files
from flows.paths import CURATION, PROJECT, SHIPPED

DECIDING = (
    *("polars", "pyarrow", "numpy", "scipy", "pandera"),
    *("lxml", "orjson", "pylatexenc", "rapidfuzz", "selectolax"),
)
"""Packages that decide about bytes: machines with other versions would not give a laptop's."""

CODE = ("flows/**/*.py", "schemas/*.py")

SHIPPED_TABLES = ("data/curation/*.csv", "data/models/**/*.csv")

OF_MAIN_PROCESS = {CURATION / "judgements.csv", CURATION / "removals.csv"}
"""Curated files that no worker reads."""


@dataclass(frozen=True)
class Surroundings:
    """What a worker sees."""

    probes: tuple[str | None, ...]
    """What it reads in the files that were written to be read by it; None where it sees none."""
    missing: tuple[str, ...]
    """Inputs that it does not see."""
    versions: Mapping[str, str]


def look_around(probes: Sequence[str], inputs: Sequence[str]) -> Surroundings:
    """Return what the process that calls sees of files, and the versions of what it runs."""
    # A worker serves many runs: what it hashed for the last one may have changed unseen.
    forget_hashes()
    texts: list[str | None] = []
    for probe in probes:
        text = None
        with suppress(OSError):
            text = Path(probe).read_text(encoding="utf-8")
        texts.append(text)
    missing = tuple(path for path in inputs if not Path(path).exists())
    return Surroundings(tuple(texts), missing, own_versions())


@cache
def own_versions() -> Mapping[str, str]:
    """Return the versions of what decides about bytes in this process, by its name."""
    packages = {name: version(name) for name in DECIDING}
    ours = {"Python": platform.python_version(), "code and tables": hash_loaded_code()}
    return packages | ours


def list_differences(of_worker: Mapping[str, str], of_process: Mapping[str, str]) -> list[str]:
    """List what a worker has in another version than the process that gives it work.

    >>> list_differences({"Python": "3.12.1"}, {"Python": "3.12.1", "polars": "2.0"})
    ['polars None, this machine 2.0']
    """
    return [
        f"{name} {of_worker.get(name)}, this machine {version_here}"
        for name, version_here in of_process.items()
        if of_worker.get(name) != version_here
    ]


@cache
def hash_loaded_code() -> str:
    """Hash the code and tables that this process has loaded, once: later edits do not count.

    A worker loads both once and keeps them while its files change. Asked again it gives the hash of
    what it keeps, so that it is not taken for one that has read what is there now.
    """
    code = hash_files((path for name in CODE for path in PROJECT.glob(name)), PROJECT)
    tables = {path for name in SHIPPED_TABLES for path in SHIPPED.glob(name)}
    read = hash_files(tables - OF_MAIN_PROCESS, SHIPPED)
    return hashlib.sha256(f"{code} {read}".encode()).hexdigest()[:12]
