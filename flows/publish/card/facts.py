"""Facts: what the card is filled from, counted some rows at a time and added up."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from flows.release.layout import DEFAULT, LAYERS, TABLES, Config, find_config, select_licence
from schemas.vocabulary import License

Tally = Mapping[str, int]
"""Numbers by what is counted; names of more than one column are joined by tabs."""

EXAMPLE_LENGTH, EXAMPLE_ENTRIES = 200, 5
"""Characters of a text and entries of a list that the example shows."""


@dataclass(frozen=True)
class Example:
    """One paper as JSON, and how much it shows."""

    values: int
    text: str


@dataclass(frozen=True)
class Counted:
    """What was counted of some rows: the counts of all rows are the sum of those of parts."""

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    """By what is counted, such as ``kinds`` for links by their kind."""
    example: Example | None = None
    """The paper under the most open licence that shows most."""

    def tally(self, name: str) -> Tally:
        """Return what was counted; empty where there was nothing to count."""
        return self.tallies.get(name, {})


@dataclass(frozen=True)
class Facts:
    """What the card is filled from."""

    counted: Counted
    manifest: Mapping[str, Any]
    bytes: Mapping[str, int]
    """Size of each config's files."""

    @property
    def configs(self) -> dict[Config, int]:
        """The configs of the release and their rows, in the order of the card."""
        return list_configs(self.counted)

    def tally(self, name: str) -> Tally:
        """Return what was counted; empty where there was nothing to count."""
        return self.counted.tally(name)

    @property
    def newest(self) -> date | None:
        """The newest snapshot of all that was read; None where nothing was."""
        return find_newest(self.counted)


def list_configs(counted: Counted) -> dict[Config, int]:
    """List the configs that have rows, and how many: by table, the most open licence first."""
    rows = {find_config(name): n for name, n in counted.tally("rows").items()}
    tables, licenses = [*TABLES], [*LAYERS]
    order = sorted(rows, key=lambda c: (tables.index(c.table), licenses.index(c.license)))
    return {config: rows[config] for config in order}


def count_rows_of_table(counted: Counted, table: str) -> int:
    """Count the rows of a table, whatever their licence."""
    return sum(n for config, n in list_configs(counted).items() if config.table == table)


def find_newest(counted: Counted) -> date | None:
    """Return the newest snapshot of all that was read; None where nothing was."""
    return max(find_newest_by_source(counted).values(), default=None)


def find_newest_by_source(counted: Counted) -> dict[str, date]:
    """Map each source to its newest snapshot."""
    newest: dict[str, str] = {}
    for key in counted.tally("snapshots"):
        source, _, day = key.partition("\t")
        newest[source] = max(day, newest.get(source, day))
    return {source: date.fromisoformat(day) for source, day in newest.items()}


def rank_counts(counts: Tally) -> dict[str, int]:
    """Sort counts, the most frequent first, equal ones by name.

    >>> rank_counts({"b": 1, "a": 1, "c": 2})
    {'c': 2, 'a': 1, 'b': 1}
    """
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def add_counted(parts: Iterable[Counted]) -> Counted:
    """Add up what was counted of parts. Of equally good examples the first stays.

    >>> add_counted([Counted({"kinds": {"code": 1}}), Counted({"kinds": {"code": 2}})]).tallies
    {'kinds': {'code': 3}}
    """
    tallies: dict[str, dict[str, int]] = {}
    example = None
    for part in parts:
        for name, tally in part.tallies.items():
            total = tallies.setdefault(name, {})
            for key, number in tally.items():
                total[key] = total.get(key, 0) + number
        if part.example and (example is None or part.example.values > example.values):
            example = part.example
    return Counted(tallies, example)


def count_facts(rows: Mapping[str, pl.DataFrame | pl.LazyFrame]) -> Counted:
    """Count what the card says of some rows: whole tables, or all rows about some papers."""
    tallies: dict[str, dict[str, int]] = {"rows": {}, "snapshots": {}}
    for table, frame in rows.items():
        scan = frame.lazy()
        # Not selected alone: a table without the column would give one row, however many it has.
        licenses = scan.with_columns(license=select_licence(table)).select("license")
        for license_, number in count_values(licenses).items():
            tallies["rows"][Config(table, license_).name] = number
        count = COUNTED.get(table)
        for name, tally in (count(scan) if count else {}).items():
            # Both origins and rejections have snapshots.
            total = tallies.setdefault(name, {})
            total |= {key: total.get(key, 0) + number for key, number in tally.items()}
    papers = rows.get(DEFAULT)
    return Counted(tallies, None if papers is None else choose_example(papers.lazy().collect()))


def count_values(rows: pl.LazyFrame) -> dict[str, int]:
    """Count rows by all their values, joined by tabs."""
    columns = rows.collect_schema().names()
    counts = rows.group_by(columns).agg(rows=pl.len()).sort(columns).collect()
    return {"\t".join(map(str, values)): number for *values, number in counts.iter_rows()}


def tally_papers(papers: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count values by column, and papers by month of publication."""
    schema = papers.collect_schema()
    values = papers.select(has_value(schema, name).sum() for name in schema.names()).collect()
    months = papers.select(pl.col("published").drop_nulls().dt.strftime("%Y-%m"))
    return {"filled": values.row(0, named=True), "months": count_values(months)}


def tally_links(links: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count links by kind."""
    return {"kinds": count_values(links.select("kind"))}


def tally_topics(topics: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count assigned topics, and papers with some of each facet."""
    assigned = topics.filter("is_assigned")
    papers = assigned.select("paper_id", "facet").unique().select("facet")
    topic_counts = count_values(assigned.select("facet", "topic"))
    return {"topics": topic_counts, "papers_of_facet": count_values(papers)}


def tally_origins(origins: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count records by source, licence, snapshot and rule, and papers by source."""
    papers = origins.select("paper_id", "source").unique().select("source")
    return {
        "records": count_values(origins.select("source")),
        "papers_of_source": count_values(papers),
        "snapshots": count_values(origins.select("source", "snapshot")),
        "licences": count_values(origins.select("source", "license")),
        "rules": count_values(origins.select("rule")),
    }


def tally_rejections(rejections: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count rejections by source, snapshot and reason."""
    return {
        "refused": count_values(rejections.select("source")),
        "snapshots": count_values(rejections.select("source", "snapshot")),
        "reasons": count_values(rejections.select("reason")),
    }


def tally_changes(changes: pl.LazyFrame) -> dict[str, dict[str, int]]:
    """Count papers by what changed."""
    return {"changes": count_values(changes.select("change"))}


COUNTED: Mapping[str, Callable[[pl.LazyFrame], dict[str, dict[str, int]]]] = {
    "papers": tally_papers,
    "links": tally_links,
    "topics": tally_topics,
    "origins": tally_origins,
    "rejections": tally_rejections,
    "changes": tally_changes,
}
"""What is counted of a table besides its rows."""


def has_value(schema: Mapping[str, pl.DataType], column: str) -> pl.Expr:
    """Return whether a column has a value: neither null nor an empty list."""
    if isinstance(schema[column], pl.List):
        return pl.col(column).list.len() > 0
    return pl.col(column).is_not_null()


def choose_example(papers: pl.DataFrame) -> Example | None:
    """Choose the open paper with most values; None where none is open.

    One with code is preferred, since that is what most readers come for.
    """
    is_open = pl.col("license") == License.CC0.value
    values = pl.sum_horizontal(has_value(papers.schema, name) for name in papers.columns)
    # This weighs as much as all columns together, so code outweighs any of them.
    with_code = has_value(papers.schema, "code_url").cast(pl.Int32) * papers.width
    ranked = papers.with_columns(shown=values + with_code).filter(is_open)
    if ranked.is_empty():
        return None
    # Of equals the one with the least id, whatever the order and however papers are cut.
    best = ranked.filter(pl.col("shown") == pl.col("shown").max()).sort("paper_id")[[0]]
    [row] = best.drop("shown").to_dicts()
    shown = {name: _shorten_value(value) for name, value in row.items() if value not in (None, [])}
    text = json.dumps(shown, indent=2, ensure_ascii=False, default=str)
    return Example(int(best["shown"][0]), text)


def _shorten_value(value: object) -> object:
    if isinstance(value, list):
        return [_shorten_value(entry) for entry in value[:EXAMPLE_ENTRIES]]
    if isinstance(value, str) and len(value) > EXAMPLE_LENGTH:
        return value[:EXAMPLE_LENGTH] + " ..."
    return value
