"""Measure: what gates, changes and the card need to know of a release, some papers at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import polars as pl

from flows.parts import map_in_order
from flows.publish.card.facts import Counted, add_counted, count_facts
from flows.publish.segments import Segment
from flows.release.diff import MOVES, compare_papers
from flows.release.id_ranges import IdRange, RangedTable
from flows.release.layout import TABLES
from flows.release.open_release import Release
from schemas.gate import Counts, add_counts
from schemas.gates import GATES, count_gates
from schemas.metrics import METRICS, is_by_paper
from schemas.paper import Paper

PAPER_GATES = [gate for gate in GATES if is_by_paper(gate)]
"""Gates that are counted some papers at a time."""

READ: Mapping[str, Sequence[str]] = {
    "papers": Paper.dtypes().names(),
    "links": ("paper_id", "url", "license", "kind"),
    "topics": ("paper_id", "facet", "topic", "license", "is_assigned"),
    "origins": ("paper_id", "source", "snapshot", "license", "rule", "abstract"),
}
"""Columns that gates, changes and the card read of the rows about a paper."""

READ_BEFORE: Mapping[str, Sequence[str]] = {
    "papers": Paper.dtypes().names(),
    "links": ("paper_id",),
    "topics": ("paper_id",),
    "origins": ("paper_id", "source", "abstract"),
}
"""Columns that they read of the release before."""


@dataclass(frozen=True)
class PreviousTables:
    """The release before, of which ranges and columns are read."""

    release: Release
    tables: Mapping[str, RangedTable]

    @classmethod
    def open(cls, release: Release) -> Self:
        """Open its tables, after comparing their files with the manifest."""
        return cls(release, {name: release.scan_table(name) for name in TABLES})

    @property
    def is_first(self) -> bool:
        """Whether there is no release before, or one without papers: nothing to compare with."""
        return self.tables["papers"].is_empty

    @contextmanager
    def explain_unreadable(self) -> Iterator[None]:
        """Name the release where something of it cannot be read."""
        with self.release.explain_unreadable("papers"):
            yield

    def read_range(self, ids: IdRange) -> dict[str, pl.DataFrame]:
        """Read what is compared of some papers."""
        with self.explain_unreadable():
            return read_columns_of(self.tables, ids, READ_BEFORE)

    def scan(self) -> dict[str, pl.LazyFrame]:
        """Return its tables as scans; none where there is nothing to compare with."""
        return {} if self.is_first else {name: t.scan() for name, t in self.tables.items()}


@dataclass(frozen=True)
class SegmentCounts:
    """What follows from the rows of one segment alone, so that it may be kept."""

    counted: Counted
    """For the card, of the tables that are cut by papers."""
    gates: Mapping[str, Counts]
    """By gate, as they are where the release before has the same rows."""


@dataclass(frozen=True)
class MeasuredSegment:
    """What was found of the papers of one segment and the rows about them."""

    own: SegmentCounts
    gates: Mapping[str, Counts]
    """By gate, compared with the release before."""
    moves: pl.DataFrame
    """Papers that differ from the release before: see `diff.MOVES`."""


@dataclass(frozen=True)
class Comparison:
    """Two releases, and what is known of both before they are read."""

    tables: Mapping[str, RangedTable]
    previous: PreviousTables
    cached_counts: Mapping[str, SegmentCounts]
    """By the first id of segments that the release before holds row by row."""
    removed: Sequence[IdRange]
    """Ranges of ids in which the release before has papers besides those."""

    def measure_segments(self, segments: Sequence[Segment]) -> list[MeasuredSegment]:
        """Measure the papers of a release, segment by segment."""
        return list(map_in_order(self.measure_segment, segments))

    def measure_segment(self, segment: Segment) -> MeasuredSegment:
        """Measure one segment block by block; one that is known is not read."""
        own = self.cached_counts.get(segment.first)
        if own is None:
            blocks = (measure_block(ids, self.tables, self.previous) for ids in segment.blocks)
            return _add_measured(list(blocks))
        # Ids between two segments that stayed may have been those of papers that are gone.
        gaps = (
            ids
            for ids in list_gaps(segment)
            if any(ids.shares_ids_with(span) for span in self.removed)
        )
        parts = [measure_block(ids, self._nothing, self.previous) for ids in gaps]
        return MeasuredSegment(
            own,
            _add_gates([own.gates, *(part.gates for part in parts)]),
            pl.concat([pl.DataFrame(schema=MOVES), *(part.moves for part in parts)]),
        )

    @property
    def _nothing(self) -> dict[str, RangedTable]:
        schemas = {name: TABLES[name].model.dtypes() for name in READ}
        return {
            name: RangedTable.of_frame(pl.DataFrame(schema=schema), "paper_id")
            for name, schema in schemas.items()
        }


def list_gaps(segment: Segment) -> list[IdRange]:
    """List the ranges of a segment in which it has no paper: before its first, after its last."""
    # No text lies between a text and the same with a null character behind it.
    return [
        IdRange(segment.ids.start, segment.first),
        IdRange(f"{segment.last}\0", segment.ids.end),
    ]


def measure_block(
    ids: IdRange, tables: Mapping[str, RangedTable], previous: PreviousTables
) -> MeasuredSegment:
    """Measure the papers of a range of ids and all rows about them."""
    now = read_columns_of(tables, ids, READ)
    before = None if previous.is_first else previous.read_range(ids)
    # Counted again as if nothing had changed: so they can be kept for a run in which nothing has.
    alike = count_gates(now, now, PAPER_GATES)
    comparing = [gate for gate in PAPER_GATES if METRICS[gate.metric].is_comparing]
    no_papers = now["papers"].clear()
    return MeasuredSegment(
        SegmentCounts(count_facts(now), alike),
        alike | count_gates(now, before, comparing),
        compare_papers(before["papers"] if before else no_papers, now["papers"]),
    )


def read_columns_of(
    tables: Mapping[str, RangedTable], ids: IdRange, columns: Mapping[str, Sequence[str]]
) -> dict[str, pl.DataFrame]:
    """Read columns of a range of ids, by table."""
    scans = [tables[name].scan_range(ids).select(read) for name, read in columns.items()]
    return dict(zip(columns, pl.collect_all(scans), strict=True))


def _add_measured(parts: Sequence[MeasuredSegment]) -> MeasuredSegment:
    own = SegmentCounts(
        add_counted(part.own.counted for part in parts), _add_gates([p.own.gates for p in parts])
    )
    moves = pl.concat([part.moves for part in parts])
    return MeasuredSegment(own, _add_gates([part.gates for part in parts]), moves)


def _add_gates(parts: Sequence[Mapping[str, Counts]]) -> dict[str, Counts]:
    return {name: add_counts(part[name] for part in parts) for name in parts[0]}
