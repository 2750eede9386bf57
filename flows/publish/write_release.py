"""Writing: a release is built beside the one before, read back, and swapped in."""

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import UserError
from flows.hashing import hash_file
from flows.publish import card
from flows.publish.croissant import describe_release
from flows.publish.shards import SHARD_BYTES, write_shards
from flows.release.layout import ASSETS, CARD, CONFIG_FOLDER, CROISSANT, Config, split_by_licence
from flows.release.manifest_file import DIGEST, read_manifest, write_manifest
from flows.release.open_release import Release, require_release_or_nothing
from flows.release.replace import (
    name_building,
    name_loading,
    repair_release,
    report_full_disk,
    swap_release,
)
from flows.release.replaceable import require_no_strangers, require_replaceable
from flows.release.verify import is_intact

ALWAYS_NEW = ("previous_release", "allowed", "tag", DIGEST)
"""Keys of the manifest that differ when the same inputs are read again: they are about the step
from the release before, as gates that compare with it are."""


class UnreadableRelease(UserError):
    """A release that does not load back as it was written: a fault of the code."""


@dataclass(frozen=True)
class WrittenRelease:
    """What `write_tables` did."""

    folder: Path
    changed: bool
    """False when the same release was there already: its files were not touched."""
    rows: dict[str, int]
    """Rows by config."""


def write_tables(  # noqa: PLR0913  # each decides about the files
    frames: Mapping[str, pl.DataFrame],
    template: Path,
    manifest: Mapping[str, Any],
    folder: Path,
    *,
    previous: Path | None = None,
    shard_bytes: int = SHARD_BYTES,
) -> WrittenRelease:
    """Write a release from its tables, by name, and put it in the place of the one in ``folder``.

    The number of shards stays that of the ``previous`` release where it can; it is the one in
    the folder unless another is named.

    The caller holds the folder's lock (`swapping.locked`) since it read the release of before. A
    killed run leaves that one; the next run cleans up. The same tables, manifest and template give
    the same bytes. Raises `NotARelease` when the folder holds something else,
    `swapping.NoSpace` when the disk is full,
    `tables.InvalidTable` for rows that their table does not allow, and `UnreadableRelease` when
    `datasets` does not read it back.
    """
    with report_full_disk(folder):
        # The checks come first: the repair deletes, and must not do so in a folder of others.
        require_replaceable(folder)
        require_release_or_nothing(folder)
        require_no_strangers(folder)
        repair_release(folder)
        configs = split_by_licence(frames)
        rows = {config.name: frame.height for config, frame in configs.items()}
        new = name_building(folder)
        _write_configs(
            configs, new, manifest, count_previous_shards(previous or folder), shard_bytes
        )
        complete = _write_card(configs, new, manifest, template.read_text(encoding="utf-8"))
        # A damaged release is replaced even where its manifest says the same.
        if is_intact(folder) and _drop_news(complete) == _drop_news(read_manifest(folder)):
            repair_release(folder)
            return WrittenRelease(folder, changed=False, rows=rows)
        # Loaded before the swap: what cannot be read never replaces what can.
        require_loadable(folder, rows)
        swap_release(folder)
    return WrittenRelease(folder, changed=True, rows=rows)


def count_previous_shards(folder: Path) -> dict[str, int]:
    """Count the files of each config of the release before, by name; none where there is none."""
    release = Release.open_previous(folder)
    return {config.name: len(release.list_shards(config)) for config in release.list_configs()}


def _write_configs(
    configs: Mapping[Config, pl.DataFrame],
    new: Path,
    manifest: Mapping[str, Any],
    previous_shards: Mapping[str, int],
    shard_bytes: int,
) -> None:
    for config, rows in configs.items():
        metadata = {
            "license": config.license,
            "schema_version": str(manifest.get("schema_version", "")),
        }
        previous_number = previous_shards.get(config.name, 0)
        write_shards(
            config, rows, new, before=previous_number, metadata=metadata, shard_bytes=shard_bytes
        )


def _write_card(
    configs: Mapping[Config, pl.DataFrame], new: Path, manifest: Mapping[str, Any], template: str
) -> dict[str, Any]:
    """Write the charts, the card and the manifest, in this order: each names the ones before."""
    for name, chart in card.draw_release_charts(configs).items():
        (new / ASSETS).mkdir(exist_ok=True)
        (new / ASSETS / name).write_text(chart, encoding="utf-8")
    # The template decides bytes of the card, so it is an input that the manifest has to name.
    complete = {**manifest, "card": hashlib.sha256(template.encode()).hexdigest()}
    filled = card.fill_card(template, configs, complete, card.measure_configs(new, configs))
    (new / CARD).write_text(filled, encoding="utf-8")
    (new / CROISSANT).write_bytes(describe_release(configs))
    files = {
        path.relative_to(new).as_posix(): {"bytes": path.stat().st_size, "sha256": hash_file(path)}
        # File systems list names in any order, and the manifest has to be the same bytes.
        for path in sorted(new.rglob("*"))
        if path.is_file()
    }
    return write_manifest(new, {**complete, "files": files})


def _drop_news(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what must be equal for two releases to be the same one.

    The changes since the release before, and the card that tells them, are empty when the same
    inputs are read again.
    """
    news = (CARD, CROISSANT, f"{CONFIG_FOLDER}/changes")
    # By prefix, since the changes may have several licences and shards.
    files = {name: file for name, file in manifest["files"].items() if not name.startswith(news)}
    lasting = {name: value for name, value in manifest.items() if name not in ALWAYS_NEW}
    return {**lasting, "files": files}


def require_loadable(folder: Path, rows: Mapping[str, int]) -> None:
    """Load every config of the release that is being built with `datasets`, as its users will.

    Raises `UnreadableRelease` when a config has another number of rows than were written.
    """
    from datasets import disable_progress_bars, load_dataset  # noqa: PLC0415  # takes a second

    disable_progress_bars()
    new, cache = name_building(folder), name_loading(folder)
    for name, expected in rows.items():
        # A cache of its own: the user's would keep a copy of every release that was ever built.
        loaded = load_dataset(str(new), name, split="train", cache_dir=str(cache)).num_rows
        if loaded != expected:
            raise UnreadableRelease(
                f"Config {name} loads with {loaded} rows instead of {expected}: this is a fault of "
                "the code, and the release of before is untouched. Please report it."
            )
    shutil.rmtree(cache)
