"""Incremental: matching again when most records are as they were, to the same result.

The decision on a pair depends on its two records alone, so that decisions on unchanged records
stay. Which pairs are compared depends on the blocks, so that the blocks which lost or gained a
record are searched again. Clusters and evidence are made from all decisions in every run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.deduplicate.match.blocking import (
    BLOCK_CAP,
    Blocks,
    pack_pairs,
    pair_blocks,
    read_sketches,
    unpack_pairs,
)
from flows.deduplicate.match.cached_features import (
    CachedMatch,
    Rows,
    fingerprint_records,
    sort_block_keys,
    store_features,
)
from flows.deduplicate.match.compare_pairs import PairDecisions, compare_pairs
from flows.deduplicate.match.match_records import Matching, cluster_decisions
from flows.deduplicate.match.record_features import (
    block_records,
    describe_records,
    require_distinct_ids,
)
from flows.parts import Records, split_records

WORTH_KEEPING = 0.5
"""Share of the records that must be cached and unchanged; with fewer all are matched again."""

Keys = npt.NDArray[np.uint64]
"""Keys of blocks, sorted, each once."""

Pairs = npt.NDArray[np.uint64]
"""Pairs of rows, each packed into one number, sorted, each once: see `pack_pairs`."""


def match_incrementally(
    records: Records, cached: CachedMatch | None, judgements: pl.DataFrame | None = None
) -> tuple[Matching, CachedMatch]:
    """Find the records that are one paper, exactly as `match_records` does, with a cache.

    Returns what `match_records` returns, and what is to be cached of these records. Raises
    `ValueError` when a record id occurs twice.
    """
    marks = fingerprint_records(records)
    require_distinct_ids(marks["record_id"])
    unchanged = _find_unchanged_rows(cached, marks) if cached else np.zeros(0, np.int64)
    if cached is None or len(unchanged) < WORTH_KEEPING * len(marks):
        current, overflows = _match_all(records, marks)
    else:
        current = _update_cache(records, marks, cached, unchanged)
        overflows = _find_overflows(current)
    decisions = PairDecisions(current.verified, current.near)
    matching = cluster_decisions(records, current.records, decisions, overflows, judgements)
    return matching, current


def _find_unchanged_rows(cached: CachedMatch, marks: pl.DataFrame) -> Rows:
    """Return the cached rows whose records are present and unchanged."""
    rows = cached.records.select("record_id", "fingerprint").with_row_index("row")
    same = rows.join(marks, on=["record_id", "fingerprint"], how="semi", maintain_order="left")
    return same["row"].to_numpy().astype(np.int64)


def _match_all(records: Records, marks: pl.DataFrame) -> tuple[CachedMatch, pl.DataFrame]:
    features = describe_records(records)
    blocks = block_records(features)
    decisions = compare_pairs(features, blocks.pairs)
    cache = CachedMatch(
        store_features(features, marks),
        sort_block_keys(features),
        decisions.verified,
        decisions.near,
    )
    return cache, blocks.overflows


@dataclass(frozen=True)
class _RowMoves:
    """Where the cached and the fresh records are among the records of now."""

    cached: Rows
    """Per cached row its row now; -1 where its record is gone or was changed."""
    fresh: Rows
    """Per fresh record, in the order of their ids, its row now."""


def _update_cache(
    records: Records, marks: pl.DataFrame, cached: CachedMatch, unchanged: Rows
) -> CachedMatch:
    """Add fresh records to the unchanged ones, and compare what was not compared before."""
    is_all = len(unchanged) == len(cached.records)
    if is_all and len(unchanged) == len(marks):
        return cached
    old = cached.records if is_all else cached.records[unchanged]
    new = marks.join(old, on="record_id", how="anti", maintain_order="left")
    features = describe_records(
        [part.join(new.lazy(), on="record_id", how="semi") for part in split_records(records)]
    )
    moves = _locate_rows(cached, unchanged, old["record_id"], new["record_id"])
    table = _merge_rows(old, store_features(features, new), moves.fresh)
    keys, touched = _move_keys(cached.keys, sort_block_keys(features), moves)
    verified, near = (_move_pairs(pairs, moves) for pairs in (cached.verified, cached.near))
    current = CachedMatch(table, keys, verified, near)
    return _compare_touched_blocks(cached, current, touched, moves)


def _locate_rows(
    cached: CachedMatch, unchanged: Rows, old_ids: pl.Series, new_ids: pl.Series
) -> _RowMoves:
    # Both lists of ids are sorted: a fresh record comes after the old ids that are smaller and
    # after the fresh ones before it.
    smaller = np.asarray(old_ids.search_sorted(new_ids), np.int64)
    fresh = smaller + np.arange(len(new_ids))
    is_old = np.ones(len(old_ids) + len(new_ids), np.bool_)
    is_old[fresh] = False
    rows = np.full(len(cached.records), -1, np.int64)
    rows[unchanged] = np.flatnonzero(is_old)
    return _RowMoves(rows, fresh)


def _merge_rows(old: pl.DataFrame, new: pl.DataFrame, fresh: Rows) -> pl.DataFrame:
    """Put the new rows in their places among the old ones."""
    is_fresh = np.zeros(len(old) + len(new), np.bool_)
    is_fresh[fresh] = True
    # Per row of the result, its row in old and new laid end to end: a running count of each kind.
    order = np.where(is_fresh, len(old) + np.cumsum(is_fresh) - 1, np.cumsum(~is_fresh) - 1)
    return pl.concat([old, new.select(old.columns)])[order]


def _move_pairs(pairs: pl.DataFrame, moves: _RowMoves) -> pl.DataFrame:
    """Renumber the rows of pairs, and leave out those of records that are gone."""
    moved = pairs.with_columns(
        pl.Series(side, moves.cached[pairs[side].to_numpy()]) for side in ("left", "right")
    )
    return moved.filter((pl.col("left") >= 0) & (pl.col("right") >= 0))


def _move_keys(
    cached: Mapping[str, pl.DataFrame], fresh: Mapping[str, pl.DataFrame], moves: _RowMoves
) -> tuple[dict[str, pl.DataFrame], dict[str, Keys]]:
    """Return the keys of now, and those whose blocks lost or gained a record."""
    keys, touched = {}, {}
    for kind, old in cached.items():
        key, row = old["key"].to_numpy(), moves.cached[old["row"].to_numpy()]
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


def _compare_touched_blocks(
    cached: CachedMatch, current: CachedMatch, touched: Mapping[str, Keys], moves: _RowMoves
) -> CachedMatch:
    """Bring decisions up to date: those on pairs that are, or no longer are, candidates."""
    moved = moves.cached[_pair_blocks_of(cached, touched)]
    earlier = pack_pairs(moved[(moved >= 0).all(axis=1)])
    later = pack_pairs(_pair_blocks_of(current, touched))
    is_fresh = np.zeros(len(current.records), np.bool_)
    is_fresh[moves.fresh] = True
    is_new = is_fresh[unpack_pairs(later)].any(axis=1) | ~np.isin(later, earlier)
    lost = _find_lost_pairs(current, np.setdiff1d(earlier, later))
    decisions = _compare_rows(current, later[is_new])
    dropped = np.union1d(lost, later[is_new])
    return CachedMatch(
        current.records,
        current.keys,
        _replace_decisions(current.verified, dropped, decisions.verified),
        _replace_decisions(current.near, dropped, decisions.near),
    )


def _pair_blocks_of(cache: CachedMatch, keys: Mapping[str, Keys]) -> Rows:
    """Return the candidate pairs within the blocks of some keys."""
    return _pair_members(cache, _gather_blocks(cache.keys, keys)).pairs


def _gather_blocks(
    blocks: Mapping[str, pl.DataFrame], keys: Mapping[str, Keys]
) -> dict[str, pl.DataFrame]:
    """Return the rows of the blocks that have one of some keys."""
    chosen = {}
    for kind, frame in blocks.items():
        key = frame["key"].to_numpy()
        first = np.searchsorted(key, keys[kind], "left")
        sizes = np.searchsorted(key, keys[kind], "right") - first
        # A block is a run of rows. All runs are gathered at once: counting from 0 over all of
        # them, every place is shifted by where its run begins less where the count then was. Runs
        # that begin at 5 and 20 with two rows each are 0..3 plus (5, 5, 18, 18): 5, 6, 20, 21.
        ends = np.cumsum(sizes)
        shift = np.repeat(first - (ends - sizes), sizes)
        chosen[kind] = frame[shift + np.arange(sizes.sum())]
    return chosen


def _pair_members(cache: CachedMatch, blocks: Mapping[str, pl.DataFrame]) -> Blocks:
    """Return the candidate pairs of some blocks; only the titles of their members are sorted."""
    rows = np.unique(np.concatenate([frame["row"].to_numpy() for frame in blocks.values()]))
    local = {
        kind: frame.with_columns(
            pl.Series("row", np.searchsorted(rows, frame["row"].to_numpy()), pl.UInt32)
        )
        for kind, frame in blocks.items()
    }
    members = cache.records.select("title", "sketch")[rows]
    paired = pair_blocks(local, members["title"], read_sketches(members["sketch"]))
    row = pl.Series("row", rows[paired.overflows["row"].to_numpy()], pl.UInt32)
    return Blocks(rows.astype(np.int64)[paired.pairs], paired.overflows.with_columns(row))


def _find_lost_pairs(current: CachedMatch, lost: Pairs) -> Pairs:
    """Return those of the pairs which no block makes candidates any more and which were decided."""
    decided = [_pack_decided_pairs(current.verified), _pack_decided_pairs(current.near)]
    lost = lost[np.isin(lost, np.concatenate(decided))]
    is_end = np.zeros(len(current.records), np.bool_)
    is_end[unpack_pairs(lost)] = True
    # Another block of theirs, one that nothing touched, may hold both records still.
    keys = {
        kind: np.unique(frame["key"].to_numpy()[is_end[frame["row"].to_numpy()]])
        for kind, frame in current.keys.items()
    }
    return np.setdiff1d(lost, pack_pairs(_pair_blocks_of(current, keys)))


def _compare_rows(current: CachedMatch, packed: Pairs) -> PairDecisions:
    """Compare some pairs of cached records."""
    pairs = unpack_pairs(packed)
    rows = np.unique(pairs)
    decisions = compare_pairs(current.features(rows), np.searchsorted(rows, pairs))
    verified, near = (
        frame.with_columns(
            pl.Series(side, rows[frame[side].to_numpy()]) for side in ("left", "right")
        )
        for frame in (decisions.verified, decisions.near)
    )
    return PairDecisions(verified, near)


def _replace_decisions(cached: pl.DataFrame, dropped: Pairs, new: pl.DataFrame) -> pl.DataFrame:
    """Put new decisions in the place of those that are dropped."""
    stays = pl.Series(~np.isin(_pack_decided_pairs(cached), dropped))
    return pl.concat([cached.filter(stays), new]).sort("left", "right")


def _find_overflows(cache: CachedMatch) -> pl.DataFrame:
    """Return the blocks over the cap as `Blocks` has them."""
    large = {}
    for kind, frame in cache.keys.items():
        key = frame["key"].to_numpy()
        # The first key has none before it: one that differs in a bit is put there.
        starts = np.flatnonzero(np.diff(key, prepend=key[:1] ^ np.uint64(1)))
        large[kind] = key[starts[np.diff(starts, append=len(key)) > BLOCK_CAP]]
    return _pair_members(cache, _gather_blocks(cache.keys, large)).overflows


def _pack_decided_pairs(decisions: pl.DataFrame) -> Pairs:
    return pack_pairs(decisions.select("left", "right").to_numpy())
