"""Foreign text on a terminal is text: it formats nothing and moves nothing."""

import polars as pl

from flows.runs.terminal import render_frame
from tests.flows.operate.left_by_run import print_wide


def test_markup_in_a_title_is_printed_not_obeyed() -> None:
    assert "[red]x[/red]" in print_wide(render_frame(pl.DataFrame({"title": ["[red]x[/red]"]})))


def test_escape_sequences_and_direction_controls_are_not_printed() -> None:
    shown = print_wide(render_frame(pl.DataFrame({"title": ["a\x1b[2J\u202eb\x00c\u2066"]})))
    assert not {"\x1b", "\u202e", "\x00", "\u2066"} & set(shown)
