"""Match cache: features and decisions on disk, beside a release and no part of it.

``state.json`` names the version and, with size and checksum, the files of one set of signatures;
files are named after their content. It is written last, so that it names whole files or the ones
from before; whatever does not fit it is damage, and signatures are then made again.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from flows.deduplicate.code_version import name_code_version
from flows.deduplicate.match.cached_features import CachedMatch
from flows.deduplicate.part_cache import sum_crc32

STATE = "state.json"
"""The file that names the others."""

NAMES = r"[a-z_]+-[0-9a-f]{8}\.arrow(?:\.partial)?"
"""Files that are ours to remove."""

CODE = ("flows/deduplicate/match/*.py", "flows/text/*.py", "schemas/vocabulary.py")
"""What decides about features and verdicts: these modules, and the names of the rules."""


class UnusableCache(Exception):
    """Stored signatures that cannot be used; the message says why."""


def cache_folder(release: Path) -> Path:
    """Name the folder of a release's signatures."""
    return release.with_name(release.name + ".signatures")


def code_version() -> str:
    """Name all that decides what is stored: the code, the packages, how polars hashes here."""
    return name_code_version(CODE)


def has_state(folder: Path) -> bool:
    """Tell whether a run has left signatures in a folder."""
    return (folder / STATE).exists()


def read_cache(folder: Path) -> CachedMatch:
    """Read the signatures that lie in a folder, mapped into memory. Raises `UnusableCache`."""
    try:
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        if state["version"] != code_version():
            raise UnusableCache("they were made by another version")
        frames = {name: _read_frame(folder, file) for name, file in sorted(state["files"].items())}
        keys = {kind: frames.pop(f"keys_{kind}") for kind in state["kinds"]}
        return CachedMatch(frames["records"], keys, frames["verified"], frames["near"])
    except FileNotFoundError as error:
        raise UnusableCache(f"{Path(error.filename).name} is missing") from None
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise UnusableCache(f"{folder.name} is damaged ({type(error).__name__})") from None


def _read_frame(folder: Path, file: dict[str, Any]) -> pl.DataFrame:
    path = folder / str(file["name"])
    if not re.fullmatch(NAMES, path.name) or path.parent != folder:
        raise UnusableCache(f"{STATE} names a file that is not one of signatures")
    if path.stat().st_size != file["bytes"] or sum_crc32(path) != file["crc32"]:
        raise UnusableCache(f"{path.name} is damaged")
    return pl.scan_ipc(path, glob=False).collect()


def write_cache(folder: Path, cache: CachedMatch) -> None:
    """Store signatures in the place of those that lie in a folder. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: _write_frame(folder, name, frame) for name, frame in _list_frames(cache)}
    state = {"version": code_version(), "kinds": list(cache.keys), "files": files}
    partial = folder / f"{STATE}.partial"
    partial.write_text(json.dumps(state, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    # The files are there under new names and the old ones still are: the state names the one set or
    # the other, whenever the machine stops.
    partial.replace(folder / STATE)
    current = {file["name"] for file in files.values()}
    for path in folder.iterdir():
        if re.fullmatch(NAMES, path.name) and path.name not in current:
            path.unlink(missing_ok=True)


def _list_frames(cache: CachedMatch) -> Iterator[tuple[str, pl.DataFrame]]:
    yield from (("records", cache.records), ("verified", cache.verified), ("near", cache.near))
    for kind, frame in cache.keys.items():
        yield f"keys_{kind}", frame


def _write_frame(folder: Path, name: str, frame: pl.DataFrame) -> dict[str, Any]:
    """Write a frame under the name of its content; one that is there already is not written."""
    partial = folder / f"{name}-{0:08x}.arrow.partial"
    frame.write_ipc(partial, compression="uncompressed", compat_level=pl.CompatLevel.oldest())
    crc32 = sum_crc32(partial)
    path = partial.replace(folder / f"{name}-{crc32}.arrow")
    return {"name": path.name, "bytes": path.stat().st_size, "crc32": crc32}
