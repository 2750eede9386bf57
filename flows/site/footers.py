"""Footers: where the columns of each row group lie, so that a page need not read whole footers.

A footer holds every column of every row group with its smallest and largest values: 150 kB for
100,000 papers. A page about one paper needs some columns of one row group, which is 1 kB.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

MAGIC = b"PAR1"
"""How a Parquet file begins and ends."""

READ_COLUMNS = {
    "papers": ("abstract", "version_days", "votes"),
    "links": (
        *("url", "kind", "repo", "availability", "moved_from", "mentions", "license", "role"),
        "role_words",
    ),
    "topics": ("facet", "topic", "role", "score", "is_assigned", "evidence"),
    "origins": (
        *("record_id", "source", "snapshot", "file", "line", "source_id", "title", "rule"),
        *("score", "matched_record_id", "license", "arxiv_id", "updated", "upvotes"),
    ),
    "changes": ("change", "columns", "into", "reason"),
}
"""The columns that the page of a paper reads, by table. One that a release lacks is left out."""

Struct = dict[int, Any]
"""A Thrift struct: its values by the number of their field."""


@dataclass
class Cursor:
    """A place in bytes of Thrift's compact protocol."""

    content: bytes
    at: int = 0

    def read_byte(self) -> int:
        """Read one byte."""
        self.at += 1
        return self.content[self.at - 1]

    def read_number(self) -> int:
        """Read an unsigned number, seven bits a byte, the lowest first."""
        number = shift = 0
        while True:
            byte = self.read_byte()
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:  # noqa: PLR2004  # the eighth bit says that more follow
                return number
            if shift > 63:  # noqa: PLR2004  # a longer one holds more than 64 bits
                raise ValueError(f"the number at byte {self.at} does not end")

    def read_signed(self) -> int:
        """Read a signed number, which is written as its zigzag.

        >>> [Cursor(bytes([byte])).read_signed() for byte in (0, 1, 2, 3)]
        [0, -1, 1, -2]
        """
        number = self.read_number()
        # The lowest bit is the sign; shifts bind closer than `^`.
        return number >> 1 ^ -(number & 1)

    def read_text(self) -> bytes:
        """Read bytes that follow their length."""
        length = self.read_number()
        self.at += length
        return self.content[self.at - length : self.at]

    def read_double(self) -> float:
        """Read a number of eight bytes."""
        self.at += 8
        return float(struct.unpack("<d", self.content[self.at - 8 : self.at])[0])

    def read_list(self) -> list[Any]:
        """Read a list: its length and the type of its elements, then these."""
        header = self.read_byte()
        length = header >> 4
        if length == 15:  # noqa: PLR2004  # the length did not fit in four bits
            length = self.read_number()
        return [self.read_value(header & 15, is_element=True) for _ in range(length)]

    def read_struct(self) -> Struct:
        """Read a struct up to the byte that ends it."""
        values: Struct = {}
        number = 0
        while header := self.read_byte():
            # Four bits of distance from the field before; zero says that the number is written.
            number = number + (header >> 4) if header >> 4 else self.read_signed()
            values[number] = self.read_value(header & 15)
        return values

    def read_value(self, kind: int, *, is_element: bool = False) -> Any:
        """Read a value of a type of the compact protocol. Raises `ValueError` for others."""
        if kind in {1, 2}:
            # In a struct the type is the value; in a list each value has a byte of its own.
            return self.read_byte() == 1 if is_element else kind == 1
        readers = {
            3: self.read_byte,
            4: self.read_signed,
            5: self.read_signed,
            6: self.read_signed,
            7: self.read_double,
            8: self.read_text,
            9: self.read_list,
            10: self.read_list,
            12: self.read_struct,
        }
        if kind not in readers:
            raise ValueError(f"type {kind} at byte {self.at} is not of Thrift's compact protocol")
        return readers[kind]()


def read_footer(path: Path) -> Struct:
    """Read the footer of a Parquet file: `FileMetaData` of parquet.thrift, by field number."""
    with path.open("rb") as file:
        # A file ends in its footer, four bytes that give the footer's length, and the magic.
        file.seek(-8, 2)
        length = int.from_bytes(file.read(4), "little")
        if file.read(4) != MAGIC:
            raise ValueError(f"{path} is no Parquet file: it does not end in {MAGIC!r}")
        file.seek(-8 - length, 2)
        return Cursor(file.read(length)).read_struct()


def describe_parquet(
    path: Path, columns: tuple[str, ...]
) -> tuple[list[list[Any]], list[dict[str, Any]]]:
    """Describe the columns of a file, and some of them in each row group.

    Raises `pyarrow.ArrowInvalid` where its footer is not of the form that this reads.
    """
    try:
        footer = read_footer(path)
        return describe_schema(footer), describe_row_groups(path, footer, columns)
    except (
        LookupError,
        TypeError,
        AttributeError,
        ValueError,
        RecursionError,
        struct.error,
    ) as error:
        raise pa.ArrowInvalid(f"the footer of {path.name}: {type(error).__name__}") from None


def describe_schema(footer: Struct) -> list[list[Any]]:
    """Describe the columns of a file: type, repetition, name, children, converted type.

    They are written as numbers, as in parquet.thrift; null where a column has none.
    """
    return [
        [
            element.get(1),
            element.get(3),
            element[4].decode(),
            element.get(5),
            element.get(6),
        ]
        for element in footer[2]
    ]


def describe_row_groups(
    path: Path, footer: Struct, columns: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Describe some columns of each row group of a file: where their pages lie.

    One value per row group: ``rows`` and ``columns``, which holds per column its path, type,
    codec, values, sizes, the bytes at which pages and dictionary begin, and of each page its byte,
    its size and its first row; null where a file has no index of pages.
    """
    with path.open("rb") as file:
        return [
            {
                "rows": group[3],
                "columns": [
                    [*_describe_column(column), _read_pages(file, column)]
                    for column in group[1]
                    if _name(column) in columns
                ],
            }
            for group in footer[4]
        ]


def _name(column: Struct) -> str:
    # Parts of a list or a struct are columns of their own, below the name of the whole.
    name: bytes = column[3][3][0]
    return name.decode()


def _describe_column(column: Struct) -> list[Any]:
    meta = column[3]
    return [
        [part.decode() for part in meta[3]],
        meta[1],
        meta[4],
        meta[5],
        meta[6],
        meta[7],
        meta[9],
        # Absent in columns without a dictionary.
        meta.get(11),
    ]


def _read_pages(file: BinaryIO, column: Struct) -> list[list[int]] | None:
    # Fields 4 and 5 of a column say where its `OffsetIndex` lies; a writer may leave it out.
    if 4 not in column:  # noqa: PLR2004  # a field's number in parquet.thrift
        return None
    file.seek(column[4])
    # Kept here, because a page that had to ask for it first would wait once more.
    pages = Cursor(file.read(column[5])).read_struct()[1]
    return [[page[1], page[2], page[3]] for page in pages]
