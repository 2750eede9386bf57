"""Terminal: frames and foreign texts on a screen, where they may neither format nor move it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.table import Table as RichTable
from rich.text import Text

from flows.redact import blank_unprintable

_LONG_RUN = re.compile(r"\\{100,}")
"""More backslashes than anybody writes: rich takes their square, here and when it prints them."""


def escape_text(text: str) -> str:
    r"""Return a text that neither rich's markup nor control characters act in.

    Control and direction characters become spaces, so that nothing moves the cursor, rings or
    turns the rest of the line around.

    >>> escape_text("[red]no[/red]")
    '\\[red]no\\[/red]'
    >>> escape_text("a\x1b[2Jb\u202ec\x00")
    'a [2Jb c '
    """
    return escape(_LONG_RUN.sub(lambda run: run[0][:100], blank_unprintable(text)))


def escape_json(text: str) -> str:
    r"""Return JSON in which no character is left that a terminal acts on; it means the same.

    JSON itself escapes the lower control characters only.

    >>> escape_json('{"name": "a\x9b2J \u202eb"}')
    '{"name": "a\\u009b2J \\u202eb"}'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def render_frame(frame: pl.DataFrame) -> RichTable:
    """Lay a frame out as a table; null is an empty cell."""
    table = RichTable(*frame.columns, box=None, pad_edge=False, header_style="bold")
    for row in frame.iter_rows():
        table.add_row(*(escape_text("" if value is None else str(value)) for value in row))
    return table


@dataclass(frozen=True)
class LabelledLines:
    """Pairs of a label and a text in two columns; long texts go on in the second one.

    A table of rich fills its last column up with blanks, which a file or a pipe would keep.
    """

    pairs: Sequence[tuple[str, str]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, without blanks at their ends, as wide as the console allows."""
        labels = [blank_unprintable(label) for label, _ in self.pairs]
        indent = max(map(len, labels), default=0) + 2
        # A terminal narrower than the labels still shows some words of each text.
        width = max(options.max_width - indent, 10)
        for label, (_, text) in zip(labels, self.pairs, strict=True):
            lines = Text(blank_unprintable(text)).wrap(console, width) or [Text()]
            for number, line in enumerate(lines):
                line.rstrip()
                start = Text((label if number == 0 else "").ljust(indent))
                yield start + line if line else Text(start.plain.rstrip())
