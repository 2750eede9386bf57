import base64
import hashlib
import io
import quopri
import re
import textwrap
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.paths import PROJECT
from flows.raw.batch import Batch
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources import papers_page
from flows.sources.papers_page.decoding import MAX_PAGE_BYTES, MAX_TEXT_BYTES
from flows.tables import check
from schemas.record import Record
from schemas.rejection import Rejection

ROOT = PROJECT / "tests"
FIXTURES = ROOT / "fixtures" / "papers_page"
COUNTEREXAMPLES = ROOT / "counterexamples" / "papers_page"
BUNDLED = next((ROOT.parent / "data" / "raw" / "papers_page").rglob("*.txt"))
PAGES = sorted(path.name for path in FIXTURES.iterdir() if path.is_file())

HEADER = "new\n\nSubscribe\n\nbyAK and the research community\n\nMar 12"
CARDS = {
    "counts of authors below": ("{title}", "{abstract}", "12 authors"),
    "upvotes above": ("Upvote {n}", "{title}", "{abstract}"),
    "upvotes on two lines": ("Upvote", "{n}", "{title}", "{abstract}"),
    "a submitter above": ("Submitted by", "user-x", "{n}", "{title}", "{abstract}"),
    "a submitter on one line": ("Submitted by user-x", "{title}", "{abstract}", "+ 8 authors"),
    "authors below the title": ("{title}", "Ada Lovelace, Alan Turing, +3 authors", "{abstract}"),
    "authors below the abstract": (
        "{title}",
        "{abstract}",
        "Ada Lovelace, Alan Turing",
        "Upvote 3",
    ),
    "labelled authors": ("{title}", "Authors: Ada Lovelace, Alan Turing", "{abstract}"),
    "dates below the title": ("{title}", "Published on Mar 3, 2026", "{abstract}", "3 comments"),
    "an organisation and a date": ("{title}", "{abstract}", "Open Minds · Mar 3", "{n}"),
    "an organisation apart": ("-", "{title}", "{abstract}", "Google", "·", "Oct 7, 2024", "{n}"),
    "an organisation alone": ("{title}", "Google", "{abstract}", "Upvote {n}"),
    "stars": ("{title}", "{abstract}", "GitHub 1.2k", "arXiv Page"),
}

HYDRATED = b"<html><div data-target=DailyPapers data-props='{\"dailyPapers\":[%s{}]}'></div></html>"


def read(content: bytes, name: str = "page.txt") -> Batch:
    digest = hashlib.sha256(content).hexdigest()
    raw = RawFile(Path(name), papers_page.SOURCE, date(2026, 11, 23), digest)
    (batch,) = papers_page.parse(raw, io.BytesIO(content))
    if batch.records.height:
        check(Record, batch.records)
    if batch.rejections.height:
        check(Rejection, batch.rejections)
    return batch


def papers() -> list[tuple[str, str]]:
    printed = [line for line in BUNDLED.read_text().split("\n") if line.strip()][5:]
    return list(zip(printed[::2], printed[1::2], strict=True))


def pairs(batch: Batch) -> list[tuple[str, str]]:
    return batch.records.select("title", "abstract").rows()


def test_the_bundled_page_has_73_papers_exactly_as_printed() -> None:
    assert len(papers()) == 73
    assert pairs(read(BUNDLED.read_bytes())) == papers()


def test_a_record_stands_on_the_line_of_its_title() -> None:
    lines = BUNDLED.read_text().split("\n")
    for title, line in read(BUNDLED.read_bytes()).records.select("title", "line").rows():
        assert lines[line - 1] == title


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_as_its_golden_file_says(name: str) -> None:
    batch = read((FIXTURES / name).read_bytes(), name)
    assert batch.records.write_ndjson() == (FIXTURES / "golden" / f"{name}.jsonl").read_text()
    assert batch.rejections.is_empty()
    assert papers_page.recognise((FIXTURES / name).read_bytes()[:65536])


def test_bullets_are_no_part_of_titles() -> None:
    listed = "\n\n".join(f"* {title}\n\n{abstract}" for title, abstract in papers())
    assert pairs(read(listed.encode())) == papers()


def test_what_calls_itself_a_summary_is_no_abstract() -> None:
    (title, _abstract), *others = papers()
    short = "TL;DR (by a model): the paper climbs a ladder, and we propose to climb it once more."
    for form in ("{}\n\n{}\n\n", "## [{}](https://huggingface.co/papers/2301.00001)\n\n{}\n\n"):
        head = f"{HEADER}\n\n" if form.startswith("{") else ""
        page = head + "".join(form.format(*paper) for paper in [(title, short), *others])
        read_abstracts = read(page.encode()).records["abstract"].to_list()
        assert (read_abstracts[0], len(read_abstracts)) == (None, len(others) + 1)
        assert None not in read_abstracts[1:]


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit"])
def test_a_page_in_a_web_archive_is_read_as_the_page_itself(encoding: str) -> None:
    page = (FIXTURES / "listing.html").read_bytes()
    encoded = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}
    part = encoded.get(encoding, bytes)(page).replace(b"\n", b"\r\n")
    archive = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://huggingface.co/papers\r\n"
        b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--a--"\r\n\r\n'
        b"----a--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: %b\r\n\r\n%b\r\n"
        b"----a--\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n----a----\r\n"
    ) % (encoding.encode(), part)
    assert papers_page.recognise(archive[:65536])
    texts = ["title", "abstract", "arxiv_id", "authors", "urls", "upvotes"]
    assert read(archive).records.select(texts).equals(read(page).records.select(texts))


def test_pages_after_each_other_in_a_file_are_all_read() -> None:
    page = (FIXTURES / "listing.html").read_text()
    first = read(page.encode()).records["arxiv_id"].to_list()
    other = page.replace(first[0], "2601.99999")
    assert read(f"{page}{other}".encode()).records["arxiv_id"].to_list() == [*first, "2601.99999"]


@pytest.mark.parametrize(
    "separator",
    ["\n\n", "\n", "\r\n", "\r\n\r\n", "\n\n\n\n", "\u2028", "\u2029", "\u2028\u2028"],
)
def test_blank_lines_and_line_ends_do_not_matter(separator: str) -> None:
    blocks = [*re.split("\n+", HEADER), *(block for paper in papers() for block in paper)]
    content = separator.join(blocks).encode()
    assert pairs(read(content)) == papers()
    assert papers_page.recognise(content[:65536])


def test_a_separator_inside_an_abstract_of_a_usual_page_does_not_end_a_line() -> None:
    (title, abstract), *others = papers()
    broken = abstract.replace(". ", ".\u2028", 1)
    written = "\n\n".join(f"{one}\n\n{other}" for one, other in [(title, broken), *others])
    assert pairs(read(f"{HEADER}\n\n{written}\n".encode())) == [(title, broken), *others]


@pytest.mark.parametrize("header", ["", HEADER, "Hugging Face\n\nModels\n\nLog In\n\n" + HEADER])
def test_the_header_may_have_any_length(header: str) -> None:
    content = "\n\n".join([header, *(block for paper in papers() for block in paper)]).encode()
    assert pairs(read(content)) == papers()
    assert papers_page.recognise(content[:65536])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings_are_read(encoding: str) -> None:
    content = BUNDLED.read_text().encode(encoding)
    assert pairs(read(content)) == papers()
    assert papers_page.recognise(content[:65536])


def test_another_encoding_is_guessed_and_said() -> None:
    blocks = [
        HEADER,
        "Étude “naïve” of Müller’s work",  # noqa: RUF001  # these signs are meant
        "We study naïve Bayes – it “works” in Zürich.",  # noqa: RUF001  # these signs are meant
    ]
    batch = read("\n\n".join(blocks).encode("cp1252"))
    assert pairs(batch) == [(blocks[1], blocks[2])]
    assert "it was read as cp1252, which was guessed" in batch.notes[0]


def test_non_breaking_spaces_stay_inside_a_title_and_go_around_it() -> None:
    batch = read(
        f"{HEADER}\n\n\u00a0A\u00a0title\u00a0\n\n\u00a0\n\nWe study one more thing.".encode()
    )
    assert pairs(batch) == [("A\u00a0title", "We study one more thing.")]


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS.keys())
@pytest.mark.parametrize("separator", ["\n\n", "\n"])
def test_extra_lines_of_cards_are_no_titles(card: tuple[str, ...], separator: str) -> None:
    blocks = [
        line.format(title=title, abstract=abstract, n=number)
        for number, (title, abstract) in enumerate(papers()[:25], 3)
        for line in card
    ]
    batch = read(separator.join([HEADER, *blocks]).encode())
    assert pairs(batch) == papers()[:25]
    assert batch.rejections.is_empty()
    assert "user-x" not in batch.records.write_ndjson()


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("at", [1, 36, 72])
def test_a_lost_block_shifts_no_other(lost: int, at: int) -> None:
    blocks = [list(paper) for paper in papers()]
    del blocks[at][lost]
    content = "\n\n".join([HEADER, *(block for paper in blocks for block in paper)])
    batch = read(content.encode())
    assert pairs(batch) == [paper for i, paper in enumerate(papers()) if i != at]
    assert batch.rejections["reason"].to_list() == ["ambiguous-block"]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_wrapped_abstracts_are_one_abstract(width: int) -> None:
    blocks = [block for paper in papers()[:9] for block in paper]
    wrapped = [textwrap.fill(block, width, break_long_words=False) for block in blocks]
    batch = read("\n\n".join([HEADER, *wrapped]).encode())
    assert [(_flat(title), _flat(abstract)) for title, abstract in pairs(batch)] == [
        (_flat(title), _flat(abstract)) for title, abstract in papers()[:9]
    ]


def _flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_page_without_abstracts_gives_titles_above_their_authors() -> None:
    cards = "Submitted by\nuser-x\n12\nA title\n·\n3 authors\nSubmitted by\nuser-y\nAnother one\n2 authors"  # noqa: E501  # one literal reads better whole
    batch = read(f"{HEADER}\n{cards}".encode())
    assert pairs(batch) == [("A title", None), ("Another one", None)]


def test_a_date_is_kept_only_with_its_year() -> None:
    paper = "\n\n".join(papers()[0])
    without = read(f"byAK and the research community\n\nMar 12\n\n{paper}".encode())
    dated = read(f"byAK and the research community\n\nMar 12, 2026\n\n{paper}".encode())
    assert without.records["listed"].to_list() == [None]
    assert dated.records["listed"].to_list() == [date(2026, 3, 12)]


def test_a_short_text_of_the_trending_page_is_left_out_as_machine_made() -> None:
    name = "trending-without-blank-lines.txt"
    batch = read((FIXTURES / name).read_bytes())
    assert batch.records["abstract"].is_null().to_list() == [True, False, False, False]
    assert "machine-made" in batch.notes[0]


def test_a_single_page_gives_the_authors_own_abstract_and_no_account() -> None:
    (row,) = read((FIXTURES / "single.txt").read_bytes()).records.to_dicts()
    assert row["title"] == "SciCode: A Research Coding Benchmark Curated by Scientists"
    assert row["abstract"].startswith("Since language models (LMs) now outperform")
    assert row["authors"] == ["Minyang Tian", "Luyu Gao", "Kilian Lieret"]
    assert row["arxiv_id"] == "2407.13168"
    assert row["published"] == date(2024, 7, 18)
    assert row["listed"] == date(2024, 7, 22)
    assert row["upvotes"] == 17
    assert "Jane Doe" not in str(row)


def test_ids_in_comments_are_not_the_papers_id() -> None:
    text = (FIXTURES / "single.txt").read_text()
    text = text.replace('"> Papers arxiv:2407.13168', "").replace(
        "Cite arxiv.org/abs/2407.13168", ""
    )
    text = text.replace("Copy markdown\n", "")
    (row,) = read(text.encode()).records.to_dicts()
    assert row["arxiv_id"] is None


def test_raw_signs_inside_the_attribute_stay_text() -> None:
    (row,) = read((FIXTURES / "single.html").read_bytes(), "x.html").records.to_dicts()
    assert row["abstract"].endswith("Raw signs: a < b > c.")


def test_a_hostile_page_is_only_text() -> None:
    props = (
        '{"dailyPapers":[{"paper":{"id":"2406.00001","title":"<script>alert(1)</script>",'
        '"projectPage":"javascript:alert(1)","githubRepo":"https://github.com/a/b"}}]}'
    ).replace('"', "&#34;")
    page = (
        "<!doctype html><title>Daily Papers</title><!-- <div data-target=DailyPapers data-props='{}'> -->"  # noqa: E501  # one literal reads better whole
        "<script>var x = '<div data-target=\"DailyPapers\" data-props=\"{}\">'</script><body onload='x()'><img src=x onerror=y()>"  # noqa: E501  # one literal reads better whole
        f"{'<div>' * 100_000}<div data-props=\"{props}\" onclick='z()' data-target=DailyPapers>"
    )
    (row,) = read(page.encode(), "x.html").records.to_dicts()
    assert row["title"] == "<script>alert(1)</script>"
    assert row["urls"] == [{"field": "githubRepo", "url": "https://github.com/a/b"}]


def test_nesting_without_end_is_refused() -> None:
    props = "[" * 200_000
    page = f'<!doctype html><div data-target="DailyPapers" data-props="{props}"></div>'
    with pytest.raises(RefusedInput, match="no JSON"):
        read(page.encode(), "x.html")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("empty.txt", "it is empty"),
        ("binary.bin", "it is binary"),
        ("prose.txt", "nothing on it is of that site"),
        ("another-site.html", "no element of the page has data-target and data-props"),
        ("changed-layout.html", "the page has DailyPapers, but no papers in any of it"),
        ("broken-json.html", "the data-props of DailyPapers are no JSON"),
        ("wrapped-without-blank-lines.txt", "paste it unwrapped"),
    ],
)
def test_what_is_no_page_is_refused_with_name_reason_and_next_action(name: str, why: str) -> None:
    with pytest.raises(RefusedInput) as refusal:
        read((COUNTEREXAMPLES / name).read_bytes(), name)
    message = str(refusal.value)
    assert (
        message.startswith(f"{name}: no copy of a Hugging Face Papers page: {why}")
        or why in message
    )
    assert "paste it into a text file" in message


def test_a_page_beyond_the_bound_is_refused() -> None:
    with pytest.raises(RefusedInput, match="larger than 32 MB"):
        read(b"x" * (MAX_PAGE_BYTES + 1))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"Daily Papers\n" + b"\n\nx" * 60_000, "it has 120,002 lines, and no page more than"),
        (b"Daily Papers\n" + b"x" * MAX_TEXT_BYTES, "it is a text of more than 8 MB"),
        (HYDRATED % (b"{}," * (MAX_TEXT_BYTES // 3)), "data-props of it hold more than 8 MB"),
        (HYDRATED % (b"{}," * 10_000), "it claims more than 10,000 papers"),
        (b"<html>" + b"<a data-props=1>" * 10_001, "more than 10,000 elements of it have"),
    ],
    ids=["lines", "text", "props", "papers", "elements"],
)
def test_a_page_of_millions_of_lines_or_papers_is_refused_before_it_is_read(
    content: bytes, why: str
) -> None:
    started = time.process_time()
    with pytest.raises(RefusedInput, match=f"x.txt: .*{why}.*paste it into a text file"):
        read(content, "x.txt")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("name", "reason", "lines", "kept"),
    [
        ("abstract-without-title.txt", "ambiguous-block", "line 7: an abstract", 2),
        ("title-without-abstract.txt", "ambiguous-block", "line 7: a title", 2),
        ("organisation-or-title.txt", "ambiguous-block", "lines 11-15: more than one", 2),
        ("broken-bytes.txt", "encoding", "lines 7-9: bytes", 3),
    ],
)
def test_a_block_that_cannot_be_told_is_rejected_alone(
    name: str, reason: str, lines: str, kept: int
) -> None:
    batch = read((COUNTEREXAMPLES / name).read_bytes(), name)
    assert batch.rejections["reason"].to_list() == [reason]
    assert batch.rejections["detail"].item().startswith(lines)
    assert batch.records.height == kept


@pytest.mark.parametrize(
    "head",
    [
        b'[{"paper": {"id": "2406.00001", "title": "Daily Papers"}}]',
        b'{"id":"0704.0001","title":"x"}\n{"id":"0704.0002","title":"y"}',
        b"<?xml version='1.0'?><collection id='P18'></collection>",
        b"paper_title,paper_url\nA,https://huggingface.co/papers/2406.00001",
        b"<!doctype html><html><head><title>Models - Hugging Face</title></head>",
        b"A letter\n\nDear reader, I write to you. It rains here.\n\nYours.",
        b"",
        bytes(range(256)),
        # READMEs with headings that the site has as well, and the text of a PDF.
        b"# Tool\n\n## Website\n\nA text that we propose.\n\n# by identifiers: run it\n\nMore.\n",
        b"# Notes\n\n### Company records\n\nOur schema.\n\n## Website\n\nWe study this.\n",
        b"# Plan\n\nA step that we propose.\n\narxiv:${arxivId}`;\n\nAnother.\n\nOur last.\n",
        b"A Paper\nA. Author\nAbstract\nWe propose it.\nReferences\narXiv:2301.00001\n",
        # Notes of people: their line with an id would be a title, or what is above it be lost.
        b"---\ntitle: A Paper\narxiv: 2301.00001\n---\n\n" + b"We propose it to you. " * 20,
        b"A Paper\nA. Author\narxiv: 2301.00001\n\n" + b"We propose it to you. " * 20,
        b"A Paper\narXiv:2301.00001\nA. Author\nAbstract\nWe propose it.\n",
        b"".join(
            b"Title: On the ladder %d\nAbstract: %b\n\n" % (n, b"We propose it to you. " * 20)
            for n in range(6)
        ),
    ],
)
def test_other_files_are_not_recognised(head: bytes) -> None:
    assert not papers_page.recognise(head)


LINES = st.sampled_from(
    [
        "",
        "Submitted by",
        "Upvote",
        "12",
        "·",
        "Authors:",
        "Abstract",
        "arxiv:2406.00001",
        "View arXiv page",
        "A title",
        "We study it. It works.",
        "Google",
        "arXiv Page",
        "Mar 3, 2026",  # one literal reads better whole
        "byAK and the research community",
        "Ada Lovelace, Alan Turing",
        "https://github.com/a/b",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=300), st.lists(LINES, max_size=30).map(lambda x: "\n".join(x).encode())
    )
)
@settings(max_examples=100, deadline=None)
def test_no_bytes_raise_anything_but_a_refusal(content: bytes) -> None:
    papers_page.recognise(content)
    try:
        read(content)
    except RefusedInput as refusal:
        assert "page.txt" in str(refusal)  # noqa: PT017  # either outcome is right
