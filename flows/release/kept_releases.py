"""Kept releases: earlier ones on this machine, by tag, so that any can be compared or rebuilt.

Their files are hard links wherever the disk has them: what did not change takes no room twice.
"""

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import UserError
from flows.paths import TAG, name_kept_folder
from flows.release.manifest_file import hash_manifest
from flows.release.open_release import Release

PARTIAL = ".partial"
"""How the name of a folder ends that is being made or deleted: the next run removes it."""


class ReleaseInTheWay(UserError):
    """A release is in a folder that the run deletes: the message says where it can be."""


@dataclass(frozen=True)
class KeptRelease:
    """One release that was kept."""

    tag: str
    folder: Path
    digest: str
    """sha256 of its manifest, by which the next release names it."""


def list_kept(release: Path) -> list[KeptRelease]:
    """List the releases that are kept, the last one first; what is no release is passed over.

    The last one is the one that was kept last, which may have the tag of an earlier day: so the
    times of the folders say. Where those are the same, the tags do.
    """
    folder = name_kept_folder(release)
    places = [path for path in folder.glob("*") if TAG.fullmatch(path.name)]
    ordered = sorted(places, key=_order_folder, reverse=True)
    return [
        KeptRelease(place.name, place, digest)
        for place in ordered
        if (digest := hash_manifest(place))
    ]


def _order_folder(place: Path) -> tuple[int, tuple[int, ...]]:
    try:
        kept_at = place.stat().st_mtime_ns
    except OSError:
        kept_at = 0  # another run deleted it meanwhile: it has no manifest either
    return kept_at, order_tag(place.name)


def order_tag(tag: str) -> tuple[int, ...]:
    """Return what tags are sorted by, the oldest first.

    >>> sorted(["2026.11.29.10", "2026.11.29.2", "2026.11.29", "2026.01.30"], key=order_tag)
    ['2026.01.30', '2026.11.29', '2026.11.29.2', '2026.11.29.10']
    """
    match = TAG.fullmatch(tag)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def keep_release(release: Path, number: int, tag: str | None = None) -> KeptRelease | None:
    """Keep a release under its ``tag``, else under today's day, and at most ``number`` in all.

    A release that is kept already stays under the tag that it has, and becomes the last one. None
    where nothing is to be kept.
    """
    if number < 1:
        return None
    folder = name_kept_folder(release)
    for leftover in folder.glob(f"*{PARTIAL}"):
        _remove_place(leftover)
    newest = _find_kept_as(release, tag) or _keep_under(release, folder, tag)
    # By the system's own clock, two within one of its ticks would have the same time.
    now = time.time_ns()
    os.utime(newest.folder, ns=(now, now))
    older = [earlier for earlier in list_kept(release) if earlier.tag != newest.tag]
    # Only when the new one is complete: a run that is killed before loses nothing. It stays, even
    # if the clock was set back.
    for earlier in older[number - 1 :]:
        _delete_whole(earlier.folder)
    return newest


def _find_kept_as(release: Path, tag: str | None) -> KeptRelease | None:
    digest = hash_manifest(release)
    fits = (earlier for earlier in list_kept(release) if earlier.digest == digest)
    return next((earlier for earlier in fits if tag in {None, earlier.tag}), None)


def _keep_under(release: Path, folder: Path, tag: str | None) -> KeptRelease:
    name = tag if tag and TAG.fullmatch(tag) else name_next_tag(folder, datetime.now(UTC).date())
    link_tree(release, folder / name)
    return KeptRelease(name, folder / name, hash_manifest(release) or "")


def _delete_whole(folder: Path) -> None:
    """Delete a kept release so that half of one is never found under its tag."""
    gone = folder.with_name(folder.name + PARTIAL)
    folder.rename(gone)
    _remove_place(gone)


def _remove_place(place: Path) -> None:
    """Remove a folder with all in it, or a link alone: people move what is kept to other disks."""
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.exists():
        shutil.rmtree(place)


def name_next_tag(folder: Path, day: date) -> str:
    """Name the tag of a day that follows those under which something is kept.

    The tag of a release that was deleted is not used again while later ones of its day are there:
    what has it would seem to be older than those.
    """
    orders = [order_tag(path.name) for path in folder.glob("*")]
    numbers = [order[-1] for order in orders if order[:3] == (day.year, day.month, day.day)]
    return f"{day:%Y.%m.%d}" + (f".{max(numbers) + 1}" if numbers else "")


def link_tree(source: Path, target: Path) -> None:
    """Copy a folder by hard links; it appears under its name only when it is complete."""
    partial = target.with_name(target.name + PARTIAL)
    for place in (partial, target):
        # Neither copying nor renaming goes over a folder that holds files, or over a link.
        _remove_place(place)
    # A run that is killed here leaves a folder that no tag names, and the next one removes it.
    partial.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, partial, copy_function=_link_or_copy)
    partial.rename(target)


def require_outside(folder: Path, held: Path) -> None:
    """Raise `ReleaseInTheWay` for a release in the folder that a run deletes at its end."""
    if folder.resolve().is_relative_to(held.resolve()):
        raise ReleaseInTheWay(
            f"{folder} is where a run keeps the release before while it works, and deletes it at "
            "its end. Copy the release to another folder, and name that one."
        )


def hold_release(folder: Path, target: Path) -> Path:
    """Give the release in a folder a second place that no other run swaps; return that place.

    Steps open their previous release one after the other, perhaps on other machines: by its own
    name each might meet another one. All files are compared first, so that what is damaged is
    named by the folder that people know. Raises `NotARelease` where the folder holds none,
    `DamagedRelease`, and `ReleaseInTheWay` where it is the second place itself.
    """
    require_outside(folder, target)
    held = Release.open(folder)
    held.require_version()
    held.require_intact()
    # Below the open folder, so that a swap while files are linked changes none of them.
    link_tree(held.root, target)
    return target


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # Another disk, or one without hard links.
        shutil.copy2(source, target)


def find_kept(release: Path, digest: str) -> Path | None:
    """Find a kept release by the sha256 of its manifest; None where it is not kept."""
    return next(
        (earlier.folder for earlier in list_kept(release) if earlier.digest == digest), None
    )


def count_papers(folder: Path) -> int | None:
    """Count the papers of a release in all layers, by the footers of its Parquet files.

    None where it is damaged so that they cannot be counted.
    """
    try:
        release = Release.open(folder)
        configs = [config for config in release.list_configs() if config.table == "papers"]
        files = [file for config in configs for file in release.list_shards(config)]
        rows: list[int] = [pq.read_metadata(file).num_rows for file in files]
        return sum(rows)
    except (UserError, pa.ArrowException, OSError):
        return None
