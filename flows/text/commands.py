r"""Commands of LaTeX in running text: accents, fonts, references, signs, what shows nothing.

Most texts with a backslash hold a command or two. So the names of those that a text holds are read
first, and only the patterns of these are searched for.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from flows.text.latex import NAMES, convert_latex, find_symbol

_HEAD = re.compile(r"\\(?=([A-Za-z]+|[^A-Za-z]))", re.DOTALL)
"""A backslash, and the name or the sign behind it, which may be another backslash."""

FONTS = (
    *("emph", "textbf", "textit", "texttt", "textsc", "textrm", "textsf", "textsl", "textup"),
    *("textmd", "textnormal", "text", "textsuperscript", "textsubscript", "mbox", "hbox"),
    *("underline", "uline", "uppercase", "lowercase", "MakeUppercase", "enquote"),
)
SWITCHES = (
    *("em", "bf", "it", "tt", "sc", "rm", "sf", "sl", "bfseries", "itshape", "ttfamily"),
    *("scshape", "rmfamily", "sffamily", "small", "footnotesize", "scriptsize", "large", "Large"),
    "normalsize",
)
DECORATIONS = ("textcolor", "colorbox", "raisebox", "scalebox")
INVISIBLE = ("protect", "boldmath", "unboldmath", "noindent", "centering", "xspace", "newline",
             "linebreak")  # fmt: skip
NOTES = ("footnote", "thanks")
LETTERS = ("aa", "AA", "ae", "AE", "oe", "OE", "o", "O", "l", "L", "ss")
"""Names of commands, by what is done to them."""

_WRAPPER = re.compile(rf"\\(?:{'|'.join(FONTS)})\s*\{{([^{{}}]*)\}}")
_SWITCHED = re.compile(rf"\{{\s*\\(?:{'|'.join(SWITCHES)})(?![A-Za-z])\s*([^{{}}]*)\}}")
_DECORATED = re.compile(
    rf"\\(?:{'|'.join(DECORATIONS)})\s*(?:\[[^\][]*\]\s*)?\{{[^{{}}]*\}}\s*\{{([^{{}}]*)\}}"
    r"|\\texorpdfstring\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{([^{}]*)\}|\\ensuremath\s*\{([^{}\\]*)\}"
)
"""Macros whose last argument is the text; ``\\texorpdfstring`` has the plain one there."""

_UNSEEN = re.compile(
    r"\\(?:includegraphics\s*(?:\[[^\][]*\])?|[vh]space\*?|color|label)\s*\{[^{}]*\}"
    rf"|\\(?:{'|'.join(INVISIBLE)})(?![A-Za-z])"
)
"""What shows nothing itself: pictures, space."""

_FIRST_SWITCHES = re.compile(
    r"^(?:\\(?:huge|LARGE|Large|large|small|bf|it|sc|sf|rm|tt|em|bfseries)(?![A-Za-z])\s*)+"
)
"""Switches at the beginning of a title."""

_REFERENCE = re.compile(r"\\(?:cite[a-zA-Z]*|[a-zA-Z]*ref)\*?\s*(?:\[[^\][]*\]\s*)*\{([^{}]*)\}")
_FOOTNOTE = re.compile(rf"\\(?:{'|'.join(NOTES)})\s*\{{([^{{}}]*)\}}")
_ACCENT = re.compile(
    r"\{\s*(\\[\"'`^~=.]\s*(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])"
    r"|\\[Hcdbkruvt]\s*(?:\{\\?[A-Za-z]\}|(?<=\s)[A-Za-z])"
    rf"|\\(?:{'|'.join(LETTERS)}|i|j)(?![A-Za-z]))\s*\}}"
    r"|\\(?:[\"'`^~=.]\s?(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])\s?|[A-Za-z])"
    r"|[Hcdbkruvt]\s*\{\\?[A-Za-z]\}|[Hcdbkruv] [A-Za-z](?![A-Za-z])"
    rf"|(?:{'|'.join(LETTERS)})(?![A-Za-z])(?:\{{\}}|\s(?=[a-z]))?)"
)
"""An accent or letter: in braces it is the group, else all that matches."""

_THIN_SPACE = re.compile(r"\\[,;:!/ ]|\\quad(?![A-Za-z])|\\\\(?=\s|$)")
_SYMBOL = re.compile(r"\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{\[]))")
_ESCAPED = re.compile(r"\\([%&_#${}])")


@dataclass(frozen=True)
class CommandStep:
    """What is done to commands of some names."""

    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]
    names: frozenset[str]
    is_concerned: Callable[[str], bool] | None = None
    """Tells other names that the pattern matches."""
    has_group: bool = False
    """Whether all that it matches has braces."""

    def concerns(self, names: Iterable[str]) -> bool:
        """Return whether one of some names is among those."""
        if not self.names.isdisjoint(names):
            return True
        return self.is_concerned is not None and any(map(self.is_concerned, names))


def resolve_commands(text: str) -> str:
    r"""Resolve the commands of a text whose formulas are resolved or set aside.

    >>> resolve_commands(r"\emph{Na\"ive} Bayes~\cite{b} costs 5\%\, or \textbf{more}")
    'Naïve Bayes~[b] costs 5%  or more'
    """
    names = _HEAD.findall(text)
    for step in STEPS:
        if not names:
            return text
        if step.concerns(names) and (not step.has_group or "{" in text):
            resolved = step.pattern.sub(step.replacement, text)
            if resolved != text:
                # What is behind a command now may belong to its name.
                text, names = resolved, _HEAD.findall(resolved)
    return text


def _take_last(match: re.Match[str]) -> str:
    return match[match.lastindex or 0]


def _replace_accent(match: re.Match[str]) -> str:
    return _compose_accent((match.group(1) or match.group()).strip()) or match.group()


@lru_cache(maxsize=10_000)
def _compose_accent(written: str) -> str | None:
    """Return the letter that a macro and a letter make, None where pylatexenc does not know it."""
    letter = unicodedata.normalize("NFC", convert_latex(written))
    return letter if letter.strip() and "\\" not in letter else None


def _replace_symbol(match: re.Match[str]) -> str:
    return NAMES.get(match.group(1)) or find_symbol(match.group(1)) or match.group()


def _refers(name: str) -> bool:
    return name.startswith("cite") or name.endswith("ref")


STEPS = (
    CommandStep(
        _ACCENT, _replace_accent, frozenset([*"\"'`^~=.", *"Hcdbkruvt", *LETTERS, "i", "j"])
    ),
    CommandStep(_FIRST_SWITCHES, " ", frozenset([*SWITCHES, "huge", "LARGE"])),
    CommandStep(
        _UNSEEN,
        " ",
        frozenset([*INVISIBLE, "includegraphics", "vspace", "hspace", "color", "label"]),
    ),
    CommandStep(
        _DECORATED,
        _take_last,
        frozenset([*DECORATIONS, "texorpdfstring", "ensuremath"]),
        has_group=True,
    ),
    CommandStep(_WRAPPER, r"\1", frozenset(FONTS), has_group=True),
    CommandStep(_SWITCHED, r"\1", frozenset(SWITCHES), has_group=True),
    CommandStep(_REFERENCE, r"[\1]", frozenset(), _refers, has_group=True),
    CommandStep(_FOOTNOTE, r" (\1)", frozenset(NOTES), has_group=True),
    CommandStep(_THIN_SPACE, " ", frozenset([*",;:!/ \\", "quad"])),
    CommandStep(_SYMBOL, _replace_symbol, frozenset(), str.isalpha),
    CommandStep(_ESCAPED, r"\1", frozenset("%&_#${}")),
)
"""One after the other: what accents and fonts leave is what the later ones find."""
