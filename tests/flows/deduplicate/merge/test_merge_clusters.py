"""A cluster of records becomes one paper, field by field, under the licence of its texts."""

import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from flows import external_sort, parts
from flows.deduplicate.carry_over import carry_over_records, map_successors
from flows.deduplicate.merge.inherit_ids import PreviousIds
from flows.deduplicate.merge.merge_fields import copy_single_records, merge_fields
from flows.deduplicate.merge.preference import is_contributing, licence_openness
from tests.merged_papers import (
    DAILY,
    NOTHING,
    PWC,
    ROWS_ALONE,
    different,
    merged,
    paper,
    released,
    same,
)
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records


class TestFields:
    def test_the_abstract_with_urls_beats_this_https_url(self) -> None:
        lost = ABSTRACT.replace("https://github.com/example/routing", "this https URL")
        assert paper(same(1, abstract=lost), same(2, DAILY))["abstract"] == ABSTRACT

    def test_the_abstract_with_latex_beats_the_stripped_one(self) -> None:
        latex = r"We are $5\times$ faster than the rest."
        stripped = "We are 5times faster than the rest."
        row = paper(same(1, abstract=stripped), same(2, DAILY, abstract=latex))
        assert row["abstract_as_written"] == latex

    @pytest.mark.parametrize("worse", [None, "", "We route every token to ...", "Withdrawn."])
    def test_a_missing_cut_or_withdrawn_abstract_loses(self, worse: str | None) -> None:
        assert paper(same(1, abstract=worse), same(2, DAILY))["abstract"] == ABSTRACT

    def test_equally_good_texts_follow_the_order_of_sources(self) -> None:
        row = paper(same(1, DAILY, title="Old title"), same(2, title="New title"))
        assert row["title"] == "New title"

    @pytest.mark.parametrize("column", ["venue", "comments"])
    def test_what_terminals_act_on_is_in_origins_alone(self, column: str) -> None:
        written = "ICML\x1b[2J\n  2025\u202e"
        papers, origins = merged(same(1, **{column: written}))
        assert papers[column].to_list() == ["ICML[2J 2025"]
        assert origins[column].to_list() == [written]

    def test_the_newest_snapshot_of_a_source_wins(self) -> None:
        rows = (same(1, title="First title"), same(2, title="Second", snapshot=date(2026, 4, 1)))
        assert paper(*rows)["title"] == "Second"

    def test_the_full_author_list_beats_et_al(self) -> None:
        row = paper(same(1, authors=["Ada Byron", "et al."]), same(2, DAILY))
        assert row["authors"] == AUTHORS

    @pytest.mark.parametrize(
        "authors",
        [
            *(["Ada Byron", "et al."], ["Ada Byron et al."], ["Ada Byron, et. al"]),
            *(["Ada Byron", "and others"], ["Ada Byron and others"], ["Ada Byron", "others"]),
        ],
    )
    def test_et_al_is_no_author(self, authors: list[str]) -> None:
        assert paper(same(1, authors=authors))["authors"] == ["Ada Byron"]
        assert paper(same(1, authors=authors), same(2, DAILY))["authors"] == AUTHORS

    def test_the_first_date_is_the_publication_date_and_the_pages_date_is_not(self) -> None:
        row = paper(
            same(1, published=date(2023, 12, 2), updated=date(2024, 5, 1)),
            same(2, DAILY, published=date(2023, 12, 1), listed=date(2023, 11, 1)),
        )
        assert (row["published"], row["updated"]) == (date(2023, 12, 1), date(2024, 5, 1))

    def test_columns_of_later_steps_are_empty(self) -> None:
        row = paper(same(1))
        assert (row["code_url"], row["code_urls"], row["areas"]) == (None, [], [])


class TestLicences:
    def test_a_share_alike_record_gives_nothing_to_an_open_paper(self) -> None:
        row = paper(
            same(1, abstract=None, authors=[]),
            same(2, PWC, published=date(2020, 1, 1), venue="ICML", openreview_id="AbCdEfGhIj"),
        )
        assert (row["abstract"], row["authors"], row["published"]) == (None, [], None)
        assert (row["venue"], row["openreview_id"], row["license"]) == (None, None, "CC0-1.0")
        assert row["sources"] == ["arxiv", PWC]

    def test_a_paper_of_share_alike_records_only_says_so(self) -> None:
        assert paper(same(1, PWC))["license"] == "CC-BY-SA-4.0"

    def test_texts_come_from_the_most_open_records_and_identifiers_from_all_open_ones(self) -> None:
        row = paper(
            same(1, abstract=None),
            same(2, "acl_anthology", license="CC-BY-4.0", acl_id="P18-1001", venue="ACL"),
        )
        assert (row["license"], row["abstract"]) == ("CC0-1.0", None)
        assert (row["acl_id"], row["venue"]) == ("P18-1001", "ACL")


class TestOrigins:
    def test_every_record_is_kept_as_it_was_written(self) -> None:
        rows = (same(1), same(2, DAILY, title="Old title", abstract=OTHER_ABSTRACT))
        _, origins = merged(*rows)
        assert origins["title"].to_list() == [TITLE, "Old title"]
        assert origins["abstract"].to_list() == [ABSTRACT, OTHER_ABSTRACT]
        assert origins["rule"].to_list() == ["single", "identifier"]


@given(st.lists(st.sampled_from(ROWS_ALONE), max_size=6, unique_by=lambda row: row["record_id"]))
@settings(deadline=None, max_examples=20, derandomize=True)
def test_records_that_are_alone_need_no_choice(rows: list[dict[str, object]]) -> None:
    """One record gives the same paper whether it is chosen from one or taken as it is."""
    frame = records(*rows).with_columns(cluster="record_id")
    rated = frame.with_columns(licence_openness(), is_contributing().alias("is_contributing"))
    alone = copy_single_records(frame)
    assert_frame_equal(merge_fields(rated).select(alone.columns), alone.sort("cluster"))


def test_merging_many_parts_gives_what_merging_one_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [record(n, title=f"{TITLE} {n // 2}", abstract=None) for n in range(2, 26)]
    frame = records(*rows, *(same(n, DAILY) for n in range(26, 29)))
    papers, origins = merged(*frame.rows(named=True))
    monkeypatch.setattr(external_sort, "ROWS", 5)
    monkeypatch.setattr(external_sort, "JOINED_ROWS", 8)
    monkeypatch.setattr(parts, "PART_ROWS", 4)
    few, few_origins = merged(*frame.sample(fraction=1, shuffle=True, seed=1).rows(named=True))
    assert papers.height == 13
    assert_frame_equal(papers, few)
    assert_frame_equal(origins, few_origins)


REVIEWED = {"openreview_id": "AbCdEfGhIj"}


class TestSharedIdentifiers:
    def test_an_identifier_stays_at_the_paper_whose_id_names_it(self) -> None:
        rows = (same(1, **REVIEWED), record(2, DAILY, **REVIEWED))
        found = released(NOTHING, *rows, judged=different(*rows)).papers
        assert found.select("paper_id", "openreview_id").rows() == [
            ("arxiv:2312.00752", None),
            ("openreview:AbCdEfGhIj", "AbCdEfGhIj"),
        ]

    def test_an_identifier_stays_at_the_paper_that_inherited_its_name(self) -> None:
        first = record(1, **REVIEWED)
        before = released(NOTHING, first)
        competing_record = record(2, DAILY, arxiv_id="2312.00001", **REVIEWED)
        rows = (first | {"arxiv_id": "2312.00752"}, competing_record)
        found = released(before, *rows, judged=different(*rows)).papers
        assert found.select("paper_id", "arxiv_id", "openreview_id").rows() == [
            ("arxiv:2312.00001", "2312.00001", None),
            ("openreview:AbCdEfGhIj", "2312.00752", "AbCdEfGhIj"),
        ]

    def test_an_identifier_stays_at_the_paper_that_was_released_with_it(self) -> None:
        first = record(5, doi="10.1000/a")
        before = released(NOTHING, first)
        before = released(before, first | {"arxiv_id": "2312.00752"})
        assert before.papers.select("paper_id", "arxiv_id").rows() == [
            ("doi:10.1000/a", "2312.00752")
        ]
        competing_record = same(1, DAILY, title="Another")
        rows = (first | {"arxiv_id": "2312.00752"}, competing_record)
        found = released(before, *rows, judged=different(*rows)).papers
        assert dict(found.select("paper_id", "arxiv_id").iter_rows())["doi:10.1000/a"] is not None
        assert found["arxiv_id"].drop_nulls().to_list() == ["2312.00752"]

    def test_one_of_two_papers_keeps_an_identifier_that_names_neither(self) -> None:
        rows = (same(1, **REVIEWED), record(2, DAILY, arxiv_id="2312.00001", **REVIEWED))
        found = released(NOTHING, *rows).papers
        assert found["openreview_id"].to_list() == ["AbCdEfGhIj", None]

    def test_two_papers_may_have_one_doi(self) -> None:
        doi = {"doi": "10.1000/x"}
        found = released(NOTHING, same(1, **doi), record(2, arxiv_id="2312.00001", **doi)).papers
        assert found["doi"].to_list() == ["10.1000/x"] * 2


row = st.tuples(
    st.sampled_from(["arxiv", DAILY, "papers_page"]),
    st.sampled_from([TITLE, f"{TITLE} II", "Rejoinder"]),
    st.sampled_from([None, ABSTRACT, OTHER_ABSTRACT]),
    st.sampled_from([[], AUTHORS, ["Emmy Noether"]]),
    st.sampled_from([None, None, "2312.00752", "2312.00753"]),
    st.sampled_from([None, None, "AbCdEfGhIj"]),
    st.sampled_from([None, None, "page"]),
)


DRAWN = ("title", "abstract", "authors", "arxiv_id", "openreview_id", "source_id")


some_records = st.lists(row, min_size=1, max_size=12).map(
    lambda rows: [
        record(number, source, **dict(zip(DRAWN, drawn, strict=True)))
        for number, (source, *drawn) in enumerate(rows, 1)
    ]
)


quick = settings(max_examples=3, deadline=None)
"""A dozen records are merged as quickly as one: few examples, each of many pairs."""


class TestProperties:
    @quick
    @given(some_records, st.randoms(use_true_random=False))
    def test_the_order_of_records_does_not_matter(
        self, rows: list[dict[str, object]], dice: random.Random
    ) -> None:
        shuffled = list(rows)
        dice.shuffle(shuffled)
        papers, origins = merged(*rows)
        other_papers, other_origins = merged(*shuffled)
        assert papers.equals(other_papers)
        assert origins.equals(other_origins)

    @quick
    @given(some_records)
    def test_every_record_is_in_exactly_one_paper(self, rows: list[dict[str, object]]) -> None:
        papers, origins = merged(*rows)
        assert origins["record_id"].to_list() == sorted(str(row["record_id"]) for row in rows)
        assert set(origins["paper_id"]) == set(papers["paper_id"])

    @quick
    @given(some_records)
    def test_feeding_a_release_back_keeps_all_ids(self, rows: list[dict[str, object]]) -> None:
        first = released(NOTHING, *rows)
        again = released(first, *rows)
        assert again.papers.equals(first.papers)
        assert again.origins.equals(first.origins)
        assert again.aliases.is_empty()

    @quick
    @given(some_records)
    def test_fetching_every_file_again_keeps_all_ids(self, rows: list[dict[str, object]]) -> None:
        first = released(NOTHING, *rows)
        refetched = [
            row | {"record_id": f"{row['source']}:fedcba987654:{row['line']}"} for row in rows
        ]
        assert carry_over_records(first.origins, records(*refetched)).is_empty()
        followed = map_successors(first.origins, records(*refetched))
        known = pl.concat([first.origins.select("record_id", "paper_id"), followed])
        again = released(PreviousIds(first.papers, known, first.aliases), *refetched)
        assert again.papers["paper_id"].equals(first.papers["paper_id"])
        both = [found.origins.sort("line")["paper_id"] for found in (first, again)]
        assert both[0].equals(both[1])

    @quick
    @given(some_records)
    def test_an_unrelated_record_changes_no_other_id(self, rows: list[dict[str, object]]) -> None:
        stranger = record(99, title="Quiver tilting", abstract="Over strings.", authors=["Z. Qu"])
        before, after = released(NOTHING, *rows), released(NOTHING, *rows, stranger)
        others = after.origins.filter(pl.col("record_id") != stranger["record_id"])
        assert others["paper_id"].equals(before.origins["paper_id"])

    @quick
    @given(some_records, some_records)
    def test_no_id_is_ever_lost_or_given_to_two(
        self, rows: list[dict[str, object]], more: list[dict[str, object]]
    ) -> None:
        later = [row | {"record_id": f"{row['source']}:fedcba987654:{row['line']}"} for row in more]
        before = released(NOTHING, *rows)
        after = released(before, *rows, *later)
        ids = after.papers["paper_id"].to_list()
        aliases = after.aliases["alias_id"].to_list()
        assert set(before.papers["paper_id"]) <= {*ids, *aliases}
        assert len({*ids, *aliases}) == len(ids) + len(aliases)
        assert set(after.aliases["paper_id"]) <= set(ids)


def test_unnamed_authors_are_those_of_the_list_that_is_chosen() -> None:
    named = [f"A{n} Berg" for n in range(9)]
    short = record(1, arxiv_id="2601.00001", authors=named[:2], unnamed_authors=7)
    assert paper(short)["unnamed_authors"] == 7
    # A list that is whole wins, and leaves nobody out.
    both = paper(short, record(2, arxiv_id="2601.00001", authors=named))
    assert (both["unnamed_authors"], len(both["authors"])) == (None, 9)


def test_keywords_are_those_of_the_authors() -> None:
    own = record(1, arxiv_id="2601.00001", source="openreview", keywords=["sparse attention"])
    listed = record(2, arxiv_id="2601.00001", keywords=["a task that a site listed"])
    assert paper(own)["keywords"] == ["sparse attention"]
    assert paper(listed)["keywords"] == []
    assert paper(own, listed)["keywords"] == ["sparse attention"]


def test_votes_are_listed_by_day_and_the_longest_list_of_versions_stays() -> None:
    first, second = date(2026, 3, 1), date(2026, 3, 9)
    days = [date(2025, 1, 1), date(2025, 2, 2)]
    one = record(1, arxiv_id="2601.00001", upvotes=3, snapshot=first, version_days=days)
    alone = paper(one)
    assert alone["votes"] == [{"day": first, "upvotes": 3}]
    assert alone["version_days"] == days
    later = record(2, arxiv_id="2601.00001", upvotes=9, snapshot=second, version_days=days[:1])
    # Two listings of one day: what the more complete one says.
    same_day = record(3, arxiv_id="2601.00001", upvotes=2, snapshot=first)
    merged_paper = paper(one, later, same_day, record(4, arxiv_id="2601.00001"))
    assert merged_paper["votes"] == [
        {"day": first, "upvotes": 3},
        {"day": second, "upvotes": 9},
    ]
    assert merged_paper["version_days"] == days
    assert paper(record(5))["votes"] == []
