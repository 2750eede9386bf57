"""Load back: a release that is being built is read as its users will read it, before it counts."""

import hashlib
import shutil
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import UserError, count_noun
from flows.release.layout import CONFIG_FOLDER
from flows.tables import read_file_footer


class UnreadableRelease(UserError):
    """A release that does not load back as it was written: a fault of the code."""


PACKAGES = ("datasets", "fsspec", "huggingface_hub", "pyarrow")
"""Packages that decide whether a config loads."""


def name_forms(new: Path, names: Collection[str], template: str) -> dict[str, str]:
    """Return by config a hash of what decides whether it loads, besides the rows of its files.

    That is its columns, the ``template`` of the card in which they are declared, and who reads
    them. What code writes both is for the caller to know.
    """
    readers = [f"{name} {version(name)}" for name in PACKAGES]
    return {
        name: hashlib.sha256(
            repr((name, _read_columns(new, name), template, readers)).encode()
        ).hexdigest()
        for name in names
    }


def _read_columns(new: Path, name: str) -> str:
    first = min((new / CONFIG_FOLDER / name).glob("*.parquet"))
    return str(pq.read_schema(first).remove_metadata())


def require_loadable(
    new: Path,
    cache: Path,
    rows: Mapping[str, int],
    linked: Collection[str] = (),
    proven: Collection[str] = (),
) -> set[str]:
    """Load the configs of the release in the folder ``new`` with `datasets`, as its users will.

    Of a config one file is loaded, the shortest that is new: all have the same columns and
    come from one writer, which checked every row, so that of the others the footer is read. Files
    that are ``linked`` are those of the release before, and of a config that is ``proven`` files of
    the same form were loaded before. ``cache`` is a folder that is deleted afterwards. Returns the
    configs that were loaded now. Raises `UnreadableRelease` when a config has another number of
    rows than were written, or files of which one has other columns than the next.
    """
    loaded_now = set()
    for name, expected in rows.items():
        files = sorted((new / CONFIG_FOLDER / name).glob("*.parquet"))
        _require_one_schema(name, files)
        lengths = {path: read_file_footer(path).rows for path in files}
        loaded = sum(lengths.values())
        changed = [path for path in files if path.relative_to(new).as_posix() not in linked]
        if changed and name not in proven:
            shortest = min(changed, key=lambda path: lengths[path])
            loaded += load_files(new, name, [shortest], cache) - lengths[shortest]
            loaded_now.add(name)
        if loaded != expected:
            raise UnreadableRelease(
                f"Config {name} loads with {loaded} rows instead of {expected}: this is a fault of "
                "the code, and the release of before is untouched. Please report it."
            )
    shutil.rmtree(cache, ignore_errors=True)
    return loaded_now


def load_files(new: Path, name: str, files: Collection[Path], cache: Path) -> int:
    """Load files of a config by the features that the card declares, and count their rows."""
    from datasets import (  # noqa: PLC0415  # takes a second
        VerificationMode,
        disable_progress_bars,
        load_dataset_builder,
    )

    disable_progress_bars()
    # A cache of its own: the user's would keep a copy of every release that was ever built.
    builder = load_dataset_builder(str(new), name, cache_dir=str(cache))
    listed = builder.config.data_files["train"]
    # What users get must be all files, also where only some are loaded here.
    if len(listed) != len(sorted((new / CONFIG_FOLDER / name).glob("*.parquet"))):
        raise UnreadableRelease(
            f"Config {name} loads {count_noun(len(listed), 'file')}, not all that it has."
        )
    names = {path.name for path in files}
    listed[:] = [file for file in listed if Path(file).name in names]
    # The card's numbers are those of all files, here only some may be loaded.
    builder.download_and_prepare(verification_mode=VerificationMode.NO_CHECKS)
    return int(builder.as_dataset(split="train").num_rows)


def _require_one_schema(name: str, files: Collection[Path]) -> None:
    schemas: list[pa.Schema] = [pq.read_schema(path) for path in files]
    if any(not schema.equals(schemas[0]) for schema in schemas):
        raise UnreadableRelease(
            f"Files of config {name} have different columns: this is a fault of the code, and the "
            "release of before is untouched. Please report it."
        )
