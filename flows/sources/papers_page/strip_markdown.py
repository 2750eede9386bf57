"""The words of a Markdown copy, without its markup and with its links kept aside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

_IMAGE = re.compile(r"!\[[^\[\]]*+\](?:\([^()\s]*+\)|\[\d++\])")
_LINK = re.compile(
    r"\[((?:[^\[\]]++|\[[^\[\]]*+\])*+)\](?:\(([^()\s]*+)(?: \"[^\"\n]*+\")?\)|\[(\d{1,6})\])"
)
_REFERENCE = re.compile(r"^\[(\d{1,6})\]:[ \t]*(\S+)", re.MULTILINE)
# A run of blanks is looked through from its beginning only, or each blank would begin the search.
_BLANKS = r"(?:(?<![ \t])[ \t]++)?"
LINE_BREAK = re.compile(rf"{_BLANKS}\\++[ \t]*(?:\n|(?=[ \t]{{2}})|$)")
"""A backslash at the end of a line, by which converters break it."""

_ESCAPED = re.compile(r"\\([_*\[\]#+.!`-])")
_SPAN = re.compile(r"\[([^\[\]\n]*+)\]\{[#.][^{}\n]*+\}")
_ATTRIBUTES = re.compile(
    rf"(?<=\))\{{[#.:][^{{}}\n]*+\}}|{_BLANKS}\{{[#.][^{{}}\n]*+\}}[ \t]*+$", re.MULTILINE
)
_FENCE = re.compile(r"^:{3,}.*$", re.MULTILINE)
"""What pandoc keeps of HTML: ``[52]{.count}``, ``{.line-clamp}``, ``::: {.card}``."""


@dataclass(frozen=True)
class Anchor:
    """A link of the copy: the line of its first word, its words and where it leads."""

    line: int
    words: str
    target: str


@dataclass(frozen=True)
class PlainCopy:
    """A copy without markup: its lines, numbered as in the file, and its links."""

    lines: Sequence[str]
    anchors: Sequence[Anchor]


def strip_links(text: str) -> str:
    """Drop the images of a text, and of each link all but its words."""
    return _LINK.sub(r"\1", _IMAGE.sub("", text))


def strip_markup(text: str) -> PlainCopy:
    """Take the markup off a copy. Line numbers stay; a link over several lines keeps its lines."""
    text = _FENCE.sub("", _ATTRIBUTES.sub("", _SPAN.sub(r"\1", text)))
    references = dict(_REFERENCE.findall(text))
    text = _REFERENCE.sub("", text)
    # Images are inside links, so they go first; no line is lost, as alternative texts are short.
    text = _IMAGE.sub(lambda match: "\n" * match[0].count("\n"), text)
    pieces: list[str] = []
    anchors: list[Anchor] = []
    at, line = 0, 1
    for match in _LINK.finditer(text):
        between = text[at : match.start()]
        line += between.count("\n")
        words, target = match[1], match[2] or references.get(match[3], "")
        lead = len(words) - len(words.lstrip())
        anchors.append(Anchor(line + words[:lead].count("\n"), words.strip(), unquote(target)))
        # "2026[6](...)" is a year and a count: words of a button are no part of what is before it.
        gap = " " if between[-1:].isalnum() and words.strip().isdigit() else ""
        pieces += [between, gap, words]
        line += match[0].count("\n")
        at = match.end()
    plain = "".join([*pieces, text[at:]])
    return PlainCopy([_unescape(line_) for line_ in plain.split("\n")], anchors)


def _unescape(line: str) -> str:
    return _ESCAPED.sub(r"\1", LINE_BREAK.sub("", line)).replace("**", "")
