"""arXiv ids as written: which are whole, and which went through a float."""

import polars as pl

from flows import identifiers
from schemas.vocabulary import Reason

FLOAT = r"^\d{1,4}(?:\.\d*)?(?:[eE][+-]?\d+)?$"
"""What a number can look like once it was written out again."""

FIRST_LONG = "1501"
"""Month (YYMM) since which the number has five digits, not four."""

LONGEST = 5
"""Digits of the longest number."""


def find_id_fault(identifier: pl.Expr) -> pl.Expr:
    """Return the `Reason` for which an id cannot be used; null where it can.

    >>> written = ["oai:arXiv.org:2301.00001", "704.001", "1501.0001200000001", "cs.LG/1"]
    >>> pl.select(find_id_fault(pl.lit(pl.Series(written)))).to_series().to_list()
    [None, 'float-identifier', 'float-identifier', 'bad-identifier']

    An id is usable when `identifiers.arxiv_id` knows it, in whichever spelling.

    A float drops zeros at both ends of an id (``0704.0010`` becomes ``704.001``, and
    ``1501.00010`` becomes ``1501.0001``) or adds digits (``1501.0001200000001``).
    """
    number = identifier.str.extract(r"^\d{4}\.(\d+)").str.len_bytes()
    digits = pl.when(identifier.str.slice(0, 4) >= FIRST_LONG).then(5).otherwise(4)
    # `Float` spellings are looked at only where the id is none already.
    is_whole = identifiers.arxiv_id(identifier).is_not_null()
    is_changed = number.is_null() | (number < digits) | (number > LONGEST)
    is_float = identifier.str.contains(FLOAT) & is_changed
    return (
        pl.when(is_whole)
        .then(None)
        .when(is_float)
        .then(pl.lit(Reason.FLOAT_IDENTIFIER.value))
        .otherwise(pl.lit(Reason.BAD_IDENTIFIER.value))
    )
