import math

import polars as pl
import pytest

from flows.publish.manifest import read_accuracy_figures
from schemas.alias import Alias
from schemas.change import Change
from schemas.gate import add_counts
from schemas.gates import FLOORS, GATES, METRICS, Gate, count_gates, find_failures
from schemas.link import Link
from schemas.metrics import BY_PAPER, is_by_paper
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.resolution import Resolution
from schemas.topic import TopicLabel
from tests.builders import (
    alias,
    change,
    frame,
    link,
    origin,
    paper,
    rejection,
    release_tables,
    resolution,
    topic,
)


def fatal(tables: dict[str, pl.DataFrame], previous: dict[str, pl.DataFrame] | None = None) -> set:
    return {failure.gate.name for failure in find_failures(tables, previous) if failure.is_fatal}


def warned(tables: dict[str, pl.DataFrame], previous: dict[str, pl.DataFrame] | None = None) -> set:
    return {
        failure.gate.name for failure in find_failures(tables, previous) if not failure.is_fatal
    }


def test_a_sound_release_passes_every_minimum() -> None:
    assert fatal(release_tables(3)) == set()
    assert fatal(release_tables(4), previous=release_tables(3)) == set()


def test_every_gate_says_why_and_has_a_metric() -> None:
    assert all(gate.why and gate.metric in METRICS for gate in GATES)
    assert len({gate.name for gate in GATES}) == len(GATES)


def test_every_gate_of_a_ready_release_has_a_bound() -> None:
    assert all(gate.minimum is not None or gate.maximum is not None for gate in GATES)


BROKEN = {
    "papers.rows": {"papers": frame(Paper, [])},
    "papers.unique.paper_id": {"papers": frame(Paper, [paper(1), paper(1, arxiv_id=None)])},
    "papers.unique.arxiv_id": {
        "papers": frame(Paper, [paper(1), paper(2, arxiv_id=paper(1)["arxiv_id"])])
    },
    "links.unique.paper_id+url+license": {"links": frame(Link, [link(1), link(1)])},
    "topics.unique.paper_id+facet+topic": {"topics": frame(TopicLabel, [topic(1), topic(1)])},
    "origins.unique.record_id": {"origins": frame(Origin, [origin(1), origin(1)])},
    "aliases.unique.alias_id": {"aliases": frame(Alias, [alias(1), alias(1)])},
    "links.refers.paper_id": {"links": frame(Link, [link(9)])},
    "topics.refers.paper_id": {"topics": frame(TopicLabel, [topic(9)])},
    "origins.refers.paper_id": {"origins": frame(Origin, [origin(9)])},
    "aliases.refers.paper_id": {"aliases": frame(Alias, [alias(9)])},
    "aliases.current.alias_id": {
        "aliases": frame(Alias, [alias(1, alias_id=paper(2)["paper_id"])])
    },
    "papers.traced.paper_id": {"origins": frame(Origin, [origin(1)])},
    "papers.fill_rate.abstract": {
        "papers": frame(Paper, [paper(1), paper(2, abstract=None), paper(3, abstract=None)])
    },
    "origins.accepted": {"rejections": frame(Rejection, [rejection(n) for n in range(4)])},
    "rejections.read_whole.file": {
        "rejections": frame(Rejection, [rejection(1, reason="truncated")])
    },
    "changes.unique.paper_id": {"changes": frame(Change, [change(1), change(1)])},
    "changes.told": {"changes": frame(Change, [change(9)])},
    "resolutions.accounted.record_id": {"resolutions": frame(Resolution, [resolution(9)])},
    "papers.open_code.code_urls": {"links": frame(Link, [link(1)])},
    "papers.open_topics.areas": {"topics": frame(TopicLabel, [topic(1)])},
}


def broken_against_the_one_before() -> dict[str, tuple[dict, dict | None]]:
    """Give for every other gate a release that fails it, and the one before where it is needed."""
    whole = release_tables(4)
    bare = [paper(n, code_url=None, code_urls=[], areas=[], title="") for n in range(1, 5)]
    without = whole | {"papers": frame(Paper, bare)}
    refused = whole | {"rejections": frame(Rejection, [rejection(n) for n in range(9)])}
    facets = ("areas", "tasks", "methods", "domains", "contributions", "languages")
    topics = {
        f"papers.open_topics.{facet}": (
            whole | {"papers": frame(Paper, [paper(1, **{facet: ["unheard-of"]})])},
            None,
        )
        for facet in facets
    }
    lost = {
        f"{table}.rows_kept": (whole | {table: whole[table].clear()}, whole)
        for table in ("links", "topics", "origins")
    }
    unmeasured = {"accuracy": pl.DataFrame(schema={"name": pl.String, "value": pl.Float64})}
    floors = {f"accuracy.measured.{name}": (whole | unmeasured, None) for name in FLOORS}
    return {
        "resolutions.unique.record_id": (
            whole | {"resolutions": frame(Resolution, [resolution(1), resolution(1)])},
            None,
        ),
        "aliases.kept.alias_id": (whole | {"aliases": frame(Alias, [])}, whole),
        "papers.kept.paper_id": (release_tables(1), whole),
        "papers.growth": (release_tables(11), release_tables(1)),
        "papers.fill_rate.title": (
            whole | {"papers": whole["papers"].with_columns(title=pl.lit(None, pl.String))},
            None,
        ),
        "origins.fill_rate_of_sources.abstract": (
            whole | {"origins": whole["origins"].with_columns(abstract=pl.lit(None, pl.String))},
            whole,
        ),
        "papers.fill_rate_kept.code_url": (without, whole),
        "papers.fill_rate_kept.areas": (without, whole),
        "rejections.most_rejected.source": (refused, None),
        "rejections.rejected": (refused, None),
        **topics,
        **lost,
        **floors,
    }


def test_every_gate_bites() -> None:
    broken = {name: (release_tables(3) | tables, None) for name, tables in BROKEN.items()}
    broken |= broken_against_the_one_before()
    assert set(broken) == {gate.name for gate in GATES}
    silent = [
        gate.name
        for gate in GATES
        for failures in [find_failures(*broken[gate.name], gates=(gate,))]
        if not failures
        or failures[0].is_fatal != (gate.minimum is not None)
        or not failures[0].message.startswith(f"{gate.name} is ")
    ]
    print(f"{len(broken) - len(silent)} of {len(GATES)} gates bite")  # noqa: T201  # the count
    assert silent == []


def test_what_is_counted_some_papers_at_a_time_adds_up_to_the_whole() -> None:
    now, before = broken_against_the_one_before()["papers.fill_rate_kept.areas"]
    assert before
    gates = [gate for gate in GATES if is_by_paper(gate)]
    parts = [
        count_gates(*(cut_papers(release, *bounds) for release in (now, before)), gates)
        for bounds in (("", "arxiv:2603.00002"), ("arxiv:2603.00002", "b"))
    ]
    whole = count_gates(now, before, gates)
    assert len(gates) > 20
    assert {name: add_counts(part[name] for part in parts) for name in whole} == whole


def cut_papers(tables: dict[str, pl.DataFrame], start: str, end: str) -> dict[str, pl.LazyFrame]:
    is_inside = (pl.col("paper_id") >= start) & (pl.col("paper_id") < end)
    return {name: tables[name].lazy().filter(is_inside) for name in BY_PAPER}


def test_code_known_only_from_share_alike_rows_must_not_stand_in_an_open_paper() -> None:
    tables = release_tables(1) | {"links": frame(Link, [link(1, license="CC-BY-SA-4.0")])}
    assert "papers.open_code.code_urls" in fatal(tables)
    shared = frame(Paper, [paper(1, license="CC-BY-SA-4.0")])
    assert "papers.open_code.code_urls" not in fatal(tables | {"papers": shared})


def test_lost_ids_fail_and_aliases_count_as_kept() -> None:
    before = release_tables(3)
    now = release_tables(2)
    assert "papers.kept.paper_id" in fatal(now, before)
    merged = frame(Alias, [alias(1), alias(2, alias_id=paper(3)["paper_id"])])
    assert "papers.kept.paper_id" not in fatal(now | {"aliases": merged}, before)


def test_an_alias_that_is_gone_fails() -> None:
    now = release_tables(3) | {"aliases": frame(Alias, [])}
    assert "aliases.kept.alias_id" in fatal(now, release_tables(3))


def test_a_share_of_code_that_halves_fails_only_against_a_release_before() -> None:
    papers = [paper(n, code_url=None, code_urls=[]) for n in (1, 2)]
    now = release_tables(3) | {"papers": frame(Paper, [*papers, paper(3)])}
    assert "papers.fill_rate_kept.code_url" not in fatal(now)
    assert "papers.fill_rate_kept.code_url" in fatal(now, release_tables(3))


def test_papers_that_are_new_may_have_no_code() -> None:
    papers = [paper(n, code_url=None, code_urls=[]) for n in range(4, 10)]
    now = release_tables(9) | {"papers": frame(Paper, [*(paper(n) for n in (1, 2, 3)), *papers])}
    assert fatal(now, release_tables(3)) == set()


@pytest.mark.parametrize("table", ["links", "topics", "origins"])
def test_papers_that_lose_half_of_their_rows_fail(table: str) -> None:
    before = release_tables(4)
    now = release_tables(9) | {table: release_tables(9)[table][2:]}
    assert f"{table}.rows_kept" not in fatal(now, before)
    assert f"{table}.rows_kept" in fatal(now | {table: now[table][1:]}, before)


def test_a_link_may_stand_in_two_layers() -> None:
    both = frame(Link, [link(1), link(1, license="CC-BY-SA-4.0")])
    assert (
        fatal(release_tables(3) | {"links": frame(Link, [*both.to_dicts(), link(2), link(3)])})
        == set()
    )


@pytest.mark.parametrize(
    ("said", "is_true"),
    [
        (change(1), True),
        (change(1, change="removed"), False),
        (change(9, change="removed"), True),
        (change(9, change="merged", into=paper(1)["paper_id"]), True),
        (change(9, change="merged", into=paper(8)["paper_id"]), False),
    ],
)
def test_a_change_must_be_true_of_the_papers(said: dict, *, is_true: bool) -> None:
    tables = release_tables(3) | {"changes": frame(Change, [said])}
    assert ("changes.told" not in fatal(tables)) == is_true


def test_a_source_of_which_most_is_refused_is_seen_behind_a_large_one() -> None:
    refused = [rejection(n, source="acl_anthology") for n in (1, 2)]
    tables = release_tables(40) | {"rejections": frame(Rejection, refused)}
    assert "rejections.most_rejected.source" in warned(tables)
    assert "rejections.rejected" not in warned(tables)


@pytest.mark.parametrize("name", FLOORS)
def test_accuracy_below_its_floor_fails_where_it_was_measured(name: str) -> None:
    low = figures(name, [FLOORS[name] - 0.01])
    assert fatal(release_tables(3) | {"accuracy": low}) == {f"accuracy.measured.{name}"}


@pytest.mark.parametrize("values", [[math.nan], [None], [0.999, 0.999], [0.999, 0.1]])
def test_a_figure_that_is_none_or_stands_twice_reaches_no_floor(values: list[float | None]) -> None:
    name = next(iter(FLOORS))
    assert fatal(release_tables(3) | {"accuracy": figures(name, values)}) == {
        f"accuracy.measured.{name}"
    }


def test_an_evaluation_without_the_figures_reaches_no_floor() -> None:
    nothing = pl.DataFrame(schema={"name": pl.String, "value": pl.Float64})
    every = {f"accuracy.measured.{name}" for name in FLOORS}
    assert fatal(release_tables(3) | {"accuracy": nothing}) == every


def figures(name: str, values: list[float | None]) -> pl.DataFrame:
    """Give figures that reach every floor, apart from those of one name."""
    rows = [(other, floor) for other, floor in FLOORS.items() if other != name]
    rows += [(name, value) for value in values]
    return pl.DataFrame(rows, schema={"name": pl.String, "value": pl.Float64}, orient="row")


def test_every_floor_has_a_figure_in_what_was_last_measured() -> None:
    assert set(FLOORS) <= set(read_accuracy_figures()["name"])
    assert fatal(release_tables(3) | {"accuracy": read_accuracy_figures()}) == set()


def test_a_maximum_warns_and_does_not_stop() -> None:
    assert warned(release_tables(3)) == {"rejections.rejected"}
    grown = release_tables(11)
    assert "papers.growth" in warned(grown, release_tables(1))


def test_all_failures_are_listed_at_once_the_fatal_ones_first() -> None:
    tables = release_tables(3) | {"links": frame(Link, [link(9), link(9)])}
    found = find_failures(tables)
    assert [failure.is_fatal for failure in found] == sorted(
        (failure.is_fatal for failure in found), reverse=True
    )
    assert {"links.unique.paper_id+url+license", "links.refers.paper_id"} <= fatal(tables)


def test_a_message_names_gate_value_bound_and_reason() -> None:
    gate = Gate("papers", "rows", None, 5, None, "five are the fewest that make sense")
    [failure] = find_failures(release_tables(3), gates=(gate,))
    assert failure.message == (
        "papers.rows is 3, below the minimum 5: five are the fewest that make sense"
    )


def test_a_source_that_never_had_abstracts_needs_none() -> None:
    bare = [paper(n, abstract=None, sources=["acl_anthology"]) for n in (1, 2, 3)]
    assert "papers.fill_rate.abstract" not in fatal(
        release_tables(3) | {"papers": frame(Paper, bare)}
    )


def test_a_source_that_loses_its_abstracts_fails_against_the_release_before() -> None:
    name = "origins.fill_rate_of_sources.abstract"
    bare = [origin(n, abstract=None) for n in (1, 2)]
    now = release_tables(3) | {"origins": frame(Origin, [*bare, origin(3)])}
    assert name not in fatal(now)
    assert name in fatal(now, release_tables(3))
    assert name not in fatal(release_tables(3), now)


@pytest.mark.parametrize("reason", ["removed", "other-kind"])
def test_what_a_source_says_is_no_paper_is_no_misread_record(reason: str) -> None:
    deleted = [rejection(n, reason=reason) for n in range(9)]
    tables = release_tables(1) | {"rejections": frame(Rejection, deleted)}
    assert "origins.accepted" not in fatal(tables)
    assert warned(tables).isdisjoint({"rejections.rejected", "rejections.most_rejected.source"})
