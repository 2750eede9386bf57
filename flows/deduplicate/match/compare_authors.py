"""Compare authors: which surnames two records have in common."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.author_names import AuthorNames, collect_names, read_names
from flows.deduplicate.match.word_sets import count_overlaps

AGREEING = 0.5
"""Share of the shorter list's surnames that must be among the other's names for two lists of
authors to agree: lists that lost or gained authors do, a common surname among many is not enough.
The same wherever authors are compared: when records are matched and when titles are looked up."""


@dataclass(frozen=True)
class AuthorAgreement:
    """How the authors of each pair agree; all three are null-free, see ``known``."""

    share: npt.NDArray[np.float64]
    """Surnames of one that occur among the other's, of the shorter list: 1 for a shortened list."""
    balance: npt.NDArray[np.float64]
    """The same of the longer list: 1 only when nobody is missing."""
    common: npt.NDArray[np.int64]
    """How many surnames both have."""
    known: npt.NDArray[np.bool_]
    """Whether both records name their authors."""
    strangers: npt.NDArray[np.bool_]
    """Whether both do and no word of a name occurs in both."""


def compare_names(names: AuthorNames, pairs: npt.NDArray[np.int64]) -> AuthorAgreement:
    """Compare the authors of each pair of records."""
    # Surnames of one are sought among all words of the other, both ways: a source that writes
    # family names first takes given names for surnames.
    swapped = pairs[:, ::-1]
    common = np.maximum(
        count_overlaps(names.surnames, names.bags, pairs),
        count_overlaps(names.surnames, names.bags, swapped),
    )
    sizes = names.surnames.sizes()[pairs]
    are_known = sizes.min(axis=1) > 0
    return AuthorAgreement(
        share=np.minimum(common / np.maximum(sizes.min(axis=1), 1), 1.0),
        balance=np.minimum(common / np.maximum(sizes.max(axis=1), 1), 1.0),
        common=common,
        known=are_known,
        strangers=are_known & (count_overlaps(names.bags, names.bags, pairs) == 0),
    )


def compare_author_lists(left: pl.Series, right: pl.Series) -> pl.Series:
    """Return the share of common surnames for two columns of author lists, row by row.

    The share of `compare_names`; null where a side names nobody.
    """
    return measure_author_lists(left, right)["agreement"]


def measure_author_lists(left: pl.Series, right: pl.Series) -> pl.DataFrame:
    """Measure how two columns of author lists agree, row by row; null where a side names nobody.

    ``agreement`` and ``balance`` are the shares of `AuthorAgreement`, of the shorter list and of
    the longer, and ``common_authors`` the surnames that both have.
    """
    rows = np.arange(len(left), dtype=np.int64)
    names = collect_names(read_names(pl.concat([left, right], rechunk=True)))
    measured = compare_names(names, np.stack([rows, rows + len(left)], axis=1))
    columns = {
        "agreement": measured.share,
        "balance": measured.balance,
        "common_authors": measured.common,
    }
    known = pl.Series(measured.known)
    return pl.select(
        pl.when(known).then(pl.Series(values.astype(np.float64))).alias(name)
        for name, values in columns.items()
    )
