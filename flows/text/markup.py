"""LaTeX and HTML in texts: links, accents, macros, formulas, quotes and dashes."""

import html
import re
from functools import lru_cache
from unicodedata import category

from flows.text.cleaning import clean_string
from flows.text.commands import resolve_commands
from flows.text.formulas import render_formula

MAX_PASSES = 20
"""Markup nests a few deep and every pass resolves a level; text that goes on changing is left."""

MAX_LENGTH = 100_000
"""Characters. The longest abstract seen has 16,000; beyond the bound only space is cleaned."""

MARKUP = r"[\\$~`]|--|''|&[#A-Za-z]|\{\d*[A-Z]|[0-9]\^o|</[a-z]"
"""What plain text does not contain."""

_URL = re.compile(r"(?:https?://|ftp://|www\.)(?:[^\s{}<>\"'`$\\\x00]|\\[_%#&~])+")
_ESCAPED_IN_URL = re.compile(r"\\([_%#&~])")
_LINK = re.compile(r"\\href\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_LINKED = re.compile(r"\\(?:url|nolinkurl|path)\s*\{([^{}]*)\}")
LINKING = ("\\url", "\\nolinkurl", "\\path")
"""One of these is in all that the pattern matches, and is looked for in a tenth of the time."""

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"</?(?:i|b|em|strong|u|tt|sc|scp|small|span|p|sub|italic|bold|(?:jats|mml):[a-z]+)>"
)
_RAISED = re.compile(r"<sup>([^<>]*)</sup>")
"""Tags of HTML and of publishers, in which libraries give titles."""

_PROTECTED = re.compile(r"\{(?<![^\s(\[/-]\{)\d*[A-Z][0-9A-Za-z-]*\}(?:\{\d*[A-Z][0-9A-Za-z-]*\})*")
"""Braces that keep BibTeX from writing capitals small: ``{B}{E}{R}{T}``. Those behind a letter or
another brace are what a macro takes."""
_DEGREES = re.compile(r"(?:(?<=\d\d)\s?\^o(?![0-9A-Za-z(])|\^∘)")
LONGEST_MATHS = 200
"""Characters between two dollars that may be a formula."""

_DOLLARS = rf"\$(?<!\\\$)\$?([^$\n]{{1,{LONGEST_MATHS}}}+)\$(?<!\\\$)\$?"
_MATHS_IN_DOLLARS = re.compile(_DOLLARS)
_MATHS = re.compile(_DOLLARS + r"|\\\(([^$\n]{1,200}?)\\\)")
"""A pattern that begins with a sign is searched several times as fast as one that begins with two
or with what precedes: so here and below what precedes is looked at behind the sign."""

_TIE = re.compile(
    r"~(?:(?<=[A-Za-z.,;:)\]}\x00]~)(?=[\w(\[\\\x00-])|(?<=\d~)(?=[A-Za-z(\[\\\x00-]))"
)
_LONG_DASH = re.compile(r"---(?<![-!<]---)(?![->])")
_DASH = re.compile(
    r"--(?:(?<=[\w)\]\"”’%$]--)(?=[\w(\[\"“‘$\\])|(?<= --)(?= )|(?<=[^\s-]--)(?= ))"  # noqa: RUF001  # these signs are meant
)
_QUOTED = re.compile(r"``([^`\"]{1,400}?)(?:''|\")")
_OPEN_QUOTE = re.compile(r"``(?=\S)")
_SINGLE_QUOTED = re.compile(r"`(?<![\w`'\\]`)([^`'\n]{1,80})'(?![\w'])")
_PLACE = re.compile(r"\x00(\d+)\x00")

SIGNS = ("\\", "$", "{", "`", "~", "&", "--", "</", "^o", "^∘", "\x00\x00", "://", "www.")
"""What all markup has a part of, and what is set aside without a space between."""

_OUTSIDE_MATHS = re.compile(r"\\(?:href|url|nolinkurl|path)|&|</|://|www\.")
"""What is looked for before formulas are, and so in them as well."""

BODY_SIGNS = ("\\", "{", "`", "~", "&", "^", "<", "--")
"""What all markup beside formulas has a part of."""


def resolve_markup(text: str) -> str:
    r"""Resolve the markup of a cleaned text until nothing changes any more.

    >>> resolve_markup(r"\emph{Na\"ive} Bayes: 5\% of $O(n^2)$")
    'Naïve Bayes: 5% of O(n^2)'
    >>> resolve_markup(r"\unknown{x} costs $5 or $6")
    '\\unknown{x} costs $5 or $6'
    """
    if len(text) > MAX_LENGTH:
        return text
    # Half of the texts with markup hold formulas in dollars alone.
    if "$" in text and (resolved := _resolve_formulas(text)) is not None:
        return resolved
    unresolved = text
    for _ in range(MAX_PASSES):
        resolved, is_settled = _resolve_once(unresolved)
        cleaned = clean_string(resolved)
        # A second look would find nothing in most texts, and take as long as the first.
        if cleaned == unresolved or (is_settled and cleaned == resolved):
            return cleaned
        unresolved = cleaned
    return text


def _resolve_formulas(text: str) -> str | None:
    """Resolve a text whose only markup is formulas in dollars; None where there may be more."""
    pieces = text.split("$")
    # Dollars in pairs, of which no two follow each other.
    if len(pieces) % 2 == 0 or not text.isascii() or "" in pieces[1:-1]:
        return None
    body = "\x00".join(pieces[::2])
    if any(sign in body for sign in BODY_SIGNS):
        return None
    for place in range(1, len(pieces), 2):
        rendered = _render_among_letters(pieces[place])
        if rendered is None:
            return None
        pieces[place] = rendered
    return "".join(pieces)


@lru_cache(maxsize=100_000)
def _render_among_letters(maths: str) -> str | None:
    """Render what is between two dollars, with them where it stays as written.

    None where it is no formula, or may be markup together with what is before or behind it.
    """
    if not 0 < len(maths) <= LONGEST_MATHS or maths[-1] == "\\" or _OUTSIDE_MATHS.search(maths):
        return None
    rendered, is_maths = render_formula(maths)
    if rendered is None:
        return f"${maths}$" if is_maths else None
    # An accent would go to the letter before it, and two hyphens would make a dash.
    is_joined = rendered[0] in "-/" or rendered[-1] in "-<^" or category(rendered[0])[0] == "M"
    return None if is_joined or any(sign in rendered for sign in SIGNS) else rendered


def _resolve_once(text: str) -> tuple[str, bool]:
    """Resolve a level, and tell whether there is certainly no other one.

    What a text does not hold is not searched: most hold a kind or two.
    """
    aside: list[str] = []
    if "\\href" in text:
        text = _LINK.sub(_render_link, text)
    if "{" in text and any(name in text for name in LINKING):
        text = _LINKED.sub(r" \1 ", text)
    # URLs are set aside first: a tilde or a double hyphen in one is no markup.
    if "://" in text or "www." in text:
        text = _URL.sub(lambda url: _put_aside(_ESCAPED_IN_URL.sub(r"\1", url[0]), aside), text)
    if "&" in text:
        text = _ENTITY.sub(_decode_entity, text)
    if "</" in text:
        text = _TAG.sub("", _RAISED.sub(_render_raised, text))
    text = _set_typography(_resolve_macros(text, aside))
    is_plain = not any(sign in text for sign in SIGNS)
    # What was set aside may hold a place itself: a URL within a formula.
    while (
        "\x00" in text and (whole := _PLACE.sub(lambda place: aside[int(place[1])], text)) != text
    ):
        text = whole
    # Formulas that stay as written are found again, and stay again.
    return text, is_plain and not (aside and _OUTSIDE_MATHS.search(text))


def _render_link(match: re.Match[str]) -> str:
    url, label = match.group(1).strip(), match.group(2).strip()
    return label if url in label or not url else f"{label} ({url})" if label else url


def _render_raised(match: re.Match[str]) -> str:
    # `10<sup>-3</sup>` is another number than 10-3, where `2<sup>nd</sup>` reads well.
    return f"^{match[1]}" if re.fullmatch(r"[-+\u2212]?\d+", match[1]) else match[1]


def _decode_entity(match: re.Match[str]) -> str:
    return html.unescape(match.group()).replace("\x00", "")


def _resolve_macros(text: str, aside: list[str]) -> str:
    if "$" in text or "\\(" in text:
        maths = _MATHS if "\\(" in text else _MATHS_IN_DOLLARS
        text = maths.sub(lambda match: _render_maths(match, aside), text)
    if "{" in text:
        text = _PROTECTED.sub(lambda match: re.sub(r"[{}]", "", match[0]), text)
    return resolve_commands(text) if "\\" in text else text


def _render_maths(match: re.Match[str], aside: list[str]) -> str:
    """Render a formula; put it aside as written where it would be mangled."""
    rendered, is_maths = render_formula(match[match.lastindex or 0])
    if rendered is not None:
        return rendered
    return _put_aside(match.group(), aside) if is_maths else match.group()


def _put_aside(text: str, aside: list[str]) -> str:
    aside.append(text)
    return f"\x00{len(aside) - 1}\x00"


def _set_typography(text: str) -> str:
    if "^o" in text or "^∘" in text:
        text = _DEGREES.sub("°", text)
    if "`" in text:
        text = _QUOTED.sub(r"“\1”", text)  # the quotes LaTeX means
        text = _OPEN_QUOTE.sub("“", text)
        text = _SINGLE_QUOTED.sub("‘\\1’", text)  # noqa: RUF001  # likewise
    if "~" in text:
        text = _TIE.sub(" ", text)
    if "--" in text:
        text = _DASH.sub("–", _LONG_DASH.sub("—", text))  # noqa: RUF001  # the dash LaTeX means
    return text
