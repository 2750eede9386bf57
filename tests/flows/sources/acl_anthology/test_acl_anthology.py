"""The ACL Anthology: collections of volumes of papers, as people edit them."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from flows.paths import PROJECT
from flows.raw.raw_file import RefusedInput
from flows.sources import acl_anthology
from flows.sources.acl_anthology.parser import build_acl_id
from flows.sources.shared.dates import estimate_publication_day
from tests.source_files import FIXTURES, golden, parse

SHARED = PROJECT.parent / "shared" / "samples" / "acl_anthology"


def collection(paper: str, collection_id: str = "2022.toy", meta: str = "") -> bytes:
    return (
        f'<collection id="{collection_id}"><volume id="1"><meta>{meta}</meta>{paper}</volume>'
        "</collection>"
    ).encode()


def paper(inner: str, number: str = "1") -> str:
    return f'<paper id="{number}"><title>A title</title>{inner}</paper>'


@pytest.mark.parametrize("name", ["2022.toy.xml", "W01.xml"])
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(acl_anthology, name)
    assert made == expected
    assert acl_anthology.recognise((FIXTURES / "acl_anthology" / name).read_bytes())


def test_markup_is_taken_off_and_no_text_is_lost() -> None:
    text = (
        "Bo<b>l<i>d</i></b> <odd>new</odd> <fixed-case>AB</fixed-case>c <tex-math>x^2</tex-math>!"
    )
    title = f'<paper id="1"><title>{text}</title></paper>'
    made = parse(acl_anthology, collection(title))
    assert made.record["title"] == "Bold new ABc $x^2$!"


def test_latex_is_kept_as_written() -> None:
    made = parse(acl_anthology, collection(paper(r"<abstract>Schr\"odinger's 87\% cat</abstract>")))
    assert made.record["abstract"] == r"Schr\"odinger's 87\% cat"


def test_editors_are_not_authors() -> None:
    editor = "<editor><first>Grace</first><last>Hopper</last></editor>"
    made = parse(acl_anthology, collection(paper(editor)))
    assert made.record["authors"] == []


def test_an_author_without_a_first_name_is_the_last_name() -> None:
    authors = "<author><first/><last>Plato</last></author><author><last>The  Team</last></author>"
    made = parse(acl_anthology, collection(paper(authors)))
    assert made.record["authors"] == ["Plato", "The Team"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("2022.acl", "long", "1"), "2022.acl-long.1"),
        (("P18", "1", "1"), "P18-1001"),
        (("W18", "1", "2"), "W18-0102"),
        (("C69", "1", "2"), "C69-0102"),
        (("D19", "1", "12"), "D19-1012"),
        (("D19", "50", "12"), "D19-5012"),
        (("W01", "", "0101"), "W01-0101"),
        (("P18", "", "1"), None),
        (("P18", "x", "1"), None),
        (("2022.acl", "", "1"), None),
    ],
)
def test_an_id_is_built_as_the_anthology_builds_it(
    parts: tuple[str, str, str], expected: str | None
) -> None:
    assert build_acl_id(*parts) == expected


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
@pytest.mark.parametrize("name", ["2022.acl.xml", "P18.xml"])
def test_every_id_of_a_real_collection_is_the_one_in_its_url(name: str) -> None:
    content = (SHARED / name).read_bytes()
    made = parse(acl_anthology, content)
    written = [each.text for each in etree.fromstring(content).iterfind("volume/paper/url")]
    assert made.records["acl_id"].to_list() == written
    assert set(made.rejections["reason"]) == {"other-kind"}
    assert made.unseen == {}


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        ("2018", "July", date(2018, 7, 31)),
        ("2022", "October 31\u2013November 4", date(2022, 10, 31)),
        ("2020", "february", date(2020, 2, 29)),
        ("1999", None, date(1999, 12, 31)),
        ("1999", "Fall", date(1999, 12, 31)),
        ("soon", "July", None),
        (None, "July", None),
    ],
)
def test_a_paper_had_appeared_by_the_end_of_its_month(
    year: str | None, month: str | None, day: date | None
) -> None:
    assert estimate_publication_day(year, month) == day


@pytest.mark.parametrize(
    ("collection_id", "expected"),
    [
        ("2022.toy", "CC-BY-4.0"),
        ("P16", "CC-BY-4.0"),
        ("P15", "CC-BY-NC-SA-3.0"),
        ("2015.toy", "CC-BY-NC-SA-3.0"),
        ("C69", "CC-BY-NC-SA-3.0"),
        ("odd", "CC-BY-NC-SA-3.0"),
    ],
)
def test_the_licence_is_that_of_the_year(collection_id: str, expected: str) -> None:
    made = parse(acl_anthology, collection(paper(""), collection_id))
    assert made.record["license"] == expected


@pytest.mark.parametrize(
    ("element", "field", "url"),
    [
        ("<url>2022.toy-1.1</url>", "url", "https://aclanthology.org/2022.toy-1.1"),
        ("<url>https://x.org/a</url>", "url", "https://x.org/a"),
        (
            '<attachment type="poster">a.pdf</attachment>',
            "attachment:poster",
            "https://aclanthology.org/attachments/a.pdf",
        ),
        (
            "<attachment>a.pdf</attachment>",
            "attachment",
            "https://aclanthology.org/attachments/a.pdf",
        ),
        (
            "<software>a.zip</software>",
            "attachment:software",
            "https://aclanthology.org/attachments/a.zip",
        ),
        ('<video href="a.mp4" tag="video"/>', "video", "https://aclanthology.org/a.mp4"),
        (
            '<pwccode url="https://github.com/a/b">a/b</pwccode>',
            "pwccode",
            "https://github.com/a/b",
        ),
        ("<url>../../etc/passwd</url>", "url", "../../etc/passwd"),
    ],
)
def test_a_url_keeps_the_name_of_its_field(element: str, field: str, url: str) -> None:
    made = parse(acl_anthology, collection(paper(element)))
    assert made.record["urls"] == [{"field": field, "url": url}]


def test_code_that_is_said_to_be_elsewhere_is_no_url() -> None:
    made = parse(acl_anthology, collection(paper('<pwccode url="" additional="true"/>')))
    assert made.record["urls"] == []


def test_the_hundredth_paper_of_a_volume_is_no_front_matter() -> None:
    made = parse(acl_anthology, collection(paper("", "100") + paper("", "1000"), "P18"))
    assert made.records["acl_id"][0] == "P18-1100"


def test_unseen_elements_are_counted() -> None:
    made = parse(acl_anthology, collection(paper("<sponsor>x</sponsor>") * 2))
    assert made.unseen == {"paper.sponsor": 2}


def test_the_volume_of_one_paper_is_not_that_of_the_next() -> None:
    content = (
        b'<collection id="2022.toy"><volume id="1"><meta><booktitle>One</booktitle>'
        b'<year>2022</year></meta><paper id="1"><title>A</title></paper></volume>'
        b'<volume id="2"><paper id="1"><title>B</title></paper></volume></collection>'
    )
    made = parse(acl_anthology, content)
    assert made.records["venue"].to_list() == ["One", None]
    assert made.records["acl_id"].to_list() == ["2022.toy-1.1", "2022.toy-2.1"]


def test_a_cut_file_keeps_the_papers_before_the_cut() -> None:
    content = collection(paper("", "1") + paper("<abstract>text</abstract>", "2"))
    made = parse(acl_anthology, content[: content.index(b"text")])
    assert made.records["line"].to_list() == [1]
    assert made.reasons == [(2, "truncated")]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("<b>never closed", "malformed"),
        ("&unknown;", "malformed"),
        ("\x01", "encoding"),
        ("<a>" * 300 + "</a>" * 300, "malformed"),
    ],
)
def test_a_damaged_paper_is_rejected_and_those_around_it_are_read(damage: str, reason: str) -> None:
    made = parse(acl_anthology, collection(paper("") + paper(damage, "2") + paper("", "3")))
    assert made.records["line"].to_list() == [1, 3]
    assert made.reasons == [(2, reason)]


def test_bytes_outside_the_encoding_are_an_encoding_rejection() -> None:
    content = collection(paper("") + paper("<abstract>?</abstract>", "2")).replace(b"?", b"\xff")
    assert parse(acl_anthology, content).reasons == [(2, "encoding")]


@pytest.mark.parametrize(
    ("declared", "written"),
    [("US-ASCII", "utf-8"), ("UTF-7", "utf-7"), ("mac-roman", "mac-roman"), ("UTF-16", "utf-8")],
)
def test_a_declared_encoding_is_read_as_python_reads_it(declared: str, written: str) -> None:
    title = "é".encode(written)
    content = collection(paper("")).replace(b"A title", title + b", 2")
    head = f'<?xml version="1.0" encoding="{declared}"?>'.encode()
    assert parse(acl_anthology, head + content).record["title"] == "é, 2"


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('<?xml version="1.0" encoding="x-lab"?><collection>', "the encoding 'x-lab', unknown"),
        ('<?xml version="1.0" encoding="hex"?><collection>', "the encoding 'hex', unknown"),
        (
            '<?xml version="1.0" encoding="iso2022_jp_2004"?>\x1b$)<',
            "its encoding, 'iso2022_jp_2004'",
        ),
        ('<collection id="a>', "its beginning cannot be read"),
    ],
)
def test_a_beginning_that_cannot_be_read_is_the_reason(head: str, said: str) -> None:
    content = f"{head}{paper('')}{paper('', '2')}</collection>".encode()
    with pytest.raises(RefusedInput, match=said):
        parse(acl_anthology, content)


BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))


@pytest.mark.parametrize(
    "declaration",
    [
        f'<!DOCTYPE collection [<!ENTITY e0 "ha">{BOMB}]>',
        '<!DOCTYPE collection [<!ENTITY e11 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE collection SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE collection [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
    ],
)
def test_a_declaration_of_entities_is_refused_unread(declaration: str) -> None:
    with pytest.raises(RefusedInput, match="They are never expanded"):
        parse(acl_anthology, declaration.encode() + collection(paper("&e11;")))


def test_xml_of_something_else_is_refused_with_its_root() -> None:
    assert not acl_anthology.recognise(b"<rss><paper/></rss>")
    with pytest.raises(RefusedInput, match="<rss>"):
        parse(acl_anthology, b"<rss><paper/></rss>")


def test_a_large_collection_is_read_without_piling_up() -> None:
    made = parse(acl_anthology, collection("".join(paper("", str(n)) for n in range(1, 12_001))))
    assert made.records.height == 12_000
    assert made.records["line"].to_list() == list(range(1, 12_001))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_any_bytes_give_records_rejections_or_a_refusal(tail: bytes, cut: int) -> None:
    try:
        made = parse(acl_anthology, collection(paper("", "7"))[:cut] + tail)
    except RefusedInput:
        return
    assert made.records.height + made.rejections.height >= 1


def test_the_number_of_a_journals_volume_in_its_head_is_no_volume() -> None:
    with_number = collection(paper(""), meta="<booktitle>V</booktitle><volume>8</volume>")
    without = collection(paper(""), meta="<booktitle>V</booktitle>")
    assert parse(acl_anthology, with_number).records.equals(parse(acl_anthology, without).records)


def test_a_venue_with_a_raw_ampersand_is_repaired_and_its_papers_keep_their_ids() -> None:
    broken = collection(paper(""), "2022.acl", meta="<booktitle>Q & A</booktitle>")
    made = parse(acl_anthology, broken)
    assert made.record["acl_id"] == "2022.acl-1.1"
    assert made.record["venue"] == "Q  A"
    assert made.reasons == [(1, "malformed")]


def test_a_name_that_is_not_cut_into_parts_is_read() -> None:
    paper = '<paper id="1001"><title>T</title><author>Anna Berg</author></paper>'
    made = parse(acl_anthology, f'<volume id="P02">{paper}</volume>'.encode()).record
    assert (made["authors"], made["acl_id"]) == (["Anna Berg"], "P02-1001")
