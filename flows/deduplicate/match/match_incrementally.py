"""Match incrementally: matching again when most records are as they were, to the same result.

The decision on a pair depends on its two records alone, so that decisions on unchanged records
stay. Which pairs are compared depends on the blocks, so that the blocks which lost or gained a
record are searched again. Clusters and evidence are made from all decisions in every run.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from flows.deduplicate.match.block_parts import (
    CandidatePairs,
    Pairs,
    find_block_keys,
    gather_blocks,
    list_large_blocks,
    pair_all_blocks,
    pair_gathered_blocks,
    read_lost_keys,
)
from flows.deduplicate.match.blocking import (
    BLOCK_KEYS,
    are_among,
    list_distinct_overflows,
    sort_distinct,
    unpack_pairs,
)
from flows.deduplicate.match.compare_pairs import PairDecisions
from flows.deduplicate.match.compare_parts import compare_in_parts
from flows.deduplicate.match.described_records import DESCRIBED, DescribedRecords
from flows.deduplicate.match.feature_parts import FeatureParts, gather_rows, prepare_features
from flows.deduplicate.match.match_cache import (
    MatchState,
    begin_state,
    keep_state,
    read_state,
)
from flows.deduplicate.match.match_records import Matching, cluster_decisions
from flows.deduplicate.match.record_features import KINDS
from flows.deduplicate.match.row_moves import RowMoves, locate_last_rows, move_rows
from flows.deduplicate.match.steps import MapSteps, map_on_threads
from flows.deduplicate.part_cache import PartCache
from flows.deduplicate.record_index import RecordParts
from flows.external_sort import map_part

FEW = 0.1
"""Share of the records that may be new or gone where only their blocks are searched again; with
more of them it is faster to search all blocks."""


@dataclass(frozen=True)
class MatchFolders:
    """Where matching keeps what it makes."""

    cache: PartCache
    """For the next run."""
    room: Path
    """For the time of the step: features, keys and pairs wait there."""


def match_incrementally(
    records: RecordParts,
    judgements: pl.DataFrame | None,
    folders: MatchFolders,
    map_steps: MapSteps = map_on_threads,
) -> Matching:
    """Find the records that are one paper, exactly as `match_records` does, with a cache.

    A record is known by what it says: one that comes again under another id, as all of a dump do
    that is fetched again, is neither described nor compared again.
    """
    last = read_state(folders.cache) or begin_state()
    features = prepare_features(records, last.parts, folders.cache, folders.room, map_steps)
    moves = locate_last_rows(last.marks, features.marks)
    last = move_rows(last, moves)
    if moves.count_changes() > FEW * moves.rows or not moves.is_in_order():
        found = pair_all_blocks(features, folders.room, map_steps)
    elif moves.count_changes():
        found = _search_touched_blocks(last, features, moves, folders.cache)
    else:
        found = CandidatePairs(last.compared, last.overflows)
    fresh = found.pairs[~are_among(found.pairs, last.compared)]
    new = compare_in_parts(features, fresh, folders.room, map_steps)
    decisions = PairDecisions(
        _add_decisions(last.verified, found.pairs, new.verified),
        _add_decisions(last.near, found.pairs, new.near),
    )
    state = MatchState(
        features.marks,
        found.pairs,
        decisions.verified,
        decisions.near,
        found.overflows,
        features.keys,
    )
    keep_state(folders.cache, state)
    described = _describe_records(records, features)
    overflows = list_distinct_overflows(found.overflows, KINDS)
    matching = cluster_decisions(described, decisions, overflows, judgements)
    return replace(matching, rows=features.rows)


def _describe_records(records: RecordParts, features: FeatureParts) -> DescribedRecords:
    rows_of_parts = features.list_rows()

    def scan_columns(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        for index, rows in zip(features.indexes, rows_of_parts, strict=True):
            yield map_part(index, columns).with_columns(pl.Series("row", rows))

    return DescribedRecords(
        len(features.part),
        records.scan,
        scan_columns,
        lambda rows: gather_rows(features.indexes, features.locate(rows), DESCRIBED),
        lambda rows: features.gather(rows, ("title", "is_bare")),
    )


def _search_touched_blocks(
    last: MatchState, features: FeatureParts, moves: RowMoves, cache: PartCache
) -> CandidatePairs:
    """Bring the candidate pairs up to date: those of the blocks that lost or gained a record."""
    gone = _find_lost_keys(last, features, moves, cache)
    gained = find_block_keys(features, moves.fresh).select(BLOCK_KEYS.names())
    names, touched = BLOCK_KEYS.names(), pl.concat([gone, gained]).unique()
    others = _leave_out_blocks(last.overflows, touched)
    # In one go: to look through all keys takes longer than what is done with the blocks.
    gathered = gather_blocks(features, pl.concat([touched, list_large_blocks(others)]))
    blocks = gathered.join(touched, on=names, how="semi", maintain_order="left")
    found = pair_gathered_blocks(features, blocks)
    # A pair of records that both stay is lost only where a block is over the cap, and then another
    # block may hold both still.
    crowded = blocks.join(list_large_blocks(found.overflows), on=names, how="semi")["row"]
    is_crowded = np.zeros(moves.rows, np.bool_)
    is_crowded[crowded.to_numpy()] = True
    doubtful = last.compared[~are_among(last.compared, found.pairs)]
    doubtful = doubtful[is_crowded[unpack_pairs(doubtful)].all(axis=1)]
    rest = gathered.join(touched, on=names, how="anti", maintain_order="left")
    lost = _find_lost_pairs(features, doubtful, touched, rest) if len(doubtful) else doubtful
    stays = last.compared[~are_among(last.compared, lost)]
    pairs = sort_distinct(np.concatenate([stays, found.pairs]))
    return CandidatePairs(pairs, pl.concat([others, found.overflows]).sort("kind", "key"))


def _leave_out_blocks(overflows: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    """Return the blocks over the cap that no record left or joined: nothing of them changes."""
    keyed = overflows.with_columns(list_large_blocks(overflows)["kind"].alias("number"))
    others = touched.rename({"kind": "number"})
    stays = keyed.join(others, on=["number", "key"], how="anti", maintain_order="left")
    return stays.drop("number")


def _find_lost_pairs(
    features: FeatureParts, doubtful: Pairs, touched: pl.DataFrame, large: pl.DataFrame
) -> Pairs:
    """Find the pairs that no block brings together any more, of those that were not found again.

    ``touched``: the `BLOCK_KEYS` of the blocks that were searched; ``large``: these and ``row`` of
    all other blocks over the cap.
    """
    names = BLOCK_KEYS.names()
    keys = find_block_keys(features, np.unique(unpack_pairs(doubtful)))
    # A block brings two of these records together only where they share its key, and whatever
    # others it has, unless it is over the cap.
    shared = keys.filter(keys.select(names).is_duplicated())
    shared = shared.join(touched, on=names, how="anti", maintain_order="left")
    small = shared.join(large, on=names, how="anti", maintain_order="left")
    crowded = large.join(shared, on=names, how="semi", maintain_order="left")
    again = pair_gathered_blocks(features, pl.concat([small, crowded]))
    return doubtful[~are_among(doubtful, again.pairs)]


def _find_lost_keys(
    last: MatchState, features: FeatureParts, moves: RowMoves, cache: PartCache
) -> pl.DataFrame:
    """Return the `BLOCK_KEYS` of the records of the last run that are gone."""
    gone = last.marks.filter(pl.Series(moves.last < 0))
    # Parts that are there as often as they were have lost nothing.
    parts = [
        file for key in Counter(last.parts) - Counter(features.keys) if (file := cache.find(key))
    ]
    return pl.concat([BLOCK_KEYS.to_frame(), *(read_lost_keys(file, gone) for file in parts)])


def _add_decisions(last: pl.DataFrame, pairs: Pairs, new: pl.DataFrame) -> pl.DataFrame:
    """Add new decisions to those of the last run on pairs that still are candidates."""
    packed = (last["left"].to_numpy().astype(np.uint64) << np.uint64(32)) | last[
        "right"
    ].to_numpy().astype(np.uint64)
    stays = pl.Series(are_among(packed, pairs), dtype=pl.Boolean)
    return pl.concat([last.filter(stays), new.select(last.columns)]).sort("left", "right")
