"""Gold rows: the lines of ``gold.jsonl``, checked before anything is predicted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.errors import UserError
from schemas.vocabulary import Facet, LinkKind

MOST_FAULTS = 5
"""Faults that are shown: the rest are usually the same."""

ROLES = {"primary", "secondary", "ambiguous"}
"""How a topic may be judged."""


class InvalidGold(UserError):
    """A gold file with lines that are not of its layout."""


def check_gold(what: str, path: Path) -> None:
    """Check every line of the gold of `links` or `topics`.

    Raises `InvalidGold` with file, lines and faults; other parts have no gold of this kind.
    """
    if what not in CHECKS:
        return
    faults = [
        f"line {number}: {fault}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.strip()
        for fault in _find_faults(what, line)
    ]
    if faults:
        shown = "; ".join(faults[:MOST_FAULTS])
        rest = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise InvalidGold(
            f"{path}: {len(faults)} fault{'s'[: len(faults) > 1]} in the gold of {what}: "
            f"{shown}{rest}. A line is {EXAMPLES[what]}. Correct the lines and run again."
        )


def _find_faults(what: str, line: str) -> Iterator[str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        yield f"it is no JSON: {error}"
        return
    if not isinstance(row, dict):
        yield f"it is no object but {type(row).__name__}"
        return
    # True is an int for Python, and no number of a paper.
    if not isinstance(row.get("i"), int) or isinstance(row["i"], bool):
        yield f"`i` is {row.get('i')!r}, and has to be the number of the paper"
    yield from CHECKS[what](row)


def _check_topics(row: dict[str, Any]) -> Iterator[str]:
    yield from _check_texts(row, ("title", "abstract"))
    for facet in Facet.values():
        roles = row.get(facet)
        # A facet that nobody judged is no fault: sets need not have all of them.
        if roles is None:
            continue
        if not isinstance(roles, dict) or not set(roles) <= ROLES:
            yield f"`{facet}` is {roles!r}, and has to hold lists named {', '.join(sorted(ROLES))}"
        elif not all(_is_texts(topics) for topics in roles.values() if topics is not None):
            yield f"`{facet}` holds {roles!r}, and its lists have to hold topics as text"


def _check_links(row: dict[str, Any]) -> Iterator[str]:
    yield from _check_texts(row, ("abstract",))
    links = row.get("links")
    if links is None:
        return
    if not isinstance(links, list):
        yield f"`links` is {links!r}, and has to be a list"
        return
    for link in links:
        if not isinstance(link, dict) or not isinstance(link.get("url"), str):
            yield f"the link {link!r} has no `url`"
        elif not isinstance(link.get("kind"), str):
            yield f"the link to {link['url']!r} has no `kind` ({', '.join(LinkKind.values())})"


def _check_texts(row: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name not in row:
            yield f"`{name}` is missing"
        elif row[name] is not None and not isinstance(row[name], str):
            yield f"`{name}` is {row[name]!r}, and has to be text"


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


CHECKS = {"topics": _check_topics, "links": _check_links}
"""What is checked of the gold of a part."""

EXAMPLES = {
    "topics": '{"i": 1, "title": "...", "abstract": "...", "area": {"primary": ["robotics"]}}',
    "links": '{"i": 1, "abstract": "...", "links": [{"url": "https://...", "kind": "code"}]}',
}
"""A line of the gold of a part."""
