"""Excerpts of what could not be read, without the people whose accounts are in the same records."""

import re
from collections.abc import Sequence
from functools import cache


def show_fields(excerpt: str, names: Sequence[str]) -> str:
    """Return of an excerpt of JSON, or of Python's repr, the texts of some fields only.

    Where a quote is lost nobody can tell which name a text belongs to: what does not follow one of
    ``names`` at once is left out, a text that is no field, too.

    >>> show_fields('{"id": "1", "signatures": ["~Ann_B1"], "title": "On a', ("id", "title"))
    '"id": "1", "title": "On a'
    >>> show_fields('Ann B", "name": "ann"}', ("id", "title"))
    ''
    """
    return ", ".join(match[0] for match in _find_fields(tuple(names)).finditer(excerpt))


@cache
def _find_fields(names: tuple[str, ...]) -> re.Pattern[str]:
    wanted = "|".join(map(re.escape, names))
    text = r"""(?P<quote>["'])(?:(?!(?P=quote))[^\\]|\\.)*+(?P=quote)?|\d+"""
    return re.compile(rf"""(?P<mark>["'])(?:{wanted})(?P=mark)\s*:\s*(?:{text})""", re.DOTALL)


def show_elements(excerpt: str, names: Sequence[str]) -> str:
    """Return of an excerpt of XML the texts of some elements only.

    >>> show_elements("<id>2301.1</id><submitter>Ann B</submitter>", ("id", "title"))
    '<id>2301.1'
    """
    wanted = "|".join(map(re.escape, names))
    found = re.finditer(rf"<(?:[\w-]+:)?(?:{wanted})(?:\s[^<>]*)?>[^<]*", excerpt)
    return " ".join(match[0].strip() for match in found)
