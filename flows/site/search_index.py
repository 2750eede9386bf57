"""Search index: sorted terms in small blocks, and the papers of each, all as static files."""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import ascii_lowercase, digits
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np
import orjson
import polars as pl

from flows.site.papers import FACETS, read_other_ids
from flows.site.postings import encode_lists
from flows.site.search_words import collect_terms, count_venues

BLOCK = 1024
"""Terms of a block: some 6 kB as they are sent, read with one request."""

SLICE = 50_000
"""Papers whose terms are in memory at a time."""

BEGINNINGS = ("", "=", "id:", "id:arxiv:")
"""How many terms begin: words, titles, and ids."""

BORDERS = sorted(
    {
        *("has:", "id:", "id;", "topic:", "topic;", "venue:", "venue;"),
        *(f"topic:{facet}/" for facet in FACETS),
        *(start + first for start in BEGINNINGS for first in digits + ascii_lowercase),
    }
)
"""Terms at which a new bucket begins, so that none holds a great part of all terms."""


def write_search_index(release: Path, papers: pl.DataFrame, folder: Path) -> None:
    """Write ``terms.bin``, ``terms.json`` and ``postings.bin``: the index of a release.

    Terms are collected some papers at a time and kept in one file per bucket, so that the memory
    needed is that of the largest. ``terms.json`` says with which term each
    block of ``terms.bin`` begins. A line there is: term, papers, then the paper's number where it
    is one, else the byte and length of the list in ``postings.bin``; of a list of several chunks
    also the byte of its directory and the length of its first chunk.
    """
    venues = count_venues(papers)["venue"]
    with TemporaryDirectory(prefix="open-papers-site-") as scratch:
        spilled = Path(scratch)
        for at in range(0, papers.height, SLICE):
            spill_terms(collect_terms(papers[at : at + SLICE], venues), spilled, at)
        # The part's number only has to differ from those above, which are smaller.
        spill_terms(_other_ids(release, papers), spilled, papers.height)
        write_terms(read_buckets(spilled), folder)


def _other_ids(release: Path, papers: pl.DataFrame) -> pl.DataFrame:
    numbered = read_other_ids(release).join(papers.select("paper_id", "number"), on="paper_id")
    return numbered.select(term="id:" + pl.col("other_id").str.to_lowercase(), number="number")


def spill_terms(terms: pl.DataFrame, folder: Path, part: int) -> None:
    """Write terms to files of ``folder`` by bucket: the names of these sort as terms do."""
    bucket = pl.Series("bucket", BORDERS).search_sorted(terms["term"], side="right")
    for (place,), rows in terms.with_columns(bucket=bucket).group_by("bucket"):
        rows.drop("bucket").write_ipc(folder / f"{place:03}-{part:09}.arrow")


def read_buckets(folder: Path) -> Iterator[pl.DataFrame]:
    """Read what was spilled, one bucket at a time, sorted by ``term`` and ``number``."""
    names = sorted(path.name for path in folder.glob("*.arrow"))
    for bucket in dict.fromkeys(name[:3] for name in names):
        parts = [
            pl.scan_ipc(folder / name, glob=False).collect(engine="in-memory")
            for name in names
            if name[:3] == bucket
        ]
        # A word of the title may be one of an author, too: it leads to the paper once.
        yield pl.concat(parts).unique().sort("term", "number")


def write_terms(buckets: Iterable[pl.DataFrame], folder: Path) -> None:
    """Write sorted terms with their lists, and the table that says where each block begins."""
    folder.mkdir(parents=True, exist_ok=True)
    heads: list[str] = []
    offsets = [0]
    last = ""
    with (folder / "terms.bin").open("wb") as terms, (folder / "postings.bin").open("wb") as lists:
        for block in _blocks(_lines(buckets, lists)):
            first = block[0].partition("\t")[0]
            heads.append(shorten_head(last, first))
            last = block[-1].partition("\t")[0]
            offsets.append(offsets[-1] + terms.write(pack(("\n".join(block) + "\n").encode())))
    index = {"heads": heads, "offsets": offsets}
    (folder / "terms.json").write_bytes(pack(orjson.dumps(index)))


def _lines(buckets: Iterable[pl.DataFrame], lists: BinaryIO) -> Iterator[str]:
    for bucket in buckets:
        base = lists.tell()
        runs = bucket.group_by("term", maintain_order=True).agg(
            pl.len().alias("count"), pl.col("number").first()
        )
        counts = runs["count"].to_numpy().astype(np.int64)
        firsts = np.cumsum(counts) - counts
        postings = encode_lists(bucket["number"].to_numpy().astype(np.int64), firsts)
        lists.write(postings.content)
        directories = {
            place: _write_directory(lists, content)
            for place, content in postings.directories.items()
        }
        for place, (term, count, number) in enumerate(runs.iter_rows()):
            if count == 1:
                yield f"{term}\t1\t{number}"
                continue
            start, end = postings.starts[place : place + 2].tolist()
            directory = directories.get(place, ())
            yield "\t".join(map(str, (term, count, base + start, end - start, *directory)))


def _write_directory(lists: BinaryIO, content: bytes) -> tuple[int, int]:
    """Write the directory of a list; return its byte and the length of the list's first chunk."""
    start = lists.tell()
    lists.write(content)
    # The second chunk begins where the first ends: known at once, it need not wait for a directory.
    return start, int.from_bytes(content[12:16], "little")


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in lines:
        block.append(line)
        if len(block) == BLOCK:
            yield block
            block = []
    if block:
        yield block


def shorten_head(last: str, first: str) -> str:
    """Cut the first term of a block to what tells it from the last term of the block before.

    >>> shorten_head("transfer", "transformer")
    'transfo'
    """
    length = next(
        (at for at, (a, b) in enumerate(zip(last, first, strict=False)) if a != b),
        min(len(last), len(first)),
    )
    return first[: length + 1]


def pack(content: bytes) -> bytes:
    """Compress as browsers decompress by themselves: deflate, without a header and without an end.

    What is packed ends on a byte and refers to nothing before it, so that a page unpacks pieces
    from anywhere as one stream; `unpack` in bytes.js adds the end.

    >>> zlib.decompress(pack(b"one") + pack(b"two") + bytes([3, 0]), wbits=-15)
    b'onetwo'
    """
    deflate = zlib.compressobj(level=9, wbits=-15)
    return deflate.compress(content) + deflate.flush(zlib.Z_SYNC_FLUSH)
