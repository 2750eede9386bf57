"""Notes in titles: footnotes, the marks that lead to them, and addresses of links."""

import polars as pl

LINK = r"\\href\s*\{[^{}]*\}\s*\{([^{}]*)\}"

FOOTNOTE = (
    r"\\(?:footnotemark|footnote|thanks)\s*(?:\[[^\]\[]*\])?(?:\{(?:[^{}]|\{[^{}]*\})*\})?"
    r"|\$\s*\^\s*\{?[*\s,]*\*\)[*\s,)]*\}?\s*\$"
)
"""Footnotes, and ``$^{*)}$``, which is nothing else wherever it is."""

LAST_MARK = (
    r"\s*\$\s*(?:\{\})?\^\s*\{?\s*"
    r"(?:\*|\\ast|\\star|\\dagger|\\ddagger|\\dag|\\ddag|\\S|\\P)+\s*\}?\s*\$\s*$"
)
"""A sign at the end of a title that leads to a footnote."""

LAST_SYMBOL = r"(?:^|[\s$}_^({-])[A-Za-z]{1,2}(?:\([^()]*\))?\$\s*(?:\{\})?\^[^$]*\$\s*$"
"""An ending such as ``C$^*$``: there the star belongs to a symbol."""


def drop_title_notes(title: pl.Expr) -> pl.Expr:
    r"""Leave of a title what names the paper. One that is nothing but a note stays.

    >>> titles = [r"\href{https://lab.org}{Ladders} revisited", r"Decays of Tau$^{*)}$",
    ...           r"QCD in Decays$^\dagger$", "Notes on C$^*$", r"Ladders\thanks{Supported}"]
    >>> pl.select(drop_title_notes(pl.lit(pl.Series(titles)))).to_series().to_list()
    ['Ladders revisited', 'Decays of Tau', 'QCD in Decays', 'Notes on C$^*$', 'Ladders']
    """
    plain = title.str.replace_all(LINK, "$1").str.replace_all(FOOTNOTE, "")
    is_symbol = plain.str.contains(LAST_SYMBOL)
    bare = pl.when(is_symbol).then(plain).otherwise(plain.str.replace(LAST_MARK, ""))
    return pl.when(bare.str.strip_chars() == "").then(title).otherwise(bare)
