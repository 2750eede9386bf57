import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.raw_file import RefusedInput
from flows.sources import SOURCES, reference_list
from flows.sources.reference_list import bibtex, ris
from schemas.vocabulary import Reason
from tests.source_files import FIXTURES, golden, parse

NAMES = ["list.bib", "list.ris", "list.json", "works.json", "zotero.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_gives_its_golden_records(name: str) -> None:
    made, expected = golden(reference_list, name)
    assert made == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_fixture_is_recognised_as_this_source_alone(name: str) -> None:
    head = (FIXTURES / reference_list.SOURCE.value / name).read_bytes()
    assert [source for source, module in SOURCES.items() if module.recognise(head)] == [
        reference_list.SOURCE
    ]


@pytest.mark.parametrize("name", ["list.bib", "list.ris"])
def test_a_list_whose_lines_returns_end_gives_the_same_records(name: str) -> None:
    written = b"% of a program\n" * name.endswith("bib")
    written += (FIXTURES / reference_list.SOURCE.value / name).read_bytes()
    returned = written.replace(b"\r\n", b"\n").replace(b"\n", b"\r")
    assert reference_list.recognise(returned)
    made, expected = parse(reference_list, returned), parse(reference_list, written)
    assert made.records.equals(expected.records)
    assert made.reasons == expected.reasons
    wide = parse(reference_list, returned.decode().encode("utf-16"))
    assert wide.records["title"].equals(expected.records["title"])


def test_something_else_is_refused() -> None:
    with pytest.raises(RefusedInput, match="--source"):
        parse(reference_list, b'{"title": "no paper of this source"}')


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.integers(0, 4_000), st.binary(max_size=30))
def test_any_damage_gives_records_rejections_or_a_refusal(
    name: str, place: int, noise: bytes
) -> None:
    whole = (FIXTURES / reference_list.SOURCE.value / name).read_bytes()
    try:
        made = parse(reference_list, whole[:place] + noise + whole[place + len(noise) :])
    except RefusedInput:
        return
    assert made.records["record_id"].is_unique().all()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # Better BibTeX for Zotero, then Semantic Scholar, Mendeley and NASA ADS.
        (
            (
                b"@online{a, title = {{{QLoRA}}: {{Tuning}} of {{LLMs}}}, eprint = {2305.14314},"
                b" eprinttype = {arxiv}, pubstate = {preprint}}"
            ),
            {"title": "QLoRA: Tuning of LLMs", "arxiv_id": "2305.14314"},
        ),
        (
            b"@article{a, title={T}, journal={ArXiv}, volume={abs/2001.00001}}",
            {"arxiv_id": "2001.00001", "venue": None},
        ),
        (
            b"@article{a, title = {T}, arxivId = {1810.04805}, doi = {10.1/x}}",
            {"arxiv_id": "1810.04805", "doi": "10.1/x"},
        ),
        (
            b'@ARTICLE{a, title = "{On G{\\"o}del}", eid = {arXiv:1706.03762}, adsnote = {x}}',
            {"title": 'On G{\\"o}del'},
        ),
        (b'@misc{a, title = "Deep " # "nets", journal = "{ACL} 2020"}', {"title": "Deep nets"}),
        ("@misc{a, title={Größe}}".encode("utf-16"), {"title": "Größe"}),
        (b"Provider: X\nContent: text\n\nTY  - JOUR\nTI  - T\nER  - \n", {"title": "T"}),
        (b"TY  - JOUR\nTI  - T\nAU  - Berg, Anna", {"authors": ["Berg, Anna"]}),
        (
            b"TY  - JOUR\nTI  - T\nY1  - 2019///\nPY  - 2019\nDA  - 2019/03/05/\n",
            {"published": date(2019, 3, 5)},
        ),
        (
            b"@misc{a, title={T}, author={Anna Berg{ and }Bo Dahl AND {The CMS Collaboration}}}",
            {"authors": ["Anna Berg", "Bo Dahl", "{The CMS Collaboration}"]},
        ),
    ],
)
def test_lists_of_many_programs_are_read(written: bytes, expected: dict[str, object]) -> None:
    made = parse(reference_list, written)
    assert {name: made.record[name] for name in expected} == expected
    assert not made.unseen


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_reference_that_breaks_off_is_none_however_lines_end(end: str) -> None:
    whole = ("TY  - JOUR", "TI  - Ladders", "ER  - ", "TY  - JOUR", "TI  - Cut o")
    made = parse(reference_list, end.join(whole).encode())
    assert made.record["title"] == "Ladders"
    assert [reason for _, reason in made.reasons] == [Reason.TRUNCATED]


@pytest.mark.parametrize("end", [b"ER  - \n", b""])
@pytest.mark.parametrize(
    "between",
    [b"%d.\n", b"<%d>\n", b"Record #%d of 2\nProvider: X\nContent: text\n1.\n", b"[%d]\n\n"],
)
def test_numbers_between_references_are_no_part_of_them(between: bytes, end: bytes) -> None:
    one = b"TY  - JOUR\nTI  - Games of\n42\nSN  - 1932-6208\n" + end
    content = between % 1 + one + b"\n" + between % 2 + one.replace(b"Games", b"Halves")
    assert reference_list.recognise(content)
    made = parse(reference_list, content, "list.ris")
    assert made.records["title"].to_list() == ["Games of 42", "Halves of 42"]
    assert not made.reasons


def test_fields_between_which_a_comma_is_missing_are_read_apart() -> None:
    written = '@article{a, title={Deep {GPU} nets} year="2020"\n author={Ada Berg}, journal={J}}'
    record = parse(reference_list, written.encode()).record
    assert (record["title"], record["authors"]) == ("Deep GPU nets", ["Ada Berg"])
    assert (record["published"], record["venue"]) == (date(2020, 12, 31), "J")


def test_a_value_of_many_fields_is_looked_through_once() -> None:
    written = "@article{a, title={A}" + " year={1}" * 200_000 + "}"
    started = time.process_time()
    bibtex.read_bibtex(written)
    # By the square it takes minutes.
    assert time.process_time() - started < 5


def test_texts_that_are_defined_once_are_joined() -> None:
    written = (
        '@string{nips = "Advances in {NIPS}"}\n@inproceedings{a, title={C # in depth},\n'
        'booktitle = "Proc. of " # nips # " 2019", year=2019, month = 10 # "~" # dec}'
    )
    record = parse(reference_list, written.encode()).record
    assert (record["title"], record["venue"]) == ("C # in depth", "Proc. of Advances in NIPS 2019")
    assert record["published"] == date(2019, 12, 31)


def test_the_number_of_a_report_may_be_its_arxiv_id() -> None:
    written = b"@techreport{a, title={A}, number={arXiv:1902.00002}, institution={arXiv}}"
    assert parse(reference_list, written).record["arxiv_id"] == "1902.00002"


def test_how_a_text_wants_to_be_cited_is_no_list() -> None:
    entry = b"```bibtex\n@article{a,\n title={A}, author={B}}\n```\n"
    assert reference_list.recognise(entry)
    assert not reference_list.recognise(b"# Tool\n\nCite as\n\n" + entry)


def test_proceedings_are_no_paper() -> None:
    made = parse(reference_list, b"@proceedings{a, title={Proceedings}, year={2020}}")
    assert made.reasons == [(1, Reason.OTHER_KIND)]


@pytest.mark.parametrize(
    "content",
    [
        b"@article{a,\n  title = {One},\n}\n@artic3,\n  title = {Two},\n  year = {2020}\n}\n",
        b"@article{a,\n  title = {One},\n}\n@misc {b, title = {Three}}\n4,\n  title = {Two},\n}\n",
        b"TUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nER  - \n",
    ],
)
def test_an_entry_without_its_beginning_is_accounted_for(content: bytes) -> None:
    count = content.lower().count(b"ti  -") or content.count(b"title")
    made = parse(reference_list, content, "list")
    assert made.records.height + made.rejections.height >= count


def test_blank_lines_between_entries_are_looked_through_once() -> None:
    started = time.process_time()
    rows, complaints = bibtex.read_bibtex("@article{a,\n title = {T}}\n" + "x" + "\n" * 100_000)
    assert (len(rows), complaints) == (1, [])
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("start", "unit", "why"),
    [
        (b"@article{a,\n title = {T}}\n", b"@a{}\n", "more than 900 references: cut it"),
        (b"@article{a,\n title = {T},\n", b"a=1,", "more than 900 fields: cut it"),
        (b"TY  - JOUR\nTI  - T\nER  - \n", b"TY  -\n", "more than 900 references: cut it"),
        (b"TY  - JOUR\nTI  - T\nER  - \n", b"x\n", "more than 900 fields: cut it"),
    ],
)
def test_a_list_of_millions_of_empty_entries_is_refused_before_it_is_read(
    start: bytes, unit: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_list, "MAX_REFERENCES", 900)
    monkeypatch.setattr(reference_list, "MAX_FIELDS", 900)
    started = time.process_time()
    with pytest.raises(RefusedInput, match=why):
        parse(reference_list, start + unit * 500_000, "list")
    # By the entry it takes ten seconds.
    assert time.process_time() - started < 1


def test_an_entry_of_a_thousand_fields_is_rejected_and_the_others_are_read() -> None:
    fields = b"".join(b"f%d=1," % number for number in range(1_001))
    made = parse(reference_list, b"@misc{a, title = {T}}\n@misc{b, " + fields + b"}\n")
    assert made.records["title"].to_list() == ["T"]
    assert made.rejections["detail"].to_list() == [
        "has 1,001 fields, and no real entry more than 1,000"
    ]


def test_a_value_over_many_lines_is_joined_once() -> None:
    started = time.process_time()
    (row,), _ = ris.read_ris("TY  - JOUR\nTI  - T\n" + "x\n" * 200_000 + "ER  - \n")
    assert row[2]["title"] == "T" + " x" * 200_000
    assert time.process_time() - started < 2


def test_an_address_of_mail_before_the_title_keeps_no_list_from_being_known() -> None:
    entry = b"@book{a:2008,\n  note = {write to anna@example.org},\n  title = {A title},\n}\n"
    assert reference_list.recognise(entry)
    assert not reference_list.recognise(b"anna@example{org,\n title = 1")
