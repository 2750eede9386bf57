"""Reports: answers that are read off a release and the last run, as tables for a person."""

from pathlib import Path

import polars as pl
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable

from flows import release, tables, topics
from flows.matching import explain, review
from flows.refusal import Refusal
from flows.topics.model import save
from schemas.near_miss import NearMiss
from schemas.record import Record

FORMULA = r"^([=+\-@\t\r])"
"""How a cell begins that spreadsheets would run as a formula."""


class NoRun(Refusal):
    """There is no run to report about."""


def near_misses(merged: Path) -> pl.DataFrame:
    """Give the `NearMiss` table of the last run. Raises `NoRun` when there was none."""
    path = merged / "near_misses.parquet"
    if not path.exists():
        raise NoRun(f"{path}: no run has left it. Run `open-papers refresh` first.")
    return tables.load(NearMiss, path)


def explanation(paper_id: str, folder: Path, merged: Path) -> RenderableType:
    """Say why the records of a paper are one paper, and what nearly joined them.

    Raises `matching.UnknownPaper`, `NoRun` and, where there is no release, `release.NotARelease`.
    """
    release.read_manifest(folder)
    origins, aliases = (release.read_table(folder, name) for name in ("origins", "aliases"))
    found = explain(paper_id, origins, near_misses(merged), aliases)
    records = found.records.join(
        origins.select("record_id", "title"), on="record_id", validate="1:1", maintain_order="left"
    )
    shown: list[RichTable | str] = [f"{found.paper_id} is made of", table_of(records)]
    if found.near.height:
        shown += ["", "What nearly joined it", table_of(found.near)]
    return Group(*shown)


def write_review(merged: Path, out: Path) -> int:
    """Write the uncertain pairs of the last run as CSV, both texts side by side; count them."""
    pairs = review(near_misses(merged), tables.load(Record, merged / "records.parquet"))
    names = [name for name, dtype in pairs.schema.items() if isinstance(dtype, pl.List)]
    texts = pl.col(pl.String).str.replace(FORMULA, "'$1")
    pairs.with_columns(pl.col(names).list.join("; ")).with_columns(texts).write_csv(out)
    return pairs.height


def suggestions(folder: Path) -> RenderableType:
    """List frequent phrases of a release's titles that no topic knows.

    Raises `release.NotARelease` where there is none.
    """
    release.read_manifest(folder)
    return table_of(topics.suggest(release.read_table(folder, "papers")))


def train_topics(records: Path, out: Path) -> Path:
    """Learn the topic model from labelled papers and categorised records; give its folder."""
    return save(topics.train(pl.read_parquet(records)), out)


def table_of(frame: pl.DataFrame) -> RichTable:
    """Lay a frame out for a terminal. Texts are escaped: they are not markup."""
    shown = RichTable(*frame.columns, box=None, pad_edge=False, header_style="bold")
    for row in frame.iter_rows():
        shown.add_row(*(escape("" if value is None else str(value)) for value in row))
    return shown
