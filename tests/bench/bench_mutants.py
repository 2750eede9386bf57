"""How many mutants of real files are read, refused or fail, and how long the slowest takes.

Run it as ``python tests/bench/bench_mutants.py [--files 10000] [--seed 1] [--source SOURCE]``. Each
mutant is recognised and parsed as the pipeline does it. It exits with 1 where a reader fails on a
file, which is a fault of ours, or takes longer than ten seconds. A mutant that is named is made
again by its seed and number.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from flows.hashing import hash_file
from flows.parse.find_raw_files import UnknownFile, recognise_members
from flows.parse.parse_file import parse_file
from flows.raw.discovery import InputFile
from flows.raw.raw_file import RefusedInput
from schemas.vocabulary import Source
from tests.mutations import list_mutants

LONGEST = 10.0
"""Seconds of one file."""


PROGRESS = 5_000
"""Mutants after which the counts are printed."""


def read_mutant(folder: Path, content: bytes, source: Source | None) -> str:
    """Read a content, and name what came of it: a failure is named with its file's place."""
    path = folder / "mutant"
    path.write_bytes(content)
    outcome = "read"
    for raw in recognise_members(InputFile(path, hash_file(path)), source):
        if isinstance(raw, UnknownFile):
            outcome = "failed: " + raw.reason if "fails on it" in raw.reason else "unknown"
            continue
        try:
            parse_file(raw, folder / "parsed")
        except RefusedInput as refusal:
            is_fault = "fails on it" in str(refusal)
            outcome = f"failed: {refusal.__cause__!r}" if is_fault else "refused"
        shutil.rmtree(folder / "parsed", ignore_errors=True)
    return outcome


def main() -> int:
    """Read the mutants and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", type=Source, default=None)
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    slowest = (0.0, "")
    with tempfile.TemporaryDirectory() as folder:
        for name, content in list_mutants(given.files, given.seed):
            started = time.process_time()
            outcome = read_mutant(Path(folder), content, given.source)
            seconds = time.process_time() - started
            slowest = max(slowest, (seconds, name))
            counts[outcome.partition(":")[0]] += 1
            # A run of hours may be ended at any time: what it has seen by then is printed.
            if counts.total() % PROGRESS == 0:
                print(f"{counts.total():,}: {dict(counts)}", flush=True)
            if outcome.startswith("failed") or seconds > LONGEST:
                print(f"{name}: {outcome}, {seconds:.1f} s", flush=True)
    print(f"{dict(counts)}, the slowest {slowest[0]:.1f} s ({slowest[1]})")
    return int(counts["failed"] > 0 or slowest[0] > LONGEST)


if __name__ == "__main__":
    sys.exit(main())
