"""Undisputed ids: papers that keep their id because no other paper has a claim on it.

From one run to the next these are nearly all. They are found by hashes and sorted numbers; only
the others, and what they may have been, have to be compared claim by claim.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.find_rows import Rows, find_equal_rows, hash_values
from flows.deduplicate.merge.inherit_ids import PreviousIds
from schemas.vocabulary import STRONG_IDENTIFIERS

COMPARED_ROWS = 50_000
"""Papers that are compared with the previous ones at a time."""

IsOpen = npt.NDArray[np.bool_]
"""Per paper, whether somebody else may have a claim on its id, or it on another one."""


def find_undisputed(papers: pl.DataFrame, owners: Rows, previous: PreviousIds) -> Rows:
    """Find the papers that keep their ids whatever is settled about the others.

    ``papers``: ``paper_id``, each once, and the identifiers. ``owners``: per row of the previous
    origins the place of the paper that its record is in; -1 where no paper has it. Returns per
    paper the place of the previous paper whose id it keeps; -1 where that has to be settled.

    A paper is undisputed where its id is that of a previous paper with the same identifiers; where
    none of its records was in another paper, and none of that paper's is in another one; where no
    alias leads to the id or from it; and where no other paper, now or then, bears one of the
    identifiers. So it has no claim but this one: see `list_claims`.
    """
    now, then = (hash_values(side["paper_id"]) for side in (papers, previous.papers))
    rows = find_equal_rows(now, then)
    is_open = (rows < 0) | _have_moved_records(now[0], owners, previous.origins["paper_id"])
    aliases = pl.concat([previous.aliases["alias_id"], previous.aliases["paper_id"]])
    is_open |= papers["paper_id"].is_in(aliases.implode()).to_numpy()
    is_open |= _differ_from(papers, previous.papers, rows)
    is_held = np.zeros(previous.papers.height, np.bool_)
    is_held[rows[~is_open]] = True
    is_open |= _share_identifiers(papers, previous.papers.filter(pl.Series(~is_held)), is_open)
    return np.where(is_open, -1, rows)


def _have_moved_records(
    ids: npt.NDArray[np.uint64], owners: Rows, former_ids: pl.Series
) -> npt.NDArray[np.bool_]:
    """Tell the papers that have a record which was in a paper of another id, or have lost one.

    ``ids``: hash of the id of each paper; ``former_ids``: that of each record of ``owners``.
    """
    former = hash_values(former_ids)[0]
    has_moved = owners >= 0
    has_moved[has_moved] = ids[owners[has_moved]] != former[has_moved]
    is_open = np.isin(ids, former[has_moved])
    is_open[owners[has_moved]] = True
    return is_open


def _differ_from(papers: pl.DataFrame, previous: pl.DataFrame, rows: Rows) -> IsOpen:
    """Tell the papers whose id or identifiers are not those of a previous paper."""
    names, is_other = ["paper_id", *STRONG_IDENTIFIERS], np.ones(len(rows), np.bool_)
    has_row = np.flatnonzero(rows >= 0)
    # Some at a time: the texts of both sides would be the most that the whole step holds.
    for start in range(0, len(has_row), COMPARED_ROWS):
        some = has_row[start : start + COMPARED_ROWS]
        now, then = papers.select(names)[some], previous.select(names)[rows[some]]
        differ = [now[name].ne_missing(then[name]).alias(name) for name in names]
        is_other[some] = pl.select(pl.any_horizontal(differ)).to_series().to_numpy()
    return is_other


def _share_identifiers(papers: pl.DataFrame, rest: pl.DataFrame, is_open: IsOpen) -> IsOpen:
    """Tell the papers that are not open but bear an identifier of another paper.

    ``rest``: the previous papers besides those whose id they have.
    """
    shares, is_closed = np.zeros(papers.height, np.bool_), pl.Series(~is_open)
    for name in STRONG_IDENTIFIERS:
        closed = papers[name].filter(is_closed)
        claimed = pl.concat([papers[name].filter(~is_closed), rest[name]]).drop_nulls()
        # Numbers in the place of texts: two that share one are settled as the others are.
        is_twice = closed.hash().is_duplicated() & closed.is_not_null()
        is_claimed = closed.is_in(claimed.unique().implode()).fill_null(value=False)
        shares[~is_open] |= (is_twice | is_claimed).to_numpy()
    return shares


def select_disputed(previous: PreviousIds, owners: Rows, rows: Rows) -> PreviousIds:
    """Return what the previous release says of the papers that are disputed.

    ``rows``: what `find_undisputed` returned for ``owners``. Records that no paper has claim
    nothing, and are absent.
    """
    is_kept = np.zeros(previous.papers.height, np.bool_)
    is_kept[rows[rows >= 0]] = True
    is_disputed = owners >= 0
    is_disputed[is_disputed] = rows[owners[is_disputed]] < 0
    return PreviousIds(
        previous.papers.filter(pl.Series(~is_kept)),
        previous.origins.filter(pl.Series(is_disputed)),
        previous.aliases,
    )
