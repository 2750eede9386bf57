"""Part cache: files of the last run, each under a key that names all that it follows from.

``state.json`` names the version of the code and each file with its size and checksum. It is written
last, and a cache that differs from it in anything is not used: deleting or damaging the folder
costs time and changes no row.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from flows import external_sort
from flows.hashing import describe_bytes, find_hash, is_as_described
from flows.parts import hash_notes, link_file, map_in_order
from flows.runs.notices import note, note_unkept
from flows.version import hash_code

NOTICED = "part cache"
"""How notices call it."""

STATE = "state.json"
"""The file that names the others."""

NAME = r"[a-z_]+-[0-9a-f]{32}(?:\.partial)?"
"""Keys, which are the names of the files as well: only such files are removed."""

FORMER = r"[a-z_]+-[0-9a-f]{8}\.arrow(?:\.partial)?"
"""Names that files had in earlier versions: gigabytes that nothing else removes."""

CODE = (
    "flows/*.py",
    "flows/redact/*.py",
    "flows/deduplicate/**/*.py",
    "flows/release/final_files.py",
    "flows/release/layout.py",
    "flows/text/*.py",
    "schemas/*.py",
)
"""What decides about records and papers besides what sources wrote."""

PACKAGES = ("polars", "numpy", "scipy", "rapidfuzz", "pylatexenc", "pyarrow")
"""Packages that decide about features, verdicts, readable texts and files."""

SEEDS = (1, 2)
"""Two hashes of 64 bits: with one, two of three million rows might meet."""


class PartCache:
    """Files under keys, found from the last run and kept for the next one."""

    def __init__(self, folder: Path | None, code: Sequence[str] = CODE) -> None:
        """Open the cache in a folder, which need not exist; None keeps nothing.

        ``code``: patterns of the modules that what is kept follows from.
        """
        self._folder, self._version = folder, hash_code(tuple(code), PACKAGES)
        state = _read_state(folder, self._version) if folder else {}
        self._known: dict[str, dict[str, Any]] = state.get("files", {})
        self._known_sums: dict[str, list[int]] = state.get("sums", {})
        self._kept: dict[str, dict[str, Any]] = {}
        self._sums: dict[str, list[int]] = {}
        self._is_writable = folder is not None

    def find(self, key: str) -> Path | None:
        """Find the whole file of a key; None where there is none."""
        return self._folder / key if self._folder and key in self._known else None

    def keep_found(self, key: str) -> None:
        """Keep a file that was found for the next run as well."""
        self._kept[key] = self._known[key]

    def keep(self, key: str, file: Path) -> None:
        """Keep a file that nobody writes into under a key."""
        if not (self._folder and self._is_writable):
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            link_file(file, self._folder / key)
            self._kept[key] = describe_bytes(file)
        except OSError as error:
            self._give_up(error)

    def find_frame(self, key: str) -> pl.DataFrame | None:
        """Find the frame of a key; None where there is none."""
        file = self.find(key)
        return external_sort.read_part(file) if file else None

    def keep_frame(self, key: str, frame: pl.DataFrame) -> None:
        """Keep a frame under a key."""
        if not (self._folder and self._is_writable):
            return
        partial = self._folder / f"{key}.partial"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            external_sort.write_part(frame, partial)
            # The frame of the last run may be mapped into memory: its file is replaced, not filled.
            self._kept[key] = describe_bytes(partial.replace(self._folder / key))
        except OSError as error:
            self._give_up(error)

    def sum_once(self, name: str, add_up: Callable[[], list[int]]) -> list[int]:
        """Return some sums that follow from what their ``name`` says: those of the last run."""
        sums = self._known_sums.get(name) or add_up()
        self._sums[name] = sums
        return sums

    def _give_up(self, error: OSError) -> None:
        note_unkept(NOTICED, error)
        # What is known can still be read, and rows of this run may depend on it.
        self._is_writable = False

    def close(self) -> None:
        """Write which files there are, and remove those that this run had no use for.

        What the run has hashed meanwhile, as the tables of a step are, has its sha256 noted too.
        """
        if not (self._folder and self._is_writable):
            return
        try:
            for key, about in self._kept.items():
                if digest := find_hash(self._folder / key):
                    about["sha256"] = digest
            _write_state(self._folder, self._version, self._kept, self._sums)
        except OSError as error:
            self._give_up(error)


def _write_state(
    folder: Path, version: str, files: dict[str, dict[str, Any]], sums: dict[str, list[int]]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{STATE}.partial"
    state: dict[str, Any] = {"version": version, "files": files, "sums": sums}
    state["checksum"] = _sum_state(state)
    partial.write_text(json.dumps(state, sort_keys=True), encoding="utf-8")
    # The state names whole files only, whenever the machine stops.
    partial.replace(folder / STATE)
    for path in folder.iterdir():
        if re.fullmatch(f"{NAME}|{FORMER}", path.name) and path.name not in files:
            path.unlink(missing_ok=True)


def _sum_state(state: Mapping[str, Any]) -> str:
    # States of earlier versions had no sums.
    return hash_notes([state[name] for name in ("version", "files", "sums") if name in state])


def _read_state(folder: Path, version: str) -> dict[str, Any]:
    """Read what is known of the files; nothing where one of them does not fit it."""
    if not (folder / STATE).exists():
        return {}
    try:
        state: dict[str, Any] = json.loads((folder / STATE).read_text(encoding="utf-8"))
        files: dict[str, dict[str, Any]] = state["files"]
        is_of_now = state["version"] == version
        # States of earlier versions had no checksum: they are of no use, and not damaged.
        if not is_of_now and state.get("checksum") in {None, _sum_state(state)}:
            return {}
        is_whole = state["checksum"] == _sum_state(state)
        # All are compared before one is used: rows of one file lead into another.
        if is_whole and all(re.fullmatch(NAME, key) for key in files):
            found = map_in_order(
                lambda item: is_as_described(folder / item[0], item[1]), files.items()
            )
            if all(list(found)):
                return state
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # whatever is wrong with it, it is not what was written
    # A run that was stopped may have written some files, and not yet what names them.
    note(NOTICED, "folder", "damaged or half written, made again", folder)
    return {}


def make_key(kind: str, content: str) -> str:
    """Make the key of a file from what it is and all that it follows from.

    >>> make_key("papers", "x")
    'papers-2d711642b726b04401627ca9fbac32f5'
    """
    return f"{kind}-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def hash_frame(frame: pl.DataFrame) -> str:
    """Hash the rows of a frame in their order, within one version of polars."""
    digest = hashlib.sha256()
    for seed in SEEDS:
        digest.update(frame.hash_rows(seed=seed).to_numpy().tobytes())
    return digest.hexdigest()
