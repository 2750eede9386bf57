"""Deduplicate random histories of runs: does each run leave what one without caches leaves?

Run it as ``python -m tests.bench.random_histories [--histories N] [--first SEED]``. A history is a
dozen runs, each after the release of the one before: files of a few records come, are listed again,
change or go; people judge pairs and ask for removals; titles lead to identifiers; at times a run
follows an older release. Identifiers, titles and ids in sources come from small pools, so that
papers dispute them. Parts hold a few papers. After each run all files are compared with those of a
run without caches. Exits with 1 where one differs.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import external_sort, tables
from flows.deduplicate import removals, task
from flows.deduplicate.match.record_keys import name_records
from flows.deduplicate.merge import (
    merge_added,
    merge_incrementally,
    paper_parts,
    settle_ids,
)
from flows.deduplicate.merge.last_merge import LastParts
from flows.hashing import forget_hashes
from flows.parts import cut_at_ids, seal_step
from flows.raw.parsed import Parsed
from schemas.record import Record
from schemas.resolution import Resolution
from tests.merged_release import release_merged
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, record, records

Row = dict[str, object]

RUNS = 10
TITLES = ["Tilting modules", "Sums of squares", "Knots and links", "On graphs", "Rejoinder"]
ABSTRACTS = [None, ABSTRACT, OTHER_ABSTRACT]
PEOPLE = [[], AUTHORS, ["Emmy Noether"]]
SOURCES = ["arxiv", "arxiv", "daily_papers", "papers_page", "papers_with_code", "semantic_scholar"]


def draw_record(chance: random.Random, file: str, line: int, pool: int) -> Row:
    """Draw a record of a file."""
    source, number = chance.choice(SOURCES), chance.randrange(pool)
    ids: Row = {}
    if chance.random() < 0.6:
        ids["arxiv_id"] = f"2312.{number:05}"
    if chance.random() < 0.2:
        ids["doi"] = f"10.1000/{chance.randrange(pool)}"
    if chance.random() < 0.15:
        ids["acl_id"] = f"2020.acl-long.{chance.randrange(1, pool)}"
    if chance.random() < 0.6:
        ids["source_id"] = f"s{chance.choice([number, chance.randrange(pool)])}"
    title = f"{chance.choice(TITLES)} {number // 3}"
    return record(
        line,
        source,
        record_id=f"{source}:{file}:{line}",
        title=title,
        abstract=chance.choice(ABSTRACTS),
        authors=chance.choice(PEOPLE),
        **ids,
    )


class History:
    """The files of a project from run to run, and what people wrote."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance, self.folder, self.pool = random.Random(seed), folder, 40  # noqa: S311  # not a secret
        self.files: dict[str, list[Row]] = {}
        self.days: dict[str, date] = {}
        self.day = date(2026, 3, 1)
        self.judged: dict[tuple[str, ...], str] = {}
        self.removed: list[str] = []
        self.resolved: list[Row] = []
        self.count = 0
        self.add_file(25)

    def add_file(self, most: int, rows: list[Row] | None = None) -> None:
        """Add a file, of new records or of ``rows`` listed again in another order."""
        self.count += 1
        name = f"{self.chance.randrange(16**12):012x}"
        if rows is None:
            number = self.chance.randint(0, most)
            rows = [
                draw_record(self.chance, name, line, self.pool) for line in range(1, number + 1)
            ]
        else:
            rows = [
                row | {"record_id": f"{row['source']}:{name}:{50 - int(str(row['line']))}"}
                for row in rows
            ]
        self.files[name], self.days[name] = rows, self.day

    def change(self) -> None:
        """Let a day pass."""
        self.day += timedelta(days=1)
        draw, chance = self.chance.random(), self.chance
        if draw < 0.65 or not self.files:
            self.add_file(4)
        elif draw < 0.70:
            self.files.pop(chance.choice(list(self.files)))
        elif draw < 0.76:
            self.add_file(0, self.files.pop(chance.choice(list(self.files))))
        elif draw < 0.82:
            self.judge()
        elif draw < 0.85:
            self.removed.append(f"arxiv:2312.{chance.randrange(self.pool):05}")
        elif draw < 0.92:
            self.resolve()
        self.pool += 1

    def judge(self) -> None:
        """Let a person judge two records."""
        rows = [row for file in self.files.values() for row in file]
        if len(rows) > 1:
            names = sorted(set(name_records(records(*self.chance.sample(rows, 2)))))
            if len(names) == 2:
                self.judged[tuple(names)] = self.chance.choice(["same", "different"])

    def resolve(self) -> None:
        """Let the title of a record lead to an identifier, at once of a file that is new."""
        if self.chance.random() < 0.5:
            self.add_file(4)
        name = (
            self.chance.choice(list(self.files))
            if self.chance.random() < 0.3
            else list(self.files)[-1]
        )
        known = {row["record_id"] for row in self.resolved}
        for row in self.files[name]:
            if row["record_id"] not in known and self.chance.random() < 0.7:
                self.resolved.append(
                    dict.fromkeys(Resolution.dtypes().names())
                    | {
                        "record_id": row["record_id"],
                        "arxiv_id": f"2312.{self.chance.randrange(self.pool):05}",
                        "score": 0.9,
                        "license": row["license"],
                    }
                )

    def write(self, folder: Path) -> tuple[list[Parsed], Path]:
        """Write what the step reads."""
        parsed = []
        for name, rows in self.files.items():
            part = folder / name / "records-00000.parquet"
            frame = records(*rows).with_columns(snapshot=pl.lit(self.days[name]))
            if rows:
                tables.save(Record, frame.select(Record.dtypes().names()), part)
                seal_step(part.parent)
            parsed.append(Parsed(part.parent, "arxiv", frame.height, 0))
        lines = [f"{','.join(pair)},{word},why,me,2026-03-01" for pair, word in self.judged.items()]
        head = "left,right,verdict,reason,by,on"
        task.JUDGEMENTS.write_text("\n".join([head, *lines]) + "\n")
        lines = [f"{name},2026-03-01,asked" for name in self.removed]
        removals.REMOVALS.write_text("\n".join(["identifier,day,reason", *lines]) + "\n")
        resolved = folder / "resolved" / "resolutions.parquet"
        dtypes = Resolution.dtypes()
        frame = pl.DataFrame(self.resolved, schema=dtypes).sort("record_id")
        tables.save(Resolution, frame, resolved)
        seal_step(resolved.parent)
        return parsed, resolved


def run(parsed: list[Parsed], previous: Path, resolved: Path, folder: Path, cache: str) -> Path:
    """Deduplicate."""
    forget_hashes()
    signatures = folder / cache if cache else None
    merged = folder / f"merged{cache}"
    return task.deduplicate.fn(parsed, previous, merged, resolved, signatures)


def read_bytes(merged: Path) -> dict[str, bytes]:
    """Read all that a run left."""
    files = {path.relative_to(merged).as_posix(): path for path in merged.rglob("*.parquet")}
    return {name: path.read_bytes() for name, path in files.items() if path.is_file()}


TAKEN: Counter[str] = Counter()


def watch(work: Callable[..., Any], count: Callable[..., None]) -> Callable[..., Any]:
    """Call a function as before, and another one with its result and its arguments."""

    def watched(*args: object) -> object:
        result = work(*args)
        count(result, *args)
        return result

    return watched


def count_attempt(*_: object) -> None:
    TAKEN["attempts"] += 1


def count_parts(
    cut: tuple[list[tuple[int, int]], set[int]],
    papers: LastParts,
    others: Sequence[int],
    _: pl.Series,
) -> None:
    if cut[1]:
        TAKEN["attempts that moved borders"] += 1
        return
    TAKEN["runs"] += 1
    TAKEN["parts taken over"] += len(others)
    TAKEN["parts touched"] += len(papers.files) - len(others)


@contextmanager
def small_parts(folder: Path) -> Iterator[None]:
    """Cut all parts small, count ways, and let people's files lie in a folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(merge_incrementally, "cut_at_ids", partial(cut_at_ids, rows=3))
        patched.setattr(paper_parts, "PIECE_ROWS", 2)
        patched.setattr(external_sort, "JOINED_ROWS", 4)
        patched.setattr(external_sort, "ROWS", 2)
        patched.setattr(settle_ids, "KNOWN_ROWS", 3)
        patched.setattr(task, "JUDGEMENTS", folder / "judgements.csv")
        patched.setattr(removals, "REMOVALS", folder / "removals.csv")
        for name, count in (("find_touched", count_attempt), ("cut_beside", count_parts)):
            patched.setattr(merge_added, name, watch(getattr(merge_added, name), count))
        yield


def play(seed: int, folder: Path) -> list[str]:
    """Play a history; return what differs."""
    history, previous, faults = History(seed, folder), folder / "none", []
    for number in range(RUNS):
        parsed, resolved = history.write(folder / f"in-{number}")
        try:
            alone = read_bytes(run(parsed, previous, resolved, folder, ""))
        except Exception as error:  # noqa: BLE001  # whatever it is, both ways have to say it
            alone = {"error": repr(error).encode()}
        try:
            after = read_bytes(run(parsed, previous, resolved, folder, ".cache"))
        except Exception as error:  # noqa: BLE001  # likewise
            after = {"error": repr(error).encode()}
        names = sorted(alone.keys() | after.keys())
        faults += [
            f"{seed}: run {number}: {name}"
            + (f" {alone.get(name)} {after.get(name)}" if name == "error" else "")
            for name in names
            if alone.get(name) != after.get(name)
        ]
        TAKEN["all runs"] += 1
        TAKEN["errors"] += "error" in alone
        if faults:
            return faults
        if "error" not in alone and history.chance.random() < 0.9:
            previous = release_merged(folder / "merged.cache", folder / f"release-{number}")
        history.change()
    return faults


def main() -> int:
    """Play histories; return 1 where bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    faults = []
    for seed in range(options.first, options.first + options.histories):
        with tempfile.TemporaryDirectory() as folder, small_parts(Path(folder)):
            new = play(seed, Path(folder))
        for fault in new:
            print(fault, flush=True)
        faults += new
    print(f"{options.histories} histories, {len(faults)} files differ; {dict(TAKEN)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
