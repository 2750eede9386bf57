"""The Markdown copy of a listing: what crawlers and converters make of the page.

There a title is a heading, and links say which paper it is. Markup is taken off with the targets
of links kept aside, so that what is left is read like any other copy of the page.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flows.sources.papers_page import line_kinds as page
from flows.sources.papers_page.line_kinds import Kind
from flows.sources.papers_page.listing import is_called_summary
from flows.sources.papers_page.single import ARXIV_ID
from flows.sources.papers_page.strip_markdown import (
    LINE_BREAK,
    Anchor,
    PlainCopy,
    strip_links,
    strip_markup,
)
from flows.sources.papers_page.unwrap import MAX_WRAP, TEXT, NoPapers

MAX_SUMMARY = 400
"""Characters of the longest machine-made summary on a trending page."""

FEW_LINKS = 3
"""Links in brackets below which a text may be a paste that holds some."""

MIN_ABSTRACT = 100
"""Characters below which a text is an abstract only if it reads as sentences."""

_SITE = r"(?:https?://(?:www\.)?(?:huggingface\.co|hf\.co))?"
"""Some converters leave links as the page has them, without the host."""

_INLINE_LINK = re.compile(r"\]\((?:https?:/)?/")
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_LINKED_HEADING = re.compile(rf"^#{{2,4}} \[[^\[\]]++\]\({_SITE}/papers/{ARXIV_ID}", re.MULTILINE)
_ID_LINE = re.compile(rf"\barxiv: ?{ARXIV_ID}\W*$", re.MULTILINE | re.IGNORECASE)
_HEADLINE = re.compile(r"\W*(Daily|Trending) Papers\W*")
_SITE_HEADING = re.compile(
    r"\W*(?:(?:Daily|Trending) Papers|by\s*(?:AK)?\s*(?:and the research community)?|Company"
    r"|Website|and the research community)\W*"
)
_SITE_TITLE = re.compile(
    r"\W*(?:(?:Daily|Trending) Papers\b|(?:by\s*(?:AK)?\s*)?and the research community)"
)
_PAPER = re.compile(rf"{_SITE}/papers/{ARXIV_ID}(?:[#?].*)?")
_ARXIV = re.compile(rf"https?://(?:www\.)?arxiv\.org/abs/{ARXIV_ID}")
_VOTE = re.compile(rf"{_SITE}/login\?next=/papers/{ARXIV_ID}")
_REPOSITORY = re.compile(r"https?://(?:www\.)?github\.com/[\w.-]+/[\w.-]+/?")
_DAY = re.compile(r"\b([A-Z][a-z]{2,8}\.? \d{1,2},? \d{4})\b")
_INDENTED = re.compile(r"[ \t]+[^\s*+-]")
_BULLET = re.compile(r"\s*(?:[-*+]\s+)+")

_LABEL = re.compile(r"LINK:\s*")


@dataclass
class MarkdownPaper:
    """One paper of a Markdown copy. Empty texts: the copy does not say."""

    line: int
    """1-based line of the title."""
    title: str
    arxiv_id: str | None
    abstract: str = ""
    published: date | None = None
    upvotes: int | None = None
    urls: list[str] = field(default_factory=list)
    has_summary: bool = False
    """Whether its text was left out as a machine-made summary."""


def is_markdown(text: str) -> bool:
    r"""Return whether a text is a copy of a listing with headings, as converters make it.

    >>> is_markdown("# Daily Papers\n\n### [A title](https://huggingface.co/papers/2301.00001)")
    True
    >>> is_markdown("Daily Papers\n\nA title\n")
    False
    """
    matches = [heading for line in text.splitlines() if (heading := _HEADING.match(line))]
    headings = [(len(heading[1]), strip_links(heading[2]).strip()) for heading in matches]
    # The site ends in headings that pages of anybody have: either alone says nothing.
    site = {words for _, words in headings if _SITE_HEADING.fullmatch(words)}
    is_listing = any(_SITE_TITLE.match(words) for _, words in headings) or len(site) > 1
    is_single = bool(_ID_LINE.search(text)) and any(words == "Abstract" for _, words in headings)
    has_papers = bool(_LINKED_HEADING.search(text))
    return (is_listing or is_single or has_papers) and any(level > 1 for level, _ in headings)


def has_links(text: str) -> bool:
    """Return whether a text is Markdown of any page: headings, and links in their brackets."""
    has_heading = any(_HEADING.match(line) for line in text.splitlines())
    return has_heading and len(_INLINE_LINK.findall(text)) >= FEW_LINKS


def read_markdown(text: str) -> list[MarkdownPaper]:
    """Read the papers of a Markdown copy, each once. Raises `NoPapers`."""
    copy = strip_markup(text)
    starts = _find_titles(text, copy)
    if not starts:
        raise NoPapers("it is Markdown, and no heading of it is a title with a paper below it")
    votes = _read_votes(copy.anchors)
    is_trending = _is_trending(copy.lines)
    ends = [*starts[1:], len(copy.lines) + 1]
    papers = [
        _read_paper(copy, start, end, votes, is_trending=is_trending)
        for start, end in zip(starts, ends, strict=True)
    ]
    seen: Counter[tuple[str, str | None]] = Counter()
    unique = []
    for paper in papers:
        # Crawlers write a card twice, once for each width of the screen.
        seen[paper.title, paper.arxiv_id] += 1
        if seen[paper.title, paper.arxiv_id] == 1:
            unique.append(paper)
    return unique


def _find_titles(text: str, copy: PlainCopy) -> list[int]:
    """List the lines on which titles begin: headings that lead to papers, else those of a level."""
    headings = {
        number: (len(match[1]), match[2])
        for number, line in enumerate(text.split("\n"), 1)
        if (match := _HEADING.match(line))
    }
    linked = {anchor.line for anchor in copy.anchors if _PAPER.fullmatch(anchor.target)}
    levels = Counter(level for number, (level, _) in headings.items() if number in linked)
    level = levels.most_common(1)[0][0] if levels else 3
    return [
        number
        for number, (depth, words) in sorted(headings.items())
        if depth == level and not _SITE_HEADING.fullmatch(strip_links(words))
    ]


def _is_trending(lines: Sequence[str]) -> bool:
    headlines = (_HEADLINE.fullmatch(line) for line in lines if line.startswith("#"))
    first = next((match[1] for match in headlines if match), "")
    return first == "Trending"


def _read_votes(anchors: Sequence[Anchor]) -> Mapping[str, int]:
    """Read the votes by paper: a button that asks one to log in leads back to its paper."""
    votes: dict[str, int] = {}
    for anchor in anchors:
        count = page.read_count(anchor.words.removeprefix("Upvote").strip())
        if (match := _VOTE.match(anchor.target)) and count is not None:
            votes.setdefault(match[1], count)
    return votes


def _read_paper(
    copy: PlainCopy, start: int, end: int, votes: Mapping[str, int], *, is_trending: bool
) -> MarkdownPaper:
    own = [anchor for anchor in copy.anchors if start <= anchor.line < end]
    title, below = _read_title(copy, start, own)
    body = copy.lines[below - 1 : end - 1]
    arxiv_id = _read_id(own)
    abstract, rest = _read_abstract(body)
    # A summary is one line, unless the converter wrapped all of them.
    is_line = "\n" not in abstract or max(map(len, copy.lines)) <= MAX_WRAP
    is_summary = is_line and _is_summary(abstract, own, is_trending=is_trending)
    return MarkdownPaper(
        start,
        title,
        arxiv_id,
        "" if is_summary else abstract,
        _read_published(rest),
        votes.get(arxiv_id or ""),
        _read_repositories(own),
        is_summary,
    )


def _read_title(copy: PlainCopy, start: int, own: Sequence[Anchor]) -> tuple[str, int]:
    """Read the title and the number of the first line below it: a link may go over lines."""
    first = next((anchor for anchor in own if anchor.line == start and anchor.words), None)
    count = 1 + (first.words.count("\n") if first else 0)
    # Converters indent what they wrapped of a heading.
    while start - 1 + count < len(copy.lines) and _INDENTED.match(copy.lines[start - 1 + count]):
        count += 1
    words = " ".join(
        LINE_BREAK.sub(" ", line) for line in copy.lines[start - 1 : start - 1 + count]
    )
    heading = _HEADING.match(words)
    return " ".join((heading[2] if heading else words).split()), start + count


def _read_id(own: Sequence[Anchor]) -> str | None:
    """Read the id that the title leads to, else the only one that the card's links lead to."""
    for pattern in (_PAPER, _ARXIV):
        ids = [match[1] for anchor in own if (match := pattern.fullmatch(anchor.target))]
        if ids:
            return ids[0] if pattern is _PAPER or len(set(ids)) == 1 else None
    return None


def _read_abstract(body: Sequence[str]) -> tuple[str, list[str]]:
    """Read the text of a card, and return the lines of the card that are not part of it."""
    blocks: list[list[int]] = []
    for places in _list_blocks(body):
        joined = " ".join(" ".join(body[at] for at in places).split())
        is_prose = page.classify_text(joined) is Kind.PROSE
        if is_prose or (not blocks and len(joined) >= MIN_ABSTRACT):
            blocks.append(places)
        elif blocks:
            break
    own = {at for places in blocks for at in places}
    text = "\n".join(body[at].strip() for at in sorted(own))
    return text, [line for at, line in enumerate(body) if at not in own]


def _list_blocks(body: Sequence[str]) -> Iterator[list[int]]:
    """Yield the runs of lines that are text, as places in the body."""
    block: list[int] = []
    for at, line in enumerate([*body, ""]):
        bare = _BULLET.sub("", line, count=1).strip()
        if page.classify_line(0, bare).kind in TEXT and bare not in {"[", "]"}:
            block.append(at)
        elif block:
            yield block
            block = []


def _is_summary(abstract: str, own: Sequence[Anchor], *, is_trending: bool) -> bool:
    """Return whether a text may be machine-made: a short one, on cards of the trending page."""
    has_button = any(anchor.words == "arXiv Page" for anchor in own)
    is_marked = is_trending or has_button or is_called_summary(abstract)
    return 0 < len(abstract) <= MAX_SUMMARY and is_marked


def _read_published(lines: Sequence[str]) -> date | None:
    days = (page.read_day(match[1]) for line in lines if (match := _DAY.search(line)))
    return next((day for day in days if day), None)


def _read_repositories(own: Sequence[Anchor]) -> list[str]:
    """List the repositories of the card's buttons; links inside an abstract are found elsewhere."""
    buttons = (anchor for anchor in own if _LABEL.sub("", anchor.words).startswith("GitHub"))
    return [anchor.target for anchor in buttons if _REPOSITORY.fullmatch(anchor.target)]
