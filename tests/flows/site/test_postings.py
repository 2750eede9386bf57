"""Lists of paper numbers, read back by the rules that the pages read them by."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flows.site.postings import CHUNK, encode_lists


def decode(content: bytes) -> list[int]:
    numbers, number, value, shift = [], 0, 0, 0
    for byte in content:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            number += value
            numbers.append(number)
            value = shift = 0
    return numbers


def encode(lists: list[list[int]]):
    numbers = np.array([number for members in lists for number in members], dtype=np.int64)
    lengths = np.array([len(members) for members in lists], dtype=np.int64)
    return encode_lists(numbers, np.cumsum(lengths) - lengths)


@given(st.lists(st.sets(st.integers(0, 2**31 - 1), min_size=1, max_size=50), max_size=8))
def test_each_list_is_read_back_from_its_own_bytes(sets: list[set[int]]) -> None:
    lists = [sorted(members) for members in sets]
    encoded = encode(lists)
    parts = [encoded.content[start:end] for start, end in pairwise(encoded.starts.tolist())]
    assert [decode(part) for part in parts] == lists


def test_a_long_list_can_be_entered_at_each_of_its_chunks() -> None:
    numbers = list(range(5, 30_000, 3))
    encoded = encode([[1], numbers])
    directory = np.frombuffer(encoded.directories[1], dtype="<u4").reshape(-1, 2)
    start = int(encoded.starts[1])
    bounds = [*(start + directory[:, 1]), int(encoded.starts[2])]
    chunks = [decode(encoded.content[a:b]) for a, b in pairwise(bounds)]
    assert [chunk[0] for chunk in chunks] == directory[:, 0].tolist()
    assert [number for chunk in chunks for number in chunk] == numbers
    assert {len(chunk) for chunk in chunks[:-1]} == {CHUNK}
