"""What the last run derived from texts, by a hash of what it follows from: a cache, not a state.

Topic labels follow from a paper's texts, categories, venue and day, links from a record's texts and
fields, promises from an abstract, and each from the code, models and curated files that read them.
A run derives only what one of these changed for. Whatever does not fit, a damaged file among it, is
derived again: deleting the folder costs time and changes no row.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import polars as pl

from flows.parts import link_file
from flows.runs.notices import note_damage, note_unkept
from flows.version import hash_code

NOTICED = "text cache"
"""How notices call it."""

SEEDS = (1, 2)
"""Two hashes of 64 bits: with one, two of three million texts might meet."""

HASHES = ["hash1", "hash2"]

PACKAGES = ("polars", "numpy", "scipy", "pylatexenc", "pyarrow")
"""Packages that decide about what is derived, and how it is written."""

OWN = "flows/enrich/text_cache.py"
"""What decides about the form in which it is kept."""

DIGEST_BYTES = 32
"""Of the checksum that a file begins with, and of the version that follows it."""

ROWS_START = 2 * DIGEST_BYTES

FORMER = b"ARROW1"
"""What followed the checksum in earlier versions, where it was over more than the file: such a file
is of no use, and not damaged."""

FILE = r"(?:[0-9a-f]{8}\.[a-z]+|[0-9a-f]{32}\.[a-z]+\.arrow)(?:\.partial)?"
"""Names of the files of the cache, and of those of earlier versions: no other one is removed."""

Derive = Callable[[pl.DataFrame], pl.DataFrame]
"""Derives rows from some rows: any number for each, in their order, under their key."""


@dataclass(frozen=True)
class Derivation:
    """What is derived from the rows of a table, and from what it follows."""

    name: str
    """Names its files."""
    key: str
    """The column that names a row, and what is derived from it."""
    inputs: tuple[str, ...]
    """The columns that it follows from."""
    code: tuple[str, ...]
    """Patterns of the files that it follows from beside these."""


@dataclass(frozen=True)
class PartName:
    """How a cache knows a part of the rows."""

    name: str
    """Under which what is derived from it is kept."""
    former: tuple[str, ...] = ()
    """The names of parts of the last run that may hold some of its rows."""

    def list_names(self) -> list[str]:
        """List the names under which rows of it may be found, its own first."""
        return [self.name, *(name for name in self.former if name != self.name)]


UNNAMED = PartName("")
"""The part where nothing is kept."""


class TextCache:
    """What the last run derived, a file for each part of the rows and each derivation."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which need not exist."""
        self.folder = folder

    def derive(
        self, derivation: Derivation, part: PartName, rows: pl.DataFrame, derive: Derive
    ) -> pl.DataFrame:
        """Derive from the rows of a part, looking up what was derived from the same before.

        The result is what ``derive`` makes of all rows.
        """
        known = self.look_up(derivation, part, rows)
        return known.complete(derive(known.select_fresh(rows)) if known.is_fresh.any() else None)

    def look_up(self, derivation: Derivation, part: PartName, rows: pl.DataFrame) -> "KnownRows":
        """Look up what was derived from the rows of a part before."""
        version = hash_code((*derivation.code, OWN), PACKAGES)
        keyed = rows.select(derivation.key, *hash_inputs(derivation.inputs))
        files = [self._name_file(name, derivation) for name in part.list_names()]
        stored = {file: lists for file in files if (lists := _read(file, version)) is not None}
        lists = _look_up(keyed, [*stored.values()])
        return KnownRows(derivation.key, files[0], version, stored, lists)

    def _name_file(self, name: str, derivation: Derivation) -> Path:
        return self.folder / f"{hash_name(name)}.{derivation.name}.arrow"

    def remove_others(self, parts: Collection[str]) -> None:
        """Delete the files of all but some parts."""
        current = {hash_name(part) for part in parts}
        for path in self.folder.glob("*"):
            if re.fullmatch(FILE, path.name) and path.name.partition(".")[0] not in current:
                path.unlink(missing_ok=True)


@dataclass(frozen=True)
class KnownRows:
    """The rows of a part, with what was derived from the same before."""

    key: str
    """The column that names a row."""
    file: Path
    """Where it is kept what follows from them."""
    version: str
    """Of the code by which it does."""
    stored: Mapping[Path, pl.DataFrame]
    """What files of the last run hold, by hash."""
    lists: pl.DataFrame
    """A row for each: its key, its hashes, and what was ``derived`` where any file holds some."""

    @cached_property
    def is_fresh(self) -> pl.Series:
        """Of each row whether nothing is known of it."""
        if "derived" in self.lists.columns:
            return self.lists["derived"].is_null()
        # Also without rows: what is derived from none has the columns of what is derived.
        return pl.repeat(value=True, n=max(1, self.lists.height), eager=True)

    def select_fresh(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Select the rows of which nothing is known."""
        return rows if self.is_fresh.all() else rows.filter(self.is_fresh)

    def complete(self, fresh: pl.DataFrame | None) -> pl.DataFrame:
        """Complete what is known by what was derived now, if anything was, and keep all of it."""
        lists = self.lists if fresh is None else _add_fresh(self.lists, fresh, self.key)
        kept = lists.select(*HASHES, "derived")
        same = [file for file, known in self.stored.items() if has_same_hashes(known, kept)]
        _keep(self.file, same, self.version, kept)
        filled = lists.filter(pl.col("derived").list.len() > 0)
        return filled.select(self.key, "derived").explode("derived").unnest("derived")


def hash_name(part: str) -> str:
    """Name the files of a part: its own name may hold anything."""
    return hashlib.sha256(part.encode()).hexdigest()[:32]


def has_same_hashes(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    """Return whether two frames are about the same inputs, row by row."""
    return left.select(HASHES).equals(right.select(HASHES))


def _look_up(keyed: pl.DataFrame, stored: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Put beside each row what was ``derived`` from the same inputs, null where that is unknown."""
    if not stored:
        return keyed
    # Most parts say what they said: they need no join.
    if (
        same := next((lists for lists in stored if has_same_hashes(lists, keyed)), None)
    ) is not None:
        return keyed.with_columns(same["derived"])
    # Two rows of the same text share what was derived: many to one, not one to one.
    known = pl.concat(stored).unique(HASHES, keep="first", maintain_order=True)
    return keyed.join(known, on=HASHES, how="left", validate="m:1", maintain_order="left")


def _add_fresh(lists: pl.DataFrame, fresh: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add what was derived now; a row from which nothing follows has an empty list."""
    grouped = fresh.group_by(key, maintain_order=True).agg(
        fresh=pl.struct(name for name in fresh.columns if name != key)
    )
    beside = lists.join(grouped, on=key, how="left", validate="1:1", maintain_order="left")
    known = [pl.col("derived")] if "derived" in lists.columns else []
    return beside.select(key, *HASHES, derived=pl.coalesce(*known, "fresh").fill_null([]))


def hash_inputs(inputs: tuple[str, ...]) -> list[pl.Expr]:
    """Hash some columns together: ``hash1`` and ``hash2``."""
    columns = pl.struct(inputs)
    return [columns.hash(seed).alias(name) for seed, name in zip(SEEDS, HASHES, strict=True)]


def _read(path: Path, version: str) -> pl.DataFrame | None:
    """Read what was derived, by hash; None where there is no file, or one that does not fit."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, maker = content[:DIGEST_BYTES], content[DIGEST_BYTES:ROWS_START]
    # Compared before the rows are read: a torn file may crash the reader of Arrow.
    if digest != hashlib.sha256(content[DIGEST_BYTES:]).digest():
        if maker.startswith(FORMER):
            return None
        note_damage(NOTICED, path, "derived again")
        return None
    # That other code derived something else is no damage, and nothing that people need to know.
    is_of_now = maker == _hash_version(version)
    return pl.read_ipc(BytesIO(content[ROWS_START:])) if is_of_now else None


def _hash_version(version: str) -> bytes:
    return hashlib.sha256(version.encode()).digest()


def _keep(path: Path, same: Sequence[Path], version: str, lists: pl.DataFrame) -> None:
    """Keep what was derived in a file, as a link to one of the ``same`` where there is one."""
    if not same:
        _write(path, version, lists)
    elif path not in same:
        try:
            link_file(same[0], path)
        except OSError as error:
            note_unkept(NOTICED, error)


def _write(path: Path, version: str, lists: pl.DataFrame) -> None:
    written = BytesIO()
    lists.write_ipc(written, compression="lz4")
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without a copy of the rows: these are most of what a run keeps.
        maker, rows = _hash_version(version), written.getbuffer()
        digest = hashlib.sha256(maker)
        digest.update(rows)
        with partial.open("wb") as file:
            file.writelines((digest.digest(), maker, rows))
        # Renamed when it is whole: a run that is killed leaves the old file or the new one.
        partial.replace(path)
    except OSError as error:
        note_unkept(NOTICED, error)
