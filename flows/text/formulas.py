"""Formulas as one line of plain letters and signs, where that does not mangle them."""

import re
import unicodedata
from functools import lru_cache

from flows.text.cleaning import clean_string
from flows.text.latex import find_symbol, render_latex

MAX_MATHS = 80
"""Longer formulas read better as written than as one line of signs."""

_MATHS_SIGN = re.compile(r"[\\^_=<>]")
_LATEX_SIGN = re.compile(r"[\\{}~%&#]")
_UNREAD = re.compile(r"[\\$]")
_UNKNOWN = re.compile(r"\\[^A-Za-z%&_#{},;:! ]|&|%(?<!\\%)")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}\s+(?:\S+\s+)?[A-Za-z]{3,}")
_COMPOUND_SCRIPT = re.compile(r"[_^]\s*\{(?!\s*(?:[-+]?\\?[\w.*']+|[-+*]+)\s*\})")
_COMPOUND_FRACTION = re.compile(r"frac(?!\s*\{?\\?\w+\}?\s*\{?\\?\w+\}?(?![\w{]))")
_WIDE_ACCENT = re.compile(r"\\(?:hat|bar|tilde|vec)\s*\{\s*\\math\w+\s*\{?\s*\w\w")
"""An accent over a name of several letters, which plain text would put over each."""

_SYMBOL_SPACE = re.compile(r"\\([A-Za-z]+)\s+(?=[^\s{\[])")
_ORNATE = re.compile("[\U0001d400-\U0001d7ffℬℰℱℋℐℒℳℛℯℊℴℭℌℑℜℨ]")  # noqa: RUF001  # these signs are meant
"""Bold and script letters: one finds ``O(n)`` by its letters. ``ℝ`` and its kind stay."""  # noqa: RUF001  # these signs are meant
_ABBREVIATED = re.compile(r"\\(?:(la)(?![A-Za-z])\s*|([RQZN]|C(?!\()|ra|eps)(?![A-Za-z]))")
"""The sets of numbers, angle brackets and epsilon, as papers of many authors abbreviate them."""

_OLD_SWITCH = re.compile(
    r"\{\s*\\(rm|cal|bf|it|tt|sf|sc)(?![A-Za-z])\s*([A-Za-z0-9 -]+)\}"
    r"|\\(cal)\s+([A-Z])(?![A-Za-z])|^\s*\\(rm|bf|it|tt|sf)\s+([A-Za-z0-9 -]+)$"
)
r"""``{\cal O}``, ``\cal O``, ``{\rm H}``: how letters were set before ``\mathcal{O}``."""

_FULL = {"la": r"\langle{}", "ra": r"\rangle{}", "eps": r"\epsilon{}"}
_MACRO = re.compile(r"\\([A-Za-z]+)(?:\{\})?")

_FORMATTED = frozenset(
    (
        *(
            "mathfrak",
            "mathscr",
            "mathbb",
            "mathcal",
            "mathbf",
            "mathrm",
            "mathsf",
            "mathtt",
            "mathit",
            "boldsymbol",
        ),
        *("bm", "operatorname", "text", "textrm", "textbf", "textit", "textsc", "texttt"),
        *("frac", "tfrac", "dfrac", "sqrt", "left", "right", "ensuremath", "hat", "bar", "tilde"),
        "vec",
    )
)
"""Macros with arguments that pylatexenc renders well; `latex.find_symbol` knows the plain ones."""


@lru_cache(maxsize=100_000)
def render_formula(maths: str) -> tuple[str | None, bool]:
    """Render a formula on one line: None where it is to stay as written, and whether it is maths.

    What is between two dollars is no maths where it reads like prose or prices. The cache is
    worth its megabytes: most formulas are one of a few letters.
    """
    is_maths = _MATHS_SIGN.search(maths) is not None
    maths = _OLD_SWITCH.sub(_write_as_macro, _ABBREVIATED.sub(_write_in_full, maths))
    # "$5 and $6" holds no maths between its dollars, "$ x^2 $" does.
    if (maths != maths.strip() and not is_maths) or _PROSE.search(maths):
        return None, False
    if "\x00" in maths or _is_mangled(maths):
        return None, is_maths
    rendered = _render_plain(maths)
    return (rendered if rendered and not _UNREAD.search(rendered) else None), is_maths


def _write_in_full(match: re.Match[str]) -> str:
    name = match[1] or match[2]
    return _FULL.get(name, rf"\mathbb{{{name}}}")


def _write_as_macro(match: re.Match[str]) -> str:
    name, letters = (part for part in match.groups() if part is not None)
    return rf"\math{'rm' if name == 'sc' else name}{{{letters}}}"


def _is_mangled(maths: str) -> bool:
    """Return whether plain text would change the meaning: nested scripts, fractions of sums."""
    return (
        len(maths) > MAX_MATHS
        or bool(_COMPOUND_SCRIPT.search(maths))
        or bool(_COMPOUND_FRACTION.search(maths))
        or bool(_WIDE_ACCENT.search(maths))
        or not _is_known(maths)
    )


def _is_known(maths: str) -> bool:
    names = _MACRO.findall(maths)
    return all(
        name in _FORMATTED or find_symbol(name) is not None for name in names
    ) and not _UNKNOWN.search(maths)


def _render_plain(maths: str) -> str:
    """Render a formula as plain letters and signs."""
    if not _LATEX_SIGN.search(maths):
        return clean_string(maths)
    rendered = render_latex(_SYMBOL_SPACE.sub(_keep_space, maths.replace(r"\texttt", r"\mathtt")))
    return clean_string(
        _ORNATE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), rendered)
    )


def _keep_space(match: re.Match[str]) -> str:
    is_symbol = find_symbol(match.group(1)) is not None
    return f"\\{match.group(1)}{{}} " if is_symbol else match.group()
