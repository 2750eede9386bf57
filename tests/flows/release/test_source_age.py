"""How old each source is, by its snapshots and by no clock."""

from datetime import date

from flows.publish.card.blocks import describe_sources
from flows.publish.card.facts import Facts, count_facts
from flows.release.source_age import SourceAge, is_stale, measure_ages
from schemas.origin import Origin
from schemas.rejection import Rejection
from schemas.vocabulary import Source
from tests.builders import frame, manifest, origin, release_tables

OLD, NEW = date(2026, 11, 11), date(2026, 11, 23)

ORIGINS = frame(
    Origin,
    [
        origin(1, source="arxiv", snapshot=OLD),
        origin(2, source="daily_papers", snapshot=OLD),
        origin(3, source="daily_papers", snapshot=NEW),
    ],
)


def test_a_source_is_as_old_as_its_newest_snapshot() -> None:
    assert measure_ages([ORIGINS]) == [
        SourceAge(Source.ARXIV, OLD, behind=12),
        SourceAge(Source.DAILY_PAPERS, NEW, behind=0),
    ]


def test_nothing_read_has_no_age() -> None:
    assert measure_ages([frame(Origin, []), frame(Rejection, [])]) == []


def test_the_card_says_how_far_a_source_is_behind() -> None:
    counted = count_facts({**release_tables(1), "origins": ORIGINS})
    shown = describe_sources(Facts(counted, manifest(), {}))
    row = next(line for line in shown.splitlines() if line.startswith("| `arxiv`"))
    assert row.endswith("| 12 |")


def test_a_source_without_a_bound_is_never_stale() -> None:
    assert not is_stale(9_999, None)


def test_a_source_is_stale_after_its_bound_not_on_it() -> None:
    assert [is_stale(days, 4) for days in (4, 5)] == [False, True]
