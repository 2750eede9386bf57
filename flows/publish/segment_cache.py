"""Segment cache: what was counted of each segment of the last release, and the files it is in.

A segment that comes from the same files of the same steps as in the last release is that segment:
it is neither read nor written again. The cache is beside the release and is none of its files.
Deleting it, or damaging it, costs time and changes no byte.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.hashing import SHA256, describe_bytes, hash_once, is_as_described
from flows.parts import map_in_order
from flows.publish.card import FeatureList
from flows.publish.card.facts import Counted, Example
from flows.publish.measure import SegmentCounts
from flows.publish.segments import Segment
from flows.publish.shards import Shard
from flows.release.id_ranges import RangedTable
from flows.release.manifest_file import hash_manifest, read_manifest
from flows.release.open_release import Release
from flows.runs.notices import note_damage, note_unkept
from flows.version import hash_code
from schemas.metrics import BY_PAPER

NOTICED = "segment cache"
"""How notices call it."""

CODE = (
    "flows/tables.py",
    "flows/parquet_layout.py",
    "flows/parts.py",
    "flows/id_hashes.py",
    "flows/redact/*.py",
    "flows/publish/**/*.py",
    "flows/release/*.py",
    "schemas/*.py",
)
"""What decides about counts and files besides the rows."""

PACKAGES = ("polars", "pyarrow")
"""Packages that do. Python decides which characters of the example can be printed."""

DIGEST_LENGTH = 64
"""Characters of the line before the content."""

FORMER = b'{"segments":'
"""How the content began in earlier versions, whose digest was over more than the content."""


FileSum = Mapping[str, Any]
"""What `describe_bytes` says of a file: its size and its CRC-32."""


@dataclass(frozen=True)
class KeptSegment:
    """A segment of the last release: where its papers begin and end, and its counts."""

    first: str
    last: str
    counts: SegmentCounts


@dataclass(frozen=True)
class SegmentCache:
    """What is known of the segments and files of one release."""

    segments: Mapping[str, KeptSegment] = field(default_factory=dict)
    """By the key of the files of the steps that they came from: all segments of the release."""
    shards: Mapping[str, str] = field(default_factory=dict)
    """sha256 of each file of the release, by the key of the rows in it."""
    forms: Mapping[str, FeatureList] = field(default_factory=dict)
    """Those of configs that were loaded back with success, each with the features that the card
    declares: see `load_back.name_forms`."""
    sums: Mapping[str, FileSum] = field(default_factory=dict)
    """Size and CRC-32 of each file of the release, by its sha256: see `compare_release_files`."""


def name_segments_file(release: Path) -> Path:
    """Name the file of a release's segments: beside the release, and no part of it."""
    return release.with_name(f"{release.name}.segments") / "state.json"


def name_table_keys(
    segments: Sequence[Segment], tables: Mapping[str, RangedTable]
) -> dict[str, list[str | None]]:
    """Return by table for each segment a hash of the files that its rows come from.

    None where a file holds rows of other segments as well.
    """
    return {
        name: [_hash_rows(name, tables[name].list_files(segment.ids)) for segment in segments]
        for name in BY_PAPER
    }


def _hash_rows(table: str, files: Sequence[Path] | None) -> str | None:
    if files is None:
        return None
    parts = [hash_code(CODE, PACKAGES), table, *(hash_once(path) for path in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def join_table_keys(keys: Mapping[str, Sequence[str | None]]) -> list[str | None]:
    """Return a key for each segment as a whole, of all its tables; None where one has none.

    >>> join_table_keys({"papers": ["a", None], "links": ["b", "c"]})[1] is None
    True
    """
    return [
        hashlib.sha256("\0".join(parts).encode()).hexdigest() if all(parts) else None
        for parts in zip(*([key or "" for key in keys[name]] for name in keys), strict=True)
    ]


def name_unknown(segment: Segment) -> str:
    """Name a segment without a key, so that the next release knows where papers may be gone.

    No key is like it, so that such a segment is never taken for one of now.
    """
    return f"unknown {segment.first}"


def name_shard_key(shard: Shard, keys: Sequence[str | None]) -> str | None:
    """Return a hash of what the rows of a file follow from; None where that is not known."""
    parts = [keys[place] for place in shard.segments]
    text = "\0".join([shard.config.name, *(part or "" for part in parts)])
    return hashlib.sha256(text.encode()).hexdigest() if all(parts) else None


def read_segments(path: Path, previous: Path) -> SegmentCache:
    """Read the cache of a release; an empty one where it is that of another, or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return SegmentCache()
    digest, body = content[:DIGEST_LENGTH], content[DIGEST_LENGTH:]
    if digest != _sum_body(body):
        if body.startswith(FORMER):
            return SegmentCache()
        note_damage(NOTICED, path, "all segments are read again")
        return SegmentCache()
    state = json.loads(body)
    # That of another release, or of other code, is whole and of no use.
    if state["follows"] != [hash_code(CODE, PACKAGES), hash_manifest(previous)]:
        return SegmentCache()
    segments = {key: _read_segment(entry) for key, entry in state["segments"].items()}
    return SegmentCache(segments, state["shards"], state["forms"], state["sums"])


def _read_segment(entry: Mapping[str, Any]) -> KeptSegment:
    example = Example(*entry["example"]) if entry["example"] else None
    counts = SegmentCounts(Counted(entry["tallies"], example), entry["gates"])
    return KeptSegment(entry["first"], entry["last"], counts)


def keep_segments(path: Path, release: Path, content: SegmentCache) -> None:
    """Keep what is known of a release that was written, with the hash of its manifest.

    The sums of files may be those of the release before: others are added.
    """
    segments = {
        key: {
            "first": segment.first,
            "last": segment.last,
            "tallies": segment.counts.counted.tallies,
            "example": (example.values, example.text)
            if (example := segment.counts.counted.example)
            else None,
            "gates": segment.counts.gates,
        }
        for key, segment in content.segments.items()
    }
    follows = [hash_code(CODE, PACKAGES), hash_manifest(release)]
    about = {
        "follows": follows,
        "segments": segments,
        "shards": content.shards,
        "forms": content.forms,
        "sums": sum_release_files(release, content.sums),
    }
    body = json.dumps(about).encode()
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(exist_ok=True)
        partial.write_bytes(_sum_body(body) + body)
        partial.replace(path)
    except OSError as error:
        note_unkept(NOTICED, error)


def compare_release_files(path: Path, previous: Path) -> None:
    """Compare the files of the release before by the CRC-32 that its cache has of each.

    Where it is the same, the file has the sha256 of the manifest, and no step reads it again for
    that, which takes five times as long. Other files are compared by the sha256, and named then.
    """
    sums, files = read_segments(path, previous).sums, Release.open_previous(previous).files

    def compare_file(name: str) -> None:
        digest = files[name]["sha256"]
        # One that is missing is named by the step that needs it.
        with suppress(OSError):
            is_as_described(previous / name, {**sums[digest], SHA256: digest})

    for _ in map_in_order(compare_file, [n for n in files if files[n]["sha256"] in sums]):
        pass


def sum_release_files(release: Path, sums: Mapping[str, FileSum]) -> dict[str, FileSum]:
    """Sum the files of a release, by their sha256; ``sums`` are those of the one before."""
    hashes = {name: entry["sha256"] for name, entry in read_manifest(release)["files"].items()}
    return {
        digest: sums.get(digest) or describe_bytes(release / name)
        for name, digest in hashes.items()
    }


def _sum_body(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
