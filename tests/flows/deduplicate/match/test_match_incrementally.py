"""Matching a part of the records again gives what matching all of them gives."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows.deduplicate.match import blocking
from flows.deduplicate.match import match_incrementally as incremental
from flows.deduplicate.match.cached_features import CachedMatch
from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_incrementally import match_incrementally
from flows.deduplicate.match.match_records import Matching, match_records
from flows.deduplicate.match.record_features import RecordFeatures, describe_records
from flows.deduplicate.match.record_keys import name_records
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
    numbers = st.lists(st.integers(1, 20), unique=True, max_size=18)
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


def capped(patched: pytest.MonkeyPatch, cap: int) -> None:
    """Let a handful of records overflow a block, and any share of known ones be worth keeping."""
    patched.setattr(blocking, "BLOCK_CAP", cap)
    patched.setattr(blocking, "NEIGHBOURS", 1)
    patched.setattr(incremental, "BLOCK_CAP", cap)
    patched.setattr(incremental, "WORTH_KEEPING", 0.0)


def require_equal(found: Matching, expected: Matching) -> None:
    for name in ("clusters", "pairs", "near", "reports"):
        assert_frame_equal(getattr(found, name), getattr(expected, name), check_exact=True)


def require_same(found: CachedMatch, expected: CachedMatch) -> None:
    for name in ("records", "verified", "near"):
        assert_frame_equal(getattr(found, name), getattr(expected, name), check_exact=True)
    assert found.keys.keys() == expected.keys.keys()
    for kind, keys in found.keys.items():
        assert_frame_equal(keys.sort("key", "row"), expected.keys[kind].sort("key", "row"))


verdicts = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from(["same", "different"])),
    max_size=3,
)
often = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(two_runs(), verdicts, verdicts, st.sampled_from([2, 3, 50]))
def test_incremental_equals_full(
    runs: tuple[list[Row], list[Row]],
    earlier: list[tuple[int, int, str]],
    now: list[tuple[int, int, str]],
    cap: int,
) -> None:
    before, after = runs
    with pytest.MonkeyPatch.context() as patched:
        capped(patched, cap)
        _, known = match_incrementally(
            records(*before), None, judged(before, earlier) if before else None
        )
        told = judged(after, now) if after else None
        found, signatures = match_incrementally(records(*after), known, told)
        expected, anew = match_incrementally(records(*after), None, told)
        require_equal(found, expected)
        require_same(signatures, anew)


def crowd(*numbers: int) -> list[Row]:
    """Give records that share their title and one author: only their title makes them meet."""
    return [
        record(n, abstract=None, authors=["Ada Byron", f"Author {'abcdef'[n]}son"]) for n in numbers
    ]


def again(before: list[Row], after: list[Row]) -> Matching:
    """Match after a first run, with no more than three records compared in full in a block."""
    with pytest.MonkeyPatch.context() as patched:
        capped(patched, 3)
        _, known = match_incrementally(records(*before), None)
        found, signatures = match_incrementally(records(*after), known)
        expected, anew = match_incrementally(records(*after), None)
    require_equal(found, expected)
    require_same(signatures, anew)
    return found


def joined(found: Matching) -> list[tuple[int, int]]:
    """Give the verified pairs by the numbers of their records."""
    ids = found.pairs.select(pl.col("left", "right").str.split(":").list.last().cast(pl.Int64))
    return ids.rows()


def test_pairs_of_a_block_that_shrinks_to_the_cap_are_compared() -> None:
    assert joined(again(crowd(1, 2, 3, 4), crowd(1, 2, 4))) == [(1, 2), (1, 4), (2, 4)]


def test_pairs_of_a_block_that_grows_over_the_cap_are_candidates_no_more() -> None:
    assert joined(again(crowd(1, 2, 3), crowd(1, 2, 3, 4))) == [(1, 2), (2, 3), (3, 4)]


def test_pairs_of_such_a_block_stay_when_another_key_makes_them_meet() -> None:
    first, second, third, fourth = crowd(1, 2, 3, 4)
    third["authors"] = first["authors"]
    found = again([first, second, third], [first, second, third, fourth])
    assert joined(found) == [(1, 2), (1, 3), (2, 3), (3, 4)]


def test_blocks_over_the_cap_are_reported_whether_or_not_they_changed() -> None:
    stranger = record(5, "papers_page", title="Tilting modules", abstract=None, authors=[])
    found = again(crowd(1, 2, 3, 4), [*crowd(1, 2, 3, 4), stranger])
    assert found.reports["kind"].to_list() == ["block-overflow"]


def test_changed_record_is_matched_anew() -> None:
    other = record(2, "papers_page", title="Another title", abstract=OTHER_ABSTRACT)
    assert joined(again([record(1), other], [record(1), record(2, "papers_page")])) == [(1, 2)]


def test_only_new_and_changed_records_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _, known = match_incrementally(records(record(1), record(2), record(3)), None)
    read: list[str] = []
    describe = incremental.describe_records

    def watched(chosen: Sequence[pl.LazyFrame]) -> RecordFeatures:
        read.extend(pl.concat(chosen).select("record_id").collect().to_series())
        return describe(chosen)

    monkeypatch.setattr(incremental, "describe_records", watched)
    new, changed = record(4, title="A third title"), record(2, title="Another title")
    match_incrementally(records(record(1), changed, record(3), new), known)
    assert read == [changed["record_id"], new["record_id"]]


def test_records_that_are_listed_again_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [record(1), record(2, "papers_page"), record(3, title="Rejoinder"), record(4)]
    _, known = match_incrementally(records(*rows), None)
    monkeypatch.setattr(
        incremental, "describe_records", lambda chosen: describe_none(pl.concat(chosen))
    )
    again = records(*listed_again(rows))
    require_equal(match_incrementally(again, known)[0], match_records(again))


def test_near_misses_of_records_that_change_places_are_those_of_now() -> None:
    titles = ["Tilting modules of quivers", "Sums of four squares", "Knots, links and braids"]
    rows = [
        record(number, title=title, arxiv_id=f"2312.{number:05}")
        for number, title in enumerate(titles * 2, 1)
    ]
    _, known = match_incrementally(records(*rows), None)
    again = records(*listed_again(rows))
    found, signatures = match_incrementally(again, known)
    expected, anew = match_incrementally(again, None)
    assert expected.near.height > 2
    require_equal(found, expected)
    require_same(signatures, anew)


def describe_none(chosen: pl.LazyFrame) -> RecordFeatures:
    rows = chosen.collect()
    assert rows.is_empty()
    return describe_records(rows)


def test_order_of_the_records_does_not_matter() -> None:
    rows = [record(1), record(2, "papers_page"), record(3, title="Rejoinder"), record(4)]
    _, known = match_incrementally(records(*rows[:2]), None)
    there, _ = match_incrementally(records(*rows), known)
    back, _ = match_incrementally(records(*reversed(rows)), known)
    require_equal(back, there)


@pytest.mark.parametrize("sizes", [(4,), (1, 3), (2, 1, 1), (1, 0, 3)])
def test_records_in_parts_are_matched_as_those_in_memory(sizes: tuple[int, ...]) -> None:
    rows = [record(4), record(1, "papers_page"), record(3, title="Rejoinder"), record(2)]
    whole = records(*rows)
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    parts = [whole.lazy().slice(end - size, size) for end, size in zip(ends, sizes, strict=True)]
    require_equal(match_records(parts), match_records(whole))
    _, known = match_incrementally(parts[:1], None)
    require_equal(match_incrementally(parts, known)[0], match_records(whole))


def test_same_records_again_give_the_same_signatures_back() -> None:
    _, known = match_incrementally(records(record(1), record(2)), None)
    assert match_incrementally(records(record(2), record(1)), known)[1] is known


def test_first_run_gives_what_matching_gives() -> None:
    rows = records(record(1), record(2, "papers_page"), record(3, title="Rejoinder"))
    require_equal(match_incrementally(rows, None)[0], match_records(rows))


def test_record_read_twice_is_refused() -> None:
    _, known = match_incrementally(records(record(1)), None)
    with pytest.raises(ValueError, match="1 record ids occur twice"):
        match_incrementally(records(record(1), record(1)), known)
