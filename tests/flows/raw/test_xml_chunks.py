"""XML is cut at its records, wherever a file is cut into pieces to be read."""

import io

import pytest

from flows.raw.xml_chunks import Chunk, cut_chunks

TWO = (
    b'<?xml version="1.0"?>\n<a:root>\n<a:record id="1"><records/></a:record > <x> </x>\n'
    b"<record>2</record\n>\n</a:root>\n<?xml version='1.0'?><a:root> </a:root>"
)


def cut(content: bytes) -> list[Chunk]:
    return list(cut_chunks(io.BytesIO(content), frozenset({"record"})))


def test_chunks_are_records_and_what_is_between() -> None:
    chunks = cut(TWO)
    assert b"".join(chunk.content for chunk in chunks) == TWO
    assert [chunk.content for chunk in chunks if chunk.is_record] == [
        b'<a:record id="1"><records/></a:record >',
        b"<record>2</record\n>",
    ]


@pytest.mark.parametrize("size", [1, 2, 7, 30])
def test_pieces_of_a_file_change_no_chunk(size: int) -> None:
    # The root is looked for in the first piece: this one holds its tag.
    lead = b"<a:root>" + b" " * 40
    rest = [TWO[place : place + size] for place in range(0, len(TWO), size)]
    chunks = list(cut_chunks(Pieces([lead, *rest]), frozenset({"record"})))
    assert chunks == cut(lead + TWO)


class Pieces(io.BytesIO):
    """A stream that is read in pieces of its own choice."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__()
        self.pieces = iter(pieces)

    def read(self, _size: int | None = -1) -> bytes:
        return next(self.pieces, b"")
