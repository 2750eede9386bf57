"""Records become one paper by identifiers, listings and judgements; reports say what was odd."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.record_features import RepeatedRecords
from flows.deduplicate.match.record_keys import (
    _hash_texts,
    canonicalize_name,
    find_bearers,
    former_title_key,
    name_records,
)
from flows.evaluate import dedup
from tests.matched_records import BARE, DAILY, PAGE, edited, joined, judgement, rule
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records


class TestIdentifiers:
    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("arxiv_id", "2312.00752"),
            ("doi", "10.1000/x"),
            ("acl_id", "P18-1001"),
            ("openreview_id", "AbCdEfGhIj"),
        ],
    )
    def test_one_strong_identifier_is_one_paper(self, column: str, value: str) -> None:
        left = record(1, **{column: value})
        right = record(
            2, DAILY, title="Another title", abstract=None, authors=[], **{column: value}
        )
        assert rule(left, right) == "identifier"

    @pytest.mark.parametrize("column", ["arxiv_id", "doi", "acl_id", "openreview_id"])
    def test_two_identifiers_of_a_kind_never_merge_by_text(self, column: str) -> None:
        values = {"arxiv_id": ("2312.00752", "2312.00753")}.get(column, ("10.1/a", "10.1/b"))
        left, right = (record(n, **{column: value}) for n, value in enumerate(values, 1))
        assert not joined(left, right)

    def test_one_doi_does_not_join_two_arxiv_ids(self) -> None:
        left = record(1, arxiv_id="2312.00752", doi="10.1000/x")
        right = record(2, arxiv_id="2312.00753", doi="10.1000/x")
        assert not joined(left, right)

    def test_an_arxiv_id_outranks_two_dois(self) -> None:
        left = record(1, arxiv_id="2312.00752", doi="10.1000/preprint")
        right = record(2, DAILY, arxiv_id="2312.00752", doi="10.1000/journal")
        assert joined(left, right)

    def test_a_record_without_id_does_not_bridge_two_ids_and_the_cut_is_reported(self) -> None:
        rows = (
            record(1, arxiv_id="2312.00752"),
            record(2, arxiv_id="2312.00753", abstract=edited(ABSTRACT, 0.1)),
            record(3, PAGE, authors=AUTHORS),
        )
        found = match_records(records(*rows))
        clusters = dict(found.clusters.select("record_id", "cluster").iter_rows())
        assert clusters[str(rows[2]["record_id"])] == rows[0]["record_id"]
        assert clusters[str(rows[1]["record_id"])] == rows[1]["record_id"]
        report = found.reports.filter(pl.col("kind") == "split-cluster")
        assert "two-arxiv-ids" in report["detail"].item()
        cut = found.near.filter(pl.col("title").is_null()).select("left", "right", "why").rows()
        assert cut == [(rows[1]["record_id"], rows[2]["record_id"], "two-arxiv-ids")]

    def test_versions_of_an_arxiv_id_are_one_id(self) -> None:
        left, right = record(1, arxiv_id="2312.00752v1"), record(2, arxiv_id="arXiv:2312.00752v3")
        frame = canonicalize_ids(records(left, right | {"title": "Another", "abstract": None}))
        assert match_records(frame).clusters["rule"].to_list() == ["single", "identifier"]

    def test_a_doi_of_an_arxiv_id_that_cannot_be_stays_a_doi(self) -> None:
        dois = ["10.48550/arXiv.2312.00752", "https://doi.org/10.48550/arXiv.2313.00752", None]
        frame = canonicalize_ids(records(*(record(n, doi=doi) for n, doi in enumerate(dois, 1))))
        assert frame.select("arxiv_id", "doi").rows() == [
            ("2312.00752", None),
            (None, "10.48550/arxiv.2313.00752"),
            (None, None),
        ]


class TestListings:
    def test_one_page_of_a_source_is_one_paper_though_nothing_else_is_said_of_it(self) -> None:
        page = {"source_id": "https://paperswithcode.com/paper/routing", **BARE}
        rows = [record(n, "papers_with_code", **page) for n in (1, 2)]
        rows.append(record(3, "papers_with_code", **page | {"title": "Routing (old title)"}))
        rows.append(record(4, "papers_with_code", **page | {"arxiv_id": "2312.00752"}))
        found = match_records(records(*rows)).clusters
        assert found["cluster"].n_unique() == 1
        assert found["rule"].to_list() == ["single", "listed", "listed", "listed"]

    def test_pages_of_two_sources_under_one_id_are_not(self) -> None:
        rows = [
            record(n, source, source_id="17", **BARE) for n, source in enumerate((DAILY, PAGE), 1)
        ]
        assert not joined(*rows)

    def test_one_page_does_not_join_two_arxiv_ids(self) -> None:
        page = {"source_id": "page", **BARE}
        ids = ["2312.00752", "2312.00753", None]
        rows = [record(n, "papers_with_code", arxiv_id=i, **page) for n, i in enumerate(ids, 1)]
        found = match_records(records(*rows))
        assert found.clusters["cluster"].n_unique() == 3
        assert found.reports.select("kind", "record_id", "count").rows() == [
            ("split-cluster", rows[2]["record_id"], 3)
        ]
        assert "records of different papers" in found.reports["detail"].item()

    def test_a_page_joins_no_two_records_that_both_have_an_identifier(self) -> None:
        page = {"source_id": "page", **BARE}
        ids: list[dict[str, object]] = [{"arxiv_id": "2312.00752"}, {"doi": "10.1000/x"}]
        rows = [record(n, title=f"{n}", **page, **one) for n, one in enumerate(ids, 1)]
        assert not joined(*rows)

    def test_a_record_without_identifier_joins_those_of_its_page_that_do_not_disagree(self) -> None:
        page = {"source_id": "page", **BARE}
        ids: list[dict[str, object]] = [{"arxiv_id": "2312.00752"}, {"doi": "10.1000/x"}, {}]
        rows = [record(n, title=f"{n}", **page, **one) for n, one in enumerate(ids, 1)]
        found = match_records(records(*rows))
        assert found.clusters["cluster"].n_unique() == 1
        assert found.reports.is_empty()

    def test_an_identifier_stays_the_evidence_beside_a_page(self) -> None:
        rows = [record(n, source_id="page", arxiv_id="2312.00752") for n in (1, 2)]
        nameless = record(3, source_id="page", **BARE)
        assert match_records(records(*rows, nameless)).clusters["rule"].to_list() == [
            *("single", "identifier", "listed")
        ]


class TestJudgements:
    def test_the_judgement_same_joins_what_no_rule_would(self) -> None:
        left, right = record(1), record(2, PAGE, title="Else", abstract=None, authors=[])
        told = judgement(left["record_id"], right["record_id"], "same")
        assert joined(left, right, judgements=told)

    def test_different_parts_what_every_rule_would_join(self) -> None:
        left, right = record(1, arxiv_id="2312.00752"), record(2, DAILY, arxiv_id="2312.00752")
        told = judgement(left["record_id"], right["record_id"], "different")
        assert not joined(left, right, judgements=told)

    def test_different_holds_across_a_third_record(self) -> None:
        rows = (record(1), record(2, DAILY), record(3, PAGE))
        told = judgement(rows[0]["record_id"], rows[1]["record_id"], "different")
        clusters = dict(
            match_records(records(*rows), told).clusters.select("record_id", "cluster").rows()
        )
        assert clusters[rows[0]["record_id"]] != clusters[rows[1]["record_id"]]

    @pytest.mark.parametrize("verdict", ["same", "different"])
    def test_a_judged_pair_has_the_judgement_as_its_reason(self, verdict: str) -> None:
        left, right = record(1), record(2, PAGE)
        found = match_records(
            records(left, right), judgement(left["record_id"], right["record_id"], verdict)
        )
        told = (
            found.near["why"].to_list() if verdict == "different" else found.pairs["rule"].to_list()
        )
        assert told == ["judgement"]

    def test_judgements_that_contradict_across_a_third_record_are_reported(self) -> None:
        rows = [record(n, title=f"{n}", **BARE) for n in (1, 2, 3)]
        ids = [row["record_id"] for row in rows]
        verdicts = (ids[0], ids[1], "same"), (ids[1], ids[2], "same"), (ids[0], ids[2], "different")
        found = match_records(records(*rows), pl.concat(judgement(*one) for one in verdicts))
        clusters = dict(found.clusters.select("record_id", "cluster").rows())
        assert clusters[ids[0]] != clusters[ids[2]]
        assert found.reports["kind"].to_list() == ["split-cluster"]

    def test_an_identifier_names_all_its_records(self) -> None:
        left = record(1, arxiv_id="2312.00752")
        right = record(2, PAGE, title="Else", abstract=None, authors=[], doi="10.1000/x")
        told = judgement("arxiv:2312.00752", "doi:10.1000/x", "same")
        assert joined(left, right, judgements=told)

    @pytest.mark.parametrize("source_id", [None, "https://paperswithcode.com/paper/routing"])
    def test_a_judgement_holds_when_the_files_are_fetched_again(
        self, source_id: str | None
    ) -> None:
        left = record(1, PAGE, source_id=source_id)
        right = record(2, PAGE, authors=[])
        names = name_records(records(left, right))
        told = judgement(*names, "different")
        assert joined(left, right)
        refetched = (
            row | {"record_id": f"{PAGE}:fedcba987654:{row['line']}"} for row in (left, right)
        )
        assert not joined(*refetched, judgements=told)

    @pytest.mark.parametrize("source", ["arxiv", PAGE])
    @pytest.mark.parametrize("own", [None, "", " ", "text:zz", "1501.0001", "a b", " a"])
    def test_every_name_that_review_writes_can_be_used_in_a_judgement(
        self, source: str, own: str | None
    ) -> None:
        frame = records(record(1, source, source_id=own))
        name = name_records(frame)[0]
        assert canonicalize_name(name) == name
        assert find_bearers(frame, pl.Series([name]))["record_id"].to_list() == [
            frame["record_id"][0]
        ]

    def test_a_record_is_named_by_its_words_however_they_are_wrapped(self) -> None:
        left, right = record(1, PAGE), record(2, PAGE, abstract=ABSTRACT.replace(" ", "\n"))
        other = record(3, PAGE, abstract=OTHER_ABSTRACT)
        names = name_records(records(left, right, other)).to_list()
        assert names[0] == names[1] != names[2]

    def test_a_name_by_texts_holds_when_their_key_is_made_otherwise(self) -> None:
        frame = records(record(1, PAGE, title=r"Na\"ive $x_1$ in Straßburg"))
        former = _hash_texts(frame, former_title_key)
        assert former.to_list() != name_records(frame).to_list()
        assert find_bearers(frame, former)["record_id"].to_list() == frame["record_id"].to_list()

    def test_a_judgement_on_nobody_is_reported(self) -> None:
        told = judgement("arxiv:2312.00752", "arxiv:2312.00753", "same")
        reports = match_records(records(record(1)), told).reports
        assert reports["kind"].to_list() == ["unknown-judgement"]


class TestReports:
    def test_a_block_over_the_cap_is_reported(self) -> None:
        rows = [record(n, title="Erratum", abstract=None, authors=[]) for n in range(1, 61)]
        reports = match_records(records(*rows)).reports
        assert reports.select("kind", "count").unique().rows() == [("block-overflow", 60)]

    def test_a_cluster_over_twenty_records_is_reported(self) -> None:
        rows = [record(n, arxiv_id="2312.00752") for n in range(1, 25)]
        reports = match_records(records(*rows)).reports
        assert ("large-cluster", 24) in reports.select("kind", "count").rows()

    def test_near_misses_say_what_forbade_them(self) -> None:
        left, right = (record(n, title=f"{TITLE}, Part {n}") for n in (1, 2))
        assert match_records(records(left, right)).near["why"].to_list() == ["two-parts"]

    def test_a_near_miss_that_a_fact_parts_as_well_is_reported_once(self) -> None:
        page = {"source_id": "page", **BARE}
        rows = [record(1, **page), record(2, arxiv_id="2312.00752", **page)]
        other = record(3, DAILY, title="Else", arxiv_id="2312.00753", **BARE)
        told = judgement(rows[0]["record_id"], other["record_id"], "same")
        near = match_records(records(*rows, other), told).near
        assert near.select("left", "right", "why", "title").rows() == [
            (rows[0]["record_id"], rows[1]["record_id"], "two-arxiv-ids", 1.0)
        ]

    def test_a_record_read_twice_is_refused(self) -> None:
        with pytest.raises(RepeatedRecords, match="1 record id twice among the records, such as"):
            match_records(records(record(1), record(1)))

    def test_no_records_are_no_papers(self) -> None:
        assert match_records(records()).clusters.is_empty()


def test_hidden_ids_are_found_again(shared: Callable[[str], Path]) -> None:
    folder = shared("eval/dedup")
    truth = pl.read_parquet(folder / "truth.parquet", glob=False)
    tenth = truth["cluster"].unique().sort().gather_every(10)
    some = truth.filter(pl.col("cluster").is_in(tenth.implode())).select("record_id")
    frame = pl.read_parquet(folder / "records.parquet", glob=False).join(some, on="record_id")
    unknown = [
        pl.lit(None, pl.String).alias(name)
        for name in ("arxiv_id", "doi", "acl_id", "openreview_id")
    ]
    found = match_records(frame.with_columns(unknown)).clusters.join(
        truth, on="record_id", suffix="_true"
    )
    assert dedup.score_pairs(found, "cluster", "cluster_true")["precision"] > 0.99
    assert dedup.score_pairs(found, "cluster", "cluster_true")["recall"] > 0.96
