"""Surroundings: what a worker of a cluster sees, asked before it is given any work.

Workers import this module, so it imports nothing that takes long.
"""

import hashlib
import platform
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flows.errors import UserError
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


class OtherCode(UserError):
    """A worker that would give other bytes than the process that gave it work."""


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
    versions = {name: version(name) for name in DECIDING}
    ours = {"Python": platform.python_version(), "code and tables": hash_loaded_code()}
    return Surroundings(tuple(texts), missing, versions | ours)


@cache
def hash_loaded_code() -> str:
    """Hash the code and tables that this process works with, as they were when it was first asked.

    A worker loads both once and keeps them while its files change. Asked again it gives the hash of
    what it keeps, so that it is not taken for one that has read what is there now.
    """
    code = hash_files((path for name in CODE for path in PROJECT.glob(name)), PROJECT)
    found = {path for name in SHIPPED_TABLES for path in SHIPPED.glob(name)}
    read = hash_files(found - OF_MAIN_PROCESS, SHIPPED)
    return hashlib.sha256(f"{code} {read}".encode()).hexdigest()[:12]


def require_code(step: Callable[..., Any], code: str) -> Callable[..., Any]:
    """Return a step that does its work only where the code and tables are those of a hash.

    The workers are asked before a run begins. One may join later, or outlive a change of the files,
    and its parts would lie among those of the others. It raises `OtherCode` instead.
    """

    @wraps(step)
    def work_if_same(*arguments: Any, **named: Any) -> Any:
        if hash_loaded_code() != code:
            raise OtherCode(
                f"A worker on {socket.gethostname()} has other code or tables "
                f"({hash_loaded_code()}) than this run ({code}): it joined late, or they changed. "
                "Its part was refused. Start the workers again, then run again."
            )
        return step(*arguments, **named)

    return work_if_same
