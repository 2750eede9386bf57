"""Names in zip archives that say that they are UTF-8, and are not."""

from dataclasses import dataclass
from typing import BinaryIO

ENTRY = b"PK\x01\x02"
"""What each entry of a directory begins with."""

ENTRY_BYTES = 46
"""Fixed part of an entry, before the name (APPNOTE 4.3.12)."""

UTF8_HIGH = 0x08
"""The mark of a name in UTF-8, in the high byte of the flags."""


@dataclass
class NamedAsWritten:
    """An archive as the standard library reads it, names that are no text among them.

    The library gives up a whole directory for one name that is not in the encoding that it claims.
    """

    file: BinaryIO

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place in the archive."""
        return self.file.seek(place, whence)

    def tell(self) -> int:
        """Return the place in the archive."""
        return self.file.tell()

    def seekable(self) -> bool:
        """Say that this is a file."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes; of a directory, which the library reads at once, with other marks."""
        content = self.file.read(size)
        return unmark_names(content) if content.startswith(ENTRY) else content


def unmark_names(directory: bytes) -> bytes:
    r"""Take the mark of UTF-8 from each name of a directory that is none: it is read as CP437.

    >>> entry = ENTRY + bytes(5) + b"\x08" + bytes(18) + b"\x01\x00" + bytes(16)
    >>> unmark_names(entry + b"a") == entry + b"a", unmark_names(entry + b"\xff")[9]
    (True, 0)
    """
    mended, place = bytearray(directory), 0
    while directory.startswith(ENTRY, place):
        lengths = (
            int.from_bytes(directory[place + at : place + at + 2], "little") for at in (28, 30, 32)
        )
        name, *behind = lengths
        start = place + ENTRY_BYTES
        if mended[place + 9 : place + 10] and not _is_utf8(directory[start : start + name]):
            mended[place + 9] &= ~UTF8_HIGH
        place = start + name + sum(behind)
    return bytes(mended)


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
