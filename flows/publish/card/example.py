"""Example: one paper as it is in the table."""

import re

from flows.publish.card.facts import Facts
from flows.redact import escape_unprintable


def show_example(facts: Facts) -> str:
    """Show the open paper with most values, fenced: whatever its texts hold, they stay text."""
    if facts.counted.example is None:
        return "No paper of this release is under CC0-1.0, so none is shown."
    text = escape_unprintable(facts.counted.example.text, keep="\n")
    # The fence is longer than any run of backticks inside, so that no text can close it.
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}json\n{text}\n{fence}"
