"""Excerpts of what could not be read, without the people whose accounts are in the same records."""

import re
from collections.abc import Sequence
from functools import cache

_RECORDS = frozenset(
    ("", "paper", "papers", "content", "note", "notes", "data", "results", "items", "message")
)
"""Names below which objects are the record itself, or parts of it. What is below others may be
anything, such as the account that submitted it."""


def show_fields(excerpt: str, names: Sequence[str]) -> str:
    """Return of an excerpt of JSON, or of Python's repr, the texts of some fields only.

    Where a quote is lost nobody can tell which name a text belongs to: what does not follow one of
    ``names`` at once is left out, a text that is no field, too. So are fields of objects below
    other names than `_RECORDS`, and those of an object that begins before the excerpt, if it ends.

    >>> show_fields('{"id": "1", "signatures": ["~Ann_B1"], "title": "On a', ("id", "title"))
    '"id": "1", "title": "On a'
    >>> show_fields('Ann B", "name": "ann"}', ("id", "title"))
    ''
    >>> show_fields('n", "id": "ann"}, "id": "1", "title": "On a', ("id", "title"))
    '"id": "1", "title": "On a'
    >>> show_fields('{"by": {"id": "ann"}, "paper": {"id": "1", "users": [{"id": "b', ("id",))
    '"id": "1"'
    """
    shown: list[str] = []
    above: list[str] = []
    # Whatever a text holds counts as brackets do: with a quote lost, nobody knows which are texts.
    for match in _find_fields(tuple(names)).finditer(excerpt):
        if match["field"]:
            shown += [match["field"]] if _RECORDS.issuperset(above) else []
        elif match["open"]:
            above.append(match["name"] or "")
        elif above:
            above.pop()
        else:
            # The excerpt began in an object whose name nobody knows.
            shown.clear()
    return ", ".join(shown)


@cache
def _find_fields(names: tuple[str, ...]) -> re.Pattern[str]:
    wanted = "|".join(map(re.escape, names))
    text = r"""(?P<quote>["'])(?:(?!(?P=quote))[^\\]|\\.)*+(?P=quote)?|\d+"""
    field = rf"""(?P<mark>["'])(?:{wanted})(?P=mark)\s*:\s*(?:{text})"""
    opening = r"""(?:["'](?P<name>\w{1,64})["']\s*:\s*)?(?P<open>[\[{])"""
    return re.compile(rf"(?P<field>{field})|{opening}|[\]}}]", re.DOTALL)


def show_elements(excerpt: str, names: Sequence[str]) -> str:
    """Return of an excerpt of XML the texts of some elements only.

    >>> show_elements("<id>2301.1</id><submitter>Ann B</submitter>", ("id", "title"))
    '<id>2301.1'
    """
    wanted = "|".join(map(re.escape, names))
    found = re.finditer(rf"<(?:[\w-]+:)?(?:{wanted})(?:\s[^<>]*)?>[^<]*", excerpt)
    return " ".join(match[0].strip() for match in found)
