"""Measure what a second release sends: the share of its bytes that the Hub does not have yet.

The unit is a chunk of a file's bytes, as the Hub's storage cuts them: a border stands where a gear
hash of the last 64 bytes says so, between 8 and 128 KiB, after 64 KiB on average. A chunk is new
when no file of the first release has it. Every file counts: all configs, card, charts, manifest.

Two ways to grow: one more file of papers with greater ids, as a month brings them; and the whole
dump taken anew with these papers in it, which gives every record another id and every paper another
`last_seen`. Beside each stands what the same tables send when pyarrow writes them as it does by
default. Of two folders with releases the second is compared with the first, and nothing is made.

Usage: python tests/bench/bench_upload.py [SNAPSHOT.jsonl.zst] [PAPERS] [MORE]
       python tests/bench/bench_upload.py RELEASE RELEASE
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
from backports import zstd

from flows.hashing import hash_file
from flows.operate.reproduce import build_from_files
from flows.raw.raw_file import RawFile
from schemas.vocabulary import Source

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "arxiv-snapshot-100k.jsonl.zst"
PAPERS, MORE = 30_000, 300
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
    """Give by config the bytes in chunks that the release before does not have, and all of them."""
    known = {hashlib.sha256(chunk).digest() for one in before.values() for chunk in chunks(one)}
    found: dict[str, tuple[int, int]] = {}
    for path, content in now.items():
        config = path.split("/")[1] if path.startswith("data/") else "card, manifest"
        sent, whole = found.get(config, (0, 0))
        fresh = [c for c in chunks(content) if hashlib.sha256(c).digest() not in known]
        found[config] = (sent + sum(map(len, fresh)), whole + len(content))
    return found


class Files(Mapping[str, bytes]):
    """The files of a folder by name, each read when it is looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def __iter__(self) -> Iterator[str]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return (path.relative_to(self.folder).as_posix() for path in paths)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def written(release: Path) -> dict[str, bytes]:
    return dict(Files(release))


def by_default(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Write the same tables as pyarrow does when it is told nothing but the compression."""
    found = dict(files)
    for path, content in files.items():
        if not path.endswith(".parquet"):
            continue
        target = io.BytesIO()
        pq.write_table(pq.read_table(io.BytesIO(content)), target, compression="zstd")
        found[path] = target.getvalue()
    return found


def raw_file(lines: list[bytes], folder: Path, name: str, day: int) -> RawFile:
    path = folder / f"2026-11-{day:02}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(lines))
    return RawFile(path, Source.ARXIV, date(2026, 11, day), hash_file(path))


def show(name: str, found: Mapping[str, tuple[int, int]]) -> None:
    print(f"\n{name}")
    sums = [sum(column) for column in zip(*found.values(), strict=True)]
    for config, (sent, whole) in [*found.items(), ("all", (sums[0], sums[1]))]:
        print(f"  {config:14} {sent:12,} of {whole:12,} bytes are new {sent / whole:7.1%}")


def ways(lines: list[bytes], more: int, folder: Path) -> dict[str, list[RawFile]]:
    """Give the inputs of the second release for each way to grow; the first key is the first's."""
    first = raw_file(lines[:-more], folder, "dump.jsonl", 16)
    return {
        "first": [first],
        "one more file": [first, raw_file(lines[-more:], folder, "more.jsonl", 23)],
        "the whole dump anew": [raw_file(lines, folder, "dump.jsonl", 23)],
    }


def main(snapshot: Path, papers: int, more: int) -> None:
    with zstd.open(snapshot, "rb") as stream:
        lines = list(islice(io.BufferedReader(stream), papers + more))
    lines.sort(key=lambda line: json.loads(line)["id"])
    print(f"{len(lines) - more:,} papers, then {more:,} with greater ids")
    with TemporaryDirectory() as made:
        folder = Path(made)
        before, releases = folder / "none", {}
        for way, inputs in ways(lines, more, folder).items():
            build_from_files(inputs, before, folder / way, {})
            releases[way] = written(folder / way / "release")
            before = folder / "first" / "release"
    one = releases.pop("first")
    for way, two in releases.items():
        show(f"{way}, written as a release", new_bytes(one, two))
        show(f"{way}, pyarrow's default", new_bytes(by_default(one), by_default(two)))


if __name__ == "__main__":
    given = sys.argv[1:]
    if len(given) == 2 and all(Path(folder).is_dir() for folder in given):
        show("the second release", new_bytes(*(Files(Path(folder)) for folder in given)))
        raise SystemExit
    numbers = [int(one) for one in given[1:3]]
    main(Path(given[0]) if given else CORPUS, *(numbers + [PAPERS, MORE][len(numbers) :]))
