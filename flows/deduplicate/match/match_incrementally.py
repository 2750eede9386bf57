"""Incremental: matching again when most records are as they were, to the same result.

The verdict on a pair hangs on its two records alone, so that verdicts on unchanged records stand.
Which pairs are compared hangs on the blocks, so that the blocks which lost or gained a record are
searched anew. Clusters and evidence are made from all verdicts in every run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.blocking import (
    BLOCK_CAP,
    Candidates,
    candidates,
    packed,
    sketches_in,
    unpacked,
)
from flows.deduplicate.match.cached_features import Rows, Signatures, fingerprints, keys_of, signed
from flows.deduplicate.match.match_records import Matching, Verdicts, concluded, verified
from flows.deduplicate.match.record_features import nodes, pairs, require_once
from flows.parts import Records, split_records

WORTH_KEEPING = 0.5
"""Share of the records that must be known and unchanged; with fewer all are matched anew."""

Keys = npt.NDArray[np.uint64]
"""Keys of blocks, sorted, each once."""

Pairs = npt.NDArray[np.uint64]
"""Pairs of rows, each packed into one number, sorted, each once: see `packed`."""


def match_again(
    records: Records, known: Signatures | None, judgements: pl.DataFrame | None = None
) -> tuple[Matching, Signatures]:
    """Find the records that are one paper, exactly as `match` does, with what is known before.

    Gives what `match` gives, and the signatures of these records. Raises `ValueError` when a
    record id occurs twice.
    """
    marks = fingerprints(records)
    require_once(marks["record_id"])
    kept = _kept(known, marks) if known else np.zeros(0, np.int64)
    if known is None or len(kept) < WORTH_KEEPING * len(marks):
        found, overflows = _anew(records, marks)
    else:
        found = _joined(records, marks, known, kept)
        overflows = _overflows(found)
    verdicts = Verdicts(found.records, overflows, found.verified, found.near)
    return concluded(records, verdicts, judgements), found


def _kept(known: Signatures, marks: pl.DataFrame) -> Rows:
    """Give the known rows whose records are there and unchanged."""
    rows = known.records.select("record_id", "fingerprint").with_row_index("row")
    same = rows.join(marks, on=["record_id", "fingerprint"], how="semi", maintain_order="left")
    return same["row"].to_numpy().astype(np.int64)


def _anew(records: Records, marks: pl.DataFrame) -> tuple[Signatures, pl.DataFrame]:
    given = nodes(records)
    found = pairs(given)
    same, near = verified(given, found.pairs)
    return Signatures(signed(given, marks), keys_of(given), same, near), found.overflows


@dataclass(frozen=True)
class _Moves:
    """Where the known and the fresh records stand among the records of now."""

    known: Rows
    """Per known row its row now; -1 where its record is gone or was changed."""
    fresh: Rows
    """Per fresh record, in the order of their ids, its row now."""


def _joined(records: Records, marks: pl.DataFrame, known: Signatures, kept: Rows) -> Signatures:
    """Put fresh records beside the kept ones, and compare what was not compared before."""
    is_all = len(kept) == len(known.records)
    if is_all and len(kept) == len(marks):
        return known
    old = known.records if is_all else known.records[kept]
    new = marks.join(old, on="record_id", how="anti", maintain_order="left")
    given = nodes(
        [part.join(new.lazy(), on="record_id", how="semi") for part in split_records(records)]
    )
    moves = _moves(known, kept, old["record_id"], new["record_id"])
    table = _merged(old, signed(given, new), moves.fresh)
    keys, touched = _moved_keys(known.keys, keys_of(given), moves)
    now = Signatures(table, keys, *(_moved(one, moves) for one in (known.verified, known.near)))
    return _compared_anew(known, now, touched, moves)


def _moves(known: Signatures, kept: Rows, old: pl.Series, new: pl.Series) -> _Moves:
    before = np.asarray(old.search_sorted(new), np.int64)
    fresh = before + np.arange(len(new))
    is_kept = np.ones(len(old) + len(new), np.bool_)
    is_kept[fresh] = False
    rows = np.full(len(known.records), -1, np.int64)
    rows[kept] = np.flatnonzero(is_kept)
    return _Moves(rows, fresh)


def _merged(old: pl.DataFrame, new: pl.DataFrame, fresh: Rows) -> pl.DataFrame:
    """Put the new rows in their places among the old ones."""
    is_fresh = np.zeros(len(old) + len(new), np.bool_)
    is_fresh[fresh] = True
    order = np.where(is_fresh, len(old) + np.cumsum(is_fresh) - 1, np.cumsum(~is_fresh) - 1)
    return pl.concat([old, new.select(old.columns)])[order]


def _moved(pairs_of_rows: pl.DataFrame, moves: _Moves) -> pl.DataFrame:
    """Renumber the rows of pairs, and leave out those of records that are gone."""
    moved = pairs_of_rows.with_columns(
        pl.Series(side, moves.known[pairs_of_rows[side].to_numpy()]) for side in ("left", "right")
    )
    return moved.filter((pl.col("left") >= 0) & (pl.col("right") >= 0))


def _moved_keys(
    known: Mapping[str, pl.DataFrame], fresh: Mapping[str, pl.DataFrame], moves: _Moves
) -> tuple[dict[str, pl.DataFrame], dict[str, Keys]]:
    """Give the keys of now, and those whose blocks lost or gained a record."""
    keys, touched = {}, {}
    for kind, old in known.items():
        key, row = old["key"].to_numpy(), moves.known[old["row"].to_numpy()]
        new_key = fresh[kind]["key"].to_numpy()
        new_row = moves.fresh[fresh[kind]["row"].to_numpy()]
        touched[kind] = np.unique(np.concatenate([key[row < 0], new_key]))
        key, row = key[row >= 0], row[row >= 0]
        place = np.searchsorted(key, new_key)
        keys[kind] = pl.DataFrame(
            {
                "key": np.insert(key, place, new_key),
                "row": np.insert(row, place, new_row).astype(np.uint32),
            }
        )
    return keys, touched


def _compared_anew(
    known: Signatures, now: Signatures, touched: Mapping[str, Keys], moves: _Moves
) -> Signatures:
    """Bring the verdicts up to date: those on pairs that are, or no longer are, candidates."""
    earlier = moves.known[_found(known, touched)]
    before = packed(earlier[(earlier >= 0).all(axis=1)])
    after = packed(_found(now, touched))
    is_fresh = np.zeros(len(now.records), np.bool_)
    is_fresh[moves.fresh] = True
    is_new = is_fresh[unpacked(after)].any(axis=1) | ~np.isin(after, before)
    gone = _gone(now, np.setdiff1d(before, after))
    same, near = _verdicts(now, after[is_new])
    dropped = np.union1d(gone, after[is_new])
    return Signatures(
        now.records,
        now.keys,
        _replaced(now.verified, dropped, same),
        _replaced(now.near, dropped, near),
    )


def _found(given: Signatures, touched: Mapping[str, Keys]) -> Rows:
    """Give the candidates within the blocks of some keys."""
    return _candidates(given, _members(given.keys, touched)).pairs


def _members(
    keys: Mapping[str, pl.DataFrame], wanted: Mapping[str, Keys]
) -> dict[str, pl.DataFrame]:
    """Give the keys of the blocks that are wanted."""
    found = {}
    for kind, frame in keys.items():
        key = frame["key"].to_numpy()
        first = np.searchsorted(key, wanted[kind], "left")
        sizes = np.searchsorted(key, wanted[kind], "right") - first
        ends = np.cumsum(sizes)
        places_in = np.repeat(first - ends + sizes, sizes) + np.arange(sizes.sum())
        found[kind] = frame[places_in]
    return found


def _candidates(given: Signatures, blocks: Mapping[str, pl.DataFrame]) -> Candidates:
    """Give the candidates of some blocks; only the titles of their members are sorted."""
    rows = np.unique(np.concatenate([frame["row"].to_numpy() for frame in blocks.values()]))
    local = {
        kind: frame.with_columns(
            pl.Series("row", np.searchsorted(rows, frame["row"].to_numpy()), pl.UInt32)
        )
        for kind, frame in blocks.items()
    }
    members = given.records.select("title", "sketch")[rows]
    found = candidates(local, members["title"], sketches_in(members["sketch"]))
    row = pl.Series("row", rows[found.overflows["row"].to_numpy()], pl.UInt32)
    return Candidates(rows.astype(np.int64)[found.pairs], found.overflows.with_columns(row))


def _gone(now: Signatures, lost: Pairs) -> Pairs:
    """Give those of the pairs which no block makes candidates any more and which had a verdict."""
    had_verdict = np.concatenate([_pairs_of(now.verified), _pairs_of(now.near)])
    lost = lost[np.isin(lost, had_verdict)]
    is_end = np.zeros(len(now.records), np.bool_)
    is_end[unpacked(lost)] = True
    theirs = {
        kind: np.unique(frame["key"].to_numpy()[is_end[frame["row"].to_numpy()]])
        for kind, frame in now.keys.items()
    }
    return np.setdiff1d(lost, packed(_found(now, theirs)))


def _verdicts(now: Signatures, wanted: Pairs) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Compare some pairs."""
    pairs_of_rows = unpacked(wanted)
    rows = np.unique(pairs_of_rows)
    found = verified(now.nodes(rows), np.searchsorted(rows, pairs_of_rows))
    same, near = (
        one.with_columns(pl.Series(side, rows[one[side].to_numpy()]) for side in ("left", "right"))
        for one in found
    )
    return same, near


def _replaced(known: pl.DataFrame, dropped: Pairs, new: pl.DataFrame) -> pl.DataFrame:
    """Put new verdicts in the place of those that are dropped."""
    stays = pl.Series(~np.isin(_pairs_of(known), dropped))
    return pl.concat([known.filter(stays), new]).sort("left", "right")


def _overflows(given: Signatures) -> pl.DataFrame:
    """Give the blocks over the cap as `Candidates` does."""
    large = {}
    for kind, frame in given.keys.items():
        key = frame["key"].to_numpy()
        starts = np.flatnonzero(np.diff(key, prepend=key[:1] ^ np.uint64(1)))
        large[kind] = key[starts[np.diff(starts, append=len(key)) > BLOCK_CAP]]
    return _candidates(given, _members(given.keys, large)).overflows


def _pairs_of(verdicts: pl.DataFrame) -> Pairs:
    return packed(verdicts.select("left", "right").to_numpy())
