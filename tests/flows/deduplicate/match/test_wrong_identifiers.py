"""A wrong identifier joins nobody; a right one joins whatever the title became."""

from datetime import date

import polars as pl

from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_records import Matching, match_records
from tests.records import ABSTRACT, OTHER_ABSTRACT, record, records

DOI = "10.1000/gauges"
RIVERS = {
    "title": "Hash joins for archives of river gauges",
    "authors": ["Ada Byron", "Carl Gauss"],
}
PROTEINS = {
    "title": "Nineteen public archives of protein folding",
    "authors": ["Emmy Noether"],
    "abstract": OTHER_ABSTRACT,
}


def papers(matching: Matching) -> int:
    return matching.clusters["cluster"].n_unique()


def test_two_papers_under_one_mistyped_doi_stay_apart_and_are_reported() -> None:
    left = record(1, "acl_anthology", doi=DOI, **RIVERS, abstract=None)
    right = record(2, "acl_anthology", doi=DOI, **PROTEINS)
    matching = match_records(records(left, right))
    assert papers(matching) == 2
    assert matching.near["why"].to_list() == ["contradicted-identifier"]
    reports = matching.reports.select("kind", "record_id", "count").rows()
    assert reports == [("contradicted-identifier", left["record_id"], 2)]
    assert f"doi {DOI}" in matching.reports["detail"].item()


def test_the_identifier_of_a_volume_does_not_join_what_is_printed_in_it() -> None:
    paper = record(1, "acl_anthology", doi=DOI, **RIVERS, abstract=None)
    title = "Proceedings of the 12th Conference on Water"
    volume = record(2, "openalex", doi=DOI, title=title, authors=[], abstract=None)
    assert papers(match_records(records(paper, volume))) == 2
    named = volume | {"title": "Joins of gauges, an account"}
    assert papers(match_records(records(paper, named))) == 1


def test_rows_without_texts_go_with_the_paper_they_are_like() -> None:
    ids = {"arxiv_id": "1705.07750"}
    rivers = [record(1, "arxiv", **RIVERS, **ids, abstract=ABSTRACT)]
    rivers += [record(2, "papers_page", title=RIVERS["title"], authors=[], abstract=None, **ids)]
    page = {"source_id": "https://example.org/proteins"}
    proteins = [record(3, "papers_with_code", **PROTEINS, **ids, **page)]
    title = PROTEINS["title"]
    proteins += [
        record(4, "papers_with_code", title=title, authors=[], abstract=None, **ids, **page)
    ]
    clusters = dict(match_records(records(*rivers, *proteins)).clusters.rows_by_key("record_id"))
    of = [clusters[row["record_id"]][0][0] for row in (*rivers, *proteins)]
    assert of[0] == of[1] != of[2] == of[3]


def test_a_retitled_version_of_one_arxiv_id_joins() -> None:
    left = record(1, arxiv_id="1705.07750", title="A first name of the work", abstract=ABSTRACT)
    right = record(2, "papers_page", arxiv_id="1705.07750", title="Sparse routing, revisited")
    assert papers(match_records(records(left, right | {"abstract": OTHER_ABSTRACT}))) == 1
    assert papers(match_records(records(left, right | {"authors": ["Z. Qu"]}))) == 1
    assert papers(match_records(records(left, right | {"authors": [], "abstract": None}))) == 1


def test_a_title_in_another_script_contradicts_nothing() -> None:
    left = record(1, doi=DOI, title="Маршрутизация внимания", authors=["Софья Ковалевская"])
    right = record(2, "papers_page", doi=DOI, **RIVERS, abstract=None)
    assert papers(match_records(records(left | {"abstract": None}, right))) == 1


def test_people_may_join_what_contradicts() -> None:
    left, right = record(1, doi=DOI, **RIVERS), record(2, "papers_page", doi=DOI, **PROTEINS)
    line = (left["record_id"], right["record_id"], "same", "read both", "reviewer", "2026-03-01")
    judged = pl.DataFrame([line], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    assert papers(match_records(records(left, right), judged)) == 1


def test_an_identifier_of_many_unlike_titles_is_no_identity() -> None:
    titles = ["Hash joins for rivers", "Lakes in spring", "Protein folding", "Dialects of Bern"]
    titles += ["A galaxy without dust", "Quarry noise", "Why markets close"]
    rows = [
        record(n, "papers_page", doi=DOI, title=title, authors=[], abstract=None)
        for n, title in enumerate(titles, 1)
    ]
    assert papers(match_records(records(*rows))) == len(titles)
    assert papers(match_records(records(*rows[:2]))) == 1


def test_one_shared_surname_does_not_save_a_wrong_identifier_of_another_year() -> None:
    people = ["Berta Gauss", "Ada Byron", "Otto Hahn"]
    left = record(1, doi=DOI, **(RIVERS | {"authors": people}), published=date(1999, 1, 1))
    others = {"authors": ["Ann Gauss", "Emmy Noether", "Paul Erdos"]}
    right = record(2, "papers_page", doi=DOI, **(PROTEINS | others), published=date(2019, 1, 1))
    assert papers(match_records(records(left, right))) == 2
    assert papers(match_records(records(left, right | {"published": date(1999, 5, 1)}))) == 1
