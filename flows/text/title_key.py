r"""The title key: what two titles have in common that differ in spelling alone.

One key for all that asks whether two titles are the same: ids of papers without identifiers, names
of records in judgements, matching, looking up by title, topics.
"""

import polars as pl

from flows.text.folding import change_where, fold_texts

FORMATTING = r"\\(?:text\w*|math\w*|emph|bm|boldsymbol|rm|it|bf|sc|tt|em)\b\s*"
"""Commands that change how letters look, not which they are: ``\\emph{x}``, ``$\\mathcal{O}$``."""

UNWRITTEN = r"[${}\\^_]"
"""What LaTeX writes around letters: ``LR${}^{2}$Bench`` and ``LR^2Bench`` are one title."""

ENTITY = r"&(?:amp|lt|gt|quot|apos|nbsp|ndash|mdash|rsquo|lsquo);"
"""Signs as HTML writes them; none is a letter."""


def title_key(title: pl.Expr) -> pl.Expr:
    """Return a title's words folded, one space between them; null stays null.

    Two titles with one key are the same title; it does not follow that the papers are. A key is
    its own key.
    """
    return title.map_batches(make_title_keys, return_dtype=pl.String, is_elementwise=True)


def make_title_keys(titles: pl.Series) -> pl.Series:
    r"""Return the key of each title, as `title_key` does for an expression.

    >>> spellings = ['Na\\"ive  Bayes: $O(n^{2})$', "naïve bayes - O(n^2)", "NAÏVE BAYES, O(n²)"]
    >>> make_title_keys(pl.Series(spellings)).unique().to_list()
    ['naive bayes o n2']
    """
    folded = fold_texts(change_where(titles, titles.str.contains(ENTITY), _drop_entities))
    bare = change_where(folded, folded.str.contains(UNWRITTEN), _drop_unwritten)
    return bare.str.replace_all(r"[^\p{L}\p{N}\p{M}]+", " ").str.strip_chars()


def _drop_entities(titles: pl.Series) -> pl.Series:
    return titles.str.replace_all(ENTITY, " ")


def _drop_unwritten(folded: pl.Series) -> pl.Series:
    return folded.str.replace_all(FORMATTING, "").str.replace_all(UNWRITTEN, "")
