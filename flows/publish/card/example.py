"""Example: one paper as it stands in the table."""

import json
import re

import polars as pl

from flows.publish.card.facts import Facts, has_value
from flows.redact import escape_unprintable
from flows.release.layout import DEFAULT

EXAMPLE_LENGTH, EXAMPLE_ENTRIES = 200, 5
"""Characters of a text and entries of a list that the example shows."""


def show_example(facts: Facts) -> str:
    """Show the open paper with most values, fenced: whatever its texts hold, they stay text.

    One with code is preferred, since that is what most readers come for.
    """
    papers = next((rows for config, rows in facts.configs.items() if config.name == DEFAULT), None)
    if papers is None:
        return "No paper of this release is under CC0-1.0, so none is shown."
    values = pl.sum_horizontal(has_value(papers, name) for name in papers.columns)
    # This weighs as much as all columns together, so code outweighs any of them.
    with_code = has_value(papers, "code_url").cast(pl.Int32) * papers.width
    [row] = papers[[papers.select((values + with_code).arg_max()).item()]].to_dicts()
    shown = {name: _shorten_value(value) for name, value in row.items() if value not in (None, [])}
    text = json.dumps(shown, indent=2, ensure_ascii=False, default=str)
    text = escape_unprintable(text, keep="\n")
    # The fence is longer than any run of backticks inside, so that no text can close it.
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}json\n{text}\n{fence}"


def _shorten_value(value: object) -> object:
    if isinstance(value, list):
        return [_shorten_value(entry) for entry in value[:EXAMPLE_ENTRIES]]
    if isinstance(value, str) and len(value) > EXAMPLE_LENGTH:
        return value[:EXAMPLE_LENGTH] + " ..."
    return value
