"""What a line of a Papers page is: chrome of the site, a title, or prose.

Decided from the line itself. The bounds were measured on the titles and abstracts of 100,000
arXiv records: 18 titles end in a full stop, 44 have more than 30 words, 3 more than 250
characters; of abstracts, 0.2 % have at most 30 words and no full stop at their end.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from itertools import islice

from schemas.vocabulary import YEARS

MAX_TITLE_WORDS = 30
MIN_PROSE_WORDS = 41
MAX_TITLE_LENGTH = 300

MAX_CHROME = 1_000
"""Only a line of names gets longer than a hundred characters."""

MAX_ORGANISATION = 100
"""Characters of an organisation's name."""

MAX_ORGANISATION_WORDS = 6
"""``University of Massachusetts Amherst`` has four."""


class Kind(Enum):
    """What a line is."""

    BLANK = auto()
    SITE = auto()
    """Navigation and headings of the site: they belong to no paper."""
    SUBMITTED = auto()
    """``Submitted by``; an account's name follows here or on the next line and is dropped."""
    UPVOTES = auto()
    PUBLISHED = auto()
    DATE = auto()
    DOT = auto()
    """A separator, with or without the organisation or the date it separates."""
    AUTHORS = auto()
    """``Authors:`` with or without the names."""
    AUTHOR_COUNT = auto()
    ARXIV_PAGE = auto()
    """The button of the cards that show machine-made summaries."""
    PAPER_URL = auto()
    URL = auto()
    MARK = auto()
    """Any other chrome of a card: counts, avatars, buttons."""
    TITLE = auto()
    PROSE = auto()
    EITHER = auto()


@dataclass(frozen=True)
class Line:
    """One line of the page, or several that were one before they were wrapped."""

    number: int
    """1-based, of the first."""
    text: str
    """As written, without the space around it."""
    kind: Kind
    value: str = ""
    """What the chrome says: a count, a date, names, a URL."""
    last: int = 0
    """Number of its last line."""


_SITE = re.compile(
    r"new|Subscribe|Hugging Face(?:'s logo)?|Models|Datasets|Spaces|Posts|Docs|Enterprise|Pricing"
    r"|Buckets(?:\s*new)?|Solutions|Community|Log In|Sign Up|Daily Papers|Trending Papers|Daily"
    r"|Weekly|Monthly|by|AK|(?:by)?\s*AK\s*and the research community|and the research community"
    r"|Daily Papers - Hugging Face|Trending Papers - Hugging Face|Search models, datasets.*"
    r"|Get trending papers in your email inbox.*|System theme|Company|TOS|Privacy|About|Careers"
    r"|Website|Previous|Next|Load more|Show more|Back to top|© \d{4} Hugging Face.*|All|Search"
    r"|(?:Models|TOS|Previous|Daily)(?:\s+(?:Datasets|Spaces|Pricing|Docs|Privacy|About|Careers"
    r"|Website|Next|Weekly|Monthly))+",
)
_HEADER_END = re.compile(
    r"(?:by)?\s*(?:AK\s*)?and the research community|Subscribe|Daily|Weekly|Monthly|Daily Papers"
    r"|Trending Papers|Get trending papers in your email inbox.*|Daily Weekly Monthly"
)
_DATE = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?"
    r"(?:,? \d{4})?"
)
_NUMBER = r"\d[\d,.]*\s?[kKmM]?"
_CHROME = (
    (Kind.SUBMITTED, re.compile(r"[·•]?\s*Submitted by:?\s*(.*)")),
    (Kind.UPVOTES, re.compile(rf"(?:Upvotes?|▲|👍)\s*:?\s*({_NUMBER}|-)?", re.IGNORECASE)),
    (Kind.UPVOTES, re.compile(rf"({_NUMBER})\s*(?:upvotes?|likes?)", re.IGNORECASE)),
    (Kind.PUBLISHED, re.compile(rf"(?:[·•]\s*)?Published(?: on)?:?\s*({_DATE})", re.IGNORECASE)),
    (Kind.PUBLISHED, re.compile(rf"[·•]\s*({_DATE})(?:\s*[·•].*)?")),
    (Kind.PUBLISHED, re.compile(rf".{{1,80}}\s[·•]\s*(?:Published on )?({_DATE})(?:\s*[·•].*)?")),
    (
        Kind.DATE,
        re.compile(rf"({_DATE})|\d{{4}}-\d\d-\d\d|\d+ (?:minute|hour|day|week|month|year)s? ago"),
    ),
    (Kind.AUTHOR_COUNT, re.compile(r"[·•+-]?\s*\+?\s*(\d+)\s+(?:more )?authors?(?:\s*[·•].*)?")),
    (Kind.AUTHORS, re.compile(r"(.+?),\s*(?:and )?\+?\s?\d+ (?:more )?(?:authors?|others?)")),
    (Kind.AUTHORS, re.compile(r"Authors?:\s*(.*)")),
    (Kind.DOT, re.compile("[·•]")),
    (Kind.ARXIV_PAGE, re.compile(r"(?:GitHub(?: [\d.,kKmM]+)?\s+)?arXiv Page", re.IGNORECASE)),
    (Kind.PAPER_URL, re.compile(r"https?://(?:huggingface\.co/papers|arxiv\.org/abs)/(\S+)")),
    (Kind.URL, re.compile(r"((?:https?://|www\.)\S+|github\.com/\S+)")),
    (Kind.MARK, re.compile(rf"GitHub(?:\s*[·•⭐★]?\s*{_NUMBER})?(?:\s*stars?)?|{_NUMBER} stars?")),
    (
        Kind.MARK,
        re.compile(rf"(?:{_NUMBER}|No)\s*(?:comments?|repl(?:y|ies))|Comments?(?:\s*{_NUMBER})?"),
    ),
    (
        Kind.MARK,
        re.compile(rf"[-–—+]|\+?\s?{_NUMBER}|\[?-\]?\s*{_NUMBER}?|💬\s*\d*|⭐\s*{_NUMBER}"),  # noqa: RUF001  # these signs are meant
    ),
    (Kind.MARK, re.compile(r".{1,60}'s (?:avatar|profile picture)|(?:avatar|thumbnail|logo)")),
    (
        Kind.MARK,
        re.compile(
            r"View (?:arXiv page|PDF)|PDF|Add to collection|Project(?: page)?|Paper|Code|Demo"
        ),
    ),
    (Kind.MARK, re.compile(r"[\W_]{1,5}")),
    (Kind.DOT, re.compile(r"[·•].{0,80}|.{1,80}\s[·•]")),
)
_BOUNDARY = re.compile(
    r"(?<!\bvs)(?<!\bal)(?<!e\.g)(?<!i\.e)(?<!\b[A-Z])(?<!\bSt)(?<!\bDr)(?<!\bNo)[.!?][\"')\]’”]*\s+"  # noqa: RUF001  # these signs are meant
    r"(?=[\"'(“‘\[$\\]?[A-Z0-9])"  # noqa: RUF001  # these signs are meant
)
_FULL_STOP = re.compile(r"\.[\"')\]’”]*$")  # noqa: RUF001  # these signs are meant
_COMPANY = re.compile(r"\b(?:Ltd|Inc|Corp|Co|LLC)\.$")
_SPACE = re.compile(r"\s+")
_PARTICLE = frozenset(
    (
        *("de", "da", "do", "di", "del", "della", "der", "den", "van", "von", "le", "la", "el"),
        *("al", "bin", "ibn", "ben", "ter", "ten", "y", "e"),
    )
)
_NAME_WORD = re.compile(r"[^\W\d_][\w.'’‐-]*")  # noqa: RUF001  # these signs are meant
_NAME_BREAK = re.compile(r"\s*(?:,|;|&|\band\b)\s*")
_MORE_NAMES = re.compile(r"et al\.?|\+?\s*\d+ (?:more )?(?:authors?|others?)|[·•]|")
_ORGANISATION = re.compile(
    r".*\b(?:universit\w+|institut\w*|college|academy|laborator\w+|inc|corp|corporation|ltd|llc|gmbh)"
    r"\b.*|.*\b(?:lab|labs|team|research|group)|(?:\w+ )?AI|(?:AI at )?(?:google(?: deepmind)?"
    r"|deepmind|microsoft|meta|facebook|nvidia|openai|anthropic|amazon|apple|alibaba|tencent|bytedance|huawei"
    r"|baidu|intel|ibm|adobe|salesforce|samsung|hugging face|mit|eth zurich|epfl|inria|kaist|mbzuai"
    r"|cnrs|qwen|deepseek|mistral)",
    re.IGNORECASE,
)
"""Words that organisations carry in their names, and names that carry none."""


def classify_line(number: int, text: str) -> Line:
    """Say what one line is."""
    plain = _SPACE.sub(" ", text).strip()
    if not plain:
        return Line(number, "", Kind.BLANK, last=number)
    if _SITE.fullmatch(plain):
        return Line(number, text.strip(), Kind.SITE, last=number)
    for kind, pattern in _CHROME if len(plain) <= MAX_CHROME else ():
        if match := pattern.fullmatch(plain):
            value = match.group(1) if match.lastindex else ""
            return Line(number, text.strip(), kind, value or "", number)
    return Line(number, text.strip(), classify_text(plain), last=number)


def classify_text(text: str) -> Kind:
    """Tell titles from prose; `Kind.EITHER` where the line alone does not say."""
    if len(text) <= MAX_ORGANISATION and _COMPANY.search(text):
        return Kind.TITLE
    # No more of them are counted than decide: a line may be as long as a file.
    words = len(text.split(None, MIN_PROSE_WORDS))
    boundaries = len(list(islice(_BOUNDARY.finditer(text), 3)))
    ends = bool(_FULL_STOP.search(text))
    if words >= MIN_PROSE_WORDS or (ends and words > 3) or (boundaries > 1 and words > 25):  # noqa: PLR2004  # measured, see above
        return Kind.PROSE
    if ends or words > MAX_TITLE_WORDS or boundaries > 2 or len(text) > MAX_TITLE_LENGTH:  # noqa: PLR2004  # likewise
        return Kind.EITHER
    return Kind.TITLE


def ends_header(line: Line) -> bool:
    """Return whether the papers can only begin after this line."""
    return line.kind is Kind.SITE and bool(_HEADER_END.fullmatch(_SPACE.sub(" ", line.text)))


def is_names(text: str) -> bool:
    """Return whether a line reads as a list of at least two people."""
    if len(text) > MAX_CHROME:
        return False
    parts = [
        part for part in _NAME_BREAK.split(text.strip(" ,")) if not _MORE_NAMES.fullmatch(part)
    ]
    return len(parts) > 1 and all(_is_name(part) for part in parts)


def _is_name(part: str) -> bool:
    words = part.split()
    capitals = [word for word in words if word[:1].isupper()]
    particles = [word for word in words if word not in capitals]
    return (
        2 <= len(words) <= 5  # noqa: PLR2004  # given and family names with their particles
        and len(capitals) >= 2  # noqa: PLR2004  # a given and a family name
        and all(_NAME_WORD.fullmatch(word) for word in words)
        and all(word in _PARTICLE for word in particles)
    )


def may_be_organisation(text: str) -> bool:
    """Return whether a short line could name an organisation as well as a paper."""
    words = text.split()
    return (
        len(text) <= MAX_ORGANISATION
        and len(words) <= MAX_ORGANISATION_WORDS
        and not re.search(r"[:?!,]", text)
        and text[:1].isupper()
    )  # "University of Massachusetts Amherst" has four


def is_organisation(text: str) -> bool:
    """Return whether a short line names an organisation by one of its own words."""
    return may_be_organisation(text) and bool(_ORGANISATION.fullmatch(text))


_GAP = re.compile(r"\s{2,}|[^\S ]")


def squeeze_gaps(line: str) -> str:
    r"""Make each gap between the words of a line one space, and leave out those at its ends.

    >>> squeeze_gaps("  Ada\t Lovelace\xa0 ")
    'Ada Lovelace'
    """
    # Not by a list of the words: in a line of a million characters it takes ten times the memory.
    return _GAP.sub(" ", line.strip())


def read_day(written: str) -> date | None:
    """Read a date such as ``Mar 3, 2026``; one without a year, or in no likely one, is no date.

    >>> read_day("March 3rd, 2026"), read_day("Mar 3"), read_day("Mar 3, 9999")
    (datetime.date(2026, 3, 3), None, None)
    """
    month, *rest = re.sub(r"(?<=\d)(?:st|nd|rd|th)|[.,]", "", written).split() or [""]
    try:
        day = datetime.strptime(" ".join([month[:3], *rest]), "%b %d %Y").date()  # noqa: DTZ007  # a day has no zone
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None


def read_count(written: str) -> int | None:
    """Read a count such as ``17``; rounded ones (``1.2k``) and dashes are none."""
    plain = written.replace(",", "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None  # noqa: PLR2004  # far above any count
