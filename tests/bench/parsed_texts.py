"""Every reader of a source, applied to a file that holds one text: for `bench_growth`."""

import html
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path

import polars as pl

from flows.raw.archives import ContentStream
from flows.raw.batch import parse_stream
from flows.raw.raw_file import RawFile
from flows.sources import SOURCES
from schemas.vocabulary import Source
from tests.source_files import FIXTURES

WORD = re.compile(r"[A-Za-z]{5,}")
"""Words of a fixture behind which a text is put: long enough to be in one place of it."""

ESCAPES: dict[bytes, Callable[[str], str]] = {
    b"{": lambda text: json.dumps(text)[1:-1],
    b"[": lambda text: json.dumps(text)[1:-1],
    b"<": html.escape,
}
"""How a text is written into a file, by how the file begins; elsewhere it is put in as it is."""


EMPTY = {"answer-error.json"}
"""Fixtures without a record."""


def list_readers() -> dict[str, Callable[[str], object]]:
    """List what reads a text within each fixture, by the fixture's name."""
    return {
        f"parse {path.relative_to(FIXTURES)}": make_reader(source, path)
        for source in SOURCES
        for path in sorted((FIXTURES / source.value).glob("*.*"))
        if path.suffix not in {".golden", ".gz"} and path.name not in EMPTY
    }


def make_reader(source: Source, path: Path) -> Callable[[str], object]:
    """Return what parses a fixture with a text in the title, abstract and authors of its records.

    The text is put behind a word of each that the file holds once. Calling it raises `ValueError`
    where there is none.
    """

    def read(text: str) -> int:
        content, words = find_places(source, path)
        escape = ESCAPES.get(content[:1], str)
        written = escape(f" {text} ").encode()
        # In one go: a text may hold a word itself, and would be put into itself again and again.
        places = re.compile(b"|".join(words))
        changed = places.sub(lambda word: word[0] + written, content)
        return sum(map(len, parse_texts(source, path, changed)))

    return read


@cache
def find_places(source: Source, path: Path) -> tuple[bytes, list[bytes]]:
    """Read a fixture and find the words behind which a text is put.

    Not before it is read: most who import the readers want other functions.
    """
    content = path.read_bytes()
    words = [word.encode() for word in list_words(source, path, content)]
    if not words:
        raise ValueError(f"{path}: no word of its records is in it once")
    return content, words


def list_words(source: Source, path: Path, content: bytes) -> Iterator[str]:
    """List a word of a title, one of an abstract and one of a name that a content holds once."""
    records = pl.concat(parse_texts(source, path, content))
    for column in ("title", "abstract", "authors"):
        texts = records[column].explode() if column == "authors" else records[column]
        words = (word for text in texts.drop_nulls() for word in WORD.findall(text))
        yield from islice((word for word in words if content.count(word.encode()) == 1), 1)


def parse_texts(source: Source, path: Path, content: bytes) -> list[pl.DataFrame]:
    """Parse some bytes as a source does: the records of each batch."""
    raw = RawFile(path, source, date(2026, 11, 23), "0123456789abcdef" * 4)
    stream = ContentStream.wrap(io.BytesIO(content))
    return [batch.records for batch in parse_stream(raw, stream, SOURCES[source].parse)]
