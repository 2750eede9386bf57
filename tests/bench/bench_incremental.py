"""How much faster records join a release whose signatures are stored, and whether nothing differs.

Run it as ``python tests/bench/bench_incremental.py CORPUS --dedup FOLDER [--records N] [--new N]
[--whole] [--keep FOLDER]``. The records are those of `bench_deduplicate`, grown from the same two;
``--new`` of them, picked over all, come late. Cases run one after the other, each in a process of
its own: matching all without signatures; the run before, which stores them; matching all with
them, reading and writing them included. ``--whole`` runs the whole step likewise: reading parts,
merging, making texts readable, checking and writing tables; there is no earlier release to read.

The last column says whether the case gave what the first one gave, byte for byte.
"""

import argparse
import hashlib
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # the project is not installed where the benchmark runs
import polars as pl  # noqa: E402  # likewise

from flows import external_sort, tables  # noqa: E402  # likewise
from flows.deduplicate.match import match_cache  # noqa: E402  # likewise
from flows.deduplicate.match.canonical_ids import canonicalize_ids  # noqa: E402  # likewise
from flows.deduplicate.match.match_incrementally import (  # noqa: E402  # likewise
    MatchFolders,
    match_incrementally,
)
from flows.deduplicate.match.match_records import Matching, match_records  # noqa: E402  # likewise
from flows.deduplicate.part_cache import PartCache  # noqa: E402  # likewise
from flows.deduplicate.record_index import index_records  # noqa: E402  # likewise
from flows.deduplicate.task import deduplicate  # noqa: E402  # likewise
from flows.raw.parsed import Parsed  # noqa: E402  # likewise
from schemas.record import Record  # noqa: E402  # likewise
from schemas.resolution import Resolution  # noqa: E402  # likewise
from schemas.vocabulary import Source  # noqa: E402  # likewise
from tests.bench.bench_deduplicate import alone, as_records, grow  # noqa: E402  # likewise

SEED = 20261124

PART = 100_000
"""Records of a part on disk."""


def prepare(corpus: Path, dedup: Path, records: int, new: int, folder: Path) -> None:
    """Write the records that were there and the new ones as parts, as `parse` does."""
    if (folder / "new").is_dir():
        return
    grow(corpus, dedup, records + new, folder / "grown")
    grown = as_records(pl.scan_parquet(folder / "grown" / "*.parquet"), has_ids=True).collect()
    known = pl.when(pl.col("source").is_in(Source.values())).then("source")
    grown = grown.with_columns(known.fill_null(Source.DAILY_PAPERS.value)).with_columns(
        pl.concat_str("source", pl.col("record_id").str.extract(r"(:[^:]*:\d+)$")).alias(
            "record_id"
        )
    )
    late = np.random.default_rng(SEED).permutation(len(grown)) < new
    for name, chosen in (("old", ~late), ("new", late)):
        rows = grown.filter(pl.Series(chosen))
        for number, start in enumerate(range(0, len(rows), PART)):
            part = folder / name / f"records-{number:05}.parquet"
            tables.save(Record, rows.slice(start, PART), part)


def parts(folder: Path, *names: str) -> list[Parsed]:
    """Give the parsed records of the named kinds."""
    return [Parsed(folder / name, "arxiv", 0, 0) for name in names]


def read(folder: Path, *names: str) -> pl.DataFrame:
    """Read the records of the named kinds, as the step does."""
    files = [path for one in parts(folder, *names) for path in one.parts("records")]
    return tables.load(Record, files).pipe(canonicalize_ids)


def matching(folder: Path) -> Callable[[], Matching]:
    """Match all without signatures."""
    records = read(folder, "old", "new")
    return lambda: match_records(records)


def before(folder: Path) -> Callable[[], None]:
    """Match what was there first, and keep what the next run reads."""

    def work() -> None:
        match_kept(folder, "old")

    return work


def incremental(folder: Path) -> Callable[[], Matching]:
    """Match all with what the run before left, and keep what is known of all."""
    return lambda: match_kept(folder, "old", "new")


def match_kept(folder: Path, *names: str) -> Matching:
    """Index and match the records of the named kinds with the cache in the folder."""
    files = [path for one in parts(folder, *names) for path in one.parts("records")]
    records = index_records(files, PartCache(None), Resolution.empty(), folder / "index")
    cache = match_cache.open_match_cache(folder / "signatures")
    with external_sort.spill_dir(folder / "room") as room:
        found = match_incrementally(records, None, MatchFolders(cache, room))
    cache.close()
    return found


def step(folder: Path, names: tuple[str, ...], signatures: Path | None) -> Path:
    """Run the whole step."""
    merged = folder / "merged"
    return deduplicate.fn(parts(folder, *names), folder / "none", merged, signatures=signatures)


CASES: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "matching all": matching,
    "matching the run before, storing": before,
    "matching the new": incremental,
}

WHOLE: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "the whole step, all": lambda one: lambda: step(one, ("old", "new"), None),
    "the whole step, the run before": lambda one: lambda: step(one, ("old",), one / "whole"),
    "the whole step, the new": lambda one: lambda: step(one, ("old", "new"), one / "whole"),
}


def digest(found: Matching | Path | None) -> str:
    """Give one hash over what a case gave."""
    total = hashlib.sha256()
    if isinstance(found, Matching):
        for frame in (found.clusters, found.pairs, found.near, found.reports):
            total.update(frame.write_csv().encode())
    if isinstance(found, Path):
        for path in sorted(found.rglob("*.parquet")):
            total.update(path.read_bytes() if path.is_file() else b"")
    return total.hexdigest()


def _run(name: str, folder: Path, sender: Any) -> None:
    work = {**CASES, **WHOLE}[name](folder)
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sender.send((wall, cpu, peak, digest(found)))


def report(cases: dict[str, Callable[[Path], Callable[[], Any]]], folder: Path) -> None:
    """Print a row for each case; ratio and equality are those to the first."""
    first: tuple[float, float, float, str] | None = None
    for name in cases:
        receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
        alone(_run, name, folder, sender)
        took = receiver.recv()
        first = first or took
        same = "" if "before" in name else ("yes" if took[3] == first[3] else "NO")
        print(
            f"| {name} | {took[0]:.1f} | {took[1]:.1f} | {took[2]:,.0f} "
            f"| {took[1] / first[1]:.2f} | {same} |",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--dedup", type=Path, required=True)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--new", type=int, default=1_000)
    arguments.add_argument("--whole", action="store_true")
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        alone(prepare, options.corpus, options.dedup, options.records, options.new, folder)
        print(
            f"{options.new:,} records join {options.records:,}; "
            f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        )
        print("| case | wall s | CPU s | peak MB | CPU, times the first | the same result |")
        print("|---|--:|--:|--:|--:|---|")
        report(CASES, folder)
        if options.whole:
            report(WHOLE, folder)


if __name__ == "__main__":
    main()
