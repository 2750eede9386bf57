"""Metrics of papers: what is counted of some papers and the rows about them, and added up."""

import polars as pl

from schemas.distinct import are_distinct
from schemas.gate import (
    Counts,
    Gate,
    Tables,
    count_column_values,
    count_frame,
    list_gate_columns,
    make_counts,
)
from schemas.vocabulary import License


def count_distinct(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the rows whose value, or combination of values, no other row has."""
    # Null says nothing, so that two rows cannot have it in common.
    filled = tables[gate.table].lazy().select(list_gate_columns(gate)).drop_nulls()
    if len(list_gate_columns(gate)) > 1:
        return make_counts(count_frame(filled.unique()), count_frame(filled))
    values = filled.collect().to_series()
    return make_counts(len(values) if are_distinct(values) else values.n_unique(), len(values))


def count_filled(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the rows with a value: neither null nor an empty list.

    Of a gate that names sources, only papers that one of those holds count.
    """
    rows = tables[gate.table].lazy()
    if gate.sources:
        rows = rows.filter(pl.col("sources").list.eval(pl.element().is_in(gate.sources)).list.any())
    return make_counts(count_column_values(rows, list_gate_columns(gate)[0]), count_frame(rows))


def count_still_filled(tables: Tables, gate: Gate, previous: Tables | None) -> Counts:
    """Count the values now and before, in the rows of the papers that both releases hold.

    Papers that are new do not count: a source that knows no code lowers the rate of all.
    """
    # The first release follows none, and one of an older version may lack the table.
    if not previous or gate.table not in previous:
        return {}
    column = list_gate_columns(gate)[0]
    now, before = _select_common(tables, previous, gate.table, column)
    return make_counts(count_column_values(now, column), count_column_values(before, column))


def count_filled_by_source(tables: Tables, gate: Gate, previous: Tables | None) -> Counts:
    """Count rows and values of each source, now and before."""
    if not previous or gate.table not in previous:
        return {}
    column = list_gate_columns(gate)[0]
    counts: dict[str, float] = {}
    for release, frames in (("now", tables), ("before", previous)):
        of_source = frames[gate.table].lazy().group_by("source")
        totals = of_source.agg(rows=pl.len(), filled=pl.col(column).count()).collect()
        for source, rows, filled in totals.iter_rows():
            counts[f"{release} rows {source}"] = rows
            counts[f"{release} filled {source}"] = filled
    return counts


def find_worst_source(counts: Counts) -> float | None:
    """Return the fill rate of the source that lost most of it, as a part of what it was before.

    Only sources that both releases hold count, and of these only such as had values.
    """
    sources = [key.removeprefix("now rows ") for key in counts if key.startswith("now rows ")]
    shares = [
        (counts[f"now filled {source}"] / counts[f"now rows {source}"])
        / (counts[f"before filled {source}"] / counts[f"before rows {source}"])
        for source in sources
        if counts.get(f"before filled {source}")
    ]
    return min(shares, default=None)


def count_rows_kept(tables: Tables, gate: Gate, previous: Tables | None) -> Counts:
    """Count the rows of the papers that both releases hold, now and before."""
    if not previous or gate.table not in previous:
        return {}
    now, before = _select_common(tables, previous, gate.table)
    return make_counts(count_frame(now), count_frame(before))


def count_references(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the rows whose ``paper_id`` is a paper of the release."""
    rows, papers = tables[gate.table].lazy().select("paper_id"), tables["papers"].lazy()
    return make_counts(count_frame(rows.join(papers, on="paper_id", how="semi")), count_frame(rows))


def count_traced(tables: Tables, _: Gate, previous: Tables | None) -> Counts:
    """Count the papers with a record, in this release or in the one before."""
    traces = [tables["origins"].lazy().select("paper_id")]
    if previous and "origins" in previous:
        traces.append(previous["origins"].lazy().select("paper_id"))
    papers = tables["papers"].lazy().select("paper_id")
    traced = papers.join(pl.concat(traces), on="paper_id", how="semi")
    return make_counts(count_frame(traced), count_frame(papers))


def count_open_code(tables: Tables, _: Gate, __: Tables | None) -> Counts:
    """Count the CC0 papers with code, and those whose code links are all in CC0 rows of `links`."""
    return _count_open(tables, "code_urls", "links", "url")


def count_open_topics(tables: Tables, gate: Gate, _: Tables | None) -> Counts:
    """Count the CC0 papers with topics in the column, and those whose are in CC0 `topics` rows."""
    return _count_open(tables, list_gate_columns(gate)[0], "topics", "topic")


def _count_open(tables: Tables, column: str, evidence: str, value: str) -> Counts:
    is_open = pl.col("license") == License.CC0.value
    papers = tables["papers"].lazy().filter(is_open & (pl.col(column).list.len() > 0))
    support = (
        tables[evidence].lazy().filter(is_open).select("paper_id", pl.col(value).alias(column))
    )
    # One row per value, yet counted by paper below: one bad value spoils its paper once.
    claimed = papers.select("paper_id", column).explode(column, empty_as_null=True)
    unsupported = claimed.join(support, on=["paper_id", column], how="anti").select("paper_id")
    number = count_frame(papers.select("paper_id"))
    return make_counts(number - count_frame(unsupported.unique()), number)


def _select_common(
    current: Tables, previous: Tables, table: str, *columns: str
) -> list[pl.LazyFrame]:
    """Return columns of a table now and before, of the papers that both releases hold."""
    if current is previous:
        # All of them: counts of a part are kept as they are beside one that is the same.
        rows = current[table].lazy().select("paper_id", *columns)
        return [rows, rows]
    now, before = (release["papers"].lazy().select("paper_id") for release in (current, previous))
    ids = now.join(before, on="paper_id", how="semi")
    return [
        release[table].lazy().select("paper_id", *columns).join(ids, on="paper_id", how="semi")
        for release in (current, previous)
    ]
