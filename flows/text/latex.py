"""What pylatexenc knows: macros and their characters, snippets and their text."""

import re
from functools import cache, lru_cache
from typing import Any

from pylatexenc import latexwalker
from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker

_SIGN = r"[A-Za-z0-9 =+*/()\[\]|.,;:^_'<>~-]"
_SYMBOL = r"\\[A-Za-z]+(?:\{\}| (?!\s)|(?![\sA-Za-z]))"
"""A command with what ends its name: of blanks behind it pylatexenc leaves none."""

_ARGUMENT = r"(?:\{[A-Za-z0-9]+\}| [A-Za-z](?![A-Za-z]))"
_FORMATTED = (
    r"\\(?:(?:math(?:bb|cal|bf|rm|sf|it|frak|scr|tt)|boldsymbol|bm|operatorname|text(?:rm|bf|it)?"
    rf"|hat|bar|tilde|vec|sqrt){_ARGUMENT}|(?:hat|bar|tilde|vec|boldsymbol)\{{\\[A-Za-z]+\}}"
    r"|text(?:rm|bf|it)?\{[A-Za-z -]+\}|[dt]?frac\{[A-Za-z0-9]+\}\{[A-Za-z0-9]+\})"
)
_ESCAPED = r"\\[{}%&#_,;:!]"
_GROUP = rf"\{{(?:{_SIGN}|{_FORMATTED}|{_SYMBOL}|{_ESCAPED})*+\}}"
"""What is between the braces of a group, which holds no other group."""

_SIMPLE = re.compile(rf"(?:{_SIGN}|{_FORMATTED}|{_SYMBOL}|{_ESCAPED}|{_GROUP})*+")
"""A formula whose text is that of its pieces, one after the other."""

_BLANKS = re.compile(r"\s{100,}")
"""More blanks than anybody writes between two words."""

LONGEST = 1_000
"""Characters of the longest snippet that is rendered: formulas are given up beyond 80."""

_LIGATURE = re.compile(r"--|''|<<|>>")
"""Signs that pylatexenc takes together."""

_PIECE = re.compile(rf"{_FORMATTED}|\\[A-Za-z]+(?:\{{\}}| (?!\s))?|{_ESCAPED}|[{{}}~]")


@cache
def _make_renderer() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", keep_comments=True, strict_latex_spaces=False)


@cache
def _load_grammar() -> Any:
    """Load pylatexenc's macros once: by itself it builds them again for every snippet."""
    return latexwalker.get_default_latex_context_db()


@cache
def _load_renderings() -> Any:
    return get_default_latex_context_db()


NAMES = {
    "LaTeX": "LaTeX",
    "TeX": "TeX",
    "BibTeX": "BibTeX",
    "S": "§",
    "P": "¶",
    "ddag": "‡",
    "la": "⟨",
    "ra": "⟩",
    "eps": "ϵ",
    "textgreater": ">",
    "textless": "<",
    "textbar": "|",
    "copyright": "©",
}
"""Macros of running text that pylatexenc does not know: names, signs, and abbreviations that papers
of many authors define alike. Within a formula ``\\S`` is as often a set, and stays."""


@lru_cache(maxsize=10_000)
def find_symbol(name: str) -> str | None:
    r"""Return the characters of a macro without arguments (``\times``), None for others."""
    spec = _load_renderings().get_macro_spec(name)
    characters = spec.simplify_repl if spec is not None else None
    return (
        characters
        if isinstance(characters, str) and characters.strip() and "%" not in characters
        else None
    )


def render_latex(latex: str) -> str:
    """Render a snippet as text; what pylatexenc cannot read stays as written.

    Most formulas are signs, symbols and a group or two, whose text is that of their pieces; each
    piece is looked up once.
    """
    # pylatexenc takes some 100 us a snippet, this a few: nine formulas of ten are simple.
    is_simple = _SIMPLE.fullmatch(latex) and not _LIGATURE.search(latex)
    pieces = _PIECE.findall(latex) if is_simple else []
    if is_simple and all(map(_has_no_arguments, pieces)):
        return _PIECE.sub(lambda match: _render_piece(match[0]), latex)
    return convert_latex(latex)


@lru_cache(maxsize=10_000)
def _render_piece(latex: str) -> str:
    return "" if latex in "{}" else convert_latex(latex)


@lru_cache(maxsize=10_000)
def _has_no_arguments(piece: str) -> bool:
    r"""Return whether a piece takes nothing of what follows, as ``\ref`` or ``\frac12`` would."""
    name = piece[1:].removesuffix("{}").removesuffix(" ")
    if not name.isalpha():
        return True
    spec = _load_grammar().get_macro_spec(name)
    return find_symbol(name) is not None and (spec is None or not spec.args_parser.argspec)


def convert_latex(latex: str) -> str:
    """Let pylatexenc render a snippet; what it cannot read, or is too long, stays as written."""
    # pylatexenc takes time by the square of a run of blanks, each of which is worth one.
    latex = _BLANKS.sub(lambda run: "\n\n" if run[0].count("\n") > 1 else " ", latex)
    # It takes time by the square of any text, too: of one as long as a formula that is nothing.
    if len(latex) > LONGEST:
        return latex
    try:
        nodes, _, _ = LatexWalker(latex, latex_context=_load_grammar()).get_latex_nodes()
        return str(_make_renderer().nodelist_to_text(nodes))
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError):
        return latex
