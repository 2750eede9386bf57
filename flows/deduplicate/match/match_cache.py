"""Match cache: what the last run compared and decided, beside a release and no part of it.

It holds features by part, see `feature_parts`. What they led to depends on nothing but the
records: a run may start from what any other run left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.blocking import OVERFLOWS
from flows.deduplicate.match.clustering import EDGES
from flows.deduplicate.match.indexed_records import FINGERPRINTS
from flows.deduplicate.match.near_misses import NEAR_PAIRS
from flows.deduplicate.part_cache import PartCache, make_key

CODE = (
    *("flows/deduplicate/*.py", "flows/deduplicate/match/*.py", "flows/text/*.py"),
    *("flows/identifiers.py", "schemas/vocabulary.py"),
)
"""What decides about features and verdicts: these modules, what reads identifiers, and the names of
the rules."""

STATE_KEYS = {
    name: make_key(f"match_{name}", "")
    for name in ("marks", "compared", "verified", "near", "overflows", "parts")
}
"""Names of the files of a `MatchState`."""


@dataclass(frozen=True)
class MatchState:
    """What was compared and decided; rows are places in the order of ``record_id``."""

    marks: pl.DataFrame
    """`FINGERPRINTS` of each record, row by row."""
    compared: npt.NDArray[np.uint64]
    """The candidate pairs, packed and sorted: see `pack_pairs`."""
    verified: pl.DataFrame
    """The verified pairs as in `PairDecisions`, sorted by their rows."""
    near: pl.DataFrame
    """The near misses as in `PairDecisions`, sorted by their rows."""
    overflows: pl.DataFrame
    """The blocks over the cap as in `Blocks`."""
    parts: Sequence[str]
    """The keys of the parts with the features."""


def cache_folder(release: Path) -> Path:
    """Name the folder of a release's signatures."""
    return release.with_name(release.name + ".signatures")


def open_match_cache(folder: Path | None) -> PartCache:
    """Open the cache of matching in a folder; None keeps nothing."""
    return PartCache(folder, CODE)


def begin_state() -> MatchState:
    """Return what is known before the first run: nothing."""
    marks = pl.DataFrame(schema=dict.fromkeys(FINGERPRINTS, pl.UInt64))
    return MatchState(
        marks,
        compared=np.zeros(0, np.uint64),
        verified=EDGES.to_frame(),
        near=NEAR_PAIRS.to_frame(),
        overflows=OVERFLOWS.to_frame(),
        parts=[],
    )


def read_state(cache: PartCache) -> MatchState | None:
    """Read what the last run compared and decided; None where nothing is known of it."""
    frames = {name: cache.find_frame(key) for name, key in STATE_KEYS.items()}
    stored = {name: frame for name, frame in frames.items() if frame is not None}
    if len(stored) < len(frames):
        return None
    return MatchState(
        stored["marks"],
        stored["compared"]["pair"].to_numpy(),
        stored["verified"],
        stored["near"],
        stored["overflows"],
        stored["parts"]["key"].to_list(),
    )


def keep_state(cache: PartCache, state: MatchState) -> None:
    """Keep for the next run what this one compared and decided."""
    frames = {
        "marks": state.marks.select(FINGERPRINTS),
        "compared": pl.DataFrame({"pair": state.compared}, schema={"pair": pl.UInt64}),
        "verified": state.verified,
        "near": state.near,
        "overflows": state.overflows,
        "parts": pl.DataFrame({"key": state.parts}, schema={"key": pl.String}),
    }
    for name, frame in frames.items():
        cache.keep_frame(STATE_KEYS[name], frame)
