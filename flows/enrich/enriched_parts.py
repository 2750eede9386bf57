"""Enriched parts of the last run: one whose papers, records and moves are the same is taken whole.

The files are beside the release under a hash of all that they follow from, each with its checksum:
deleting or damaging them costs time and changes no row.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from flows.enrich.derivations import CURATED
from flows.enrich.paper_parts import PartFiles
from flows.enrich.text_cache import PACKAGES
from flows.hashing import SHA256, describe_bytes, hash_once, is_as_described
from flows.parts import link_file
from flows.release.id_ranges import IdRange
from flows.runs.notices import note_damage, note_unkept
from flows.version import hash_code

NOTICED = "enriched parts"
"""How notices call them."""

CODE = (
    *("flows/enrich/**/*.py", "flows/text/*.py", "flows/urls/*.py", "flows/identifiers.py"),
    *("flows/tables.py", "flows/parquet_layout.py", "flows/curated_csv.py", "schemas/*.py"),
    *("flows/parts.py", "flows/id_hashes.py"),
    *(f"flows/release/{name}.py" for name in ("final_files", "id_ranges", "layout")),
    *(*CURATED, "data/models/**/*.csv"),
)
"""What decides about an enriched part besides its papers, their records and what moved."""

KEY_LENGTH = 32

FILE = rf"[0-9a-f]{{{KEY_LENGTH}}}\.(?:json(?:\.partial)?|[a-z]+\.parquet)"
"""Names of the files of the cache: no other one is removed."""


FORMER = pl.Schema({"name": pl.String, "key": pl.String})
"""Of the pieces of the parts of the last run the id of the first paper, and the key."""

DAMAGE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a damaged description may raise."""


@dataclass(frozen=True)
class EnrichedPart:
    """An enriched part on disk."""

    key: str
    """What it follows from, hashed; empty where nothing is kept."""
    pieces: tuple[tuple[str, str], ...]
    """The id of the first paper and the key of each of its pieces."""
    records: int
    """Its papers: what rates are counted in."""


def name_piece(key: str, piece: IdRange | None) -> str:
    """Name a piece of a part with a key, so that what is derived from its texts is found again.

    >>> name_piece("a", None), len(name_piece("a", IdRange("arxiv:1", None)))
    ('a', 32)
    """
    if piece is None:
        return key
    return hashlib.sha256(f"{key} {piece}".encode()).hexdigest()[:KEY_LENGTH]


class EnrichedParts:
    """The enriched parts of the last run: a file for each table, and one that describes them."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which need not exist."""
        self.folder = folder

    def name_part(self, part: PartFiles, moves: Path) -> str:
        """Hash all that an enriched part follows from."""
        digest = hashlib.sha256(hash_code(CODE, PACKAGES).encode())
        for path in (part.papers, part.origins, moves):
            digest.update(hash_once(path).encode())
        return digest.hexdigest()[:KEY_LENGTH]

    def list_former(self) -> pl.DataFrame:
        """List the pieces of the last run in order: `FORMER`, a row for each."""
        rows = []
        for path in self.folder.glob("*.json"):
            with suppress(*DAMAGE):
                pieces = _read_description(path)["pieces"]
                rows += [(str(name), str(key)) for name, key in pieces]
        return pl.DataFrame(sorted(rows), schema=FORMER, orient="row")

    def has(self, key: str) -> bool:
        """Return whether there is a part with a key, whole or not."""
        return (self.folder / f"{key}.json").exists()

    def take(self, key: str, targets: Mapping[str, Path]) -> EnrichedPart | None:
        """Put the tables of a part where they are wanted; None where they are not there, whole.

        ``targets``: where each table goes, by name.
        """
        description = self.folder / f"{key}.json"
        if not description.exists():
            return None
        try:
            about = _read_description(description)
            pieces = tuple((str(name), str(piece)) for name, piece in about["pieces"])
            part = EnrichedPart(key, pieces, int(about["records"]))
            files = {name: self.folder / f"{key}.{name}.parquet" for name in targets}
            sums = about["files"]
            if all(is_as_described(path, sums[name]) for name, path in files.items()):
                for name, target in targets.items():
                    link_file(files[name], target)
                return part
        except DAMAGE:
            pass  # whatever is wrong with it, it is not what was written
        note_damage(NOTICED, description, noun="part")
        return None

    def keep(self, part: EnrichedPart, files: Mapping[str, Path]) -> None:
        """Keep the tables of a part for the next run. Nobody writes into them."""
        about: dict[str, object] = {"pieces": part.pieces, "records": part.records}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, path in files.items():
                link_file(path, self.folder / f"{part.key}.{name}.parquet")
            partial = self.folder / f"{part.key}.json.partial"
            about["files"] = {
                name: describe_bytes(path) | {SHA256: hash_once(path)}
                for name, path in files.items()
            }
            about["checksum"] = _hash_description(about)
            partial.write_text(json.dumps(about), encoding="utf-8")
            # Written last: what is described is whole, whenever the machine stops.
            partial.replace(self.folder / f"{part.key}.json")
        except OSError as error:
            note_unkept(NOTICED, error)

    def remove_others(self, keys: Collection[str]) -> None:
        """Delete the parts that this run had no use for."""
        for path in self.folder.glob("*"):
            if re.fullmatch(FILE, path.name) and path.name.partition(".")[0] not in keys:
                path.unlink(missing_ok=True)


def find_former(parts: pl.DataFrame, paper_ids: pl.Series) -> tuple[str, ...]:
    """Find the keys of the `FORMER` parts that papers with some ids may have been in.

    >>> parts = pl.DataFrame({"name": ["a", "d", "g"], "key": ["first", "second", "third"]})
    >>> find_former(parts, pl.Series(["e", "f"])), find_former(parts, pl.Series(["b", "d"]))
    (('second',), ('first', 'second'))
    """
    if paper_ids.is_empty():
        return ()
    firsts, least, greatest = parts["name"], paper_ids.min(), paper_ids.max()
    # A part has the papers from its first one to that of the next part.
    begun = firsts.filter(firsts <= least).max()
    is_near = (pl.col("name") >= (least if begun is None else begun)) & (pl.col("name") <= greatest)
    return tuple(parts.filter(is_near)["key"])


def _read_description(path: Path) -> dict[str, Any]:
    """Read what describes a part. Raises one of `DAMAGE` where it is not what was written."""
    about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if about.pop("checksum") != _hash_description(about):
        raise ValueError(path.name)
    return about


def _hash_description(about: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
