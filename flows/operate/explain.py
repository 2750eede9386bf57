"""Explain: why the records of a paper are one paper, read off a release and the last run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Group, RenderableType

from flows import release, tables
from flows.deduplicate.match.review import UnknownPaper, explain_paper
from flows.errors import UserError
from flows.parts import UnfinishedStep, require_whole_step
from flows.paths import StepFolder
from flows.runs.terminal import escape_text, render_frame
from flows.text.title_key import title_key
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.table import Table
from schemas.vocabulary import STRONG_IDENTIFIERS

LONGEST_PART = 2_000
"""Characters of words that are looked for within titles: no title has as many."""

SHOWN_NEAR_MISSES = 10
"""Near misses of one paper that a terminal shows; the review lists all."""


class NoRun(UserError):
    """The tables that a run leaves for people are not there."""


def read_run_table(model: type[Table], path: Path) -> pl.DataFrame:
    """Read a table that the last run left.

    Raises `NoRun` where it is not there, `UnfinishedStep` where the run did not come to its end,
    and `DamagedStep` where it is not what was written.
    """
    if not path.exists():
        raise NoRun(f"{path}: no run has left it. Run `open-papers refresh` first.")
    require_whole_step(path.parent, path.name)
    return tables.load(model, path)


def render_explanation(name: str, folder: Path, merged: StepFolder) -> RenderableType:
    """Show why the records of a paper are one paper, and which records nearly joined them.

    ``name`` is an id, a URL, a record's name or a title. Near misses are known of the last run
    only, whose traces may have been deleted: then the reason is shown in their place. Raises
    `UnknownPaper` and, where there is no release, `release.NotARelease`.
    """
    # A shell hands over whatever bytes were typed, and no title holds half a character.
    name = name.encode(errors="replace").decode()
    # Columns of a missing release would be empty, and every name would be called unknown.
    release.read_manifest(folder)
    origins, aliases = (release.read_table(folder, table) for table in ("origins", "aliases"))
    near, reports, problem = read_traces(merged)
    try:
        explanation = explain_paper(name, origins, near, aliases)
    except UnknownPaper as unknown:
        # A title comes last: an id or a URL may be a part of some title, too.
        titled = find_titled_paper(name, origins)
        if titled is None:
            raise UnknownPaper(f"{unknown}; a title or a part of one does as well") from None
        explanation = explain_paper(titled, origins, near, aliases)
    record_ids = [*explanation.records["record_id"], *explanation.near["other_record_id"]]
    titles = list_record_titles(origins, record_ids)
    parts: list[RenderableType] = [escape_text(f"{explanation.paper_id} is made of")]
    parts += [
        render_record(row["record_id"], titles, _describe_join(row))
        for row in explanation.records.iter_rows(named=True)
    ]
    parts += ["", "What nearly joined it", *_render_near_misses(explanation.near, titles, problem)]
    own = pl.col("record_id").is_in(explanation.records["record_id"].implode())
    if (about := reports.filter(own)).height:
        parts += ["", "What matching reported", render_frame(about)]
    return Group(*parts)


def find_titled_paper(title: str, origins: pl.DataFrame) -> str | None:
    """Find the paper of a title, else the one whose title holds these words; None for none.

    Titles are compared as matching compares them. Raises `UnknownPaper`, with their ids, where
    several papers have it.
    """
    keys = origins.select("paper_id", "title", key=title_key(pl.col("title")))
    key = pl.select(title_key(pl.lit(title))).item()
    # A title of punctuation alone has no key, and every title holds the empty one.
    if not key:
        return None
    equal = keys.filter(pl.col("key") == key)
    # To look for it within others takes the product of both lengths.
    if equal.is_empty() and len(key) > LONGEST_PART:
        return None
    matches = (
        # An equal title wins, or no paper could be named whose title is a part of another's.
        equal if equal.height else keys.filter(pl.col("key").str.contains(key, literal=True))
    )
    papers = matches.unique("paper_id", keep="first", maintain_order=True)
    if papers.height > 1:
        more = papers.height - SHOWN_NEAR_MISSES
        rows = papers.head(SHOWN_NEAR_MISSES).select("paper_id", "title").iter_rows()
        raise UnknownPaper(
            f"{papers.height:,} papers have that in their title. Name one by its id:\n"
            + "\n".join(f"  {paper_id}  {' '.join(text.split())}" for paper_id, text in rows)
            + (f"\n  and {more:,} more: name more of the title" if more > 0 else "")
        )
    return None if papers.is_empty() else str(papers["paper_id"][0])


def read_traces(merged: StepFolder) -> tuple[pl.DataFrame, pl.DataFrame, str]:
    """Read `NearMiss` and `MatchReport` of the last run; both empty, with the reason, if gone."""
    try:
        near = read_run_table(NearMiss, merged.near_misses)
        return near, read_run_table(MatchReport, merged.match_reports), ""
    # What is in the release can be explained without them.
    except (NoRun, UnfinishedStep) as error:
        return NearMiss.empty(), MatchReport.empty(), str(error)


def _render_near_misses(
    near: pl.DataFrame, titles: dict[str, str], problem: str
) -> list[RenderableType]:
    """Show the nearest records that did not join a paper, or why none are shown."""
    if near.is_empty():
        return [escape_text(f"  {problem or 'nothing'}")]
    nearest = near.head(SHOWN_NEAR_MISSES)
    lines: list[RenderableType] = [
        render_record(row["other_record_id"], titles, _describe_near_miss(row))
        for row in nearest.iter_rows(named=True)
    ]
    rest = near.height - nearest.height
    return [*lines, f"  and {rest:,} more: see open-papers review"] if rest else lines


def _describe_join(row: dict[str, Any]) -> str:
    if row["matched_record_id"] is None:
        return str(row["meaning"])
    return (
        f"{row['rule']}, score {row['score']:.2f}, with {row['matched_record_id']}: "
        f"{row['meaning']}"
    )


def _describe_near_miss(row: dict[str, Any]) -> str:
    paper = row["other_paper_id"] or "no paper"
    why = row["why"] or "not sure enough"
    return f"of {paper}; near {row['record_id']}, probability {row['probability']:.2f}: {why}"


def list_record_titles(origins: pl.DataFrame, record_ids: Sequence[str]) -> dict[str, str]:
    """Map record ids to title and identifiers as the sources wrote them, on one line each."""
    rows = origins.filter(pl.col("record_id").is_in(list(record_ids)))
    lines = {}
    for row in rows.select("record_id", "title", *STRONG_IDENTIFIERS).iter_rows(named=True):
        ids = [f"{kind} {row[kind]}" for kind in STRONG_IDENTIFIERS if row[kind]]
        title = " ".join(row["title"].split())
        lines[row["record_id"]] = f"{title} ({', '.join(ids)})" if ids else title
    return lines


def render_record(record_id: str, titles: dict[str, str], remark: str) -> str:
    """Show a record by id, title and identifiers, and a remark on the line below."""
    # Escaped line by line: the break between them is ours.
    first, second = f"  {record_id}  {titles.get(record_id, '')}", f"      {remark}"
    return f"{escape_text(first)}\n{escape_text(second)}"
