import polars as pl
import pytest

from schemas.gates import GATES, METRICS, Gate, failures
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.release import Alias, Rejection
from schemas.topic import TopicLabel
from tests.builders import alias, frame, link, origin, paper, rejection, release_tables, topic


def fatal(tables: dict[str, pl.DataFrame], previous: dict[str, pl.DataFrame] | None = None) -> set:
    return {failure.gate.name for failure in failures(tables, previous) if failure.is_fatal}


def warned(tables: dict[str, pl.DataFrame], previous: dict[str, pl.DataFrame] | None = None) -> set:
    return {failure.gate.name for failure in failures(tables, previous) if not failure.is_fatal}


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
    "links.unique.paper_id+url": {"links": frame(Link, [link(1), link(1)])},
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
    "papers.open_code.code_urls": {"links": frame(Link, [link(1)])},
    "papers.open_topics.areas": {"topics": frame(TopicLabel, [topic(1)])},
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_release_fails_the_gate_that_is_about_it(name: str) -> None:
    assert name in fatal(release_tables(3) | BROKEN[name])


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


def test_a_maximum_warns_and_does_not_stop() -> None:
    assert warned(release_tables(3)) == {"rejections.rejected"}
    grown = release_tables(11)
    assert "papers.growth" in warned(grown, release_tables(1))


def test_all_failures_are_listed_at_once_the_fatal_ones_first() -> None:
    tables = release_tables(3) | {"links": frame(Link, [link(9), link(9)])}
    found = failures(tables)
    assert [failure.is_fatal for failure in found] == sorted(
        (failure.is_fatal for failure in found), reverse=True
    )
    assert {"links.unique.paper_id+url", "links.refers.paper_id"} <= fatal(tables)


def test_a_message_names_gate_value_bound_and_reason() -> None:
    gate = Gate("papers", "rows", None, 5, None, "five are the fewest that make sense")
    [failure] = failures(release_tables(3), gates=(gate,))
    assert failure.message == (
        "papers.rows is 3, below the minimum 5: five are the fewest that make sense"
    )
