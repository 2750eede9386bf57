"""Gold rows: the lines of ``gold.jsonl``, checked before anything is predicted."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.errors import UserError, count_noun
from schemas.vocabulary import Facet, LinkKind

MOST_FAULTS = 5
"""Faults that are shown: the rest are usually the same."""

ROLES = {"primary", "secondary", "ambiguous"}
"""How a topic may be judged."""


LONGEST_SHOWN = 80
"""Characters of a value that a message shows."""

LEAST_TOO_LARGE = 2**63
"""Numbers of papers are kept in 64 bits."""

MOST_DIGITS = 20
"""Digits of a whole number, of which 64 bits hold no more."""


class InvalidGold(UserError):
    """A gold file with lines that are not of its layout."""


def check_gold(what: str, path: Path) -> None:
    """Check every line of the gold of `links` or `topics`.

    Raises `InvalidGold` with file, lines and faults; other parts have no gold of this kind.
    """
    if what not in CHECKS:
        return
    faults = list(_find_all_faults(what, path))
    if faults:
        shown = "; ".join(faults[:MOST_FAULTS])
        rest = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise InvalidGold(
            f"{path}: {count_noun(len(faults), 'fault')} in the gold of {what}: "
            f"{shown}{rest}. A line is {EXAMPLES[what]}. Correct the lines and run again."
        )


def _find_all_faults(what: str, path: Path) -> Iterator[str]:
    """Find the faults of every line, and of lines beside each other."""
    first: dict[int, int] = {}
    # By line ends alone: other characters that end a line may be in JSON texts.
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        row, fault = _read_line(line)
        if row is None:
            yield f"line {number}: {fault}"
            continue
        yield from (f"line {number}: {fault}" for fault in _find_faults(what, row))
        if _is_number(row.get("i")) and first.setdefault(row["i"], number) != number:
            yield f"line {number}: `i` is {row['i']} as in line {first[row['i']]}"
    if not path.read_bytes().strip():
        yield "line 1: it is empty, as is the whole file"


def _read_line(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Read a line as an object; where it is none, return what it is."""
    try:
        row = json.loads(
            line.decode("utf-8"),
            object_pairs_hook=_read_object,
            parse_constant=_refuse_number,
            parse_float=_read_float,
            parse_int=_read_int,
        )
        # An escape may be half of a character, which no text in UTF-8 can hold.
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return None, "it holds half of a character (an escape from \\ud800 to \\udfff)"
    except UnicodeDecodeError as error:
        return None, f"it is no text in UTF-8: {error.reason} at byte {error.start + 1}"
    except RecursionError:
        return None, "it is nested too deeply"
    except ValueError as error:
        return None, f"it is no JSON: {error}"
    return (
        (row, "") if isinstance(row, dict) else (None, f"it is no object but {type(row).__name__}")
    )


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its names and values, each name of which is there once."""
    read: dict[str, Any] = {}
    for name, value in pairs:
        if name in read:
            raise ValueError(f"the name {_cut(name)} is there twice in one object")
        read[name] = value
    return read


def _refuse_number(written: str) -> None:
    raise ValueError(f"{written[:LONGEST_SHOWN]} is no JSON number that can be read")


def _read_float(written: str) -> float:
    if not math.isfinite(value := float(written)):
        _refuse_number(written)
    return value


def _read_int(written: str) -> int:
    if len(written) > MOST_DIGITS:
        _refuse_number(written)
    return int(written)


def _is_number(value: object) -> bool:
    # True is an int for Python, and no number of a paper.
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return -LEAST_TOO_LARGE <= value < LEAST_TOO_LARGE


def _find_faults(what: str, row: dict[str, Any]) -> Iterator[str]:
    if not _is_number(row.get("i")):
        yield f"`i` is {_cut(row.get('i'))}, and has to be the number of the paper"
    yield from CHECKS[what](row)


def _check_topics(row: dict[str, Any]) -> Iterator[str]:
    yield from _check_texts(row, ("title", "abstract"))
    for facet in Facet.values():
        roles = row.get(facet)
        # A facet that nobody judged is no fault: sets need not have all of them.
        if roles is None:
            continue
        if not isinstance(roles, dict) or not set(roles) <= ROLES:
            known = ", ".join(sorted(ROLES))
            yield f"`{facet}` is {_cut(roles)}, and has to hold lists named {known}"
        elif not all(_is_texts(topics) for topics in roles.values() if topics is not None):
            yield f"`{facet}` holds {_cut(roles)}, and its lists have to hold topics as text"
        else:
            yield from _find_contradictions(facet, roles)


def _find_contradictions(facet: str, roles: dict[str, list[str] | None]) -> Iterator[str]:
    first: dict[str, str] = {}
    for role, topics in roles.items():
        for topic in topics or ():
            if first.setdefault(topic, role) != role:
                yield f"`{facet}` calls {_cut(topic)} both {first[topic]} and {role}"


def _check_links(row: dict[str, Any]) -> Iterator[str]:
    yield from _check_texts(row, ("abstract",))
    if not isinstance(row.get("function"), str | None):
        yield f"`function` is {_cut(row['function'])}, and has to be text"
    links = row.get("links")
    if links is None:
        return
    if not isinstance(links, list):
        yield f"`links` is {_cut(links)}, and has to be a list"
        return
    for link in links:
        if not isinstance(link, dict) or not isinstance(link.get("url"), str):
            yield f"the link {_cut(link)} has no `url`"
        elif not isinstance(link.get("kind"), str):
            yield f"the link to {_cut(link['url'])} has no `kind` ({', '.join(LinkKind.values())})"
        else:
            yield from _check_link_fields(link)


def _check_link_fields(link: dict[str, Any]) -> Iterator[str]:
    for name in ("kind_alternatives", "url_alternatives"):
        if link.get(name) is not None and not _is_texts(link[name]):
            yield f"`{name}` is {_cut(link[name])}, and has to be a list of texts"
    if not isinstance(link.get("optional"), bool | None):
        yield f"`optional` is {_cut(link['optional'])}, and has to be true or false"
    if not isinstance(link.get("role"), str | None):
        yield f"`role` is {_cut(link['role'])}, and has to be text"


def _check_texts(row: dict[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if name not in row:
            yield f"`{name}` is missing"
        elif row[name] is not None and not isinstance(row[name], str):
            yield f"`{name}` is {_cut(row[name])}, and has to be text"


def _cut(value: object) -> str:
    """Write a value of a gold line, cut: it may be as long as its author likes."""
    written = repr(value)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}..."


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


CHECKS = {"topics": _check_topics, "links": _check_links}
"""What is checked of the gold of a part."""

EXAMPLES = {
    "topics": '{"i": 1, "title": "...", "abstract": "...", "area": {"primary": ["robotics"]}}',
    "links": '{"i": 1, "abstract": "...", "links": [{"url": "https://...", "kind": "code"}]}',
}
"""A line of the gold of a part."""
