"""Reports: answers that are read off a release and the last run, as tables for a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table as RichTable

from flows import release, tables
from flows.deduplicate.match.review import explain, review
from flows.enrich import topics
from flows.enrich.topics.model import write_model
from flows.errors import UserError
from flows.paths import StepFolder
from flows.redact import blank_unprintable
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.record import Record
from schemas.table import Table
from schemas.vocabulary import STRONG_IDENTIFIERS, Caution

FORMULA = r"^([=+\-@\t\r])"
"""How a cell begins that spreadsheets would run as a formula."""


SHOWN = 10
"""Rows of one kind that are shown in a terminal."""


class NoRun(UserError):
    """There is no run to report about."""


def left_by_run(model: type[Table], path: Path) -> pl.DataFrame:
    """Give a table that the last run left. Raises `NoRun` when there was none."""
    if not path.exists():
        raise NoRun(f"{path}: no run has left it. Run `open-papers refresh` first.")
    return tables.load(model, path)


def explanation(paper_id: str, folder: Path, merged: StepFolder) -> RenderableType:
    """Say why the records of a paper are one paper, and what nearly joined them.

    What nearly joined them is known of the last run only, whose traces may have been deleted.
    Raises `matching.UnknownPaper` and, where there is no release, `release.NotARelease`.
    """
    release.read_manifest(folder)
    origins, aliases = (release.read_table(folder, name) for name in ("origins", "aliases"))
    try:
        near = left_by_run(NearMiss, merged.near_misses)
        reported = left_by_run(MatchReport, merged.match_reports)
    except NoRun as error:
        near, reported, unknown = NearMiss.empty(), MatchReport.empty(), str(error)
    else:
        unknown = ""
    found = explain(paper_id, origins, near, aliases)
    titles = described(origins, [*found.records["record_id"], *found.near["other_record_id"]])
    shown: list[RenderableType] = [escape(f"{found.paper_id} is made of")]
    records = found.records.iter_rows(named=True)
    shown.extend(block(row["record_id"], titles, _joined(row)) for row in records)
    shown += ["", "What nearly joined it", *_nearest(found.near, titles, unknown)]
    about = reported.filter(pl.col("record_id").is_in(found.records["record_id"].implode()))
    shown += ["", "What matching reported", table_of(about)] if about.height else []
    return Group(*shown)


def _nearest(near: pl.DataFrame, titles: dict[str, str], unknown: str) -> list[RenderableType]:
    """Show the nearest of what nearly joined a paper, or why there is nothing to show."""
    if near.is_empty():
        return [escape(f"  {unknown or 'nothing'}")]
    rows = near.head(SHOWN).iter_rows(named=True)
    shown: list[RenderableType] = [
        block(row["other_record_id"], titles, _kept_apart(row)) for row in rows
    ]
    more = near.height - len(shown)
    return [*shown, f"  and {more:,} more: see open-papers review"] if more else shown


def _joined(row: dict[str, Any]) -> str:
    if row["matched_record_id"] is None:
        return str(row["meaning"])
    return (
        f"{row['rule']}, score {row['score']:.2f}, with {row['matched_record_id']}: "
        f"{row['meaning']}"
    )


def _kept_apart(row: dict[str, Any]) -> str:
    other = row["other_paper_id"] or "no paper"
    why = row["why"] or "not sure enough"
    return f"of {other}; near {row['record_id']}, probability {row['probability']:.2f}: {why}"


def described(origins: pl.DataFrame, record_ids: Sequence[str]) -> dict[str, str]:
    """Give title and identifiers of some records, as written, in a line by ``record_id``."""
    rows = origins.filter(pl.col("record_id").is_in(list(record_ids)))
    found = {}
    for row in rows.select("record_id", "title", *STRONG_IDENTIFIERS).iter_rows(named=True):
        ids = [f"{name} {row[name]}" for name in STRONG_IDENTIFIERS if row[name]]
        title = " ".join(row["title"].split())
        found[row["record_id"]] = f"{title} ({', '.join(ids)})" if ids else title
    return found


def block(record_id: str, titles: dict[str, str], told: str) -> str:
    """Show a record by id, title and identifiers, and below it what is told of it."""
    return escape(f"  {record_id}  {titles.get(record_id, '')}\n      {told}")


def write_review(merged: StepFolder, out: Path) -> pl.DataFrame:
    """Write the uncertain pairs of the last run as CSV, both texts side by side; give them."""
    origins = left_by_run(Origin, merged.origins)
    pairs = review(
        left_by_run(NearMiss, merged.near_misses),
        origins,
        left_by_run(Record, merged.matched_records),
    )
    names = [name for name, dtype in pairs.schema.items() if isinstance(dtype, pl.List)]
    texts = pl.col(pl.String).str.replace_all(r"\s+", " ").str.replace(FORMULA, "'$1")
    pairs.with_columns(pl.col(names).list.join("; ")).with_columns(texts).write_csv(out)
    return pairs


def listed_cautions(merged: StepFolder) -> RenderableType:
    """List what matching reported in the last run, the first few of each kind."""
    found = left_by_run(MatchReport, merged.match_reports)
    shown: list[RenderableType] = []
    for kind in Caution:
        rows = found.filter(pl.col("kind") == kind.value)
        if rows.height:
            title = f"{kind.value}, {rows.height:,} times: {kind.meaning}"
            shown += ["", title, table_of(rows.head(SHOWN).select("record_id", "count", "detail"))]
    return Group(*shown)


def suggestions(folder: Path) -> RenderableType:
    """List frequent phrases of a release's titles that no topic knows.

    Raises `release.NotARelease` where there is none.
    """
    release.read_manifest(folder)
    found = topics.suggest_phrases(release.read_table(folder, "papers"))
    return table_of(found.with_columns(titles=pl.col("titles").list.join(" · ")))


def train_topics(records: Path, out: Path) -> Path:
    """Learn the topic model from labelled papers and categorised records; give its folder."""
    return write_model(topics.train_model(pl.read_parquet(records)), out)


def table_of(frame: pl.DataFrame) -> RichTable:
    """Lay a frame out for a terminal. Texts are escaped: they are not markup."""
    shown = RichTable(*frame.columns, box=None, pad_edge=False, header_style="bold")
    for row in frame.iter_rows():
        shown.add_row(*(_plain("" if value is None else str(value)) for value in row))
    return shown


def _plain(text: str) -> str:
    return escape(blank_unprintable(text))
