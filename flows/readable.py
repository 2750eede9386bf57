r"""Text made readable: titles, abstracts and names as their authors meant them to look.

Sources write LaTeX, HTML entities and wrapped lines. What is certain is resolved (``\%``, ``--``,
``\emph{x}``, ``$\times$``); what is not is left as written: an unknown macro, maths that plain
text would mangle, ``1.83times`` where a source dropped the backslash. No word is lost, URLs stay
as they are, and what is readable already does not change.

Most texts hold nothing of it and are cleaned by polars alone. The others go through Python once
per distinct text, because pylatexenc and nested markup have no expression; a batch of them is a
plain list comprehension, not a call per row of the frame.
"""

import html
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

import polars as pl
from pylatexenc import latexwalker
from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker

MAX_PASSES = 20
"""Markup nests a few deep and every pass resolves a level; text that goes on changing is left."""

MAX_LENGTH = 100_000
"""Characters. The longest abstract seen has 16,000; beyond the bound only space is cleaned."""

MAX_MATHS = 80
"""Longer formulas read better as written than as one line of signs."""

_DROPPED = (
    "[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u200e\u200f"
    "\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
"""Control, zero-width and direction characters. The joiners U+200C and U+200D stay: Persian and
Indic words are written with them."""

_SPACES = "[\\s\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
_HYPHENATED = r"([\p{L}\p{N}])-\n[ \t]*([\p{L}\p{N}])"
_SUSPENDED = r"([\p{L}\p{N}])-\n[ \t]*((?:and|or|to|nor)\b)"
"""``short- and long-term``, broken after the hyphen."""

_MARKUP = r"[\\$~`]|--|''|&[#A-Za-z]"
"""What plain text does not contain."""


def readable(text: pl.Expr) -> pl.Expr:
    """Give texts on one line, with markup resolved where that is certain; null stays null."""
    return text.map_batches(_readable_batch, return_dtype=pl.String, is_elementwise=True)


def readable_name(name: pl.Expr) -> pl.Expr:
    r"""Give names as ``First Last``, accents decoded (``Bal\'azs``); null stays null."""
    return name.map_batches(
        lambda names: _by_value(names, _readable_name), return_dtype=pl.String, is_elementwise=True
    )


def split_authors(names: pl.Expr) -> pl.Expr:
    """Split one string of names into a list, in order; affiliations in parentheses are dropped."""
    return names.map_batches(_split_batch, return_dtype=pl.List(pl.String), is_elementwise=True)


def _readable_batch(texts: pl.Series) -> pl.Series:
    plain = texts.to_frame("text").select(_cleaned(pl.col("text"))).to_series()
    has_markup = plain.str.contains(_MARKUP).fill_null(value=False)
    if not has_markup.any():
        return plain
    marked = plain.to_frame("text").filter(has_markup)["text"].unique(maintain_order=True)
    made = pl.Series([_resolve(text) for text in marked], dtype=pl.String)
    return plain.replace(marked, made)


def _cleaned(text: pl.Expr) -> pl.Expr:
    """Give one line without control characters, in composed form."""
    visible = text.str.replace_all(_DROPPED, "").str.normalize("NFC")
    kept = visible.str.replace_all(_SUSPENDED, "$1- $2")
    joined = kept.str.replace_all(_HYPHENATED, "$1-$2")
    return joined.str.replace_all(_SPACES, " ").str.strip_chars(" ")


def _clean(text: str) -> str:
    """Do to one string what `_cleaned` does to a column."""
    visible = unicodedata.normalize("NFC", re.sub(_DROPPED, "", text))
    return re.sub(_SPACES, " ", visible).strip(" ")


def _by_value(values: pl.Series, function: object) -> pl.Series:
    """Apply a function to each distinct value once."""
    distinct = values.unique(maintain_order=True).drop_nulls()
    made = pl.Series([function(value) for value in distinct], dtype=pl.String)  # type: ignore[operator]
    return values.replace(distinct, made)


# --- LaTeX and HTML ---------------------------------------------------------------------------

_URL = re.compile(r"(?:https?://|ftp://|www\.)(?:[^\s{}<>\"'`$\\\x00]|\\[_%#&~])+")
_ESCAPED_IN_URL = re.compile(r"\\([_%#&~])")
_LINK = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_LINKED = re.compile(r"\\(?:url|nolinkurl|path)\s*\{([^{}]*)\}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WRAPPER = re.compile(
    r"\\(?:emph|textbf|textit|texttt|textsc|textrm|textsf|textsl|textup|textmd|textnormal|text"
    r"|mbox|hbox|underline|uline|uppercase|lowercase|MakeUppercase|enquote)\s*\{([^{}]*)\}"
)
_SWITCHED = re.compile(
    r"\{\s*\\(?:em|bf|it|tt|sc|rm|sf|sl|bfseries|itshape|ttfamily|scshape|rmfamily|sffamily"
    r"|small|footnotesize|scriptsize|large|Large|normalsize)(?![A-Za-z])\s*([^{}]*)\}"
)
_REFERENCE = re.compile(r"\\(?:cite[a-zA-Z]*|[a-zA-Z]*ref)\*?\s*(?:\[[^\][]*\]\s*)*\{([^{}]*)\}")
_FOOTNOTE = re.compile(r"\\(?:footnote|thanks)\s*\{([^{}]*)\}")
_ACCENT = re.compile(
    r"\{\s*(\\[\"'`^~=.]\s*(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])"
    r"|\\[Hcdbkruvt]\s*\{\\?[A-Za-z]\}|\\(?:aa|AA|ae|AE|oe|OE|o|O|l|L|ss|i|j)(?![A-Za-z]))\s*\}"
    r"|(\\[\"'`^~=.]\s?(?:\{\\?[A-Za-z]\}|\\[ij](?![A-Za-z])|[A-Za-z])"
    r"|\\[Hcdbkruvt]\s*\{\\?[A-Za-z]\}|\\[Hcdbkruv] [A-Za-z](?![A-Za-z])"
    r"|\\(?:aa|AA|ae|AE|oe|OE|o|O|l|L|ss)(?![A-Za-z])(?:\{\}|\s(?=[a-z]))?)"
)
_MATHS = re.compile(r"(?<!\\)\$\$?([^$\n]{1,200}?)(?<!\\)\$\$?|\\\(([^$\n]{1,200}?)\\\)")
_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}\s+(?:\S+\s+)?[A-Za-z]{3,}")
_COMPOUND_SCRIPT = re.compile(r"[_^]\s*\{(?!\s*[-+]?\\?[\w.*']+\s*\})")
_COMPOUND_FRACTION = re.compile(r"frac(?!\s*\{?\\?\w+\}?\s*\{?\\?\w+\}?(?![\w{]))")
_SYMBOL_SPACE = re.compile(r"\\([A-Za-z]+)\s+(?=[^\s{\[])")
_ORNATE = re.compile("[\U0001d400-\U0001d7ffℬℰℱℋℐℒℳℛℯℊℴ]")  # noqa: RUF001  # these signs are meant
"""Bold and script letters: one finds ``O(n)`` by its letters. ``ℝ`` and its kind stay."""  # noqa: RUF001  # these signs are meant
_MACRO = re.compile(r"\\([A-Za-z]+)(?:\{\})?")
_SYMBOL = re.compile(r"\\([A-Za-z]+)(?:\{\}|(?![A-Za-z{\[]))")
_ESCAPED = re.compile(r"\\([%&_#${}])")
_THIN_SPACE = re.compile(r"\\[,;:!/ ]|\\quad(?![A-Za-z])|\\\\(?=\s|$)")
_TIE = re.compile(r"(?<=[A-Za-z.,;:)\]}\x00])~(?=[\w(\[\\\x00-])|(?<=\d)~(?=[A-Za-z(\[\\\x00-])")
_LONG_DASH = re.compile(r"(?<![-!<])---(?![->])")
_DASH = re.compile(r"(?<=[\w)\]\"”’%$])--(?=[\w(\[\"“‘$\\])|(?<= )--(?= )|(?<=[^\s-])--(?= )")  # noqa: RUF001  # these signs are meant
_QUOTED = re.compile(r"``([^`\"]{1,400}?)(?:''|\")")
_OPEN_QUOTE = re.compile(r"``(?=\S)")
_SINGLE_QUOTED = re.compile(r"(?<![\w`'\\])`([^`'\n]{1,80})'(?![\w'])")
_PLACE = re.compile(r"\x00(\d+)\x00")

_FORMATTED = frozenset(
    (
        *("mathbb", "mathcal", "mathbf", "mathrm", "mathsf", "mathtt", "mathit", "boldsymbol"),
        *("bm", "operatorname", "text", "textrm", "textbf", "textit", "textsc", "texttt"),
        *("frac", "tfrac", "dfrac", "sqrt", "left", "right", "ensuremath", "hat", "bar", "tilde"),
        "vec",
    )
)
"""Macros with arguments that pylatexenc renders well; `_symbol` knows the plain ones."""


@cache
def _latex() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)


@cache
def _grammar() -> Any:
    """Give pylatexenc's macros; it builds them anew for every snippet unless told."""
    return latexwalker.get_default_latex_context_db()


@cache
def _renderings() -> Any:
    return get_default_latex_context_db()


@cache
def _symbol(name: str) -> str | None:
    r"""Give the characters of a macro without arguments (``\times``), None where it is unknown."""
    spec = _renderings().get_macro_spec(name)
    made = spec.simplify_repl if spec is not None else None
    return made if isinstance(made, str) and made.strip() and "%" not in made else None


def _resolve(text: str) -> str:
    """Resolve markup until nothing changes any more."""
    start = _clean(text)
    if len(start) > MAX_LENGTH:
        return start
    before = start
    for _ in range(MAX_PASSES):
        after = _clean(_resolve_once(before))
        if after == before:
            return after
        before = after
    return start


def _resolve_once(text: str) -> str:
    aside: list[str] = []
    text = _LINKED.sub(r" \1 ", _LINK.sub(_linked, text))
    text = _URL.sub(lambda url: _put_aside(_ESCAPED_IN_URL.sub(r"\1", url.group()), aside), text)
    text = _typography(_macros(_ENTITY.sub(_entity, text), aside))
    while _PLACE.search(text):
        text = _PLACE.sub(lambda place: aside[int(place.group(1))], text)
    return text


def _linked(found: re.Match[str]) -> str:
    url, label = found.group(1).strip(), found.group(2).strip()
    return label if url in label or not url else f"{label} ({url})" if label else url


def _entity(found: re.Match[str]) -> str:
    return html.unescape(found.group()).replace("\x00", "")


def _macros(text: str, aside: list[str]) -> str:
    if "$" in text or "\\(" in text:
        text = _MATHS.sub(lambda found: _maths(found, aside), text)
    if "\\" not in text:
        return text
    text = _ACCENT.sub(_accent, text)
    text = _WRAPPER.sub(r"\1", text)
    text = _SWITCHED.sub(r"\1", text)
    text = _REFERENCE.sub(r"[\1]", text)
    text = _FOOTNOTE.sub(r" (\1)", text)
    text = _THIN_SPACE.sub(" ", text)
    text = _SYMBOL.sub(_bare_symbol, text)
    return _ESCAPED.sub(r"\1", text)


def _accent(found: re.Match[str]) -> str:
    written = (found.group(1) or found.group(2)).strip()
    made = unicodedata.normalize("NFC", _to_text(written))
    return made if made.strip() and "\\" not in made else found.group()


def _bare_symbol(found: re.Match[str]) -> str:
    return _symbol(found.group(1)) or found.group()


def _maths(found: re.Match[str], aside: list[str]) -> str:
    """Render a formula; put it aside as written where it would be mangled."""
    inside = found.group(1) if found.group(1) is not None else found.group(2)
    is_maths = re.search(r"[\\^_=<>]", inside) is not None
    if (inside != inside.strip() and not is_maths) or _PROSE.search(inside):
        return found.group()
    if "\x00" not in inside and not _is_mangled(inside):
        made = _formula(inside)
        if made and not re.search(r"[\\$]", made):
            return made
    return _put_aside(found.group(), aside) if is_maths else found.group()


def _put_aside(text: str, aside: list[str]) -> str:
    aside.append(text)
    return f"\x00{len(aside) - 1}\x00"


def _is_mangled(maths: str) -> bool:
    """Tell whether plain text would change the meaning: nested scripts, fractions of sums."""
    return (
        len(maths) > MAX_MATHS
        or bool(_COMPOUND_SCRIPT.search(maths))
        or bool(_COMPOUND_FRACTION.search(maths))
        or not _is_known(maths)
    )


def _formula(maths: str) -> str:
    """Give a formula as one line of plain letters and signs."""
    if not re.search(r"[\\{}~%&#]", maths):
        return _clean(maths)
    spaced = _SYMBOL_SPACE.sub(_keep_space, maths)
    return _clean(
        _ORNATE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), _to_text(spaced))
    )


def _keep_space(found: re.Match[str]) -> str:
    is_symbol = _symbol(found.group(1)) is not None
    return f"\\{found.group(1)}{{}} " if is_symbol else found.group()


def _is_known(maths: str) -> bool:
    return all(
        name in _FORMATTED or _symbol(name) is not None for name in _MACRO.findall(maths)
    ) and not re.search(r"\\[^A-Za-z%&_#{},;:! ]|&|%(?<!\\%)", maths)


@lru_cache(maxsize=100_000)
def _to_text(latex: str) -> str:
    """Let pylatexenc render a snippet; what it cannot read stays as written.

    The cache is worth its megabytes: most formulas are one of a few letters.
    """
    try:
        nodes, _, _ = LatexWalker(latex, latex_context=_grammar()).get_latex_nodes()
        return str(_latex().nodelist_to_text(nodes))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError):
        return latex


def _typography(text: str) -> str:
    text = _QUOTED.sub(r"“\1”", text)  # the quotes LaTeX means
    text = _OPEN_QUOTE.sub("“", text)
    text = _SINGLE_QUOTED.sub("‘\\1’", text)  # noqa: RUF001  # likewise
    text = _TIE.sub(" ", text)
    return _DASH.sub("–", _LONG_DASH.sub("—", text))  # noqa: RUF001  # the dash LaTeX means


# --- names ------------------------------------------------------------------------------------

_PARENTHESES = re.compile(r"\([^()]*\)")
_SUFFIX = re.compile(r"(?:Jr|Sr|I{2,3}|IV)\.?")
_INITIALS = re.compile(r"[A-Z]\.(?:[ -]?[A-Z]\.){0,3}|[A-Z]{1,3}")
_AND = re.compile(r"\s*,?\s+(?:and|&)\s+")
_NO_NAME = re.compile(r"(?:et al\.?|and|&|\d+ (?:more )?authors?)?", re.IGNORECASE)


def _readable_name(written: str) -> str:
    name = _resolve(written.replace("~", " "))
    name = _clean(re.sub(r"[{}]", "", name)) or _clean(written)
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) == 2 and not _SUFFIX.fullmatch(parts[1]):  # noqa: PLR2004  # "Last, First"
        return f"{parts[1]} {parts[0]}"
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[2]):  # noqa: PLR2004  # "Last, First, Jr."
        return f"{parts[1]} {parts[0]} {parts[2]}"
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]):  # noqa: PLR2004  # "Last, Jr., First"
        return f"{parts[2]} {parts[0]} {parts[1]}"
    return name


def _split_batch(values: pl.Series) -> pl.Series:
    split = [None if value is None else _split(value) for value in values]
    return pl.Series(values.name, split, dtype=pl.List(pl.String))


def _split(written: str) -> list[str]:
    text = _clean(written)
    while (bare := _PARENTHESES.sub(" ", text)) != text:
        text = bare
    if ";" in text:
        parts = text.split(";")
    else:
        joined = _AND.split(text)
        is_reversed = len(joined) > 1 and all(part.count(",") == 1 for part in joined)
        parts = joined if is_reversed else [name for part in joined for name in part.split(",")]
    names = [_clean(part).strip(" ,") for part in parts]
    return _with_initials([name for name in names if not _NO_NAME.fullmatch(name)])


def _with_initials(names: list[str]) -> list[str]:
    """Join ``Nadolsky, P. M.`` again and keep ``Jr.`` with its name."""
    lasts, firsts = names[::2], names[1::2]
    is_pairs = len(lasts) == len(firsts) and all(map(_INITIALS.fullmatch, firsts))
    if is_pairs and not any(map(_INITIALS.fullmatch, lasts)):
        return [f"{last}, {first}" for last, first in zip(lasts, firsts, strict=True)]
    kept: list[str] = []
    for name in names:
        if kept and _SUFFIX.fullmatch(name):
            kept[-1] = f"{kept[-1]} {name}"
        else:
            kept.append(name)
    return kept
