"""Every cache of the project, small: how it is made, and what the next run would use of it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows.deduplicate import resolve
from flows.deduplicate.match import match_cache
from flows.deduplicate.resolve.answer_cache import AnswerCache
from flows.enrich.enriched_parts import EnrichedPart, EnrichedParts
from flows.enrich.text_cache import Derivation, PartName, TextCache
from flows.errors import UserError
from flows.external_sort import read_part
from flows.hashing import hash_file
from flows.parse.find_raw_files import UnknownFile, recognise_members
from flows.parse.parse_file import load_parsed, parse_file
from flows.parts import DamagedStep, empty_folder, require_whole_step, seal_step
from flows.publish import segment_cache
from flows.publish.card.facts import Counted
from flows.publish.measure import SegmentCounts
from flows.publish.segment_cache import KeptSegment, SegmentCache
from flows.raw.discovery import InputFile
from flows.raw.raw_file import RawFile
from flows.release.open_release import Release
from schemas.vocabulary import Source
from tests.builders import written_release
from tests.matched_records import match_parts
from tests.records import record, records

DAY = date(2026, 6, 1)
ITEM = b'[{"paper": {"id": "2301.00001", "title": "A title"}}]'
URL = "https://api.example.org/works?title=a"
DERIVATION = Derivation("upper", "id", ("text",), ())
TEXTS = pl.DataFrame({"id": ["a", "b"], "text": ["one", "two"]})
KEY = "0" * 32


class Recomputed(Exception):
    """What a cache should have held has to be computed."""


@dataclass(frozen=True)
class Cache:
    """A cache in a folder."""

    name: str
    make: Callable[[Path], None]
    use: Callable[[Path], Any]
    """Gives what is in it; None where it has to be made again, a message where it is refused."""


def make_parse(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    raw = folder.with_name("raw") / DAY.isoformat() / "day.json"
    raw.parent.mkdir(parents=True, exist_ok=True)
    raw.write_bytes(ITEM)
    parse_file(RawFile(raw, Source.DAILY_PAPERS, DAY, hash_file(raw)), folder)


def use_parse(folder: Path) -> Any:
    parsed = load_parsed(folder)
    if parsed is None:
        return None
    return parsed, [pl.read_parquet(path).rows() for path in sorted(folder.glob("*.parquet"))]


def make_match(folder: Path) -> None:
    rows = records(record(1), record(2, "papers_page"), record(3, title="Rejoinder"))
    match_parts([rows], folder.parent, cache=folder)


def use_match(folder: Path) -> Any:
    cache = match_cache.open_match_cache(folder)
    state = match_cache.read_state(cache)
    if state is None:
        return None
    features = [read_part(file).rows() for key in state.parts if (file := cache.find(key))]
    frames = (state.marks, state.verified, state.near, state.overflows)
    return features, state.compared.tolist(), [table.rows() for table in frames]


def use_answers(folder: Path) -> Any:
    return AnswerCache(folder, DAY).get(URL)


def make_index(folder: Path) -> None:
    papers = {"paper": ["1", "2"], "title": ["A study of bees", "On cuts"], "authors": [["A"], []]}
    shutil.rmtree(folder, ignore_errors=True)
    resolve.build_index(pl.DataFrame(papers)).save(folder)


def use_index(folder: Path) -> Any:
    try:
        index = resolve.TitleIndex.load(folder)
    except UserError as refusal:
        return str(refusal)
    return index.papers.rows(), index.words.rows(), index.postings.toarray().tolist()


def make_texts(folder: Path) -> None:
    TextCache(folder).derive(
        DERIVATION, PartName("part"), TEXTS, lambda rows: rows.select("id", upper=pl.col("text"))
    )


def use_texts(folder: Path) -> Any:
    def compute(_: pl.DataFrame) -> pl.DataFrame:
        raise Recomputed

    try:
        return TextCache(folder).derive(DERIVATION, PartName("part"), TEXTS, compute).rows()
    except Recomputed:
        return None


def make_parts(folder: Path) -> None:
    table = folder.with_name("links.parquet")
    TEXTS.write_parquet(table)
    EnrichedParts(folder).keep(EnrichedPart(KEY, (("arxiv:1", KEY),), 2), {"links": table})


def use_parts(folder: Path) -> Any:
    target = folder.with_name("target.parquet")
    part = EnrichedParts(folder).take(KEY, {"links": target})
    return part and (part, pl.read_parquet(target).rows())


def make_segments(folder: Path) -> None:
    release = folder.with_name("release")
    if not release.exists():
        written_release(release)
    folder.mkdir(exist_ok=True)
    counts = SegmentCounts(Counted({"papers": {"n": 3}}, None), {})
    kept = SegmentCache({"key": KeptSegment("a", "b", counts)}, {"shard": "0" * 64})
    segment_cache.keep_segments(folder / "state.json", release, kept)


def use_segments(folder: Path) -> Any:
    cache = segment_cache.read_segments(folder / "state.json", folder.with_name("release"))
    return (cache.segments, cache.shards) if cache.segments else None


def use_download(folder: Path) -> Any:
    """Do what is done with a release that was downloaded before."""
    try:
        release = Release.open(folder)
    except UserError as refusal:
        return str(refusal)
    return None if release.find_damaged() else release.read_table("papers").rows()


def make_raw(folder: Path) -> None:
    # With the sidecar as `Store` writes it; its file is what the site gave.
    path = folder / DAY.isoformat() / "day.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ITEM)
    about = {"url": None, "time": f"{DAY}T00:00:00+00:00", "status": 200, "headers": {}}
    sidecar = about | {"sha256": hash_file(path), "size": len(ITEM)}
    path.with_name("day.json.fetched.json").write_text(json.dumps(sidecar))


def use_raw(folder: Path) -> Any:
    path = folder / DAY.isoformat() / "day.json"
    (raw,) = recognise_members(InputFile(path, hash_file(path)), None)
    return raw.reason if isinstance(raw, UnknownFile) else raw


def make_step(folder: Path) -> None:
    TEXTS.write_parquet(empty_folder(folder) / "aliases.parquet")
    (folder / "papers.parquet").mkdir()
    for number in range(2):
        TEXTS[number : number + 1].write_parquet(folder / "papers.parquet" / f"{number:05}.parquet")
    seal_step(folder)


def use_step(folder: Path) -> Any:
    """Do what the next step does with the tables that were left for it."""
    try:
        files = require_whole_step(folder)
    except DamagedStep:
        return None
    return [pl.read_parquet(path, glob=False).rows() for path in sorted(files)]


CACHES = (
    Cache("steps", make_step, use_step),
    Cache("parse", make_parse, use_parse),
    Cache("match", make_match, use_match),
    Cache(
        "answers",
        lambda folder: AnswerCache(folder, DAY).keep(URL, 200, b"{}") and None,
        use_answers,
    ),
    Cache("index", make_index, use_index),
    Cache("texts", make_texts, use_texts),
    Cache("parts", make_parts, use_parts),
    Cache("segments", make_segments, use_segments),
    Cache("downloads", lambda folder: written_release(folder) and None, use_download),
    Cache("raw", make_raw, use_raw),
)
