"""Packed reader: a file read forward, of which what was read too far can be put back."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from flows.raw.archives.content import PIECE_BYTES, Budget

FIRST_BYTES = 1 << 10
"""Bytes of a frame that are looked at first: it may be all there is of it."""

_ZEROS = re.compile(rb"\0*")


class PackedReader:
    """A packed file, read forward; what is read of it counts for its budget."""

    def __init__(self, file: BinaryIO, budget: Budget) -> None:
        """Read a file from where it stands."""
        self._file = file
        self._budget = budget
        # Places in one buffer: a copy of the rest for each of a million frames would take minutes.
        self._buffer = b""
        self._at = 0

    @property
    def place(self) -> int:
        """Where in the file the next byte is."""
        return self._file.tell() - len(self._buffer) + self._at

    def is_at_end(self) -> bool:
        """Return whether nothing follows."""
        self._fill(1)
        return self._at == len(self._buffer)

    def take(self, size: int) -> bytes:
        """Read so many bytes, fewer only at the end."""
        self._fill(size)
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def take_growing(self) -> Iterator[bytes]:
        """Read on in pieces, small ones first: whoever finds the end in one puts back the rest."""
        size = FIRST_BYTES
        while piece := self.take(size):
            yield piece
            size = min(4 * size, PIECE_BYTES)

    def put_back(self, size: int) -> None:
        """Let the last bytes of what was taken last be read again."""
        self._at -= size

    def skip_zeros(self) -> None:
        """Skip the zeros that follow: tape drives and `xz` itself pad with them."""
        while not self.is_at_end():
            zeros = _ZEROS.match(self._buffer, self._at)
            self._at = zeros.end() if zeros else self._at
            if self._at < len(self._buffer):
                return

    def _fill(self, size: int) -> None:
        while len(self._buffer) - self._at < size:
            piece = self._file.read(PIECE_BYTES)
            if not piece:
                return
            self._budget.packed += len(piece)
            self._buffer, self._at = self._buffer[self._at :] + piece, 0
