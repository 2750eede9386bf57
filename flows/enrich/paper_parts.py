"""Papers in parts, each with the records that it was made of, as enrichment works on them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import external_sort, tables
from flows.parts import PART_ROWS, cut_at_ids
from flows.release.id_ranges import IdRange
from schemas.origin import Origin
from schemas.paper import Paper

ARROW = ".arrow"
"""The suffix of files in which rows wait within a step; what lies between steps is Parquet."""


PAPER_COLUMNS = tuple(Paper.dtypes().names())

LONG_CUTS = 8
"""How many times as often as other parts one of more than `PART_ROWS` papers may be cut."""

PIECE_SHARE = 2
"""It is cut where a piece has the rows of a part divided by this: short ones cost more a paper."""


@dataclass(frozen=True)
class PartFiles:
    """The files of some papers in the order of their ids, and of all their records."""

    number: int
    """Its place among the parts."""
    papers: Path
    origins: Path

    def cut(self) -> Sequence[IdRange | None]:
        """Cut it into the pieces that it is worked on in, in order; None is all of its papers."""
        is_short = self.papers.suffix == ARROW  # cut from tables that came as one file
        return (not is_short and _cut_long_part(self.papers)) or (None,)

    def select(self, ids: IdRange | None) -> "PartPiece":
        """Return the piece with some ids."""
        return PartPiece(self.papers, self.origins, ids)


@dataclass(frozen=True)
class PartPiece:
    """What is worked on in one go: papers of a part, and all their records."""

    papers: Path
    origins: Path
    ids: IdRange | None
    """Which of the papers it is; all where it is None."""

    def read_papers(self, columns: Sequence[str] = PAPER_COLUMNS) -> pl.DataFrame:
        """Read columns of the `Paper` rows."""
        return self._read_rows(self.papers, columns)

    def read_origins(self, columns: Sequence[str]) -> pl.DataFrame:
        """Read columns of the `Origin` rows of these papers."""
        return self._read_rows(self.origins, columns)

    def _read_rows(self, path: Path, columns: Sequence[str]) -> pl.DataFrame:
        if path.suffix == ARROW:
            return external_sort.read_part(path).select(columns)
        rows = pl.scan_parquet(path, glob=False)
        if self.ids is not None:
            rows = rows.filter(self.ids.select_rows("paper_id"))
        return rows.select(columns).collect()


def list_paper_parts(papers: Path, origins: Path, scratch: Path) -> list[PartFiles]:
    """List the parts of the `Paper` and `Origin` tables of a run, cut where the ids say so.

    Where both tables come as folders of like-named parts, these are the parts. Otherwise papers and
    records, which may be in any order, are cut into files in ``scratch``.
    """
    if papers.is_dir() and origins.is_dir():
        files = tables.list_part_files(papers)
        beside = [origins / path.name for path in files]
        if files and beside == tables.list_part_files(origins):
            pairs = enumerate(zip(files, beside, strict=True))
            return [PartFiles(number, *pair) for number, pair in pairs]
    return list(_cut_tables(papers, origins, scratch))


def _cut_long_part(papers: Path) -> tuple[IdRange, ...]:
    """Cut a part that chance left long into pieces: it takes memory."""
    if tables.read_file_footer(papers).rows <= PART_ROWS:
        return ()
    ids = pl.read_parquet(papers, columns=["paper_id"], glob=False)["paper_id"]
    starts = [0]
    for start, _ in cut_at_ids(ids, max(1, PART_ROWS // LONG_CUTS)):
        if start - starts[-1] >= PART_ROWS // PIECE_SHARE:
            starts.append(start)
    firsts = [ids[start] for start in starts]
    return tuple(IdRange(*edges) for edges in zip(firsts, [*firsts[1:], None], strict=True))


def _cut_tables(papers: Path, origins: Path, scratch: Path) -> Iterator[PartFiles]:
    ids = tables.load(Paper, papers, ["paper_id"])["paper_id"]
    ranges = cut_at_ids(ids, PART_ROWS)
    # Records of a paper come in any order, so each part takes what falls between two borders.
    borders = ids.gather([start for start, _ in ranges[1:]])
    records = (part.collect() for part in tables.scan_parts(Origin, origins))
    spread = scratch / "spread"
    spread.mkdir()
    read_origins = external_sort.partition(records, "paper_id", borders, spread)
    # Scanned, not read: only one part of the papers is in memory at a time.
    rows = pl.scan_parquet(tables.list_part_files(papers), glob=False)
    for number, (start, end) in enumerate(ranges):
        part_origins = read_origins(number)
        yield PartFiles(
            number,
            external_sort.write_part(
                rows.slice(start, end - start).collect(), scratch / f"papers-{number:05}{ARROW}"
            ),
            external_sort.write_part(
                Origin.empty() if part_origins is None else part_origins,
                scratch / f"origins-{number:05}{ARROW}",
            ),
        )
