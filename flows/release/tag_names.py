"""Tag names: a release is called by its newest snapshot, and by a number from the second on."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import count

DATED = re.compile(r"(\d{4}\.\d{2}\.\d{2})(?:\.(\d{1,6}))?")
"""A release's tag: a day, and a number from the second release of that day on."""


def name_tag(newest: date | None, previous: str | None) -> str | None:
    """Name the tag of a release by its newest snapshot and the tag of the release before.

    No clock is asked, so that the same inputs give the same card. None where neither is known.

    >>> name_tag(date(2026, 11, 23), None)
    '2026.11.23'
    >>> name_tag(date(2026, 11, 23), "2026.11.23.1")
    '2026.11.23.2'
    >>> name_tag(date(2026, 11, 23), "2026.11.30")
    '2026.11.30.1'
    >>> name_tag(None, "spring")
    """
    match = DATED.fullmatch(previous or "")
    day = f"{newest:%Y.%m.%d}" if newest else ""
    # Days of fixed width compare as texts; no day at all comes before every other.
    if match and match[1] >= day:
        return next(list_following(match[0]))
    return day or None


def list_following(tag: str) -> Iterator[str]:
    """List the dated tags that follow one on its day, without end.

    >>> following = list_following("2026.11.23")
    >>> next(following), next(following)
    ('2026.11.23.1', '2026.11.23.2')
    """
    match = DATED.fullmatch(tag)
    if match is None:
        raise ValueError(f"{tag!r} is no dated tag")
    return (f"{match[1]}.{number}" for number in count(int(match[2] or 0) + 1))
