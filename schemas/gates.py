"""Gates: what a release must be like, as data. A failed minimum stops it, a maximum warns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from schemas.vocabulary import License

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

    @property
    def name(self) -> str:
        """Name the gate for messages and for `--allow`: table.metric, and .column if it has one."""
        return ".".join(part for part in (self.table, self.metric, self.column) if part)


@dataclass(frozen=True)
class Failure:
    """A gate that a release does not pass."""

    gate: Gate
    value: float
    is_fatal: bool
    """True below the minimum; False above the maximum, which is a warning."""

    @property
    def message(self) -> str:
        """Say what is wrong, by how much, and why it matters."""
        gate = self.gate
        bound, side = (
            (gate.minimum, "below the minimum") if self.is_fatal else (gate.maximum, "above")
        )
        return f"{gate.name} is {self.value:,.6g}, {side} {bound:,.6g}: {gate.why}"


def rows(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Count the rows of the table."""
    return float(tables[gate.table].height)


def unique(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of rows whose value, or combination of values, no other row has."""
    frame = tables[gate.table].select(columns_of(gate)).drop_nulls()
    return _share(frame.n_unique(), frame.height)


def fill_rate(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of rows with a value: neither null nor an empty list."""
    frame = tables[gate.table]
    return _share(_filled(frame, columns_of(gate)[0]), frame.height)


def fill_rate_kept(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Give the fill rate as a part of the previous release's."""
    before = fill_rate(previous, gate, None) if previous and gate.table in previous else None
    now = fill_rate(tables, gate, None)
    return now / before if now is not None and before else None


def growth(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Give the rows as a part of the previous release's rows."""
    before = previous[gate.table].height if previous and gate.table in previous else 0
    return _share(tables[gate.table].height, before)


def kept(tables: Tables, gate: Gate, previous: Tables | None) -> float | None:
    """Give the share of the previous release's ids that are still papers or aliases."""
    column = columns_of(gate)[0]
    if not previous or gate.table not in previous:
        return None
    before = previous[gate.table].select(id=column)
    known = pl.concat(
        [tables["papers"].select(id="paper_id"), tables["aliases"].select(id="alias_id")]
    )
    return _share(before.join(known, on="id", how="semi").height, before.height)


def refers(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of rows whose ``paper_id`` is a paper of the release."""
    frame = tables[gate.table]
    found = frame.join(tables["papers"], on="paper_id", how="semi").height
    return _share(found, frame.height)


def traced(tables: Tables, _: Gate, previous: Tables | None) -> float | None:
    """Give the share of papers with a record, in this release or in the one before."""
    known = [tables["origins"].select("paper_id")]
    if previous and "origins" in previous:
        known.append(previous["origins"].select("paper_id"))
    papers = tables["papers"]
    found = papers.join(pl.concat(known), on="paper_id", how="semi").height
    return _share(found, papers.height)


def current(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of aliases that are no paper of the release: an id is one or the other."""
    frame = tables[gate.table]
    stale = frame.join(tables["papers"], left_on="alias_id", right_on="paper_id", how="semi").height
    return _share(frame.height - stale, frame.height)


def accepted(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Give the share of what was read that became part of a paper."""
    origins, rejections = tables["origins"].height, tables["rejections"].height
    return _share(origins, origins + rejections)


def rejected(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of what was read that was refused."""
    share = accepted(tables, gate, None)
    return None if share is None else 1 - share


def open_code(tables: Tables, _: Gate, __: Tables | None) -> float | None:
    """Give the share of CC0 papers whose code links all stand in CC0 rows of `links`."""
    return _open_share(tables, "code_urls", "links", "url")


def open_topics(tables: Tables, gate: Gate, _: Tables | None) -> float | None:
    """Give the share of CC0 papers whose topics in the column all stand in CC0 rows of `topics`."""
    return _open_share(tables, columns_of(gate)[0], "topics", "topic")


def _open_share(tables: Tables, column: str, evidence: str, value: str) -> float | None:
    is_open = pl.col("license") == License.CC0.value
    papers = tables["papers"].filter(is_open & (pl.col(column).list.len() > 0))
    known = tables[evidence].filter(is_open).select("paper_id", pl.col(value).alias(column))
    claimed = papers.select("paper_id", column).explode(column, empty_as_null=True)
    unsupported = claimed.join(known, on=["paper_id", column], how="anti")["paper_id"].n_unique()
    return _share(papers.height - unsupported, papers.height)


def columns_of(gate: Gate) -> list[str]:
    """Give the columns a gate is about."""
    return (gate.column or "").split("+")


def _filled(frame: pl.DataFrame, column: str) -> int:
    if isinstance(frame.schema[column], pl.List):
        return int(frame.select((pl.col(column).list.len() > 0).sum()).item())
    return frame.height - frame[column].null_count()


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


Metric = Callable[[Tables, Gate, Tables | None], float | None]

METRICS: Mapping[str, Metric] = {
    metric.__name__: metric
    for metric in (
        accepted,
        current,
        fill_rate,
        fill_rate_kept,
        growth,
        kept,
        open_code,
        open_topics,
        refers,
        rejected,
        rows,
        traced,
        unique,
    )
}
"""How each metric is measured, from the tables and those of the release before. None means that
there is nothing to measure, and the gate is passed."""


def _at_least(table: str, metric: str, column: str | None, minimum: float, why: str) -> Gate:
    return Gate(table, metric, column, minimum, None, why)


def _at_most(table: str, metric: str, column: str | None, maximum: float, why: str) -> Gate:
    return Gate(table, metric, column, None, maximum, why)


_KEY = "readers join on this key; a repeated one would multiply their rows"
_REFERENCE = "a row that belongs to no paper cannot be joined"
_LAYER = "what follows from share-alike rows alone must not stand in an open row"

GATES: tuple[Gate, ...] = (
    _at_least("papers", "rows", None, 1, "an empty release replaces a full one only by accident"),
    _at_least("papers", "unique", "paper_id", 1, _KEY),
    _at_least("links", "unique", "paper_id+url", 1, _KEY),
    _at_least("topics", "unique", "paper_id+facet+topic", 1, _KEY),
    _at_least("origins", "unique", "record_id", 1, "a record is part of exactly one paper"),
    _at_least("resolutions", "unique", "record_id", 1, _KEY),
    _at_least("aliases", "unique", "alias_id", 1, "an old id leads to exactly one paper"),
    _at_least("papers", "unique", "arxiv_id", 1, "one arXiv id is one paper, by the merge rules"),
    _at_least("links", "refers", "paper_id", 1, _REFERENCE),
    _at_least("topics", "refers", "paper_id", 1, _REFERENCE),
    _at_least("origins", "refers", "paper_id", 1, _REFERENCE),
    _at_least("aliases", "refers", "paper_id", 1, "an old id must lead to a paper that is there"),
    _at_least("aliases", "current", "alias_id", 1, "an id is a paper's own or an old one"),
    _at_least("papers", "traced", "paper_id", 1, "every paper can be traced to a record"),
    _at_least("aliases", "kept", "alias_id", 1, "an alias is kept for ever: people have cited it"),
    _at_least(
        "papers",
        "kept",
        "paper_id",
        0.95,
        "ids stay; some are removed on request, but one in twenty is an input left out by mistake",
    ),
    _at_most(
        "papers",
        "growth",
        None,
        10,
        "ten times the papers is a new source, or a parser that cuts papers in pieces",
    ),
    _at_least("papers", "fill_rate", "title", 1, "a paper without a title cannot be recognised"),
    _at_least(
        "papers",
        "fill_rate",
        "abstract",
        0.5,
        "43 % of the ACL Anthology's entries have no abstract, no other source lacks any; below "
        "half, a parser has lost them",
    ),
    _at_least(
        "papers",
        "fill_rate_kept",
        "code_url",
        0.5,
        "half the share of papers with code gone at once is a broken extractor, not a fashion",
    ),
    _at_least(
        "papers",
        "fill_rate_kept",
        "areas",
        0.5,
        "half the share of papers with an area gone at once is a broken taxonomy",
    ),
    _at_least(
        "origins", "accepted", None, 0.5, "a source of which half is refused is not understood"
    ),
    _at_most(
        "rejections",
        "rejected",
        None,
        0.05,
        "real inputs have about one unreadable record in a hundred; look at the reasons",
    ),
    _at_least("papers", "open_code", "code_urls", 1, _LAYER),
    *(
        _at_least("papers", "open_topics", column, 1, _LAYER)
        for column in ("areas", "tasks", "methods", "domains", "contributions", "languages")
    ),
)
"""Every gate of a release, each with why it has its bound."""


def failures(
    tables: Tables, previous: Tables | None = None, gates: tuple[Gate, ...] = GATES
) -> list[Failure]:
    """Measure every gate and give those that fail, the fatal ones first.

    Both arguments are all the tables of a release by name; ``previous`` is None for the first.
    """
    measured = [(gate, METRICS[gate.metric](tables, gate, previous)) for gate in gates]
    found = [
        Failure(gate, value, is_fatal=is_low)
        for gate, value in measured
        if value is not None
        for is_low in [gate.minimum is not None and value < gate.minimum]
        if is_low or (gate.maximum is not None and value > gate.maximum)
    ]
    return sorted(found, key=lambda failure: not failure.is_fatal)
