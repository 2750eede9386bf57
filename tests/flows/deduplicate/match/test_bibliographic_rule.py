"""Records without abstracts: near titles join where the authors agree, other works do not."""

from datetime import date

import pytest

from flows.deduplicate.match.match_records import match_records
from tests.records import record, records

TITLE = "Persistent hash joins for spatial archives of river gauges"
PEOPLE = ["Ada Byron", "Carl Gauss", "Sofja Kowalewskaja"]


def joining_rule(
    left: str,
    right: str,
    authors: list[str] = PEOPLE,
    *,
    people: list[str] = PEOPLE,
    years: tuple[int, int] = (2003, 2003),
) -> str | None:
    """Match two records of two sources without abstracts; return the rule that joins them."""
    rows = [
        record(1, "arxiv", title=left, authors=people, abstract=None),
        record(2, "papers_page", title=right, authors=authors, abstract=None),
    ]
    dated = [row | {"published": date(year, 1, 1)} for row, year in zip(rows, years, strict=True)]
    pairs = match_records(records(*dated)).pairs
    return pairs["rule"].item() if pairs.height else None


@pytest.mark.parametrize(
    "copy",
    [
        "Persistent hash joins for spatial archives of river guages",
        "Persistent hashjoins for spatial archives of river gauge",
        "Persistent hash joins for spatial archives of river gauges . In proceedings of the 21st",
        "Gauss . Persistent hash joins for spatial archives of river gauges",
        "The persistent hash joins for the spatial archives of river gauges",
        "1. Gauss, C. Persistent hash joins for spatial archives of river gauges",
        "Persistent hashjoins forspatialarchives of river gauges, VLDB '97",
        "Persistent hash joins for spatia1ized archives of river gauges",
    ],
)
def test_a_misread_or_decorated_title_joins_where_authors_agree(copy: str) -> None:
    assert joining_rule(TITLE, copy) == "near-title-authors"


@pytest.mark.parametrize(
    "authors",
    [["A Bvron", "C Gaufs", "S Kowalewskaia"], ["B. Ada", "G. Carl"], ["B Ada, G Carl, K Sofja"]],
)
def test_misread_and_turned_names_agree(authors: list[str]) -> None:
    people = ["A Byron", "C Gauss", "S Kowalewskaja"]
    assert joining_rule(TITLE, TITLE + " [J]", authors, people=people) == "near-title-authors"


def test_the_first_word_in_another_spelling_makes_no_other_paper() -> None:
    left, right = "Optimization of hash joins", "Optimisation of hash joins"
    titles = (TITLE.replace("Persistent hash joins", words) for words in (left, right))
    assert joining_rule(*titles) == "near-title-authors"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{}: a randomised controlled trial", "{}: a randomized control trial"),
        ("{} for children", "{} for child"),
        ("{} of newborns", "{} of neonates"),
    ],
)
def test_another_form_of_a_word_is_no_other_study(left: str, right: str) -> None:
    assert joining_rule(left.format(TITLE), right.format(TITLE)) == "near-title-authors"


def test_other_authors_of_one_title_stay_apart() -> None:
    assert joining_rule(TITLE, TITLE + " [J]", ["Emmy Noether", "Paul Erdos"]) is None


def test_a_publisher_among_the_authors_is_nobody() -> None:
    assert joining_rule(TITLE, TITLE, ["ACMS Anthology", "P Edition"]) == "near-title-authors"
    assert joining_rule(TITLE, TITLE, ["portal.acm.org"], years=(1994, 2003)) is None


@pytest.mark.parametrize(
    "mark", [" - group of 4 &raquo;", " (tutorial)", "â€¦", ", 26(3): 78-83", " [J]."]
)
def test_marks_of_citations_are_no_part_of_a_title(mark: str) -> None:
    assert joining_rule(TITLE, TITLE + mark) == "title-authors"


def test_one_source_lists_other_words_as_another_paper() -> None:
    titles = (TITLE, TITLE + " under drought", TITLE.replace("spatial", "spatjal"))
    rows = [
        record(n, "arxiv", title=title, authors=PEOPLE, abstract=None)
        for n, title in enumerate(titles)
    ]
    assert match_records(records(*rows)).clusters["cluster"].n_unique() == 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Hash joins for archives of river gauges", "Fast hash joins for archives of river gauges"),
        ("Mining river gauge archives", "Design of mining river gauge archives"),
        ("Persistent hash joins in version 19.0", "Persistent hash joins in version 23.0"),
        ("Persistent hash joins for river gauges", "Persistent hash joins for river gauges 2.0"),
        ("Gauge archives, part 2", "Gauge archives, part 3"),
        ("Annual report of the gauge archive 2001", "Annual report of the gauge archive 2002"),
        ("Secure transaction processing in gauges", "Secure concurrency control in gauges"),
        ("CAT3D: Persistent hash joins for gauges", "CAT4D: Persistent hash joins for gauges"),
        ("HashFlow: Persistent joins for gauges", "HashFlow v2: Persistent joins for gauges"),
        ("WARM: Persistent hash joins for gauges", "WARP: Persistent hash joins for gauges"),
    ],
)
def test_another_work_of_the_same_people_stays_apart(left: str, right: str) -> None:
    assert joining_rule(left, right) is None


@pytest.mark.parametrize(
    "title", ["Introduction", "Panel", "Discussion", "Guest Editor's Introduction"]
)
def test_a_generic_title_joins_nobody(title: str) -> None:
    assert joining_rule(title, title, years=(2001, 2001)) is None


@pytest.mark.parametrize(
    "shape",
    [
        "RETRACTED ARTICLE: {}",
        "Original article: {}",
        "{} [version 2; peer review: 2 approved]",
        "{}. doi:10.1000/hash.2003.1",
        "{} <i>in situ</i>",
    ],
)
def test_marks_of_publishers_are_no_part_of_a_title(shape: str) -> None:
    title = TITLE + " in situ" if "situ" in shape else TITLE
    assert joining_rule(title, shape.format(TITLE)) == "title-authors"


@pytest.mark.parametrize(
    "shape",
    [
        "Author Correction: {}",
        "Notice of Retraction: {}",
        "Expression of Concern: {}",
        "Letter to the Editor regarding {}",
        "Authors' response: {}",
        "{}: study protocol",
        "{}: response to commentary",
        "{} revisited",
        "{}: an update",
    ],
)
def test_what_is_printed_about_a_paper_is_another_one(shape: str) -> None:
    assert joining_rule(TITLE, shape.format(TITLE)) is None


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("{} in children", "{} in adults"),
        ("Preoperative {}", "Postoperative {}"),
        ("{} in India", "{} in China"),
        ("{} with acute floods", "{} with chronic floods"),
        ("{}: two-year results", "{}: five-year results"),
        ("{} of type A", "{} of type B"),
        ("Supervised {}", "Unsupervised {}"),
    ],
)
def test_two_studies_one_word_apart_stay_apart(left: str, right: str) -> None:
    assert joining_rule(left.format(TITLE), right.format(TITLE)) is None


def test_a_short_title_joins_in_one_year_only() -> None:
    assert joining_rule("Gauge Archives", "Gauge archives") == "title-authors"
    assert joining_rule("Gauge Archives", "Gauge archives", years=(2001, 2003)) is None


def test_years_apart_speak_against_a_near_title() -> None:
    near = "Persistent hash joins over spatial archives of streams"
    assert joining_rule(TITLE, near, years=(1994, 2003)) is None


def test_siblings_by_a_letter_stay_apart_with_abstracts_too() -> None:
    words = "We average the weights of models that were fine-tuned with rewards on many prompts of "
    rows = [
        record(
            n, source, title=f"{name}: On the benefits of averaged rewarded {what}", abstract=text
        )
        for n, source, name, what, text in (
            (1, "arxiv", "WARM", "models", words * 3 + "summaries and dialogues in the open."),
            (2, "papers_page", "WARP", "policies", words * 3 + "essays, code and long proofs."),
        )
    ]
    matching = match_records(records(*rows))
    assert matching.pairs.is_empty()
    assert matching.near["why"].to_list() == ["siblings"]
