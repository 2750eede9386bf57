"""Due days: which days are asked for, and how weeks and months are written."""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from flows.errors import UserError
from flows.raw.fetch_request import FetchRequest
from flows.raw.store import Store

SETTLED = 7
"""Days after which a day is read no more. Votes and links are added to a paper after its day: each
day is read until it is a week old, and a schedule that was down for a week leaves no hole."""

LOOK_BACK = 90
"""Days among which a harvest without dates looks for what it has missed. What is older is asked for
by its dates only: one old day must not draw years behind it."""


def list_due_days(
    request: FetchRequest, store: Store, name: Callable[[date], str]
) -> Iterator[date]:
    """Return the days to ask for: those not settled yet, oldest first, then what history lacks.

    A day is settled when it was read, under its ``name``, a week after it or later. The newest
    days come first, so that a hole in the past that cannot be filled never keeps them away.
    A single day is always asked for. Raises `UserError` for days that are still to come.
    """
    days = list_requested_days(
        request, (day for day in map(_read_day, store.list_names()) if day), request.today
    )
    if len(days) > 1:
        days = [day for day in days if not _is_settled(day, store, name(day))]
    newest = request.today - timedelta(days=SETTLED)
    yield from (day for day in days if day >= newest)
    yield from (day for day in days if day < newest)


def list_requested_days(request: FetchRequest, stored: Iterable[date], end: date) -> list[date]:
    """List the days that a request names, up to ``end``, oldest first.

    Where no first day is named, it is the first one ``stored`` of the last `LOOK_BACK` days, and
    a week ago at the latest. Raises `UserError` for days that are still to come.
    """
    last = request.last
    recent = (day for day in stored if last - timedelta(days=LOOK_BACK) <= day)
    first = request.since or min([*recent, last - timedelta(days=SETTLED - 1)])
    if first > last or last > end:
        raise UserError(
            f"No days from {first} to {last}: give --since and --until in order, up to {end} (UTC)."
        )
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _is_settled(day: date, store: Store, name: str) -> bool:
    stored = store.find_latest(name)
    return stored is not None and stored.sidecar.seen >= day + timedelta(days=SETTLED)


def _read_day(name: str) -> date | None:
    try:
        return date.fromisoformat(name[:10])
    except ValueError:
        return None


def clip_to_past(span: tuple[date, date], today: date) -> tuple[date, date]:
    """Return the days of a span that are over; all of them where it begins today or later."""
    first, last = span
    yesterday = today - timedelta(days=1)
    return first, min(last, yesterday) if first <= yesterday else last


def parse_week(written: str) -> tuple[date, date]:
    """Return the first and the last day of ``2026-W24`` (ISO 8601). Raises `UserError`."""
    if match := re.fullmatch(r"(\d{4})-W(\d{2})", written, re.ASCII):
        try:
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            pass
        else:
            return monday, monday + timedelta(days=6)
    raise UserError(f"{written!r} is no week: write 2026-W24.")


def parse_month(written: str) -> tuple[date, date]:
    """Return the first and the last day of ``2026-06``. Raises `UserError`."""
    if re.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])", written, re.ASCII) and written[:4] != "0000":
        first = date.fromisoformat(f"{written}-01")
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    raise UserError(f"{written!r} is no month: write 2026-06.")
