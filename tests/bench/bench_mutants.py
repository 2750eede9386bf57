"""How many mutants of real files are read, refused or fail, and how long the slowest takes.

Run it as ``python -m tests.bench.bench_mutants [--files 10000] [--seed 1] [--first 0]``. Each
mutant is recognised; it is read by the source that knows it, else by that of the file it was made
of, so that what nobody would recognise tries a reader as well. One in `WHOLE` goes all the way to
its parts on disk; the tables of the others are checked many at a time, which finds the same faults.

It exits with 1 where a reader fails on a file, which is a fault of ours, where a table is not what
its schema says, or where a file takes longer than ten seconds. A mutant that is named is made again
by its seed and number: ``--first NUMBER --files 1``.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Frames of a few rows: threads would only wait for each other, and be counted.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl

from flows import tables
from flows.hashing import hash_file
from flows.parse.find_raw_files import UnknownFile, recognise_members
from flows.parse.parse_file import parse_file
from flows.raw.archives import open_members
from flows.raw.batch import drop_blank_entries, parse_stream
from flows.raw.discovery import InputFile
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import SOURCES
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.vocabulary import Source
from tests.mutations import make_mutant

LONGEST = 10.0
"""Seconds of one file."""

PROGRESS = 5_000
"""Mutants after which the counts are printed."""

WHOLE = 20
"""Of so many mutants one is parsed into parts on disk."""

CHECKED = 200
"""Mutants whose tables are checked together."""

SEED_BYTES = 6_000
"""Bytes of a file that are changed, the first records; every fourth mutant is of all of it."""


@dataclass
class WaitingTables:
    """Tables of some mutants, which are checked together: that takes as long as one of them."""

    frames: dict[str, list[tuple[type, pl.DataFrame]]] = field(default_factory=dict)

    def add(self, name: str, model: type, frame: pl.DataFrame) -> None:
        """Let the table of a mutant wait."""
        if frame.height:
            self.frames.setdefault(name, []).append((model, frame))

    def list_faults(self) -> Iterator[str]:
        """Check all that wait; where they fail together, name each mutant that does by itself."""
        rows = [row for waiting in self.frames.values() for row in waiting]
        if any(self._find_fault(model, rows) for model in (Record, Rejection)):
            for name, waiting in self.frames.items():
                faults = [self._find_fault(model, waiting) for model in (Record, Rejection)]
                yield from (f"{name}: {fault}" for fault in faults if fault)
        self.frames.clear()

    @staticmethod
    def _find_fault(model: type, rows: list[tuple[type, pl.DataFrame]]) -> str:
        frames = [frame for of, frame in rows if of is model]
        try:
            if frames:
                tables.check(model, pl.concat(frames))
        except tables.InvalidTable as fault:
            return str(fault)
        return ""


def read_mutant(path: Path, origin: Source | None, waiting: WaitingTables, name: str) -> str:
    """Read a file, and name what came of it: a failure is named with its kind."""
    outcome, is_whole = "read", int(name.split(":")[1]) % WHOLE == 0
    members = list(recognise_members(find_file(path), None))
    if reasons := [raw.reason for raw in members if isinstance(raw, UnknownFile)]:
        if any("fails on it" in reason for reason in reasons):
            return f"failed: {reasons}"
        outcome = "unknown" if origin is None else "read by its own source"
        members = [] if origin is None else list(recognise_members(find_file(path), origin))
    for raw in members:
        if isinstance(raw, UnknownFile):
            outcome = "unknown"
            continue
        try:
            parse_whole(raw, path) if is_whole else parse_rows(raw, waiting, name)
        except RefusedInput as refusal:
            is_fault = "fails on it" in str(refusal)
            return f"failed: {refusal.__cause__!r}" if is_fault else "refused"
    return outcome


def find_file(path: Path) -> InputFile:
    """Find a file as discovery does."""
    return InputFile(path, hash_file(path))


def parse_whole(raw: RawFile, path: Path) -> None:
    """Parse a file into parts on disk, and remove them."""
    parse_file(raw, path.with_name("parsed"))
    shutil.rmtree(path.with_name("parsed"), ignore_errors=True)


def parse_rows(raw: RawFile, waiting: WaitingTables, name: str) -> None:
    """Parse a file into tables that wait to be checked."""
    for member in open_members(raw.path):
        if member.index != raw.member_index:
            continue
        for batch in parse_stream(raw, member.stream, SOURCES[raw.source].parse):
            waiting.add(name, Record, drop_blank_entries(batch.records))
            waiting.add(name, Rejection, batch.rejections)


def find_origin(name: str) -> Source | None:
    """Find the source of the file that a mutant was made of."""
    folder = name.split(":")[2].partition("/")[0]
    return next((source for source in SOURCES if source.value == folder), None)


def try_mutant(folder: Path, number: int, seed: int, waiting: WaitingTables) -> tuple[str, str]:
    """Make a mutant and read it; return its name and what came of it."""
    name, content = make_mutant(number, seed, SEED_BYTES if number % 4 else sys.maxsize)
    path = folder / "mutant"
    path.write_bytes(content)
    try:
        return name, read_mutant(path, find_origin(name), waiting, name)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
        return name, f"failed: {error!r}"


def main() -> int:
    """Read the mutants and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest, waiting = (0.0, ""), WaitingTables()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.first, options.first + options.files):
            started = time.process_time()
            name, outcome = try_mutant(Path(folder), number, options.seed, waiting)
            seconds = time.process_time() - started
            slowest = max(slowest, (seconds, name))
            counts[outcome.partition(":")[0]] += 1
            if outcome.startswith("failed") or seconds > LONGEST:
                print(f"{name}: {outcome}, {seconds:.1f} s", flush=True)
            if counts.total() % CHECKED == 0 or counts.total() == options.files:
                for fault in waiting.list_faults():
                    counts["failed"] += 1
                    print(fault, flush=True)
            # A run of hours may be ended at any time: what it has seen by then is printed.
            if counts.total() % PROGRESS == 0:
                print(f"{counts.total():,}: {dict(counts)}, {slowest}", flush=True)
    print(f"{dict(counts)}, the slowest {slowest[0]:.1f} s ({slowest[1]})")
    return int(counts["failed"] > 0 or slowest[0] > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
