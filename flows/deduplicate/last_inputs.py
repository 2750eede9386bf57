"""Last inputs: whether a run has the records of the last one, and others besides.

Then all that new records do not touch is taken over: see `merge_added`. As with `last_outcome` the
release before has to be the one that the last run led to.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import tables
from flows.deduplicate import removals
from flows.deduplicate.last_outcome import LastOutcome, find_kept_outcome, is_released
from flows.deduplicate.merge.changed_evidence import EVIDENCE_KEY
from flows.deduplicate.part_cache import PartCache, make_key
from flows.hashing import hash_once
from schemas.record import Record
from schemas.resolution import Resolution

INPUTS = pl.Schema({"kind": pl.String, "digest": pl.String})
"""What a run read: each part of its ``records``, the ``removals``, and the ``inputs``, by which its
outcome was named."""

INPUTS_KEY = make_key("inputs", "")


@dataclass(frozen=True)
class GrownInputs:
    """Inputs that hold the records of the last run, and others besides."""

    outcome: LastOutcome
    evidence: pl.DataFrame
    """What `hash_evidence` returned."""
    fresh: frozenset[int]
    """The numbers of the parts that the last run had not."""


def keep_inputs(cache: PartCache, files: Sequence[Path], inputs: str) -> None:
    """Keep what a run read: the ``files`` of its records; its outcome was named by ``inputs``."""
    rows = [*(("records", hash_once(file)) for file in files), *_list_others(), ("inputs", inputs)]
    cache.keep_frame(INPUTS_KEY, pl.DataFrame(rows, schema=INPUTS, orient="row"))


def find_grown_inputs(
    cache: PartCache, files: Sequence[Path], resolutions: pl.DataFrame, previous: Path
) -> GrownInputs | None:
    """Find what the last run read and left, where all of it stays; None where it does not."""
    last, evidence = cache.find_frame(INPUTS_KEY), cache.find_frame(EVIDENCE_KEY)
    if last is None or evidence is None:
        return None
    of_kind = {kind: last.filter(pl.col("kind") == kind)["digest"].to_list() for kind in _KINDS}
    known = Counter(of_kind["records"])
    if [("removals", digest) for digest in of_kind["removals"]] != _list_others():
        return None
    fresh = frozenset(_list_fresh(files, known))
    outcome = find_kept_outcome(cache, *of_kind["inputs"])
    if known.total() or outcome is None:
        return None
    # An identifier that a title led to is part of its record.
    ids = [tables.load(Record, [files[number]], ["record_id"])["record_id"] for number in fresh]
    new = pl.concat([pl.Series("record_id", [], pl.String), *ids])
    of_last = resolutions.filter(~pl.col("record_id").is_in(new.implode()))
    if not of_last.equals(tables.load(Resolution, [outcome.small["resolutions"]])):
        return None
    grown = GrownInputs(outcome, evidence, fresh)
    return grown if is_released(outcome, previous, cache) else None


_KINDS = ("records", "removals", "inputs")


def _list_others() -> list[tuple[str, str]]:
    path = removals.REMOVALS
    return [("removals", hash_once(path) if path.exists() else "")]


def _list_fresh(files: Sequence[Path], known: Counter[str]) -> Iterator[int]:
    """List the files that are not known, and take those that are from the known ones."""
    for number, file in enumerate(files):
        digest = hash_once(file)
        if known[digest]:
            known[digest] -= 1
        else:
            yield number
