"""XML read past its errors: what is lost, what is kept, and what it costs."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.xml_recovery import REPAIRED_TAGS, Damage, read_past_errors
from schemas.vocabulary import Reason

HEAD = "<meta><booktitle>V</booktitle></meta>"


def paper(number: int) -> str:
    return f'<paper id="{number}"><title>t{number}</title></paper>\n'


def collection(*inside: str, head: str = HEAD) -> bytes:
    second = f'<volume id="2">{HEAD}{paper(9)}</volume>'
    volumes = f'<volume id="1">{head}{"".join(inside)}</volume>{second}'
    return f'<?xml version="1.0"?>\n<collection id="P18">{volumes}</collection>'.encode()


def read(content: bytes) -> tuple[list[str], list[Damage], list[str]]:
    """Ids of the papers that were read, what was lost, and the volumes in which papers are."""
    papers, damages, volumes = [], [], [""]
    for event in read_past_errors(io.BytesIO(content), "a.xml", frozenset({"paper"})):
        if isinstance(event, Damage):
            damages.append(event)
        elif event[0] == "start" and event[1].tag == "volume":
            volumes.append(event[1].get("id") or "")
        elif event[0] == "end" and event[1].tag == "paper":
            papers.append(f"{volumes[-1]}.{event[1].get('id')}")
    return papers, damages, volumes


@pytest.mark.parametrize(
    "broken",
    [
        '<paper id="2"><title>a & b</title></paper>',
        '<paper id="2"><title>&eacute;</title></paper>',
        '<paper id="2"><title>p < 0.05</title></paper>',
        '<paper id="2"><title>\x08</title></paper>',
        '<paper id="2"><title>x</paper>',
        '<paper id="2"><title>x</title></title></paper>',
        '<paper id="2"><title>never closed</title>',
        '<paper id="2><title>no quote</title></paper>',
    ],
)
def test_one_broken_record_is_lost_and_no_other(broken: str) -> None:
    papers, damages, _ = read(collection(paper(1), broken, paper(3), paper(4)))
    assert papers == ["1.1", "1.3", "1.4", "2.9"]
    assert [damage.is_record for damage in damages] == [True]
    assert [damage.unread_bytes for damage in damages] == [0]


@pytest.mark.parametrize("stray", ["</foo>", "</meta>", "<note>Q & A</note>", "<b>"])
def test_what_is_broken_between_records_loses_none(stray: str) -> None:
    papers, damages, _ = read(collection(paper(1), stray, paper(3)))
    assert papers == ["1.1", "1.3", "2.9"]
    assert not any(damage.is_record for damage in damages)
    assert len(damages) == 1


def test_an_error_in_the_head_of_a_volume_keeps_its_volume() -> None:
    head = "<meta><booktitle>Q & A</booktitle></meta>"
    papers, damages, volumes = read(collection(paper(1), head=head))
    assert papers == ["1.1", "2.9"]
    assert volumes == ["", "1", "2"]
    assert [damage.reason for damage in damages] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    "inside",
    [f"<!-- {paper(2)} -->", '<paper id="2"><title><![CDATA[a & <paper>]]></title></paper>'],
)
def test_comments_and_sections_are_no_errors(inside: str) -> None:
    papers, damages, _ = read(collection(paper(1), inside, paper(3)))
    assert papers[0] == "1.1"
    assert papers[-2:] == ["1.3", "2.9"]
    assert damages == []


def test_a_comment_without_end_hides_no_record() -> None:
    papers, damages, _ = read(collection(paper(1), "<!-- a comment", paper(3), paper(4)))
    assert papers == ["1.1", "1.3", "1.4", "2.9"]
    assert len(damages) == 1


def test_documents_that_follow_one_another_are_all_read() -> None:
    papers, damages, _ = read(collection(paper(1)) + b"\n\n" + collection(paper(2)))
    assert papers == ["1.1", "2.9", "1.2", "2.9"]
    assert damages == []


@pytest.mark.parametrize(
    ("lead", "reason", "unread"),
    [
        (b"HTTP/1.1 200 OK\n", Reason.MALFORMED, 0),
        (b"</collection> rest of another\n", Reason.TRUNCATED, len(b"</collection>")),
    ],
)
def test_what_precedes_a_document_is_reported_and_counted_where_it_may_hold_records(
    lead: bytes, reason: Reason, unread: int
) -> None:
    papers, damages, _ = read(lead + collection(paper(1)))
    assert papers == ["1.1", "2.9"]
    assert damages[0].reason == reason
    assert sum(damage.unread_bytes for damage in damages) == unread


def test_a_file_that_ends_early_says_so_once() -> None:
    content = collection(*map(paper, range(1, 9)))
    papers, damages, _ = read(content[: content.index(b"t8</")])
    assert len(papers) == 7
    assert [(damage.reason, damage.is_record) for damage in damages] == [(Reason.TRUNCATED, True)]


def test_namespaces_of_the_elements_around_a_broken_record_are_kept() -> None:
    content = b'<o:r xmlns:o="urn:o" xmlns="urn:p"><paper>&x;</paper><paper><o:a/></paper></o:r>'
    events = list(read_past_errors(io.BytesIO(content), "a.xml", frozenset({"paper"})))
    tags = [event[1].tag for event in events if not isinstance(event, Damage)]
    assert tags[-4:] == ["{urn:o}a", "{urn:o}a", "{urn:p}paper", "{urn:o}r"]


@pytest.mark.parametrize(
    "piece", [b"<!-- <paper>", b"<paper>", b"<paper>& </paper>", b'<paper id="></paper>', b"<"]
)
def test_a_hostile_file_is_read_in_bounded_time(piece: bytes) -> None:
    papers, damages, _ = read(b"<collection><volume>" + piece * 3_000)
    assert papers == []
    assert damages


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 300), st.integers(0, 40))
def test_any_damage_is_reported_or_harmless(noise: bytes, place: int, length: int) -> None:
    whole = collection(*map(paper, range(1, 5)))
    content = whole[:place] + noise + whole[place + length :]
    papers, damages, _ = read(content)
    assert len(set(papers)) >= 3 or damages


@pytest.mark.parametrize("opening", ["<!-- ", "<![CDATA["])
@pytest.mark.parametrize("following", [0, 1, 2, 40])
def test_a_comment_without_end_costs_its_own_record(opening: str, following: int) -> None:
    broken = paper(1).replace("t1", f"{opening}t1")
    papers, damages, _ = read(collection(broken, *map(paper, range(10, 10 + following))))
    # Record 9 is in the other volume, behind all others.
    assert papers == [*(f"1.{10 + number}" for number in range(following)), "2.9"]
    assert [damage.is_record for damage in damages] == [True]


@pytest.mark.parametrize("tag", ["<\x00paper", "<&paper", "<pap\x0ber", "< paper"])
def test_a_broken_tag_of_the_first_record_loses_no_element_around_the_others(tag: str) -> None:
    broken = paper(1).replace("<paper", tag)
    papers, damages, volumes = read(collection(broken, paper(2), paper(3)))
    assert papers == ["1.2", "1.3", "2.9"]
    assert len(damages) == 1
    assert volumes == ["", "1", "2"]


@pytest.mark.parametrize("place", ["<paper", "<pap", "<", '<paper id="1"><title>t1</title><'])
@pytest.mark.parametrize(
    "fault", ['"', ' x="', '<en x=">', '<paper id="1>', "<en x='", "<![CDATA[", "<!--", "<entry>"]
)
@pytest.mark.parametrize("following", [0, 3])
def test_a_quote_or_section_without_end_loses_no_record_in_silence(
    place: str, fault: str, following: int
) -> None:
    broken = paper(1).replace(place, place + fault, 1)
    content = f"<collection>{broken}{''.join(map(paper, range(2, 2 + following)))}</collection>"
    papers, damages, _ = read(content.encode())
    assert len(papers) >= following
    assert len(papers) + len(damages) > following


def test_a_value_without_quote_in_the_first_record_costs_it_alone() -> None:
    broken = paper(1).replace('"1"', '"1')
    papers, damages, volumes = read(collection(broken, paper(2), paper(3)))
    assert papers == ["1.2", "1.3", "2.9"]
    assert [damage.is_record for damage in damages] == [True]
    assert volumes == ["", "1", "2"]


def test_two_records_of_which_the_tags_between_them_are_broken_are_two_rejections() -> None:
    glued = (paper(2) + paper(3)).replace("per>\n<paper", "")
    papers, damages, _ = read(collection(paper(1), glued, paper(4)))
    assert papers == ["1.1", "1.4", "2.9"]
    assert [damage.is_record for damage in damages] == [True, True]
    assert [damage.unread_bytes for damage in damages] == [0, 0]


def test_a_name_that_none_is_behind_its_prefix_can_be_written_again() -> None:
    # libxml2 reads such a tag, and a name that begins with a digit it does not.
    content = f"<OAI:2301.1:x><paper id='1'>&</paper>{paper(2)}</OAI:2301.1:x>".encode()
    papers, damages, _ = read(content)
    assert papers == [".2"]
    assert [damage.is_record for damage in damages] == [True]


def test_a_mass_of_tags_between_records_is_counted_as_unread_and_not_made_into_elements() -> None:
    few, many = ("<a " * count for count in (10, 2 * REPAIRED_TAGS))
    assert [damage.unread_bytes for damage in read(collection(paper(1), few))[1]] == [0]
    papers, damages, _ = read(collection(paper(1), many, paper(3)))
    assert papers == ["1.1", "1.3", "2.9"]
    assert [damage.unread_bytes for damage in damages] == [len(many) + 1]
    # What ends the volume is read: the papers after it are in the next one.
    papers, _, volumes = read(collection(paper(1), many))
    assert papers == ["1.1", "2.9"]
    assert volumes == ["", "1", "2"]
