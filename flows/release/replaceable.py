"""Replaceable: whether a folder may be replaced by a new release without losing anything."""

from pathlib import Path

from flows.release.layout import MANIFEST, NotARelease
from flows.release.manifest_file import read_manifest
from flows.release.verify import list_strangers


def require_replaceable(folder: Path) -> None:
    """Raise `NotARelease` when a folder cannot be renamed: another takes its place by its name."""
    if folder.is_mount():
        raise NotARelease(
            f"{folder} is where a disk is mounted, so that it cannot be replaced as a whole. Name "
            "a folder on that disk with --release."
        )


def require_no_strangers(folder: Path) -> None:
    """Raise `NotARelease` when a release folder holds files that writing one would delete."""
    if not (folder / MANIFEST).is_file():
        return
    if strangers := list_strangers(folder, read_manifest(folder)["files"]):
        raise NotARelease(
            f"{folder} holds files that are not of the release, such as "
            f"{', '.join(strangers[:5])}, and writing one would delete them. Move them away."
        )
