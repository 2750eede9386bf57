"""How fast and in how much memory each source is parsed, beside two floors of the same run.

Run it as ``python tests/bench/bench_parse.py CORPUS [--records N] [--only NAME ...]``, with a
corpus of JSON lines in the shape of arXiv's snapshot, packed with zstd. The corpus is repeated
under new ids up to N records; every case runs in a process of its own, so that its peak memory is
its own. The floors are: unpacking alone, and polars reading the same lines with the fields a
`Record` needs into Parquet.
"""

import argparse
import gzip
import importlib
import io
import json
import lzma
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, Any

import polars as pl
from backports import zstd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

PART_ROWS = 100_000
"""Records of a Parquet part in the cases, as a run would write them."""


def corpus_lines(corpus: Path, records: int) -> Iterator[bytes]:
    """Give N lines: those of the corpus, again and again under new ids."""
    made = 0
    for round_ in range(1_000):
        with zstd.open(corpus, "rb") as content:
            for line in io.BufferedReader(content, 1 << 20):
                if made == records:
                    return
                made += 1
                yield renamed(line, made) if round_ else line


def renamed(line: bytes, number: int) -> bytes:
    """Give a line under an id that no other line has."""
    month, serial = divmod(number, 99_999)
    identifier = f"{15 + month // 12 % 80:02d}{month % 12 + 1:02d}.{serial + 1:05d}"
    return re.sub(rb'^\{"id": "[^"]*"', f'{{"id": "{identifier}"'.encode(), line)


SMALL = 100_000
"""Records of the inputs other than JSON lines: they show the format, not the size."""


def grow(name: str, corpus: Path, records: int, path: Path) -> None:
    """Write the input of a case."""
    if name.startswith("arxiv-lines"):
        with PACKERS[path.suffix](path) as file:
            for line in corpus_lines(corpus, records):
                file.write(line)
        return
    lines = corpus_lines(corpus, min(records, SMALL))
    if name == "anthology":
        _write_anthology(path, lines)
    else:
        _write_array(path, lines, {"pwc-papers": pwc_paper, "pwc-links": pwc_link}.get(name, dict))


@contextmanager
def zipped(path: Path) -> Iterator[IO[bytes]]:
    """Open the only member of a new zip archive, as Kaggle serves the snapshot."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("arxiv-metadata-oai-snapshot.json", "w", force_zip64=True) as member,
    ):
        yield member


PACKERS: dict[str, Callable[[Path], Any]] = {
    ".jsonl": lambda path: path.open("wb"),
    ".zst": lambda path: zstd.open(path, "wb"),
    ".gz": lambda path: gzip.open(path, "wb", 1),  # noqa: SIM115  # the caller is the context
    ".xz": lambda path: lzma.open(path, "wb", preset=0),  # noqa: SIM115  # likewise
    ".zip": zipped,
}


def _write_array(path: Path, lines: Iterator[bytes], shape: Callable[[Any], Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("[\n")
        for number, line in enumerate(lines):
            file.write(",\n" * (number > 0) + json.dumps(shape(json.loads(line)), indent=2))
        file.write("\n]\n")


def pwc_paper(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row of Papers with Code's papers with the texts of a real paper."""
    method = {"name": "Attention", "full_name": "Attention", "description": row["abstract"][:600]}
    return {
        "paper_url": f"https://paperswithcode.com/paper/{row['id']}",
        "arxiv_id": row["id"],
        "title": row["title"],
        "abstract": row["abstract"],
        "short_abstract": row["abstract"][:200],
        "url_abs": f"http://arxiv.org/abs/{row['id']}v1",
        "authors": row["authors"].split(", "),
        "tasks": ["Play"],
        "date": row["update_date"],
        "methods": [method | {"main_collection": {"name": "Toys", "parent": None}}] * 3,
    }


def pwc_link(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row of Papers with Code's links with the title of a real paper."""
    return {
        "paper_url": f"https://paperswithcode.com/paper/{row['id']}",
        "paper_title": row["title"],
        "paper_arxiv_id": row["id"],
        "repo_url": f"https://github.com/toy/{row['id']}",
        "is_official": True,
        "mentioned_in_paper": True,
        "mentioned_in_github": False,
        "framework": "pytorch",
    }


def _write_anthology(path: Path, lines: Iterator[bytes]) -> None:
    escape = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    with path.open("w", encoding="utf-8") as file:
        file.write('<collection id="2022.toy"><volume id="1"><meta><year>2022</year></meta>\n')
        for number, line in enumerate(lines, start=1):
            row = json.loads(line)
            names = "".join(
                f"<author><first>{first.translate(escape)}</first>"
                f"<last>{last.translate(escape)}</last></author>"
                for last, first, *_ in row["authors_parsed"]
            )
            title, abstract = (row[name].translate(escape) for name in ("title", "abstract"))
            file.write(
                f'<paper id="{number}"><title>{title}</title>{names}'
                f"<abstract>{abstract}</abstract><url>2022.toy-1.{number}</url></paper>\n"
            )
        file.write("</volume></collection>\n")


def unpack(path: Path, _: Path) -> int:
    """Unpack a file and count its lines: nothing can be read faster."""
    with zstd.open(path, "rb") as content:
        return sum(piece.count(b"\n") for piece in iter(lambda: content.read(1 << 20), b""))


def floor(path: Path, folder: Path) -> int:
    """Read the lines with polars into Parquet, every field as it stands there."""
    from flows.sources.arxiv.reading import READ_FIELDS  # noqa: PLC0415  # imported in its own process

    target = folder / "floor.parquet"
    pl.scan_ndjson(path, schema=READ_FIELDS).sink_parquet(target, compression="zstd")
    return int(pl.scan_parquet(target).select(pl.len()).collect().item())


def parse_as(source: str) -> Callable[[Path, Path], int]:
    """Give the case that parses a file of a source into Parquet parts."""
    return lambda path, folder: _parse(source, path, folder)


def _parse(source: str, path: Path, folder: Path) -> int:
    from flows.raw import archives, batch, raw_file  # noqa: PLC0415  # imported in its own process

    module = importlib.import_module(f"flows.sources.{source}")
    raw = raw_file.RawFile(path, module.SOURCE, date(2026, 11, 23), "0" * 64)
    done, waiting, refused = 0, [], 0
    for member in archives.open_members(path):
        for read in batch.parse_stream(raw, member.stream, module.parse):
            waiting.append(read.records)
            refused += read.rejections.height
            if sum(each.height for each in waiting) >= PART_ROWS:
                done, waiting = done + _save(waiting, folder, done), []
    if refused:
        raise RuntimeError(f"{path.name}: {refused} rejections in a corpus that has none")
    return done + (_save(waiting, folder, done) if waiting else 0)


def _save(batches: list[pl.DataFrame], folder: Path, done: int) -> int:
    from flows import tables  # noqa: PLC0415  # as above
    from schemas.record import Record  # noqa: PLC0415  # as above

    frame = pl.concat(batches)
    tables.save(Record, frame, folder / f"part-{done:09d}.parquet")
    return frame.height


LINES = "arxiv-lines.jsonl"
CASES: dict[str, tuple[str, Callable[[Path, Path], int]]] = {
    "floor: unpack": (f"{LINES}.zst", unpack),
    "floor: polars": (f"{LINES}.zst", floor),
    "arxiv .jsonl.zst": (f"{LINES}.zst", parse_as("arxiv")),
    "arxiv .jsonl": (LINES, parse_as("arxiv")),
    "arxiv .jsonl.gz": (f"{LINES}.gz", parse_as("arxiv")),
    "arxiv .jsonl.xz": (f"{LINES}.xz", parse_as("arxiv")),
    "arxiv .zip": (f"{LINES}.zip", parse_as("arxiv")),
    "arxiv array .json": ("array.json", parse_as("arxiv")),
    "acl_anthology .xml": ("anthology.xml", parse_as("acl_anthology")),
    "papers_with_code papers .json": ("pwc-papers.json", parse_as("papers_with_code")),
    "papers_with_code links .json": ("pwc-links.json", parse_as("papers_with_code")),
}


def measured(name: str, path: Path) -> dict[str, float]:
    """Run one case in a process of its own and say what it took."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(name, path, sender))
    process.start()
    sender.close()
    try:
        result: dict[str, float] = receiver.recv()
    except EOFError:
        raise SystemExit(f"{name}: failed, see above") from None
    process.join()
    return result


def _run(name: str, path: Path, sender: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        records = CASES[name][1](path, Path(folder))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sender.send({"records": records, "wall": wall, "cpu": cpu, "peak": peak})


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(
            f"{options.records:,} records, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        )
        print(
            "| case | records | MB read | wall s | CPU s | records/s | peak MB | times the floor |"
        )
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        base = 0.0
        for name in options.only:
            path = Path(folder) / CASES[name][0]
            if not path.exists():
                grow(path.name.partition(".")[0], options.corpus, options.records, path)
            took = measured(name, path)
            if name == "floor: polars":
                base = took["wall"] / took["records"]
            times = f"{took['wall'] / took['records'] / base:.2f}" if base else ""
            print(
                f"| {name} | {took['records']:,.0f} | {path.stat().st_size / 1e6:,.0f} "
                f"| {took['wall']:.1f} | {took['cpu']:.1f} "
                f"| {took['records'] / took['wall']:,.0f} | {took['peak']:,.0f} | {times} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
