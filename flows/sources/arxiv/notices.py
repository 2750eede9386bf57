"""Withdrawal notices: arXiv has no field for them, so authors and staff write them as text."""

import polars as pl

_TEXT = (
    r"(?:paper|article|submission|manuscript|preprint|e-?print|note|letter|work|version|thesis"
    r"|posting|text)(?:\(s\)|s)?"
)
_WHO = r"\b(?:i|we|the\s+authors?)\s+(?:am\s+|are\s+|have\s+|has\s+|hereby\s+|decided\s+to\s+)?"
_WITHDRAWN = (
    rf"\b{_TEXT}\s+(?:has|have|is|was|are|were)\b[^.]{{0,40}}?\bwithdrawn\b"
    rf"|\b{_TEXT}\s+withdrawn\b|^\W*withdrawn\b|\bwithdrawn\s+by\s+arxiv\b"
    rf"|{_WHO}(?:would\s+like\s+to\s+|wish\s+to\s+)?withdr[ae]w(?:ing|n)?\s+"
    rf"(?:this|the|our|my)\s+(?:present\s+)?{_TEXT}\b"
)

ABSTRACT_NOTICE = rf"(?i){_WITHDRAWN}"
"""A text that says of itself that it is withdrawn. Of 100,000 abstracts 197 hold the word (cash,
carbon dioxide, drugs and topological retractions among them)."""

COMMENT_NOTICE = rf"(?i){_WITHDRAWN}|\bwithdrawn\s+(?:by|due|because|as|since|for|from\s+arxiv)\b"
"""Comments are about the paper, so that the passive alone will do when it gives a cause."""

WITHDRAWING = "withdr[ae]w"
"""What every such notice holds."""

RETRACTION = (
    rf"(?i)\b{_TEXT}\s+(?:(?:has|have)\s+been|is|was)\s+retracted\b|\b{_TEXT}\s+retracted\b"
)


def is_withdrawn(abstract: pl.Expr, comments: pl.Expr) -> pl.Expr:
    """Return whether the abstract or the comments announce that the paper was withdrawn."""
    return _has_notice(abstract, ABSTRACT_NOTICE, WITHDRAWING) | _has_notice(
        comments, COMMENT_NOTICE, WITHDRAWING
    )


def is_retracted(abstract: pl.Expr, comments: pl.Expr) -> pl.Expr:
    """Return whether the abstract or the comments announce that the paper was retracted."""
    return _has_notice(abstract, RETRACTION, "retracted") | _has_notice(
        comments, RETRACTION, "retracted"
    )


def _has_notice(text: pl.Expr, notice: str, word: str) -> pl.Expr:
    """Return whether a text holds a notice, of which each form has a word."""
    # The word alone is searched ten times as fast, and one text in five hundred has it.
    # The others become empty: polars searches also what is null, and throws the answer away.
    worded = pl.when(text.str.contains(rf"(?i){word}")).then(text).otherwise(pl.lit(""))
    return worded.str.contains(notice).fill_null(value=False)
