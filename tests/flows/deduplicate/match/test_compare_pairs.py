"""Texts, names and titles decide about a pair where no identifier does."""

import random
import time

import numpy as np
import pytest

from flows.deduplicate.match.compare_pairs import decide_pairs, measure_pairs
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.record_features import describe_records
from tests.matched_records import BARE, DAILY, PAGE, edited, joined, rule
from tests.records import ABSTRACT, AUTHORS, OTHER_ABSTRACT, TITLE, record, records


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

    def test_endless_titles_are_compared_up_to_a_bound(self) -> None:
        dice = random.Random(0)  # noqa: S311  # made up words, not secrets
        titles = ["".join(dice.choices("abcdefghij ", k=100_000)) for _ in range(12)]
        rows = [record(n, title=title) for n, title in enumerate(titles, 1)]
        started = time.perf_counter()
        match_records(records(*rows))
        assert time.perf_counter() - started < 10  # 40 s where all of it is compared
