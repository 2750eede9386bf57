"""Texts of several parts are searched together, and each part gets what follows from its own."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows import external_sort
from flows.enrich import derivations, links, text_searches
from flows.enrich.derivations import MENTIONS, PROMISES, Known
from flows.enrich.paper_parts import ARROW, PartFiles
from flows.enrich.text_cache import PartName, TextCache
from flows.enrich.text_searches import NamedPiece, bundle_parts, read_found, search_pieces
from schemas.origin import Origin
from schemas.paper import Paper
from tests.builders import frame, origin, paper

ABSTRACTS = {
    1: "Our code is at https://github.com/lab/one.",
    2: "Nothing is linked, and nothing is promised.",
    3: "We will release our code soon.",
    4: "See www.lab.org/four; source code is available on request.",
}


def write_part(folder: Path, number: int, papers: list[int]) -> PartFiles:
    """A part with some of the papers, and a record of each."""
    texts = [{"abstract": ABSTRACTS[n], "abstract_as_written": ABSTRACTS[n]} for n in papers]
    rows = [paper(n, **text) for n, text in zip(papers, texts, strict=True)]
    records = [origin(n, abstract=ABSTRACTS[n]) for n in papers]
    return PartFiles(
        number,
        external_sort.write_part(frame(Paper, rows), folder / f"papers-{number}{ARROW}"),
        external_sort.write_part(frame(Origin, records), folder / f"origins-{number}{ARROW}"),
    )


@pytest.fixture
def pieces(tmp_path: Path) -> list[NamedPiece]:
    parts = [write_part(tmp_path, 0, [1, 2]), write_part(tmp_path, 1, [3, 4])]
    return [NamedPiece(part.select(None), PartName(f"part-{part.number}")) for part in parts]


def test_each_piece_gets_what_follows_from_its_own_texts(
    pieces: list[NamedPiece], tmp_path: Path
) -> None:
    search_pieces(pieces, TextCache(tmp_path / "kept"), tmp_path / "found")
    promises = 0
    for named in pieces:
        found = read_found(tmp_path / "found", named.name.name)
        assert set(found) == {MENTIONS, PROMISES}
        records = named.piece.read_origins(["record_id", *MENTIONS.inputs])
        papers = named.piece.read_papers()
        order = ["record_id", "field", "start"]
        assert found[MENTIONS].height == 1
        assert_frame_equal(found[MENTIONS].sort(order), links.find_mentions(records).sort(order))
        assert_frame_equal(found[PROMISES], links.list_promises(papers))
        promises += found[PROMISES].height
    assert promises == 2


def test_what_was_searched_is_kept_for_the_next_run(
    pieces: list[NamedPiece], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = TextCache(tmp_path / "kept")
    search_pieces(pieces, cache, tmp_path / "found")
    monkeypatch.setattr(derivations, "DERIVE", {})
    search_pieces(pieces, cache, tmp_path / "again")
    for named in pieces:
        first, again = (read_found(tmp_path / n, named.name.name) for n in ("found", "again"))
        for derivation, rows in first.items():
            assert_frame_equal(again[derivation], rows)


def test_only_texts_that_are_new_are_searched(
    pieces: list[NamedPiece], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, asked = TextCache(tmp_path / "kept"), list[str]()
    search_pieces(pieces[:1], cache, tmp_path / "found")

    def find_mentions(records: pl.DataFrame) -> pl.DataFrame:
        asked.extend(records["abstract"])
        return links.find_mentions(records)

    monkeypatch.setitem(derivations.DERIVE, MENTIONS, find_mentions)
    search_pieces(pieces, cache, tmp_path / "found")
    assert asked == [ABSTRACTS[4]]


def test_a_piece_that_was_not_searched_is_derived_from(
    pieces: list[NamedPiece], tmp_path: Path
) -> None:
    assert not read_found(tmp_path / "found", "part-0")
    papers = pieces[1].piece.read_papers()
    assert Known().derive(PROMISES, papers).height == 2
    known = Known(found={PROMISES: papers.clear()})
    assert known.derive(PROMISES, papers).is_empty()


def test_parts_are_bundled_up_to_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_searches, "SEARCHED_ROWS", 4)
    papers = [[1], [1, 2, 3, 4, 1], [1, 2], [1, 2, 3]]
    parts = [write_part(tmp_path, number, some) for number, some in enumerate(papers)]
    assert [[part.number for part in bundle] for bundle in bundle_parts(parts)] == [
        [1],
        [3, 0],
        [2],
    ]
