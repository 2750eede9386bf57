"""Measure what a second release sends: the share of its bytes that the Hub does not have yet.

The Hub stores chunks whose borders follow from the content, as `chunks` finds them. The second
release is made of the inputs of the first and of one more file. Beside it stands what the same
tables would send if they were written without content-defined chunking.

Usage: python tests/bench/bench_upload.py [SNAPSHOT.jsonl.zst] [PAPERS] [MORE]
"""

import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
import zstandard

from flows.inputs import RawFile, sha256_of
from flows.reproduce import build
from schemas.vocabulary import Source

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "arxiv-snapshot-100k.jsonl.zst"
PAPERS, MORE = 10_000, 100
"""Papers of the first release and papers that the second has more, unless told otherwise."""

MASK = np.uint64(0xFFFF_0000_0000_0000)
"""A border stands where the rolling hash has none of these bits: after 64 KiB on average."""

SMALLEST, LARGEST = 8 << 10, 128 << 10
"""Bytes of a chunk: the bounds that the Hub's storage has."""

TABLE = np.frombuffer(
    b"".join(hashlib.sha256(bytes([byte])).digest()[:8] for byte in range(256)), dtype=np.uint64
)
"""A random number for each byte, the same in every run."""


def chunks(content: bytes) -> Iterator[bytes]:
    """Cut content where its last 64 bytes say so."""
    rolling = TABLE[np.frombuffer(content, dtype=np.uint8)]
    for width in (1, 2, 4, 8, 16, 32):
        rolling[width:] += rolling[:-width] << np.uint64(width)
    start = 0
    for border in [*(np.flatnonzero((rolling & MASK) == 0) + 1).tolist(), len(content)]:
        while border - start > LARGEST:
            yield content[start : start + LARGEST]
            start += LARGEST
        if border - start >= SMALLEST or border == len(content):
            yield content[start:border]
            start = border


def new_bytes(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> dict[str, tuple[int, int]]:
    """Give for each config the bytes that no chunk of the release before has, and all of them."""
    known = {hashlib.sha256(chunk).digest() for one in before.values() for chunk in chunks(one)}
    found: dict[str, tuple[int, int]] = {}
    for path, content in now.items():
        config = path.split("/")[1]
        sent, whole = found.get(config, (0, 0))
        fresh = [c for c in chunks(content) if hashlib.sha256(c).digest() not in known]
        found[config] = (sent + sum(map(len, fresh)), whole + len(content))
    return found


def written(release: Path) -> dict[str, bytes]:
    files = sorted((release / "data").rglob("*.parquet"))
    return {path.relative_to(release).as_posix(): path.read_bytes() for path in files}


def by_default(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Write the same tables as pyarrow does when it is told nothing but the compression."""
    found = {}
    for path, content in files.items():
        target = io.BytesIO()
        pq.write_table(pq.read_table(io.BytesIO(content)), target, compression="zstd")
        found[path] = target.getvalue()
    return found


def raw_file(lines: list[bytes], folder: Path, day: int) -> RawFile:
    path = folder / f"2026-11-{day:02}" / "arxiv.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(lines))
    return RawFile(path, Source.ARXIV, date(2026, 11, day), sha256_of(path))


def show(name: str, found: Mapping[str, tuple[int, int]]) -> None:
    print(f"\n{name}")
    sums = [sum(column) for column in zip(*found.values(), strict=True)]
    for config, (sent, whole) in [*found.items(), ("all", (sums[0], sums[1]))]:
        print(f"  {config:12} {sent:12,} of {whole:12,} bytes are new {sent / whole:7.1%}")


def main(snapshot: Path, papers: int, more: int) -> None:
    with zstandard.open(snapshot, "rb") as stream, TemporaryDirectory() as made:
        folder, lines = Path(made), list(islice(io.BufferedReader(stream), papers + more))
        lines.sort(key=lambda line: json.loads(line)["id"])
        first, second = raw_file(lines[:-more], folder, 16), raw_file(lines[-more:], folder, 23)
        build([first], folder / "none", folder / "one", {})
        before = folder / "one" / "release"
        build([first, second], before, folder / "two", {})
        one, two = written(before), written(folder / "two" / "release")
    print(f"{len(lines) - more:,} papers, then {more:,} with greater ids, as a month brings them")
    show("written as a release", new_bytes(one, two))
    show("the same tables, pyarrow's default", new_bytes(by_default(one), by_default(two)))


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(one) for one in given[1:3]]
    main(Path(given[0]) if given else CORPUS, *(numbers + [PAPERS, MORE][len(numbers) :]))
