"""Matching a part of the records again gives what matching all of them gives."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows import tables
from flows.deduplicate.match import block_parts, blocking, compare_parts, feature_parts
from flows.deduplicate.match import match_incrementally as incremental
from flows.deduplicate.match.feature_parts import FINGERPRINTS, PartJob, describe_feature_part
from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_cache import MatchState
from flows.deduplicate.match.match_records import Matching, match_records
from flows.deduplicate.match.record_features import RepeatedRecords
from flows.deduplicate.match.record_keys import name_records
from flows.external_sort import write_part
from flows.parts import DamagedStep
from schemas.record import Record
from schemas.vocabulary import STRONG_IDENTIFIERS
from tests.matched_records import match_parts, read_match
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records

Row = dict[str, object]

WORDS = ABSTRACT.split()
TITLES = [TITLE, TITLE.replace("very ", ""), f"{TITLE} II", "Rejoinder", "Protein folding archives"]
ABSTRACTS = [None, ABSTRACT, " ".join(WORDS[:40]), " ".join(["Anew", *WORDS[9:]]), OTHER_ABSTRACT]
PEOPLE = [[], AUTHORS, ["Byron, A.", "et al."], ["Emmy Noether"]]
IDS = [None, None, None, "2312.00752", "2312.00753"]
PAGES = [None, None, "page 1", "page 2"]

texts = st.tuples(*map(st.sampled_from, (TITLES, ABSTRACTS, PEOPLE, IDS, PAGES)))


def row(number: int, told: tuple[object, ...]) -> Row:
    source = ("arxiv", "daily_papers", "papers_page")[number % 3]
    columns = ("title", "abstract", "authors", "arxiv_id", "source_id")
    return record(number, source, **dict(zip(columns, told, strict=True)))


@st.composite
def two_runs(draw: st.DrawFn) -> tuple[list[Row], list[Row]]:
    """Give the records of two runs: some stay, some change, some vanish, some come.

    At times all come again from another file, in another order.
    """
    numbers = st.lists(st.integers(1, 20), unique=True, min_size=1, max_size=18)
    before = {number: row(number, draw(texts)) for number in draw(numbers)}
    now = {number: row(number, draw(texts)) for number in draw(numbers)}
    changed = draw(st.sets(st.integers(1, 20), max_size=4))
    stays = {number: one for number, one in before.items() if number not in changed}
    after = list((now | {n: stays[n] for n in now if n in stays}).values())
    return list(before.values()), listed_again(after) if draw(st.booleans()) else after


def listed_again(rows: list[Row]) -> list[Row]:
    """Give the same records from another file, in which they are in another order."""
    return [
        one | {"record_id": f"{one['source']}:fedcba987654:{50 - int(str(one['line']))}"}
        for one in rows
    ]


def judged(rows: list[Row], verdicts: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Give judgements on some of the rows, each pair judged once."""
    names, lines = name_records(records(*rows)), {}
    for left, right, verdict in verdicts:
        pair = sorted(names[place % len(rows)] for place in (left, right))
        if pair[0] != pair[1]:
            lines[tuple(pair)] = (*pair, verdict, "read both", "reviewer", "2026-03-01")
    schema = dict.fromkeys(COLUMNS, pl.String)
    return pl.DataFrame(list(lines.values()), schema=schema, orient="row")


def capped(patched: pytest.MonkeyPatch, cap: int, few: float = 2.0) -> None:
    """Let a handful of records overflow a block, and any share of them change.

    Buckets hold the keys of some records, and a dozen pairs are compared at a time.
    """
    patched.setattr(blocking, "BLOCK_CAP", cap)
    patched.setattr(blocking, "NEIGHBOURS", 1)
    patched.setattr(incremental, "FEW", few)
    patched.setattr(block_parts, "BUCKET_KEYS", 60)
    patched.setattr(compare_parts, "PAIRS_READ", 12)


def require_equal(found: Matching, expected: Matching) -> None:
    for name in ("clusters", "pairs", "near", "reports"):
        assert_frame_equal(getattr(found, name), getattr(expected, name), check_exact=True)


def require_same(found: MatchState | None, expected: MatchState | None) -> None:
    assert found is not None
    assert expected is not None
    for name in ("marks", "verified", "near", "overflows"):
        assert_frame_equal(getattr(found, name), getattr(expected, name), check_exact=True)
    assert np.array_equal(found.compared, expected.compared)


def cut(frame: pl.DataFrame, size: int) -> list[pl.DataFrame]:
    """Cut records into parts of so many."""
    return [*frame.iter_slices(size)] or [frame]


verdicts = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["same", "different"])),
    max_size=3,
)
often = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(two_runs(), verdicts, st.sampled_from([2, 3, 50]), st.sampled_from([2.0, 0.1]), st.data())
def test_matching_incrementally_gives_what_a_full_run_gives(
    runs: tuple[list[Row], list[Row]],
    now: list[tuple[int, int, str]],
    cap: int,
    few: float,
    data: st.DataObject,
) -> None:
    before, after = runs
    sizes = st.integers(3, 20)
    with pytest.MonkeyPatch.context() as patched, TemporaryDirectory() as made:
        folder, whole = Path(made), records(*after)
        capped(patched, cap, few)
        match_parts(cut(records(*before), data.draw(sizes)), folder / "a")
        told = judged(after, now) if after else None
        found = match_parts(cut(whole, data.draw(sizes)), folder / "a", told)
        require_equal(found, match_records(whole, told))
        match_parts([whole], folder / "b", told)
        require_same(read_match(folder / "a"), read_match(folder / "b"))


def crowd(*numbers: int) -> list[Row]:
    """Give records that share their title and one author: only their title makes them meet."""
    return [
        record(n, abstract=None, authors=["Ada Byron", f"Author {'abcdef'[n]}son"]) for n in numbers
    ]


def again(before: list[Row], after: list[Row], folder: Path) -> Matching:
    """Match after a first run, with no more than three records compared in full in a block."""
    with pytest.MonkeyPatch.context() as patched:
        capped(patched, 3)
        match_parts([records(*before)], folder / "a")
        found = match_parts([records(*after)], folder / "a")
        match_parts([records(*after)], folder / "b")
        require_equal(found, match_records(records(*after)))
    require_same(read_match(folder / "a"), read_match(folder / "b"))
    return found


def joined(found: Matching) -> list[tuple[int, int]]:
    """Give the verified pairs by the numbers of their records."""
    ids = found.pairs.select(pl.col("left", "right").str.split(":").list.last().cast(pl.Int64))
    return ids.rows()


def test_pairs_of_a_block_that_shrinks_to_the_cap_are_compared(tmp_path: Path) -> None:
    found = again(crowd(1, 2, 3, 4), crowd(1, 2, 4), tmp_path)
    assert joined(found) == [(1, 2), (1, 4), (2, 4)]


def test_pairs_of_a_block_that_grows_over_the_cap_are_candidates_no_more(tmp_path: Path) -> None:
    found = again(crowd(1, 2, 3), crowd(1, 2, 3, 4), tmp_path)
    assert joined(found) == [(1, 2), (2, 3), (3, 4)]


def test_pairs_of_such_a_block_stay_when_another_key_makes_them_meet(tmp_path: Path) -> None:
    first, second, third, fourth = crowd(1, 2, 3, 4)
    third["authors"] = first["authors"]
    found = again([first, second, third], [first, second, third, fourth], tmp_path)
    assert joined(found) == [(1, 2), (1, 3), (2, 3), (3, 4)]


def test_blocks_over_the_cap_are_reported_whether_or_not_they_changed(tmp_path: Path) -> None:
    stranger = record(5, "papers_page", title="Tilting modules", abstract=None, authors=[])
    found = again(crowd(1, 2, 3, 4), [*crowd(1, 2, 3, 4), stranger], tmp_path)
    assert found.reports["kind"].to_list() == ["block-overflow"]


def test_a_changed_record_is_compared_again(tmp_path: Path) -> None:
    other = record(2, "papers_page", title="Another title", abstract=OTHER_ABSTRACT)
    found = again([record(1), other], [record(1), record(2, "papers_page")], tmp_path)
    assert joined(found) == [(1, 2)]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the ids of the records whose texts are read, as they are."""
    ids: list[str] = []
    describe = feature_parts.describe_rows

    def watched(part: pl.LazyFrame) -> object:
        ids.extend(part.select("record_id").collect().to_series())
        return describe(part)

    monkeypatch.setattr(feature_parts, "describe_rows", watched)
    return ids


def test_only_new_and_changed_records_are_read(tmp_path: Path, read: list[str]) -> None:
    match_parts([records(record(1), record(2)), records(record(3))], tmp_path)
    read.clear()
    new, changed = record(4, title="A third title"), record(2, title="Another title")
    parts = [records(record(1), changed), records(record(3)), records(new)]
    match_parts(parts, tmp_path)
    assert sorted(read) == [changed["record_id"], new["record_id"]]


def test_parts_that_say_the_same_keep_their_files(tmp_path: Path) -> None:
    match_parts([records(record(1), record(2)), records(record(3))], tmp_path)
    before = {path.name: path.stat() for path in tmp_path.rglob("features-*")}
    changed = record(3, title="Another title")
    match_parts([records(record(1), record(2)), records(changed)], tmp_path)
    now = {path.name: path.stat() for path in tmp_path.rglob("release.signatures/features-*")}
    shared = before.keys() & now.keys()
    assert len(now) == 2
    assert [now[name].st_ino for name in shared] == [before[name].st_ino for name in shared]
    assert len(shared) == 1


def test_records_that_are_listed_again_are_not_read(tmp_path: Path, read: list[str]) -> None:
    rows = [record(1), record(2, "papers_page"), record(3, title="Rejoinder"), record(4)]
    match_parts([records(*rows)], tmp_path)
    read.clear()
    again = records(*listed_again(rows))
    # In parts that are cut elsewhere.
    require_equal(match_parts(cut(again, 3), tmp_path), match_records(again))
    assert read == []


def test_near_misses_of_records_that_change_places_are_those_of_now(tmp_path: Path) -> None:
    titles = ["Tilting modules of quivers", "Sums of four squares", "Knots, links and braids"]
    rows = [
        record(number, title=title, arxiv_id=f"2312.{number:05}")
        for number, title in enumerate(titles * 2, 1)
    ]
    assert again(rows, listed_again(rows), tmp_path).near.height > 2


@pytest.mark.parametrize("sizes", [(4,), (1, 3), (2, 1, 1)])
def test_records_in_parts_are_matched_as_those_in_memory(
    sizes: tuple[int, ...], tmp_path: Path
) -> None:
    rows = [record(4), record(1, "papers_page"), record(3, title="Rejoinder"), record(2)]
    whole = records(*rows)
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    parts = [whole.slice(end - size, size) for end, size in zip(ends, sizes, strict=True)]
    require_equal(match_records([part.lazy() for part in parts]), match_records(whole))
    match_parts(parts[:1], tmp_path)
    require_equal(match_parts(parts, tmp_path), match_records(whole))


def test_record_read_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepeatedRecords, match="Remove the copy from data/raw"):
        match_parts([records(record(1)), records(record(1))], tmp_path)


def test_records_that_change_after_they_were_listed_end_the_step_by_name(tmp_path: Path) -> None:
    file = tables.save_part(Record, records(record(1), record(2)), tmp_path / "records.parquet")
    listed = records(record(2), record(1)).select(
        *("record_id", *STRONG_IDENTIFIERS),
        *(pl.lit(0, pl.UInt64).alias(name) for name in FINGERPRINTS),
        file=pl.lit(None, pl.String),
        place=pl.lit(None, pl.UInt32),
    )
    rows = write_part(listed, tmp_path / "rows")
    with pytest.raises(DamagedStep, match=r"records\.parquet does not hold the 2 records that"):
        describe_feature_part(PartJob(0, file, rows, tmp_path / "target"))
