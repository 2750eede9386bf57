"""Local files: the files of a release, with the hashes by which the Hub may know them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub.hf_api import RepoFile

from flows.release.layout import CARD, MANIFEST, SIGNATURE, NotARelease
from flows.release.open_release import Release


@dataclass(frozen=True)
class LocalFile:
    """A file of a release, with the two hashes by which the Hub may know it."""

    path: Path
    size: int
    sha256: str
    git: str

    @classmethod
    def of(cls, path: Path) -> "LocalFile":
        """Hash a file."""
        content = path.read_bytes()
        # Git puts this header before the content it hashes: so the Hub names small files.
        blob = b"blob %d\0" % len(content) + content
        git = hashlib.sha1(blob, usedforsecurity=False).hexdigest()
        return cls(path, len(content), hashlib.sha256(content).hexdigest(), git)

    def equals(self, remote: RepoFile) -> bool:
        """Return whether a file on the Hub has the same content."""
        if remote.lfs:
            return remote.lfs.sha256 == self.sha256
        return remote.blob_id == self.git


def hash_release_files(release: Release) -> dict[str, LocalFile]:
    """Hash the files of a release by their path in it.

    Raises `NotARelease`, naming the files, unless each is the one that the manifest names: what is
    sent and tagged is what was written.
    """
    if CARD not in release.files:
        raise NotARelease(
            f"{release.folder} is not a whole release: {CARD} is missing. Make it again with: "
            "open-papers refresh."
        )
    release.require_intact()
    signature = [SIGNATURE] if (release.root / SIGNATURE).is_file() else []
    names = sorted([*release.files, MANIFEST, *signature])
    return {name: LocalFile.of(release.root / name) for name in names}


def digest_files(local: Mapping[str, LocalFile]) -> str:
    """Name a release by the names and contents of its files."""
    lines = "".join(f"{name}\0{file.sha256}\n" for name, file in sorted(local.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
