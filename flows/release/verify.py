"""Verify: every file of a release is compared with its manifest, and the manifest with itself."""

from collections.abc import Collection
from pathlib import Path

from flows.hashing import hash_once
from flows.release.layout import MANIFEST, SIGNATURE, NotARelease
from flows.release.manifest_file import (
    DIGEST,
    DIGEST_SINCE,
    is_manifest_intact,
    read_manifest,
)

FINDER_FILE = ".DS_Store"
"""What macOS leaves in every folder that somebody looked into."""


def find_damage(folder: Path) -> dict[str, str]:
    """Find what is wrong with the files of a release: by name, in a few words; empty if whole.

    Where the manifest itself is damaged nothing else is compared with it. Raises `NotARelease`
    when the folder has no manifest.
    """
    if not (folder / MANIFEST).is_file():
        raise NotARelease(f"{folder} is not a release: it has no {MANIFEST}.")
    try:
        manifest = read_manifest(folder)
    except NotARelease:
        return {MANIFEST: "is not as it was written"}
    # Older releases have no digest; of those only the other files can be compared.
    has_digest = DIGEST in manifest or manifest["schema_version"] >= DIGEST_SINCE
    if has_digest and not is_manifest_intact((folder / MANIFEST).read_bytes()):
        return {MANIFEST: "is not as it was written"}
    files = manifest["files"]
    damage = dict.fromkeys(list_strangers(folder, files), "was added")
    for name, entry in files.items():
        if not (folder / name).is_file():
            damage[name] = "is missing"
        elif hash_once(folder / name) != entry["sha256"]:
            damage[name] = "differs"
    return dict(sorted(damage.items()))


def list_strangers(folder: Path, names: Collection[str]) -> list[str]:
    """List the files of a folder that are neither manifest, signature nor among ``names``."""
    # Not `is_file`: a link that leads nowhere is a stranger as well.
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_dir())
    present = (path.relative_to(folder).as_posix() for path in paths if path.name != FINDER_FILE)
    return [name for name in present if name not in {MANIFEST, SIGNATURE} and name not in names]


def is_intact(folder: Path) -> bool:
    """Return whether a folder holds a release, whole, and nothing else."""
    return (folder / MANIFEST).is_file() and not find_damage(folder)
