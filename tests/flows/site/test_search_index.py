"""The search index, read back as the pages read it."""

import zlib
from datetime import date
from itertools import pairwise
from pathlib import Path

import orjson
import polars as pl
import pytest

from flows.site import search_index
from flows.site.papers import read_papers
from flows.site.search_index import write_search_index, write_terms
from tests.builders import written_release


def unpack(content: bytes) -> bytes:
    return zlib.decompress(content + bytes([3, 0]), wbits=-15)


def read_terms(folder: Path) -> dict[str, list[str]]:
    index = orjson.loads(unpack((folder / "terms.json").read_bytes()))
    packed, offsets = (folder / "terms.bin").read_bytes(), index["offsets"]
    blocks = [unpack(packed[start:end]).decode() for start, end in pairwise(offsets)]
    lines = [line.split("\t") for block in blocks for line in block.splitlines()]
    return {term: rest for term, *rest in lines}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    release = written_release(folder / "release")
    write_search_index(release, read_papers(release), folder / "data")
    return folder / "data"


def test_papers_are_found_by_word_author_identifier_repository_topic_and_old_id(
    folder: Path,
) -> None:
    terms = read_terms(folder)
    assert terms["attention"][0] == terms["godel"][0] == terms["sparse"][0] == "3"
    assert terms["topic:area/natural-language-processing"][0] == "3"
    assert terms["has:code"][0] == terms["has:own_code"][0] == "3"
    newest = "0"
    for term in ("id:arxiv:2603.00003", "id:2603.00003", "id:lab/sparse-3"):
        assert terms[term] == ["1", newest]
    assert terms["id:title:0000000000000001"] == terms["id:2603.00001"]
    assert terms["=sparse attention for long documents part 3"] == ["1", newest]


def test_terms_are_sorted_as_a_browser_compares_them(folder: Path) -> None:
    terms = list(read_terms(folder))
    assert terms == sorted(terms, key=lambda term: term.encode("utf-16-be"))


def test_every_block_can_be_found_by_its_head(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(search_index, "BLOCK", 3)
    words = sorted(f"{a}{b}" for a in "abcé" for b in ("", "bc", "bd", "cc"))
    write_terms([pl.DataFrame({"term": words, "number": range(len(words))})], tmp_path)
    index = orjson.loads(unpack((tmp_path / "terms.json").read_bytes()))
    for place, word in enumerate(words):
        last = max(block for block, head in enumerate(index["heads"]) if head <= word)
        assert last == place // 3


def test_newest_papers_come_first_and_those_without_a_day_last(tmp_path: Path) -> None:
    papers = read_papers(written_release(tmp_path / "release"))
    assert papers["published"].to_list() == [date(2026, 3, day) for day in (4, 3, 2)]
