"""How a page is laid out: unwrapped lines, the end of its header, lines that repeat."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from flows.sources.papers_page import line_kinds as page
from flows.sources.papers_page.line_kinds import Kind, Line

TEXT = (Kind.TITLE, Kind.PROSE, Kind.EITHER)
"""Lines that are no chrome."""

MAX_WRAP = 130
"""A page whose longest line is shorter was wrapped: unwrapped abstracts are one line each."""

MIN_RUN = 4
"""Lines of text in a row: a title and an abstract with nothing between them are two."""

MAX_ENDINGS = 0.35
"""Share of lines that end a sentence: about one in ten where lines are wrapped, every second one
where titles and one-line abstracts alternate."""

MAX_RUN = 15
"""Lines of a wrapped page for each blank one: an abstract has 10 to 25 and two blank neighbours."""


class NoPapers(Exception):
    """A page that holds no papers in a known way: the message says what is missing."""


def lay_out(written: Sequence[str]) -> tuple[list[Line], list[Line]]:
    """Return the lines of the page's header and those of its papers, each with its kind."""
    lines = [page.classify_line(number, text) for number, text in enumerate(written, 1)]
    lines = _attach_counts(_drop_accounts(_join_lines(lines)))
    start = _find_header_end(lines)
    return lines[:start], _demote_chrome(lines[start:])


def _join_lines(lines: list[Line]) -> list[Line]:
    """Join lines that were broken at a margin: the next word would not have fitted.

    Where the margin is none, whole runs of lines are joined. Raises `NoPapers` where no blank
    lines separate the papers: the last line of an abstract may then be as full as one that goes
    on.
    """
    if not _is_wrapped(lines):
        return lines
    if sum(line.kind is Kind.BLANK for line in lines) * MAX_RUN < len(lines):
        raise NoPapers(
            "its lines were wrapped and nothing separates the papers: paste it unwrapped"
        )
    width = max((len(line.text) for line in lines if " " in line.text), default=0)
    together = [_are_together(*two) for two in pairwise(lines)]
    broken = [_is_broken(*two, width) for two in pairwise(lines)]
    # Four fifths: a few lines end early because their next word is a formula or an address.
    has_margin = sum(broken) > sum(together) * 0.8
    joined: list[Line] = lines[:1]
    for goes_on, line in zip(broken if has_margin else together, lines[1:], strict=True):
        if goes_on:
            text = f"{joined[-1].text}\n{line.text}"
            kind = page.classify_text(page.squeeze_gaps(text))
            joined[-1] = replace(joined[-1], text=text, kind=kind, last=line.last)
        else:
            joined.append(line)
    return joined


def _is_wrapped(lines: list[Line]) -> bool:
    """Return whether texts go over several lines."""
    texts = [line for line in lines if line.kind in TEXT]
    if max((len(line.text) for line in texts if " " in line.text), default=0) > MAX_WRAP:
        return False
    run = 1
    runs: list[int] = []
    for together in [*(_are_together(*two) for two in pairwise(lines)), False]:
        if together:
            run += 1
        else:
            runs.append(run)
            run = 1
    ends = sum(line.text.endswith((".", "!", "?")) for line in texts)
    return max(runs, default=0) >= MIN_RUN and ends <= MAX_ENDINGS * len(texts)


def _are_together(above: Line, line: Line) -> bool:
    return above.kind in TEXT and line.kind in (*TEXT, Kind.URL)


def _is_broken(above: Line, line: Line, width: int) -> bool:
    room = width - len(above.text) - 1
    goes_on = _are_together(above, line) or (above.kind in TEXT and line.kind is Kind.SITE)
    return goes_on and len(line.text.split(maxsplit=1)[0]) > room


def _drop_accounts(lines: list[Line]) -> list[Line]:
    """Drop the account that submitted a paper, and mark the authors listed below their label."""
    named_lines: list[Line] = []
    expected: Kind | None = None
    for line in lines:
        if expected is Kind.SUBMITTED and line.kind in TEXT and _may_be_account(line.text):
            named_lines.append(replace(line, text="", kind=Kind.BLANK))
            expected = None
            continue
        if expected is Kind.AUTHORS and line.kind in TEXT:
            named_lines.append(replace(line, kind=Kind.AUTHORS, value=line.text))
            expected = Kind.AUTHORS if line.text.endswith(",") else None
            continue
        if line.kind in (Kind.SUBMITTED, Kind.AUTHORS):
            goes_on = not line.value or line.value.endswith(",")
            expected = line.kind if goes_on else None
        elif line.kind in TEXT:
            expected = None
        named_lines.append(
            replace(line, text="", value="") if line.kind is Kind.SUBMITTED else line
        )
    return named_lines


def _may_be_account(text: str) -> bool:
    return len(text) <= 60 and len(text.split()) <= 8 and not text.endswith("?")  # noqa: PLR2004  # "Yanxin Lu on Jul 22, 2024" has six words


def _find_header_end(lines: list[Line]) -> int:
    """Return the index of the first line after the page's header, 0 where it has none.

    The header ends with the last of the site's own words above the first abstract that follows
    the site's headline, or above the first abstract at all.
    """
    anchors = [i for i, line in enumerate(lines) if page.ends_header(line)]
    headline = next((i for i in anchors if "research community" in lines[i].text), 0)
    prose = (i for i, line in enumerate(lines) if i > headline and line.kind is Kind.PROSE)
    first = next(prose, headline + 1)
    return max((i + 1 for i in anchors if i < first), default=0)


def _demote_chrome(body: list[Line]) -> list[Line]:
    """Turn into chrome what looks like a title but is shown to be none by the page itself."""
    texts = [line for line in body if line.kind in TEXT]
    names = {line.number for line in texts if _reads_as_names(line)}
    listed = sum(line.kind is Kind.AUTHORS for line in body)
    has_names = len(names) + listed > max(1, sum(line.kind is Kind.PROSE for line in texts) // 3)
    people = names if has_names else set()
    chrome = _find_repeated(
        [line for line in texts if line.number not in people]
    ) | _find_separated(body)
    return [_demote_line(line, people, chrome) for line in body]


def _demote_line(line: Line, people: set[int], chrome: set[int]) -> Line:
    if line.number in people:
        return replace(line, kind=Kind.AUTHORS, value=line.text)
    return replace(line, kind=Kind.DOT) if line.number in chrome else line


def _reads_as_names(line: Line) -> bool:
    return line.kind is Kind.TITLE and page.is_names(line.text)


def _find_repeated(texts: list[Line]) -> set[int]:
    """Return the short lines that stand before different texts: organisations and buttons."""
    followers: dict[str, set[str]] = defaultdict(set)
    short = [two for two in pairwise(texts) if two[0].kind is Kind.TITLE]
    for line, after in short:
        if page.may_be_organisation(line.text):
            followers[line.text].add(after.text)
    return {line.number for line, _ in short if len(followers[line.text]) > 1}


def _find_separated(body: list[Line]) -> set[int]:
    """Return the lines between an abstract and a separator: organisations, before a date."""
    solid = [line for line in body if line.kind is not Kind.BLANK]
    return {
        line.number
        for above, line, after in zip(solid, solid[1:], solid[2:], strict=False)
        if line.kind is Kind.TITLE
        and after.kind in (Kind.DOT, Kind.PUBLISHED)
        and above.kind in (Kind.PROSE, Kind.DOT)
        and len(line.text) <= page.MAX_ORGANISATION
    }


def _attach_counts(lines: list[Line]) -> list[Line]:
    """Return ``Upvote`` the count below it, and a date its meaning from the separator above it."""
    counted: list[Line] = []
    wants = -1
    above: Kind | None = None
    for written in lines:
        is_published = above is Kind.DOT and written.kind is Kind.DATE
        line = replace(written, kind=Kind.PUBLISHED) if is_published else written
        above = above if line.kind is Kind.BLANK else line.kind
        if wants >= 0 and line.kind is Kind.MARK and page.read_count(line.text) is not None:
            counted[wants] = replace(counted[wants], value=line.text)
        if line.kind is not Kind.BLANK:
            wants = len(counted) if line.kind is Kind.UPVOTES and not line.value else -1
        counted.append(line)
    return counted
