"""Markdown: text and tables that stay text and tables, whatever they hold."""

import html
import re
from collections.abc import Sequence

from flows.redact import blank_unprintable

STRUCTURAL = re.compile(r"[\\`*_{}\[\]()#+\-!|~$:@.]")
"""Characters that can mean something in Markdown; after `html.escape` for HTML."""


UNBROKEN = "\N{NO-BREAK SPACE}"


def escape_markdown(text: str) -> str:
    """Return a text that reads the same in Markdown and cannot be anything but text there."""
    printable = blank_unprintable(text)
    escaped = html.escape(" ".join(printable.split()), quote=False)
    return STRUCTURAL.sub(lambda character: f"&#{ord(character[0])};", escaped)


def render_table(header: Sequence[str], rows: Sequence[Sequence[object]], numbers: int = 0) -> str:
    """Return a Markdown table; its last ``numbers`` columns are aligned to the right."""
    rule = ["---"] * (len(header) - numbers) + ["---:"] * numbers
    lines = [header, rule, *([render_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def render_cell(value: object) -> str:
    """Return a table's cell; only pipes and line breaks are special there."""
    if isinstance(value, int):
        return f"{value:,}"
    return " ".join(blank_unprintable(str(value)).split()).replace("|", "\\|")


def format_bytes(number: int) -> str:
    """Return a number of bytes for people; its unit stays on its line."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if number >= factor:
            return f"{number / factor:.1f}{UNBROKEN}{unit}"
    return f"{number}{UNBROKEN}bytes"


def format_share(part: int, whole: int) -> str:
    """Return a share for people; what is not quite all or none does not read as if it were."""
    if not whole or part in (0, whole):
        return f"100{UNBROKEN}%" if part and whole else f"0{UNBROKEN}%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}{UNBROKEN}%"


def render_code(value: object) -> str:
    """Return a short value as a code span."""
    return f"`{render_cell(value).replace('`', '')}`"
