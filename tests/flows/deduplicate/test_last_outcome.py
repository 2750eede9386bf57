"""A run with the inputs of the last one, after the release of it, leaves the same without work."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows import tables
from flows.deduplicate import task
from flows.deduplicate.last_outcome import add_up_files, sum_rows
from flows.deduplicate.part_cache import PartCache
from flows.deduplicate.task import MERGED, deduplicate
from flows.hashing import forget_hashes
from flows.parts import seal_step
from flows.paths import StepFolder
from flows.publish import write_release
from flows.raw.parsed import Parsed
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from tests.builders import manifest, not_loaded_back, release_tables, template
from tests.records import record, records

ROWS = [
    record(1, arxiv_id="2312.00001", source_id="2312.00001"),
    record(2, "papers_page", arxiv_id="2312.00001"),
    record(3, title="On knots"),
]


class Runs:
    """Runs of the step over one file, beside one folder of signatures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "release.signatures" / MERGED
        self.parsed = [Parsed(folder / "parsed", "arxiv", len(ROWS), 0)]

    def parse(self, rows: pl.DataFrame) -> None:
        """Write the records of the file."""
        part = self.folder / "parsed" / "records-00000.parquet"
        tables.save(Record, rows.select(Record.dtypes().names()), part)
        seal_step(part.parent)

    def run(self, previous: str, signatures: str = "release.signatures") -> dict[str, bytes]:
        """Run after a release; return all that the step leaves."""
        forget_hashes()
        folder = self.folder
        merged = deduplicate.fn(
            self.parsed, folder / previous, folder / "merged", None, folder / signatures
        )
        files = {path.relative_to(merged).as_posix(): path for path in merged.rglob("*.parquet")}
        return {name: path.read_bytes() for name, path in files.items() if path.is_file()}

    def release(self, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """Write the papers and origins that the step left as a release, papers changed."""
        written = StepFolder(self.folder / "merged")
        release = {table: frame.clear() for table, frame in release_tables(1).items()}
        for table, model in (("papers", Paper), ("origins", Origin)):
            files = tables.list_part_files(written.table(table))
            release[table] = tables.load(model, files)
        release["papers"] = change(release["papers"])
        with not_loaded_back():
            write_release.write_tables(
                release, template(self.folder), manifest(), self.folder / name
            )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a first run, with its release and one of another day."""
    runs = Runs(tmp_path_factory.mktemp("first"))
    runs.parse(records(*ROWS))
    runs.run("none")
    runs.release("same", lambda papers: papers)
    earlier = pl.col("first_seen").dt.offset_by("-1d")
    runs.release("other", lambda papers: papers.with_columns(earlier))
    return runs.folder


@pytest.fixture
def runs(first: Path, tmp_path: Path) -> Runs:
    """Return runs of which the first is done."""
    return Runs(shutil.copytree(first, tmp_path / "runs"))


def is_found(runs: Runs, previous: str) -> bool:
    """Tell whether the outcome of the last run is found, without the collecting of records."""
    with pytest.MonkeyPatch.context() as patched:
        patched.delattr(task, "collect_records")
        try:
            runs.run(previous)
        except NameError:
            return False
    return True


def test_the_same_inputs_after_its_own_release_leave_the_same_bytes(runs: Runs) -> None:
    alone = runs.run("same", "no signatures")
    assert is_found(runs, "same")
    assert runs.run("same") == alone
    assert is_found(runs, "same")


@pytest.mark.parametrize("previous", ["other", "none"])
def test_after_another_release_or_none_the_records_are_merged(runs: Runs, previous: str) -> None:
    assert not is_found(runs, previous)


def test_what_people_decided_since_is_read(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removals = tmp_path / "removals.csv"
    removals.write_text("identifier,day,reason\narxiv:2312.00001,2026-03-01,asked for\n")
    monkeypatch.setattr("flows.deduplicate.removals.REMOVALS", removals)
    assert not is_found(runs, "same")


@pytest.mark.parametrize("kind", ["papers", "outcome_aliases", "outcome_near_misses"])
def test_a_damaged_outcome_is_not_used(runs: Runs, kind: str) -> None:
    path = next(runs.cache.glob(f"{kind}-*"))
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    # A file of its own: the step's folder has another name of the same one.
    path.unlink()
    path.write_bytes(damaged)
    assert not is_found(runs, "same")


def test_records_that_no_input_holds_any_more_are_carried_over(runs: Runs) -> None:
    runs.run("same")
    runs.parse(records(*ROWS[:2]))
    carried = runs.run("same")
    assert runs.run("same") == carried == runs.run("same", "no signatures")
    assert not is_found(runs, "same")


def test_a_file_is_looked_through_once_for_all_runs(tmp_path: Path) -> None:
    rows, never = pl.LazyFrame({"a": ["x", "y", None]}), pl.LazyFrame({"b": [1]})
    first = PartCache(tmp_path)
    sums = add_up_files(first, "papers", {"digest": rows}, ["a"])
    assert sums == sum_rows(rows, ["a"])
    first.close()
    # Rows that have no such column cannot be read.
    assert add_up_files(PartCache(tmp_path), "papers", {"digest": never}, ["a"]) == sums
