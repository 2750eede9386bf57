"""Review: the uncertain pairs and the cautions of the last run, for people to look at."""

from pathlib import Path

import polars as pl
from rich.console import Group, RenderableType

from flows.deduplicate.match.review import list_review_pairs
from flows.deduplicate.record_index import identify_records
from flows.errors import count_noun
from flows.operate.explain import read_run_table
from flows.paths import StepFolder
from flows.runs.terminal import render_frame
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.record import Record
from schemas.resolution import Resolution
from schemas.vocabulary import Caution

SHOWN_REPORTS = 10
"""Reports of one kind that a terminal shows."""

FORMULA = r"(^|;)(\s*)([=+\-@＝＋－＠﹦﹢﹣﹫])"  # noqa: RUF001  # full-width signs begin formulas as well
"""How a cell begins that spreadsheets would run as a formula. Where semicolons part the cells of a
file, one begins behind each of them."""

UNPRINTABLE = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]"
"""Control and direction characters, NUL among them: none is needed to judge a pair."""


def write_review(merged: StepFolder, out: Path) -> pl.DataFrame:
    """Write the uncertain pairs of the last run as CSV, both texts side by side; return them.

    Lists are joined by semicolons. What a spreadsheet would run as a formula gets a quote before
    it. Raises `NoRun` where there was no run.
    """
    pairs = list_review_pairs(
        read_run_table(NearMiss, merged.near_misses),
        read_run_table(Origin, merged.origins),
        identify_records(
            read_run_table(Record, merged.records), read_run_table(Resolution, merged.resolutions)
        ),
    )
    # CSV has no lists, and polars refuses to write them.
    lists = [name for name, dtype in pairs.schema.items() if isinstance(dtype, pl.List)]
    joined = pairs.with_columns(pl.col(lists).list.join("; "))
    joined.with_columns(clean_cells(pl.col(pl.String))).write_csv(out)
    return pairs


def clean_cells(texts: pl.Expr) -> pl.Expr:
    r"""Put texts on one printable line that no spreadsheet runs.

    >>> cells = pl.Series(["=1+1", "\u202e=x", "\uff1d1", "a\x00b\n c", "fine; -1"])
    >>> pl.select(clean_cells(pl.lit(cells))).to_series().to_list()
    ["'=1+1", "'=x", "'\uff1d1", 'a b c', "fine; '-1"]
    """
    # Cleaned first: an invisible character would hide the sign that begins a formula.
    line = texts.str.replace_all(UNPRINTABLE, " ").str.replace_all(r"\s+", " ").str.strip_chars()
    return line.str.replace_all(FORMULA, "$1$2'$3")


def render_cautions(merged: StepFolder) -> RenderableType:
    """Show what matching reported in the last run, the first few of each kind."""
    reports = read_run_table(MatchReport, merged.match_reports)
    parts: list[RenderableType] = []
    for kind in Caution:
        rows = reports.filter(pl.col("kind") == kind.value)
        if rows.height:
            first = rows.head(SHOWN_REPORTS).select("record_id", "count", "detail")
            title = f"{kind.value}, {count_noun(rows.height, 'time')}: {kind.meaning}"
            parts += ["", title, render_frame(first)]
    return Group(*parts)
