import random
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.match.compare_pairs import decide_pairs, measure_pairs
from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.record_features import describe_records
from flows.deduplicate.match.record_keys import (
    _hash_texts,
    canonicalize_name,
    find_bearers,
    former_title_key,
    name_records,
)
from flows.evaluate import dedup
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records


def joined(*rows: dict[str, object], judgements: pl.DataFrame | None = None) -> bool:
    """Tell whether the given records are one paper."""
    return match_records(records(*rows), judgements).clusters["cluster"].n_unique() == 1


def rule(*rows: dict[str, object]) -> str:
    """Give the rule by which the last of the given records joined its paper."""
    clusters = match_records(records(*rows)).clusters
    assert clusters["cluster"].n_unique() == 1
    return str(clusters.filter(pl.col("matched_record_id").is_not_null())["rule"][0])


def judgement(left: object, right: object, verdict: str) -> pl.DataFrame:
    row = (str(left), str(right), verdict, "read both", "reviewer", "2026-03-01")
    return pl.DataFrame([row], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def edited(text: str, share: float, seed: int = 0) -> str:
    """Replace a share of the words by others."""
    words, dice = text.split(), random.Random(seed)  # noqa: S311  # edits, not secrets
    for place in dice.sample(range(len(words)), int(len(words) * share)):
        words[place] = f"other{place}"
    return " ".join(words)


BARE: dict[str, object] = {"abstract": None, "authors": []}
PAGE = "papers_page"
DAILY = "daily_papers"


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


class TestTexts:
    def test_equal_titles_and_abstracts_are_one_paper(self) -> None:
        assert rule(record(1), record(2, PAGE, authors=[])) == "title-abstract"

    def test_stripped_latex_accents_wrapping_and_urls_are_no_difference(self) -> None:
        left = record(
            1, title=r"Learning $\alpha$-stable Erd\H{o}s priors on $S^3$ for na\"ive users"
        )
        right = record(
            2,
            PAGE,
            title="Learning alpha-stable Erdős priors\n  on S^3 for naïve users",
            abstract=ABSTRACT.replace("https://github.com/example/routing", "this https URL"),
        )
        assert rule(left, right) == "title-abstract"

    def test_equal_titles_and_agreeing_authors_survive_a_rewritten_abstract(self) -> None:
        assert rule(record(1), record(2, PAGE, abstract=OTHER_ABSTRACT)) == "title-authors"

    def test_equal_titles_with_other_authors_are_two_papers(self) -> None:
        left = record(1, title="Rejoinder", abstract=OTHER_ABSTRACT)
        assert not joined(left, record(2, DAILY, title="Rejoinder", authors=["Emmy Noether"]))

    def test_equal_titles_alone_are_not_enough(self) -> None:
        assert not joined(record(1, **BARE), record(2, PAGE, **BARE))

    @pytest.mark.parametrize("title", ["Front Matter", "Preface", "Editorial", "Author Index"])
    def test_front_matter_of_two_volumes_by_one_editor_stays_apart(self, title: str) -> None:
        left, right = (
            record(n, source, title=title, abstract=None)
            for n, source in enumerate(("acl_anthology", PAGE), 1)
        )
        assert not joined(left, right)

    @pytest.mark.parametrize(
        ("title", "why"), [(TITLE, "title-alone"), ("Preface", "generic-title")]
    )
    def test_a_pair_under_one_title_says_what_it_lacks(self, title: str, why: str) -> None:
        given = describe_records(
            records(record(1, title=title, **BARE), record(2, PAGE, title=title, **BARE))
        )
        assert decide_pairs(measure_pairs(given, np.array([[0, 1]])))["why"].to_list() == [why]

    def test_a_title_alone_is_shown_to_people(self) -> None:
        found = match_records(records(record(1, **BARE), record(2, PAGE, **BARE)))
        assert found.near["why"].to_list() == ["title-alone"]

    def test_an_abstract_without_its_urls_is_a_copy(self) -> None:
        urls = " Data: https://data.example.org/a/b, demo: http://demo.example.org/?q=1."
        bare = record(2, PAGE, abstract=f"{ABSTRACT} Data: this https URL, demo: this http URL.")
        assert rule(record(1, abstract=ABSTRACT + urls), bare) == "title-abstract"

    def test_a_short_title_with_agreeing_authors_needs_an_abstract(self) -> None:
        assert not joined(
            record(1, title="Deep learning"), record(2, PAGE, title="Deep learning", abstract=None)
        )

    def test_near_title_and_near_abstract_are_one_paper(self) -> None:
        title = TITLE.replace("very long", "long")
        assert rule(record(1), record(2, DAILY, title=title, abstract=edited(ABSTRACT, 0.1))) == (
            "near-title-abstract"
        )

    def test_a_renamed_paper_is_found_by_abstract_and_authors(self) -> None:
        new = record(2, DAILY, title="RouteFormer", abstract=edited(ABSTRACT, 0.12))
        assert rule(record(1), new) == "renamed"

    def test_a_renamed_paper_is_not_joined_without_authors(self) -> None:
        new = record(2, DAILY, title="RouteFormer", authors=[])
        assert not joined(record(1), new)

    def test_a_truncated_abstract_is_a_copy(self) -> None:
        cut = " ".join(ABSTRACT.split()[:32]) + " ..."
        title = TITLE.replace("very long", "long")
        assert rule(record(1), record(2, PAGE, title=title, abstract=cut)) == "shortened"

    def test_a_withdrawal_notice_does_not_join_strangers(self) -> None:
        notice = "This paper has been withdrawn by the authors due to an error in Lemma 2."
        left = record(1, title="On sums of squares in number fields", abstract=notice)
        right = record(2, DAILY, title="Quiver varieties and tilting", abstract=notice)
        assert not joined(left | {"authors": ["A. Ba"]}, right | {"authors": ["C. Do"]})

    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("Gauge fields on random graphs, Part I", "Gauge fields on random graphs, Part II"),
            ("Gauge fields on random graphs I", "Gauge fields on random graphs II"),
            ("Gauge fields on random graphs 1", "Gauge fields on random graphs 2"),
            ("Gauge fields II: graphs", "Gauge fields III: graphs"),
            ("Gauge fields I: graphs", "Gauge fields II: graphs"),
            ("Gauge fields on random graphs. XI", "Gauge fields on random graphs. XII"),
            ("Gauge fields on graphs, Vol. 3", "Gauge fields on graphs, Vol. 4"),
            ("Gauge fields on graphs, Part One", "Gauge fields on graphs, Part 2"),
            ("Overview of the shared task 2019", "Overview of the shared task 2020"),
            (
                "Proceedings of the 3rd workshop on graphs",
                "Proceedings of the 4th workshop on graphs",
            ),
            (
                "Findings of the third workshop on graphs",
                "Findings of the fourth workshop on graphs",
            ),
            ("Pose estimation from graphs in 2D", "Pose estimation from graphs in 3D"),
            ("Comment on Gauge fields on graphs", "Gauge fields on graphs"),
            ("Reply to comment on Gauge fields", "Comment on Gauge fields"),
            ("Erratum: Gauge fields on graphs", "Gauge fields on graphs"),
            ("Gauge fields on graphs: Corrigendum", "Gauge fields on graphs"),
            ("Rejoinder: Gauge fields on graphs", "Gauge fields on graphs"),
            ("Correction to: Gauge fields on graphs", "Gauge fields on graphs"),
            ("Response to Gauge fields on graphs", "Gauge fields on graphs"),
            ("Addendum to Gauge fields on graphs", "Gauge fields on graphs"),
            ("Retraction: Gauge fields on graphs", "Gauge fields on graphs"),
            ("Supplementary material for Gauge fields on graphs", "Gauge fields on graphs"),
            ("Discussion of Gauge fields on graphs", "Gauge fields on graphs"),
            ("Comments on Gauge fields on graphs", "Rejoinder: Gauge fields on graphs"),
        ],
    )
    def test_siblings_stay_apart_however_alike_their_abstracts(self, left: str, right: str) -> None:
        assert not joined(record(1, title=left), record(2, DAILY, title=right))

    def test_comments_with_one_title_merge_only_under_one_author(self) -> None:
        title = "Discussion of Least angle regression by Efron"
        one = record(1, title=title, authors=["Robert Stine"])
        assert not joined(one, record(2, DAILY, title=title, authors=["Hemant Ishwaran"]))
        assert joined(one, record(2, DAILY, title=title, authors=["Stine, R."]))

    def test_comments_whose_author_one_side_leaves_out_merge_only_by_a_whole_abstract(self) -> None:
        title = "Discussion of Least angle regression by Efron"
        one, other = record(1, title=title), record(2, DAILY, title=title, authors=[])
        boilerplate = {"abstract": f"{title} et al. [math.ST/0406456]"}
        assert joined(one, other)
        assert not joined(one | boilerplate, other | boilerplate)
        assert not joined(one, other | {"abstract": edited(ABSTRACT, 0.2)})

    @pytest.mark.parametrize(
        "title",
        ["Detecting hate speech in news comments", "Correction of gender bias in web text"],
    )
    def test_a_paper_about_comments_and_corrections_is_no_comment(self, title: str) -> None:
        assert joined(
            record(1, title=title), record(2, PAGE, title=title, abstract=edited(ABSTRACT, 0.2))
        )

    def test_an_erratum_that_became_a_corrigendum_is_one_paper(self) -> None:
        left, right = (f"{word} to Gauge fields on graphs" for word in ("Erratum", "Corrigendum"))
        assert joined(record(1, title=left), record(2, DAILY, title=right))

    def test_a_paper_that_became_the_first_of_two_parts_is_one_paper(self) -> None:
        whole, first = record(1), record(2, DAILY, title=f"{TITLE}, Part I")
        near = {"abstract": edited(ABSTRACT, 0.15)}
        assert joined(whole, first | near)
        assert not joined(whole, first | near | {"title": f"{TITLE}, Part II"})
        assert not joined(whole, record(2, title=f"{TITLE}, Part I", **near))

    def test_a_number_more_is_no_other_number(self) -> None:
        left = record(1, title="Escaping the cave: 3D shape from rendering", authors=AUTHORS)
        right = record(2, DAILY, title="Escaping the cave: 3D shape from 2D images")
        assert joined(left, right)

    def test_siblings_of_one_source_stay_apart_beside_their_copies(self) -> None:
        sibling = edited(ABSTRACT, 0.3)
        rows = (
            record(1),
            record(
                2,
                title="Sparse attention with fixed routing for very short notes",
                abstract=sibling,
            ),
            record(3, DAILY, abstract=edited(ABSTRACT, 0.15, seed=1)),
        )
        assert match_records(records(*rows)).clusters["cluster"].n_unique() == 2


class TestEndlessTitles:
    ENDLESS = " ".join(f"{word}{n}" for n in range(300) for word in ("on", "the", "way"))

    def test_they_are_one_title_only_when_they_are_equal_to_the_end(self) -> None:
        left = record(1, title=self.ENDLESS, abstract=None)
        equal = record(2, DAILY, title=self.ENDLESS.upper(), abstract=None)
        assert rule(left, equal) == "title-authors"
        assert not joined(left, equal | {"title": f"{self.ENDLESS} home"})

    def test_they_are_compared_up_to_a_bound(self) -> None:
        dice = random.Random(0)  # noqa: S311  # made up words, not secrets
        titles = ["".join(dice.choices("abcdefghij ", k=100_000)) for _ in range(12)]
        rows = [record(n, title=title) for n, title in enumerate(titles, 1)]
        started = time.perf_counter()
        match_records(records(*rows))
        assert time.perf_counter() - started < 10  # 40 s where all of it is compared


class TestJudgements:
    def test_same_joins_what_no_rule_would(self) -> None:
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
    def test_what_people_decided_is_told_and_not_asked_again(self, verdict: str) -> None:
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
        anew = (row | {"record_id": f"{PAGE}:fedcba987654:{row['line']}"} for row in (left, right))
        assert not joined(*anew, judgements=told)

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

    def test_a_near_miss_that_a_fact_parts_as_well_is_told_once(self) -> None:
        page = {"source_id": "page", **BARE}
        rows = [record(1, **page), record(2, arxiv_id="2312.00752", **page)]
        other = record(3, DAILY, title="Else", arxiv_id="2312.00753", **BARE)
        told = judgement(rows[0]["record_id"], other["record_id"], "same")
        near = match_records(records(*rows, other), told).near
        assert near.select("left", "right", "why", "title").rows() == [
            (rows[0]["record_id"], rows[1]["record_id"], "two-arxiv-ids", 1.0)
        ]

    def test_a_record_read_twice_is_refused(self) -> None:
        with pytest.raises(ValueError, match="1 record ids occur twice, such as"):
            match_records(records(record(1), record(1)))

    def test_no_records_are_no_papers(self) -> None:
        assert match_records(records()).clusters.is_empty()


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
    def test_no_near_miss_is_told_twice(self, rows: list[dict[str, object]]) -> None:
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


def test_hidden_ids_are_found_again(shared: Path) -> None:
    folder = shared / "eval" / "dedup"
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
