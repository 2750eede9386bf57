"""OAI-PMH: records of any prefix, deletions, errors, and answers one after another."""

import pytest

from flows.raw.raw_file import RefusedInput
from flows.sources import arxiv
from schemas.vocabulary import Reason
from tests.source_files import parse


def harvested(inside: str) -> bytes:
    """Give an answer of OAI-PMH."""
    return (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<request>http://oaipmh.arxiv.org/oai</request>"
        f"<ListRecords>{inside}</ListRecords></OAI-PMH>"
    ).encode()


def metadata(inside: str) -> str:
    return (
        "<record><header><identifier>oai:arXiv.org:2606.00001</identifier></header><metadata>"
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/">{inside}</arXiv></metadata></record>'
    )


def test_a_harvested_name_has_its_last_name_first() -> None:
    author = "<author><keyname>Evans</keyname><forenames>Neal J.</forenames><suffix>II</suffix>"
    paper = f"<id>2606.00001</id><title>T</title><authors>{author}</author></authors>"
    assert parse(arxiv, harvested(metadata(paper))).record["authors"] == ["Evans II, Neal J."]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        (metadata("<id>704.001</id><title>T</title>"), Reason.FLOAT_IDENTIFIER),
        (metadata("<id>2606.00001</id>"), Reason.NO_TITLE),
        ("<record><header/><metadata/></record>", Reason.MALFORMED),
        ('<record><header status="deleted"/></record>', Reason.REMOVED),
        ('<error code="badVerb">no</error>', Reason.SOURCE_ERROR),
    ],
)
def test_a_harvested_record_that_is_none_is_rejected(inside: str, reason: Reason) -> None:
    parsed = parse(arxiv, harvested(inside))
    assert parsed.reasons == [(1, reason.value)]
    assert parsed.records.is_empty()


def test_a_harvest_that_breaks_off_keeps_what_came_before() -> None:
    whole = harvested(metadata("<id>2606.00001</id><title>T</title>") * 2)
    parsed = parse(arxiv, whole[: whole.rindex(b"<title>")])
    assert parsed.records.height == 1
    assert parsed.reasons == [(2, Reason.TRUNCATED.value)]


def test_a_new_field_of_a_harvest_is_counted() -> None:
    paper = metadata("<id>2606.00001</id><title>T</title><orcid>0</orcid>")
    assert parse(arxiv, harvested(paper)).unseen == {"arXiv.orcid": 1}


def test_an_answer_that_nothing_matches_is_no_misread_record() -> None:
    parsed = parse(arxiv, harvested('<error code="noRecordsMatch">nothing</error>'))
    assert parsed.reasons == []
    assert parsed.records.is_empty()


def test_answers_that_follow_one_another_in_a_file_are_all_read() -> None:
    answers = [harvested(metadata(f"<id>2606.0000{n}</id><title>T</title>")) for n in (1, 2, 3)]
    parsed = parse(arxiv, b"\n".join(answers))
    assert parsed.records["line"].to_list() == [1, 2, 3]
    assert parsed.reasons == []


def test_metadata_of_an_unknown_form_is_rejected_by_its_name() -> None:
    record = '<record><header/><metadata><rfc1807 xmlns="x"/></metadata></record>'
    [row] = parse(arxiv, harvested(record)).rejections.to_dicts()
    assert row["detail"] == "metadata of the form rfc1807: harvest with metadataPrefix=arXiv"


def test_the_oldest_prefix_has_its_authors_in_one_text() -> None:
    paper = "<id>2606.00001</id><title>T</title><authors>A. Berg and B. Dahl</authors>"
    record = (
        '<record><header/><metadata><arXivOld xmlns="http://arxiv.org/OAI/arXivOld/">'
        f"{paper}</arXivOld></metadata></record>"
    )
    assert parse(arxiv, harvested(record)).record["authors"] == ["A. Berg", "B. Dahl"]


def test_names_of_categories_in_dublin_core_are_categories() -> None:
    content = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title>'
        "<dc:subject>Computer Science - Machine Learning</dc:subject>"
        "<dc:subject>High Energy Physics - Theory</dc:subject><dc:subject>Ladders</dc:subject>"
        "</oai_dc:dc>"
    )
    header = "<header><identifier>oai:arXiv.org:2606.00001</identifier></header>"
    made = parse(
        arxiv, harvested(f"<record>{header}<metadata>{content}</metadata></record>")
    ).record
    assert (made["categories"], made["keywords"]) == (["cs.LG", "hep-th"], ["Ladders"])
    # Its own elements name no id: the protocol does.
    assert made["arxiv_id"] == "2606.00001"


@pytest.mark.parametrize("space", ["", ' xmlns="http://www.openarchives.org/OAI/2.0/"'])
def test_records_without_the_answer_around_them_are_read(space: str) -> None:
    inside = metadata("<id>2606.00001</id><title>T</title>")
    made = parse(arxiv, f"<records{space}>{inside}{inside}</records>".encode())
    assert made.records["arxiv_id"].to_list() == ["2606.00001"] * 2


def test_an_answer_without_metadata_is_refused_by_its_verb() -> None:
    content = harvested("<header/>").replace(b"ListRecords", b"ListIdentifiers")
    with pytest.raises(RefusedInput, match=r"ListIdentifiers.*verb=ListRecords"):
        parse(arxiv, content)
