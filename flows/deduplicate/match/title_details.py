"""Title details: what is looked at only where titles decide, or contradict an identifier."""

from collections import Counter

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from flows.deduplicate.match.title_difference import DIFFERENCE, compare_near_titles
from schemas.vocabulary import STRONG_IDENTIFIERS

NEAR, OTHER = 0.5, 0.6
"""Similarity of titles from which two records without abstracts may be one, and under which titles
contradict an identifier."""

LETTERS = 300
"""Letters of a title that are searched for in another: the time grows with the square of them."""

VOLUME = (
    r"^(?:the )?(?:\d+\w* )?(?:international journal of|journal of|(?:\w+ )?transactions (?:on|of)|"
    r"communications of|lecture notes in|(?:conference )?proceedings of|front ?matter|"
    r"table of contents)\b"
)
"""How a title begins that is one of a journal or a volume, not of what is printed in it."""

DETAILS = pl.Schema(
    {
        "within": pl.Float64,
        "surnames": pl.Float64,
        "initials": pl.Float64,
        "has_volume": pl.Boolean,
    }
    | dict(DIFFERENCE)
)
"""``within``: how much of the shorter title the longer one has in one piece; ``surnames``:
similarity of the surnames letter by letter, the shorter list within the longer; ``initials``: share
of the shorter list's initials that the longer one has; ``has_volume``: only one is the title of a
`VOLUME`; then `DIFFERENCE`. Null for all pairs that are decided without."""


def add_title_details(pairs: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Add `DETAILS` to measured pairs: to those that lack an abstract, and to doubtful ids."""
    has_id = pl.any_horizontal(pl.col(f"same_{name}") for name in STRONG_IDENTIFIERS)
    is_concerned = (pl.col("whole").is_null() & (pl.col("title") >= NEAR)) | (
        has_id & (pl.col("title") < OTHER)
    )
    rows = pairs.select(is_concerned.arg_true()).to_series()
    nothing = pl.DataFrame(schema=DETAILS).clear(len(pairs))
    if rows.is_empty():
        return pairs.hstack(nothing)
    left, right = (records[pairs[side].gather(rows)] for side in ("left", "right"))
    letters = [side["title"].str.replace_all(" ", "").str.head(LETTERS) for side in (left, right)]
    details = pl.DataFrame(
        {
            "within": _compare_partly(*letters),
            "surnames": _compare_partly(left["surname_text"], right["surname_text"]),
            "initials": _compare_initials(left["initials"], right["initials"]),
            "has_volume": left["title"].str.contains(VOLUME) != right["title"].str.contains(VOLUME),
        }
    ).hstack(compare_near_titles(left["title"], right["title"], _join_names(left, right)))
    filled = [nothing[name].scatter(rows, details[name]) for name in DETAILS]
    return pairs.with_columns(filled)


def _join_names(left: pl.DataFrame, right: pl.DataFrame) -> pl.Series:
    """Return the surnames of both records of each pair, with spaces between."""
    return left["surname_text"].fill_null("") + " " + right["surname_text"].fill_null("")


def _compare_initials(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return which share of the shorter list of initials the longer one has; null for unknown."""
    shares = []
    for lists in zip(left.fill_null("").to_list(), right.fill_null("").to_list(), strict=True):
        # Either letter may be that of the surname.
        either = (Counter("".join(sorted(name)) for name in names.split()) for names in lists)
        fewer, more = sorted(either, key=Counter.total)
        shares.append((fewer & more).total() / fewer.total() if fewer else None)
    return pl.Series(shares, dtype=pl.Float64)


def _compare_partly(left: pl.Series, right: pl.Series) -> pl.Series:
    """Compare the shorter text with the best part of the longer; null where one is empty."""
    first, second = (side.fill_null("").to_list() for side in (left, right))
    scores = process.cpdist(first, second, scorer=fuzz.partial_ratio, workers=1)
    is_known = (left.fill_null("") != "") & (right.fill_null("") != "")
    share = np.where(is_known.to_numpy(), np.asarray(scores, np.float64) / 100, np.nan)
    return pl.Series(share, dtype=pl.Float64).fill_nan(None)
