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
    FINGERPRINTS,
    CachedMatch,
    IndexedRecords,
    Rows,
    hash_texts,
    index_in_memory,
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
from flows.parts import Records

WORTH_KEEPING = 0.5
"""Share of the records that must be cached and unchanged; with fewer all are matched again."""

Keys = npt.NDArray[np.uint64]
"""Keys of blocks, sorted, each once."""

Pairs = npt.NDArray[np.uint64]
"""Pairs of rows, each packed into one number, sorted, each once: see `pack_pairs`."""


def match_incrementally(
    records: Records | IndexedRecords,
    cached: CachedMatch | None,
    judgements: pl.DataFrame | None = None,
) -> tuple[Matching, CachedMatch]:
    """Find the records that are one paper, exactly as `match_records` does, with a cache.

    A record is known by what it says: one that comes again under another id, as all of a dump do
    that is fetched again, is neither described nor compared again. Returns what `match_records`
    returns, and what is to be cached of these records. Raises `ValueError` when a record id occurs
    twice.
    """
    whole = (
        records if isinstance(records, IndexedRecords) else index_in_memory(records, hash_texts())
    )
    marks = whole.fingerprint()
    require_distinct_ids(marks["record_id"])
    moves = _locate_rows(cached.records, marks) if cached else None
    if cached is None or moves is None or len(moves.fresh) > (1 - WORTH_KEEPING) * len(marks):
        current, overflows = _match_all(whole.scan(whole.index), marks)
    else:
        current = _update_cache(whole, marks, cached, moves)
        overflows = _find_overflows(current)
    decisions = PairDecisions(current.verified, current.near)
    return cluster_decisions(whole, current.records, decisions, overflows, judgements), current


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
    rows: int
    """Records of now."""

    def former(self) -> Rows:
        """Return for each row of now its cached row; -1 where its record is fresh."""
        former = np.full(self.rows, -1, np.int64)
        stays = np.flatnonzero(self.cached >= 0)
        former[self.cached[stays]] = stays
        return former

    def is_in_order(self) -> bool:
        """Tell whether cached records follow each other as they did."""
        return bool((np.diff(self.cached[self.cached >= 0]) > 0).all())


def _locate_rows(cached: pl.DataFrame, marks: pl.DataFrame) -> _RowMoves:
    """Find each cached record among those of now, by what it says."""
    now = _number_equals(marks).with_row_index("row")
    found = _number_equals(cached).join(
        now, on=[*FINGERPRINTS, "nth"], how="left", validate="1:1", maintain_order="left"
    )
    rows = found["row"].cast(pl.Int64).fill_null(-1).to_numpy()
    is_fresh = np.ones(len(marks), np.bool_)
    is_fresh[rows[rows >= 0]] = False
    return _RowMoves(rows, np.flatnonzero(is_fresh), len(marks))


def _number_equals(marks: pl.DataFrame) -> pl.DataFrame:
    """Return `FINGERPRINTS`, and which of those that say the same a record is.

    The first then stands for the first: which one does not matter.
    """
    prints = marks.select(FINGERPRINTS)
    # Few records say what another one says: only these are grouped.
    rows = prints[FINGERPRINTS[0]].is_duplicated().arg_true()
    nth = prints[rows].select(pl.int_range(pl.len(), dtype=pl.Int64).over(FINGERPRINTS))
    zeros = pl.repeat(0, prints.height, dtype=pl.Int64, eager=True)
    return prints.with_columns(zeros.scatter(rows, nth.to_series()).alias("nth"))


def _update_cache(
    records: IndexedRecords, marks: pl.DataFrame, cached: CachedMatch, moves: _RowMoves
) -> CachedMatch:
    """Add fresh records to the unchanged ones, and compare what was not compared before."""
    ids = marks["record_id"]
    if not len(moves.fresh) and ids.equals(cached.records["record_id"]) and moves.is_in_order():
        return cached
    new = marks[moves.fresh]
    rows = records.index.join(new, on="record_id", how="semi", maintain_order="left")
    features = describe_records(records.scan(rows))
    table = _merge_rows(cached.records, store_features(features, new), moves)
    keys, touched = _move_keys(cached.keys, sort_block_keys(features), moves)
    verified, near = (_move_pairs(pairs, moves) for pairs in (cached.verified, cached.near))
    current = CachedMatch(table.with_columns(ids), keys, verified, near)
    return _compare_touched_blocks(cached, current, touched, moves)


def _merge_rows(old: pl.DataFrame, new: pl.DataFrame, moves: _RowMoves) -> pl.DataFrame:
    """Put the old rows that stay and the new ones in the places that they have now."""
    # Per row of the result, its row in old and new laid end to end.
    order = moves.former()
    order[moves.fresh] = len(old) + np.arange(len(new))
    return pl.concat([old, new.select(old.columns)])[order]


def _move_pairs(pairs: pl.DataFrame, moves: _RowMoves) -> pl.DataFrame:
    """Renumber the rows of pairs, and leave out those of records that are gone; sorted as ever."""
    ends = np.sort(moves.cached[pairs.select("left", "right").to_numpy()], axis=1)
    moved = pairs.with_columns(left=pl.Series(ends[:, 0]), right=pl.Series(ends[:, 1]))
    return moved.filter(pl.col("left") >= 0).sort("left", "right")


def _move_keys(
    cached: Mapping[str, pl.DataFrame], fresh: Mapping[str, pl.DataFrame], moves: _RowMoves
) -> tuple[dict[str, pl.DataFrame], dict[str, Keys]]:
    """Return the keys of now, and those whose blocks lost or gained a record.

    Where records do not follow each other as they did, these are all keys: a rule looks at the
    first of two records in another way than at the second.
    """
    keys, touched = {}, {}
    is_in_order = moves.is_in_order()
    for kind, old in cached.items():
        key, row = old["key"].to_numpy(), moves.cached[old["row"].to_numpy()]
        new_key = fresh[kind]["key"].to_numpy()
        new_row = moves.fresh[fresh[kind]["row"].to_numpy()]
        lost = key[row < 0] if is_in_order else key
        touched[kind] = np.unique(np.concatenate([lost, new_key]))
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
    former = moves.former()[unpack_pairs(later)]
    # A fresh record has the former row -1; two that changed places are compared as they are now.
    is_new = (former < 0).any(axis=1) | (former[:, 0] > former[:, 1]) | ~np.isin(later, earlier)
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
