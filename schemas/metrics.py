"""Metrics: how each demand on a release is measured, from its tables and the ones before.

A metric counts, and a conclusion follows from the counts. What is said of single papers can be
counted some papers at a time: the counts of all are the sum. Whatever else is compared over a whole
release is ids and other single columns, never texts.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.gate import (
    Counts,
    Gate,
    Tables,
    count_frame,
    divide_counts,
    list_gate_columns,
    make_counts,
)
from schemas.paper_metrics import (
    count_distinct,
    count_filled,
    count_filled_by_source,
    count_open_code,
    count_open_topics,
    count_references,
    count_rows_kept,
    count_still_filled,
    count_traced,
    find_worst_source,
)
from schemas.vocabulary import ChangeKind, Reason

BY_PAPER = ("papers", "links", "topics", "origins")
"""Tables whose rows are each about one paper of the release."""


def count_table_rows(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the rows of the table."""
    return make_counts(count_frame(tables[gate.table].lazy()), 1)


def count_growth(tables: Tables, gate: Gate, previous: Tables | None) -> Counts:
    """Count the rows now and in the previous release."""
    has_table = previous and gate.table in previous
    before = count_frame(previous[gate.table].lazy()) if previous and has_table else 0
    return make_counts(count_frame(tables[gate.table].lazy()), before)


def count_ids_kept(tables: Tables, gate: Gate, previous: Tables | None) -> Counts:
    """Count the previous release's ids, and those that are still papers or aliases."""
    if not previous or gate.table not in previous:
        return {}
    old_ids = previous[gate.table].lazy().select(id=list_gate_columns(gate)[0])
    ids = (("papers", "paper_id"), ("aliases", "alias_id"))
    current_ids = pl.concat([tables[name].lazy().select(id=column) for name, column in ids])
    return make_counts(
        count_frame(old_ids.join(current_ids, on="id", how="semi")), count_frame(old_ids)
    )


def count_current(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the aliases that are no paper of the release: an id is one or the other."""
    rows, papers = tables[gate.table].lazy().select("alias_id"), tables["papers"].lazy()
    current = rows.join(papers, left_on="alias_id", right_on="paper_id", how="anti")
    return make_counts(count_frame(current), count_frame(rows))


def count_accepted(tables: Tables, _: Gate, __: Tables | None) -> Counts:
    """Count what was read, and what of it became part of a paper."""
    accepted = count_frame(tables["origins"].lazy())
    return make_counts(accepted, accepted + count_frame(_select_misread(tables)))


def count_rejected(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count what was read, and what of it was refused."""
    # The complement, and not a count of its own: the two can never disagree.
    accepted = count_accepted(tables, gate, None)
    return make_counts(accepted["whole"] - accepted["part"], accepted["whole"])


def count_rejected_by_source(tables: Tables, _: Gate, __: Tables | None) -> Counts:
    """Count what was read, and what of it was refused, of each source."""
    rows = {"accepted": tables["origins"].lazy(), "refused": _select_misread(tables)}
    return {
        f"{fate} {source}": number
        for fate, frame in rows.items()
        for source, number in frame.group_by("source").agg(pl.len()).collect().iter_rows()
    }


def find_most_rejected(counts: Counts) -> float | None:
    """Return the share that was refused, of the source with most."""
    sources = {key.partition(" ")[2] for key in counts}
    refused = {source: counts.get(f"refused {source}", 0) for source in sources}
    return max(
        (n / (n + counts.get(f"accepted {source}", 0)) for source, n in refused.items()),
        default=None,
    )


def _select_misread(tables: Tables) -> pl.LazyFrame:
    """Return the rejections of what should have been read.

    That a source deleted a record, that somebody asked for it to be left out, or that it says of
    itself that it is no paper, was understood: libraries are full of notes and web pages.
    """
    understood = [each.value for each in (Reason.REMOVED, Reason.ON_REQUEST, Reason.OTHER_KIND)]
    return tables["rejections"].lazy().filter(~pl.col("reason").is_in(understood))


def count_whole_files(tables: Tables, _: Gate, __: Tables | None) -> Counts:
    """Count the files that gave or lost anything, and those of them read to their end."""
    # Files of two sources may have the same name.
    read = [tables[name].lazy().select("source", "file") for name in ("origins", "rejections")]
    is_cut = pl.col("reason") == Reason.TRUNCATED.value
    cut = tables["rejections"].lazy().filter(is_cut).select("source", "file").unique()
    files = count_frame(pl.concat(read).unique())
    return make_counts(files - count_frame(cut), files)


def count_accounted(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the rows whose record is part of a paper or was refused."""
    names = ("origins", "rejections")
    records = pl.concat([tables[name].lazy().select("record_id") for name in names])
    rows = tables[gate.table].lazy().select("record_id")
    return make_counts(
        count_frame(rows.join(records, on="record_id", how="semi")), count_frame(rows)
    )


def count_true_changes(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the changes that are true of the papers.

    What was added or updated is there; what was removed or merged is not, and what it became is.
    """
    rows = tables[gate.table].lazy().select("paper_id", "change", "into")
    # Changes are few beside papers: only papers that they name are looked up.
    named = pl.concat([rows.select("paper_id"), rows.select(paper_id="into").drop_nulls()])
    papers = tables["papers"].lazy().select("paper_id").join(named, on="paper_id", how="semi")
    papers = papers.unique().with_columns(is_there=True)
    stays = pl.col("change").is_in([ChangeKind.ADDED.value, ChangeKind.UPDATED.value])
    leads = pl.col("into").is_null() | pl.col("is_there_into").is_not_null()
    true = (
        rows.join(papers, on="paper_id", how="left")
        .join(papers, left_on="into", right_on="paper_id", how="left", suffix="_into")
        .filter((pl.col("is_there").is_not_null() == stays) & leads)
    )
    return make_counts(count_frame(true), count_frame(rows))


def read_figure(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Return a figure of the evaluation; nothing where no table ``accuracy`` is at hand.

    That table, which is no part of a release, has a ``name`` and a ``value`` each. A figure that is
    missing, null, or there twice, is NaN: it is none to rely on.
    """
    if "accuracy" not in tables:
        return {}
    accuracy = tables["accuracy"].lazy().collect()
    figures = accuracy.filter(pl.col("name") == gate.column)["value"]
    is_sound = len(figures) == 1 and figures[0] is not None
    return make_counts(float(figures[0]) if is_sound else math.nan, 1)


@dataclass(frozen=True)
class Metric:
    """How something is measured: what is counted, and what follows from the counts."""

    count: Callable[[Tables, Gate, Tables | None], Counts]
    """From the tables, the gate, and the tables of the release before."""
    conclude: Callable[[Counts], float | None] = divide_counts
    """None where there is nothing to measure, and the gate is passed."""
    is_by_paper: bool = False
    """Whether rows are compared with rows about the same paper only."""
    is_comparing: bool = False
    """Whether it counts rows of the release before."""


METRICS: Mapping[str, Metric] = {
    "accepted": Metric(count_accepted),
    "accounted": Metric(count_accounted),
    "current": Metric(count_current),
    "fill_rate": Metric(count_filled, is_by_paper=True),
    "fill_rate_kept": Metric(count_still_filled, is_by_paper=True, is_comparing=True),
    "fill_rate_of_sources": Metric(
        count_filled_by_source, find_worst_source, is_by_paper=True, is_comparing=True
    ),
    "growth": Metric(count_growth, is_comparing=True),
    "kept": Metric(count_ids_kept, is_comparing=True),
    "measured": Metric(read_figure),
    "most_rejected": Metric(count_rejected_by_source, find_most_rejected),
    "open_code": Metric(count_open_code, is_by_paper=True),
    "open_topics": Metric(count_open_topics, is_by_paper=True),
    "read_whole": Metric(count_whole_files),
    "refers": Metric(count_references, is_by_paper=True),
    "rejected": Metric(count_rejected),
    "rows": Metric(count_table_rows),
    "rows_kept": Metric(count_rows_kept, is_by_paper=True, is_comparing=True),
    "told": Metric(count_true_changes),
    "traced": Metric(count_traced, is_by_paper=True, is_comparing=True),
    "unique": Metric(count_distinct, is_by_paper=True),
}
"""Every metric by the name that gates have for it."""


def is_by_paper(gate: Gate) -> bool:
    """Return whether a gate may be counted some papers at a time, with all rows about these."""
    if gate.table not in BY_PAPER or not METRICS[gate.metric].is_by_paper:
        return False
    # Rows that share other values may be of any two papers.
    return gate.metric != "unique" or "paper_id" in list_gate_columns(gate)
