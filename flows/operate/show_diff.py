"""Differences: two releases, wherever they lie, compared and shown."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from flows import release
from flows.publish import hub
from flows.publish.card.markdown import render_table

SHOWN = 20
"""Papers that the table names; JSON names all of them."""


def between(before: str, now: str, cache: Path) -> release.Diff:
    """Compare two releases, each named by its folder or as OWNER/NAME@REVISION.

    Raises `release.NotARelease` or `hub.Unpublished` when one of them cannot be read.
    """
    one, other = (release.read_tables(hub.locate_release(place, cache)) for place in (before, now))
    return release.compare_releases(one, other)


def rendered(found: release.Diff) -> RenderableType:
    """Show a comparison on a terminal: rows by table, columns of papers, the first papers."""
    if found.is_empty:
        return "Both hold the same rows."
    shown: list[RenderableType] = [_tables(found)]
    if found.columns:
        shown += ["", _columns(found)]
    if not found.papers.is_empty():
        shown += ["", _papers(found)]
    if (more := found.papers.height - SHOWN) > 0:
        shown.append(f"and {more:,} papers more; --json names all of them")
    return Group(*shown)


def markdown(found: release.Diff) -> str:
    """Give a comparison as Markdown: rows by table."""
    if found.is_empty:
        return "Both hold the same rows."
    rows = [
        (name, one.before, one.now, one.added, one.removed, one.changed)
        for name, one in found.tables.items()
    ]
    return render_table(
        ("table", "rows before", "rows now", "added", "removed", "changed"), rows, 5
    )


def _tables(found: release.Diff) -> Table:
    table = Table("table", box=None, pad_edge=False, header_style="bold")
    for header in ("rows before", "rows now", "added", "removed", "changed"):
        table.add_column(header, justify="right")
    for name, one in found.tables.items():
        numbers = (one.before, one.now, one.added, one.removed, one.changed)
        table.add_row(name, *(f"{number:,}" for number in numbers))
    return table


def _columns(found: release.Diff) -> Table:
    table = Table("column of papers", box=None, pad_edge=False, header_style="bold")
    table.add_column("papers with another value", justify="right")
    for name, number in found.columns.items():
        table.add_row(name, f"{number:,}")
    return table


def _papers(found: release.Diff) -> Table:
    table = Table("paper", "change", "what", box=None, pad_edge=False, header_style="bold")
    for row in found.papers.head(SHOWN).iter_rows(named=True):
        into = f"into {row['into']}" if row["into"] else ""
        what = into or row["reason"] or ", ".join(row["columns"])
        table.add_row(*(escape(text) for text in (row["paper_id"], row["change"], what)))
    return table
