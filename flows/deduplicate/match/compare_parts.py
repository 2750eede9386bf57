"""Compare parts: pairs of records whose features are in files, some pairs at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from flows import external_sort
from flows.deduplicate.match.block_parts import Pairs
from flows.deduplicate.match.blocking import unpack_pairs
from flows.deduplicate.match.compare_pairs import PairDecisions, compare_pairs
from flows.deduplicate.match.feature_parts import FeatureParts, read_features
from flows.deduplicate.match.steps import MapSteps

PAIRS_READ = 50_000
"""Pairs whose records are read at a time: at most 60 MB of features. As many as are compared in one
go: more would be compared on two threads by each of two."""


@dataclass(frozen=True)
class PairsJob:
    """Pairs that are to be compared."""

    pairs: Path
    """File of ``left`` and ``right``, counted among the records of ``places``."""
    places: Path
    """File of ``row``, ``part`` and ``place`` of each record of the pairs."""
    target: Path
    """Folder of what comes of it."""


def compare_in_parts(
    features: FeatureParts, packed: Pairs, room: Path, map_steps: MapSteps
) -> PairDecisions:
    """Compare pairs of rows; what is decided goes through files in the folder ``room``."""
    jobs = []
    for number, start in enumerate(range(0, max(len(packed), 1), PAIRS_READ)):
        folder = room / "pairs" / f"{number:05}"
        pairs = unpack_pairs(packed[start : start + PAIRS_READ])
        rows = np.unique(pairs)
        local = np.searchsorted(rows, pairs)
        frame = pl.DataFrame({"left": local[:, 0], "right": local[:, 1]})
        places = features.locate(rows).with_columns(row=pl.Series(rows, dtype=pl.Int64))
        folder.mkdir(parents=True)
        jobs.append(
            PairsJob(
                external_sort.write_part(frame, folder / "pairs.arrow"),
                external_sort.write_part(places, folder / "places.arrow"),
                folder,
            )
        )
    map_steps(compare_part_of_pairs, jobs, "Parts of pairs", files=list(features.files))
    verified, near = (
        pl.concat(external_sort.read_part(job.target / f"{name}.arrow") for job in jobs)
        for name in ("verified", "near")
    )
    return PairDecisions(verified, near)


def compare_part_of_pairs(job: PairsJob, files: Sequence[Path]) -> int:
    """Compare some pairs; return how many there are."""
    places, pairs = external_sort.read_part(job.places), external_sort.read_part(job.pairs)
    decisions = compare_pairs(read_features(files, places), pairs.to_numpy())
    for name, frame in (("verified", decisions.verified), ("near", decisions.near)):
        rows = (places["row"].gather(frame[side]).alias(side) for side in ("left", "right"))
        external_sort.write_part(frame.with_columns(rows), job.target / f"{name}.arrow")
    return pairs.height
