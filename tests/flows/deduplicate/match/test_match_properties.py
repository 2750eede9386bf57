"""Whatever the records, their order and their number of copies change nothing."""

import random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.deduplicate.match.match_records import match_records
from tests.matched_records import DAILY, PAGE, edited, judgement
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records

TITLES = [TITLE, TITLE.replace("very ", ""), f"{TITLE} II", "Rejoinder", "Protein folding archives"]


ABSTRACTS = [None, ABSTRACT, edited(ABSTRACT, 0.1), edited(ABSTRACT, 0.3), OTHER_ABSTRACT]


PEOPLE = [[], AUTHORS, ["Byron, A.", "et al."], ["Emmy Noether"]]


IDS = [None, None, None, "2312.00752", "2312.00753"]


SOURCES = ["arxiv", DAILY, PAGE]


PAGES = [None, None, None, "page 1", "page 2"]


COLUMNS_DRAWN = ("title", "abstract", "authors", "arxiv_id", "source_id")


row = st.tuples(*map(st.sampled_from, (SOURCES, TITLES, ABSTRACTS, PEOPLE, IDS, PAGES)))


some_records = st.lists(row, min_size=1, max_size=15).map(
    lambda rows: [
        record(number, source, **dict(zip(COLUMNS_DRAWN, drawn, strict=True)))
        for number, (source, *drawn) in enumerate(rows, 1)
    ]
)


quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A dozen records are matched as quickly as one: few examples, each of many pairs."""


class TestProperties:
    @quick
    @given(some_records, st.randoms(use_true_random=False))
    def test_the_order_of_records_does_not_matter(
        self, rows: list[dict[str, object]], dice: random.Random
    ) -> None:
        shuffled = list(rows)
        dice.shuffle(shuffled)
        assert match_records(records(*rows)).clusters.equals(
            match_records(records(*shuffled)).clusters
        )

    @quick
    @given(some_records)
    def test_every_record_is_in_exactly_one_cluster(self, rows: list[dict[str, object]]) -> None:
        clusters = match_records(records(*rows)).clusters
        assert clusters["record_id"].to_list() == sorted(str(row["record_id"]) for row in rows)
        firsts = clusters.filter(pl.col("matched_record_id").is_null())
        assert firsts["record_id"].equals(firsts["cluster"].rename("record_id"))
        assert firsts["cluster"].n_unique() == clusters["cluster"].n_unique() == len(firsts)

    @quick
    @given(some_records)
    def test_every_record_joined_by_a_verified_pair_that_is_its_evidence(
        self, rows: list[dict[str, object]]
    ) -> None:
        found = match_records(records(*rows))
        cluster = dict(found.clusters.select("record_id", "cluster").rows())
        verified = {frozenset(row[:2]): row[2:] for row in found.pairs.rows()}
        for record_id, _, rule, score, other in found.clusters.rows():
            if other is not None:
                assert cluster[record_id] == cluster[other]
                assert verified[frozenset((record_id, other))] == (rule, score)

    @quick
    @given(some_records)
    def test_no_near_miss_is_reported_twice(self, rows: list[dict[str, object]]) -> None:
        near = match_records(records(*rows)).near
        assert near.select("left", "right").is_unique().all()
        assert (near["left"] < near["right"]).all()

    @quick
    @given(some_records)
    def test_no_cluster_holds_two_arxiv_ids(self, rows: list[dict[str, object]]) -> None:
        frame = records(*rows)
        both = frame.join(match_records(frame).clusters, on="record_id")
        assert both.group_by("cluster").agg(pl.col("arxiv_id").drop_nulls().n_unique())[
            "arxiv_id"
        ].max() in {0, 1}

    @quick
    @given(some_records, st.data())
    def test_records_declared_different_are_never_merged(
        self, rows: list[dict[str, object]], data: st.DataObject
    ) -> None:
        left, right = data.draw(st.tuples(*[st.sampled_from(rows)] * 2))
        if left is right:
            return
        told = judgement(left["record_id"], right["record_id"], "different")
        clusters = dict(
            match_records(records(*rows), told).clusters.select("record_id", "cluster").rows()
        )
        assert clusters[left["record_id"]] != clusters[right["record_id"]]

    @quick
    @given(some_records)
    def test_an_unrelated_record_changes_nothing(self, rows: list[dict[str, object]]) -> None:
        stranger = record(
            99, title="Quiver tilting", abstract="Modules over strings.", authors=["Z. Qu"]
        )
        before, after = (
            match_records(records(*rows)).clusters,
            match_records(records(*rows, stranger)).clusters,
        )
        assert after.filter(pl.col("record_id") != stranger["record_id"]).equals(before)

    @quick
    @given(some_records)
    def test_the_records_of_a_cluster_match_alone_as_they_did_together(
        self, rows: list[dict[str, object]]
    ) -> None:
        clusters = match_records(records(*rows)).clusters
        largest = clusters["cluster"].mode().sort()[0]
        members = set(clusters.filter(pl.col("cluster") == largest)["record_id"])
        alone = match_records(
            records(*(row for row in rows if row["record_id"] in members))
        ).clusters
        assert alone["cluster"].unique().to_list() == [largest]
