"""Surroundings: what a worker of a cluster sees, asked before it is given any work.

Workers import this module, so it imports nothing that takes long.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

DECIDING = ("polars", "pyarrow", "numpy", "scipy", "pandera")
"""Packages that decide about bytes: machines with other versions would not give a laptop's."""


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
    texts: list[str | None] = []
    for probe in probes:
        text = None
        with suppress(OSError):
            text = Path(probe).read_text(encoding="utf-8")
        texts.append(text)
    missing = tuple(path for path in inputs if not Path(path).exists())
    return Surroundings(tuple(texts), missing, {name: version(name) for name in DECIDING})
