"""Whether a text is a copy of a Papers page: by the site's own words, or by how its lines go."""

import re
from itertools import pairwise

from flows.sources.papers_page.decoding import NoText, decode_page
from flows.sources.papers_page.line_kinds import squeeze_gaps
from flows.sources.papers_page.listing import Listing
from flows.sources.papers_page.markdown import has_links, is_markdown
from flows.sources.papers_page.pair_titles import read_listing
from flows.sources.papers_page.saved import is_html
from flows.sources.papers_page.single import ARXIV_ID, is_single
from flows.sources.papers_page.unwrap import NoPapers
from flows.sources.papers_page.web_archive import is_web_archive

MIN_WITHOUT_HEADER = 3
"""Papers that a page must hold to be one where none of the site's own words are on it."""

_OWN_LINE = re.compile(
    r"(?:by)? ?(?:AK)? ?and the research community|Get trending papers in your email.*"
    r"|Paper page - .*|(?:Daily|Trending) Papers(?: - Hugging Face)?"
    r"|https?://huggingface\.co/papers\b.*"
)
"""A line that only the site writes, after the signs before its first word."""

_OWN_HEADING = re.compile(rf"arxiv: ?{ARXIV_ID}")
"""The heading of a single paper's page. Notes of people have such lines, too."""

_OWN_ENDING = re.compile(rf"(?<!\w)Papers arxiv: ?{ARXIV_ID}$")
_CARD_LINE = re.compile(
    r"Submitted by\b.*|Upvote(?: \d+)?|\d+ authors|View arXiv page.*|arXiv Page"
    r"|Published on \w+ \d+, \d{4}"
)
"""A line that cards of papers have, after the signs before its first word."""

_LABEL = re.compile(r"\W*(?:paper\s+)?title\s*[:：]", re.IGNORECASE)  # noqa: RUF001  # of Chinese texts
"""What files of others put before a title."""

_SIGNS = re.compile(r"\W+")
_SCHOLARLY = re.compile(
    r"\b(?:we|our|this (?:paper|work|survey|thesis|article|study)|propose[sd]?|experiments?)\b",
    re.IGNORECASE,
)
_LINE_END = re.compile("\r\n|\n|\r")
_SEPARATOR = re.compile("[\u2028\u2029]")
_OTHER_FORMAT = re.compile(r'\s*(?:\{\s*"|\[\s*[{"\[]|<\?xml|<feed|<collection)')
_HTML_WORDS = re.compile(
    r"<title>[^<]{0,300}(?:Daily Papers|Trending Papers|Paper page)[^<]{0,300}</title>"
    r"""|data-target=["']?(?:DailyPapers|PaperPage)\b""",
    re.IGNORECASE,
)
_HTML_SITE = re.compile(r"huggingface|Hugging Face|SVELTE_HYDRATER")


def recognise(head: bytes) -> bool:
    """Return whether a file begins like a text copy or a saved page of Hugging Face Papers."""
    return is_web_archive(head) or _is_copy(head)


def _is_copy(head: bytes) -> bool:
    try:
        text, _ = decode_page(
            head[: len(head) & ~3] if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
        )
    except NoText:
        return False
    if is_html(text):
        return bool(_HTML_WORDS.search(text)) and bool(_HTML_SITE.search(text))
    text = with_line_ends(text)
    if is_markdown(text):
        return True
    # Markup in the place of titles would be published: Markdown is read as such or not at all.
    if _OTHER_FORMAT.match(text) or has_links(text):
        return False
    written = split_lines(text)
    try:
        return is_single(written) or is_page(written, read_listing(written))
    except NoPapers:
        return _has_own_words(written) or any(map(_OWN_HEADING.fullmatch, written))


def with_line_ends(text: str) -> str:
    """Return a text whose lines end as usual, though an editor wrote Unicode's separators.

    Where usual ends prevail, a separator is part of what was pasted.
    """
    if len(_SEPARATOR.findall(text)) <= len(_LINE_END.findall(text)):
        return text
    return _SEPARATOR.sub("\n", text)


def split_lines(text: str) -> list[str]:
    """Split at line ends only: form feeds and the like occur inside pasted text."""
    return _LINE_END.split(text)


def is_page(written: list[str], listing: Listing) -> bool:
    """Tell by the site's own words, or by papers that alternate without a flaw."""
    if not listing.cards and not listing.refused:
        return False
    # The site labels nothing: labels would be published as parts of titles and abstracts.
    if sum(bool(_LABEL.match(card.title.text)) for card in listing.cards) * 2 > len(listing.cards):
        return False
    if _has_own_words(written) or _has_card_words(written):
        return True
    abstracts = [line.text for card in listing.cards for line in card.abstract]
    scholarly = sum(bool(_SCHOLARLY.search(abstract)) for abstract in abstracts)
    flaws = len(listing.refused) + len(listing.header)
    alternates = len(abstracts) >= MIN_WITHOUT_HEADER and flaws <= len(abstracts) // 10
    return alternates and scholarly * 4 >= len(abstracts) * 3


def _has_own_words(written: list[str]) -> bool:
    """Return whether a line is one that only the site writes.

    Lines are looked at one by one: a pattern that reaches over line ends takes the cube of the
    time for a run of blank lines.
    """
    return any(
        _OWN_LINE.fullmatch(line) or _OWN_ENDING.search(line) for line in _list_plain_lines(written)
    )


def _has_card_words(written: list[str]) -> bool:
    """Return whether lines of cards are there, and not one of them only, again and again."""
    lines = _list_plain_lines(written)
    # The count of a vote may stand below its label: two counts are two lines of cards.
    counts = [f"{two[0]} {two[1]}" for two in pairwise(lines) if two[0] == "Upvote"]
    words = {line for line in [*lines, *counts] if _CARD_LINE.fullmatch(line)}
    return len(words - {"Upvote"}) + ("Upvote" in words and not counts) > 1


def _list_plain_lines(written: list[str]) -> list[str]:
    """List the lines that hold a word, spaces joined, without the signs before the first word."""
    plain = (_strip_signs(squeeze_gaps(line)) for line in written)
    return [line for line in plain if line]


def _strip_signs(line: str) -> str:
    signs = _SIGNS.match(line)
    return line[signs.end() :] if signs else line
