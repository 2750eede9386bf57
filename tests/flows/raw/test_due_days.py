"""Weeks and months as they are written, and which of their days can be asked for."""

from datetime import date

import pytest

from flows.errors import UserError
from flows.raw.due_days import clip_to_past, parse_month, parse_week


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026-W24", date(2026, 6, 8), date(2026, 6, 14)),
        ("2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_week_begins_on_its_monday(written, first, last):
    assert parse_week(written) == (first, last)


@pytest.mark.parametrize(
    ("written", "last"), [("2024-02", date(2024, 2, 29)), ("2026-12", date(2026, 12, 31))]
)
def test_a_month_ends_on_its_last_day(written, last):
    assert parse_month(written) == (last.replace(day=1), last)


@pytest.mark.parametrize("written", ["2026-W54", "2026-W00", "2026-24", "W24", "\uff12026-W24"])
def test_what_is_no_week_is_refused(written):
    with pytest.raises(UserError, match="is no week"):
        parse_week(written)


@pytest.mark.parametrize("written", ["2026-13", "2026-00", "0000-01", "2026-6", "2026-06-01"])
def test_what_is_no_month_is_refused(written):
    with pytest.raises(UserError, match="is no month"):
        parse_month(written)


def test_only_the_days_of_a_span_that_are_over_are_asked_for():
    june = parse_month("2026-06")
    assert clip_to_past(june, date(2026, 6, 20)) == (date(2026, 6, 1), date(2026, 6, 19))
    assert clip_to_past(june, date(2026, 8, 1)) == june
    assert clip_to_past(june, date(2026, 5, 1)) == june
