"""Draft: what a release will hold, counted and compared, before a file of it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from flows import tables
from flows.parts import map_in_order
from flows.paths import StepFolder
from flows.publish.card.facts import (
    Counted,
    add_counted,
    count_facts,
    count_rows_of_table,
    list_configs,
)
from flows.publish.measure import Comparison, MeasuredSegment, PreviousTables
from flows.publish.segment_cache import (
    KeptSegment,
    SegmentCache,
    join_table_keys,
    name_table_keys,
    name_unknown,
)
from flows.publish.segments import SEGMENT_IDS, Segment, cut_tables
from flows.release.diff import explain_changes
from flows.release.id_ranges import IdRange, RangedTable
from flows.release.layout import TABLES, Config
from schemas.change import Change
from schemas.gate import Counts, add_counts
from schemas.gates import GATES, count_gates
from schemas.metrics import BY_PAPER, is_by_paper


@dataclass(frozen=True)
class Draft:
    """The tables of a release, how they are cut, and what was counted of each segment."""

    tables: Mapping[str, RangedTable]
    segments: Mapping[str, Sequence[Segment]]
    counted: Mapping[str, Sequence[Counted]]
    """By table, for each of its segments; those of papers are about all tables cut like them."""
    segments_by_key: Mapping[str, KeptSegment] = field(default_factory=dict)
    """Segments of papers, by key: the next release finds them again, or sees that they are gone."""
    keys: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    """By table that is about papers the keys of its segments, in order."""

    @property
    def total(self) -> Counted:
        """What was counted of the whole release."""
        # Only once, although several tables are cut at the ids of papers.
        names = [name for name in self.counted if name == "papers" or name not in BY_PAPER]
        return add_counted(part for name in names for part in self.counted[name])

    def list_rows(self, config: Config) -> list[int]:
        """List the rows of a config in each segment of its table."""
        parts = self.counted[config.table]
        return [part.tally("rows").get(config.name, 0) for part in parts]

    @property
    def configs(self) -> dict[Config, int]:
        """The configs of the release and their rows."""
        return list_configs(self.total)


@dataclass(frozen=True)
class ComparedDraft:
    """A draft and what the gates say of it."""

    draft: Draft
    gates: Mapping[str, Counts]
    """What was counted for each gate."""
    rejected: int
    """Rejections of the release."""


def open_tables(folder: StepFolder) -> dict[str, RangedTable]:
    """Open the tables that the steps left; the changes follow from them and the last release."""
    return {
        name: RangedTable.of_files(
            specification.model,
            tables.list_part_files(folder.table(name)),
            specification.id_column,
        )
        for name, specification in TABLES.items()
        if name != "changes"
    }


def draft_release(
    run_tables: Mapping[str, RangedTable],
    previous: PreviousTables,
    cache: SegmentCache,
    accuracy: pl.DataFrame,
    segment_ids: int = SEGMENT_IDS,
) -> ComparedDraft:
    """Measure the tables of a run and compare them with the ``previous`` release.

    ``cache`` is that of the previous release: segments that it knows are not read.
    """
    segments = cut_tables(run_tables, segment_ids)
    papers = segments["papers"]
    table_keys = name_table_keys(papers, run_tables)
    keys = join_table_keys(table_keys)
    cached_counts = {
        segment.first: cache.segments[key].counts
        for segment, key in zip(papers, keys, strict=True)
        if key and key in cache.segments
    }
    comparison = Comparison(run_tables, previous, cached_counts, list_removed(keys, cache))
    measured = comparison.measure_segments(papers)
    scans = {name: table.scan() for name, table in run_tables.items()}
    with previous.explain_unreadable():
        moves = pl.concat([part.moves for part in measured])
        changes = tables.check(Change, explain_changes(moves, previous.scan(), scans))
        scans |= {"changes": changes.lazy(), "accuracy": accuracy.lazy()}
        # A first release is compared with nothing: gates on change have no base to measure from.
        gates = count_all_gates(measured, scans, previous.scan() or None)
    drafted = {**run_tables, "changes": RangedTable.of_frame(changes, "paper_id")}
    segments_by_key = {
        key or name_unknown(segment): KeptSegment(segment.first, segment.last, part.own)
        for key, segment, part in zip(keys, papers, measured, strict=True)
    }
    draft = Draft(
        drafted,
        {**segments, "changes": papers},
        count_tables(drafted, {**segments, "changes": papers}, [m.own.counted for m in measured]),
        segments_by_key,
        table_keys,
    )
    return ComparedDraft(draft, gates, count_rows_of_table(draft.total, "rejections"))


def list_removed(keys: Sequence[str | None], cache: SegmentCache) -> list[IdRange]:
    """List the ranges of the segments of the release before that this one does not have."""
    return [
        IdRange(segment.first, f"{segment.last}\0")
        for key, segment in cache.segments.items()
        if key not in keys
    ]


def count_all_gates(
    measured: Sequence[MeasuredSegment],
    scans: Mapping[str, pl.LazyFrame],
    previous: Mapping[str, pl.LazyFrame] | None,
) -> dict[str, Counts]:
    """Add up what was counted of papers, and count the rest from ids and other single columns."""
    others = [gate for gate in GATES if not is_by_paper(gate)]
    by_paper = [part.gates for part in measured]
    names = [gate.name for gate in GATES if is_by_paper(gate)]
    added = {name: add_counts(part[name] for part in by_paper) for name in names}
    return added | count_gates(scans, previous, others)


def count_tables(
    run_tables: Mapping[str, RangedTable],
    segments: Mapping[str, Sequence[Segment]],
    papers: Sequence[Counted],
) -> dict[str, Sequence[Counted]]:
    """Count the segments of the tables that are not about papers, beside those that are."""
    return {
        name: papers
        if name in BY_PAPER
        else [count_facts({name: table.scan_range(segment.ids)}) for segment in segments[name]]
        for name, table in run_tables.items()
    }


def draft_frames(
    frames: Mapping[str, pl.DataFrame | RangedTable], segment_ids: int = SEGMENT_IDS
) -> Draft:
    """Draft a release from whole tables, compared with nothing; missing ones are empty."""
    run_tables = {
        name: frame
        if isinstance(
            frame := frames.get(name, pl.DataFrame(schema=specification.model.dtypes())),
            RangedTable,
        )
        else RangedTable.of_frame(frame, specification.id_column)
        for name, specification in TABLES.items()
    }
    segments = cut_tables(run_tables, segment_ids)

    return Draft(
        run_tables,
        segments,
        count_tables(run_tables, segments, count_papers_of(run_tables, segments["papers"])),
    )


def count_papers_of(
    run_tables: Mapping[str, RangedTable], segments: Sequence[Segment]
) -> list[Counted]:
    """Count each segment of papers and the rows about them."""

    def count_block(ids: IdRange) -> Counted:
        return count_facts({name: run_tables[name].scan_range(ids) for name in BY_PAPER})

    return [add_counted(map_in_order(count_block, segment.blocks)) for segment in segments]
