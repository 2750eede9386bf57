"""Show diff: two releases, in folders or on the Hub, compared and shown."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table

from flows import release
from flows.errors import count_noun
from flows.publish import hub
from flows.publish.card.markdown import render_table
from flows.runs.terminal import escape_text

SHOWN_PAPERS = 20
"""Papers that the table names; JSON names all of them."""


def compare_places(earlier: str, later: str, cache: Path) -> release.Diff:
    """Compare two releases, each named by its folder or as OWNER/NAME@REVISION.

    Raises `release.NotARelease` or `hub.Unpublished` when one of them cannot be read.
    """
    first, second = (
        release.scan_tables(hub.locate_release(place, cache)) for place in (earlier, later)
    )
    return release.compare_releases(first, second)


def render_diff(difference: release.Diff) -> RenderableType:
    """Show a comparison on a terminal: rows by table, columns of papers, the first papers."""
    if difference.is_empty:
        return "Both hold the same rows."
    shown: list[RenderableType] = [_render_tables(difference)]
    if difference.columns:
        shown += ["", _render_columns(difference)]
    if not difference.papers.is_empty():
        shown += ["", _render_papers(difference)]
    if (more := difference.papers.height - SHOWN_PAPERS) > 0:
        shown.append(f"and {count_noun(more, 'more paper')}; --json names all of them")
    return Group(*shown)


def render_markdown(difference: release.Diff) -> str:
    """Return a comparison as Markdown: rows by table."""
    if difference.is_empty:
        return "Both hold the same rows."
    rows = [
        (name, table.before, table.now, table.added, table.removed, table.changed)
        for name, table in difference.tables.items()
    ]
    return render_table(
        ("table", "rows before", "rows now", "added", "removed", "changed"), rows, 5
    )


def _render_tables(difference: release.Diff) -> Table:
    table = Table("table", box=None, pad_edge=False, header_style="bold")
    for header in ("rows before", "rows now", "added", "removed", "changed"):
        table.add_column(header, justify="right")
    for name, counts in difference.tables.items():
        numbers = (counts.before, counts.now, counts.added, counts.removed, counts.changed)
        table.add_row(escape_text(name), *(f"{number:,}" for number in numbers))
    return table


def _render_columns(difference: release.Diff) -> Table:
    table = Table("column of papers", box=None, pad_edge=False, header_style="bold")
    table.add_column("papers with another value", justify="right")
    for name, number in difference.columns.items():
        table.add_row(escape_text(name), f"{number:,}")
    return table


def _render_papers(difference: release.Diff) -> Table:
    table = Table("paper", "change", "what", box=None, pad_edge=False, header_style="bold")
    for row in difference.papers.head(SHOWN_PAPERS).iter_rows(named=True):
        into = f"into {row['into']}" if row["into"] else ""
        what = into or row["reason"] or ", ".join(row["columns"])
        # Reasons come from files of others, and rich would read their brackets as markup.
        table.add_row(*(escape_text(text) for text in (row["paper_id"], row["change"], what)))
    return table
