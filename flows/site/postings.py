"""Postings: lists of paper numbers as bytes that a browser reads in pieces."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CHUNK = 4096
"""Numbers of a chunk: about 5 kB, so that a long list is entered in its middle at small cost."""

SEVEN_BITS = 7

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Postings:
    """Lists as bytes, and where each begins."""

    content: bytes
    starts: Numbers
    """Byte at which each list begins; one more entry, the end of the last."""
    directories: dict[int, bytes]
    """For each list of more than one chunk: first number and byte of every chunk, as uint32."""


def encode_lists(numbers: Numbers, firsts: Numbers) -> Postings:
    """Encode sorted lists that lie one after the other, each beginning at one of ``firsts``.

    A chunk begins with its first number; every other number is the distance from the one before.
    Seven bits a byte, the lowest first, the eighth says that more follow (LEB128).

    >>> list(encode_lists(np.array([3, 5, 300]), np.array([0])).content)
    [3, 2, 167, 2]
    """
    lengths = np.diff(np.append(firsts, numbers.size))
    # How far into its own list each number is: what begins a chunk is written whole.
    places = np.arange(numbers.size) - np.repeat(firsts, lengths)
    begins_chunk = places % CHUNK == 0
    # Distances across the border of two lists mean nothing, but a chunk begins there.
    values = np.where(begins_chunk, numbers, np.diff(numbers, prepend=0))
    sizes = np.ones(numbers.size, dtype=np.int64)
    # Numbers are at most 32 bits long, which are five bytes of seven.
    for bits in range(SEVEN_BITS, 35, SEVEN_BITS):
        sizes += values >= 1 << bits
    ends = np.cumsum(sizes)
    starts = ends - sizes
    content = np.zeros(int(ends[-1]) if ends.size else 0, dtype=np.uint8)
    # All first bytes at once, then all second ones: a loop over numbers is far slower.
    for byte in range(int(sizes.max(initial=0))):
        has_byte = sizes > byte
        more = np.where(sizes[has_byte] > byte + 1, 128, 0)
        content[starts[has_byte] + byte] = (values[has_byte] >> (SEVEN_BITS * byte)) & 127 | more
    directories = {
        int(place): _describe_chunks(numbers, starts, int(first), int(length))
        for place, (first, length) in enumerate(zip(firsts, lengths, strict=True))
        if length > CHUNK
    }
    return Postings(content.tobytes(), np.append(starts[firsts], content.size), directories)


def _describe_chunks(numbers: Numbers, starts: Numbers, first: int, length: int) -> bytes:
    """Return the first number of each chunk of a list, and its byte counted from the list's own."""
    at = np.arange(first, first + length, CHUNK)
    pairs = np.column_stack([numbers[at], starts[at] - starts[first]])
    return pairs.astype("<u4").tobytes()
