"""Metrics: how each demand on a release is measured, from its tables and the ones before."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.vocabulary import ChangeKind, License, Reason

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Gate:
    """One demand: a metric of a table, perhaps of a column, and its bounds.

    ``table`` and ``column`` are names as in the release; several columns are joined by ``+``.
    """

    table: str
    metric: str
    column: str | None
    minimum: float | None
    maximum: float | None
    why: str
    sources: tuple[str, ...] = ()
    """Sources whose papers count; empty for all."""

    @property
    def name(self) -> str:
        """Name the gate for messages and for `--allow`: table.metric, and .column if it has one."""
        return ".".join(part for part in (self.table, self.metric, self.column) if part)


def rows(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Count the rows of the table."""
    return float(tables[gate.table].height)


def unique(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of rows whose value, or combination of values, no other row has."""
    # Null says nothing, so that two rows cannot have it in common.
    frame = tables[gate.table].select(list_gate_columns(gate)).drop_nulls()
    return _divide(frame.n_unique(), frame.height)


def fill_rate(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of rows with a value: neither null nor an empty list.

    Of a gate that names sources, only papers that one of those holds count.
    """
    frame = tables[gate.table]
    if gate.sources:
        frame = frame.filter(
            pl.col("sources").list.eval(pl.element().is_in(gate.sources)).list.any()
        )
    return _divide(_count_filled(frame, list_gate_columns(gate)[0]), frame.height)


def fill_rate_kept(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Compute the fill rate of the papers that both releases hold, as a part of what it was before.

    Papers that are new do not count: a source that knows no code lowers the rate of all.
    """
    # The first release follows none, and one of an older version may lack the table.
    if not previous or gate.table not in previous:
        return None
    column = list_gate_columns(gate)[0]
    now_count, before_count = (
        _count_filled(release_rows, column)
        for release_rows in _select_common(tables, previous, gate.table)
    )
    return _divide(now_count, before_count)


def fill_rate_of_sources(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Compute the fill rate of the source that lost most of it, as a part of what it was before.

    Only sources that both releases hold count, and of these only such as had values.
    """
    if not previous or gate.table not in previous:
        return None
    column = list_gate_columns(gate)[0]
    new_rates, old_rates = (
        release[gate.table].group_by("source").agg(rate=pl.col(column).is_not_null().mean())
        for release in (tables, previous)
    )
    rates = new_rates.join(old_rates, on="source", suffix="_before").filter(
        pl.col("rate_before") > 0
    )
    share = rates.select((pl.col("rate") / pl.col("rate_before")).min()).item()
    return None if share is None else float(share)


def rows_kept(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Return the rows of the papers that both releases hold, as a part of those they had before."""
    if not previous or gate.table not in previous:
        return None
    new_rows, old_rows = _select_common(tables, previous, gate.table)
    return _divide(new_rows.height, old_rows.height)


def growth(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Return the rows as a part of the previous release's rows."""
    rows_before = previous[gate.table].height if previous and gate.table in previous else 0
    return _divide(tables[gate.table].height, rows_before)


def kept(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Compute the share of the previous release's ids that are still papers or aliases."""
    column = list_gate_columns(gate)[0]
    if not previous or gate.table not in previous:
        return None
    old_ids = previous[gate.table].select(id=column)
    current_ids = pl.concat(
        [tables["papers"].select(id="paper_id"), tables["aliases"].select(id="alias_id")]
    )
    return _divide(old_ids.join(current_ids, on="id", how="semi").height, old_ids.height)


def refers(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of rows whose ``paper_id`` is a paper of the release."""
    frame = tables[gate.table]
    matched = frame.join(tables["papers"], on="paper_id", how="semi").height
    return _divide(matched, frame.height)


def traced(tables: Tables, _: Gate, previous: Tables | None) -> float | None:
    """Compute the share of papers with a record, in this release or in the one before."""
    traces = [tables["origins"].select("paper_id")]
    if previous and "origins" in previous:
        traces.append(previous["origins"].select("paper_id"))
    papers = tables["papers"]
    matched = papers.join(pl.concat(traces), on="paper_id", how="semi").height
    return _divide(matched, papers.height)


def current(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of aliases that are no paper of the release: an id is one or the other."""
    frame = tables[gate.table]
    stale = frame.join(tables["papers"], left_on="alias_id", right_on="paper_id", how="semi").height
    return _divide(frame.height - stale, frame.height)


def accepted(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Compute the share of what was read that became part of a paper."""
    origins, rejections = tables["origins"].height, _select_misread(tables).height
    return _divide(origins, origins + rejections)


def rejected(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of what was read that was refused."""
    # The complement, and not a count of its own: the two can never disagree.
    share = accepted(tables, gate, None)
    return None if share is None else 1 - share


def most_rejected(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Compute the share of what was read of a source that was refused, of the source with most."""
    read = pl.concat(
        frame.select("source", is_refused=pl.lit(value=is_refused))
        for frame, is_refused in ((tables["origins"], False), (_select_misread(tables), True))
    )
    shares = read.group_by("source").agg(pl.col("is_refused").mean())["is_refused"]
    return None if shares.is_empty() else float(shares.to_numpy().max())


def _select_misread(tables: Tables) -> pl.DataFrame:
    """Return the rejections of what should have been read.

    That a source deleted a record, or that somebody asked for it to be left out, was understood.
    """
    understood = [Reason.REMOVED.value, Reason.ON_REQUEST.value]
    return tables["rejections"].filter(~pl.col("reason").is_in(understood))


def read_whole(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Compute the share of files that were read to their end, of all that gave or lost anything."""
    # Files of two sources may have the same name.
    files = pl.concat(tables[name].select("source", "file") for name in ("origins", "rejections"))
    is_cut = pl.col("reason") == Reason.TRUNCATED.value
    cut = tables["rejections"].filter(is_cut).select("source", "file")
    return _divide(files.n_unique() - cut.n_unique(), files.n_unique())


def accounted(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of rows whose record is part of a paper or was refused."""
    records = pl.concat(tables[name].select("record_id") for name in ("origins", "rejections"))
    frame = tables[gate.table]
    return _divide(frame.join(records, on="record_id", how="semi").height, frame.height)


def told(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of changes that are true of the papers.

    What was added or updated is there; what was removed or merged is not, and what it became is.
    """
    # As one list: a plain series could mean one value for each row.
    frame, papers = tables[gate.table], tables["papers"]["paper_id"].implode()
    stays = pl.col("change").is_in([ChangeKind.ADDED.value, ChangeKind.UPDATED.value])
    leads = pl.col("into").is_null() | pl.col("into").is_in(papers)
    true = frame.filter((pl.col("paper_id").is_in(papers) == stays) & leads)
    return _divide(true.height, frame.height)


def measured(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Return a figure of the evaluation; None where no table ``accuracy`` is at hand.

    That table, which is no part of a release, has a ``name`` and a ``value`` each. A figure that is
    missing, null, or there twice, is NaN: it is none to rely on.
    """
    if "accuracy" not in tables:
        return None
    figures = tables["accuracy"].filter(pl.col("name") == gate.column)["value"]
    return float(figures[0]) if len(figures) == 1 and figures[0] is not None else math.nan


def open_code(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Compute the share of CC0 papers whose code links are all in CC0 rows of `links`."""
    return _open_share(tables, "code_urls", "links", "url")


def open_topics(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Compute the share of CC0 papers whose topics in the column are all in CC0 `topics` rows."""
    return _open_share(tables, list_gate_columns(gate)[0], "topics", "topic")


def _open_share(tables: Tables, column: str, evidence: str, value: str) -> float | None:
    is_open = pl.col("license") == License.CC0.value
    papers = tables["papers"].filter(is_open & (pl.col(column).list.len() > 0))
    support = tables[evidence].filter(is_open).select("paper_id", pl.col(value).alias(column))
    # One row per value, yet counted by paper below: one bad value spoils its paper once.
    claimed = papers.select("paper_id", column).explode(column, empty_as_null=True)
    unsupported = claimed.join(support, on=["paper_id", column], how="anti")["paper_id"].n_unique()
    return _divide(papers.height - unsupported, papers.height)


def list_gate_columns(gate: Gate) -> list[str]:
    """Return the columns a gate is about."""
    return (gate.column or "").split("+")


def _select_common(current: Tables, previous: Tables, table: str) -> list[pl.DataFrame]:
    """Return the rows of a table now and before, of the papers that both releases hold."""
    ids = current["papers"].select("paper_id").join(previous["papers"], on="paper_id", how="semi")
    return [release[table].join(ids, on="paper_id", how="semi") for release in (current, previous)]


def _count_filled(frame: pl.DataFrame, column: str) -> int:
    if isinstance(frame.schema[column], pl.List):
        return int(frame.select((pl.col(column).list.len() > 0).sum()).item())
    return frame.height - frame[column].null_count()


def _divide(part: int, whole: int) -> float | None:
    return part / whole if whole else None


Metric = Callable[[Tables, Gate, Tables | None], float | None]

METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        accepted,
        accounted,
        current,
        fill_rate,
        fill_rate_kept,
        fill_rate_of_sources,
        growth,
        kept,
        measured,
        most_rejected,
        open_code,
        open_topics,
        read_whole,
        refers,
        rejected,
        rows,
        rows_kept,
        told,
        traced,
        unique,
    )
}
"""How each metric is measured, from the tables and those of the release before. None means that
there is nothing to measure, and the gate is passed."""
