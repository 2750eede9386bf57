"""Terminal: frames and foreign texts on a screen, where they may neither format nor move it."""

import polars as pl
from rich.markup import escape
from rich.table import Table as RichTable

from flows.redact import blank_unprintable


def escape_text(text: str) -> str:
    r"""Return a text that neither rich's markup nor control characters act in.

    Control and direction characters become spaces, so that nothing moves the cursor, rings or
    turns the rest of the line around.

    >>> escape_text("[red]no[/red]")
    '\\[red]no\\[/red]'
    >>> escape_text("a\x1b[2Jb\u202ec\x00")
    'a [2Jb c '
    """
    return escape(blank_unprintable(text))


def render_frame(frame: pl.DataFrame) -> RichTable:
    """Lay a frame out as a table; null is an empty cell."""
    table = RichTable(*frame.columns, box=None, pad_edge=False, header_style="bold")
    for row in frame.iter_rows():
        table.add_row(*(escape_text("" if value is None else str(value)) for value in row))
    return table
