"""Manifest file: what a release says of itself, believed only in the shape that it has."""

import hashlib
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flows.hashing import hash_files
from flows.release.layout import FILE_NAME, MANIFEST, NotARelease
from schemas.vocabulary import SetKind

LARGEST_MANIFEST = 50_000_000
"""Bytes of a manifest that are read: one with 100,000 inputs has half of them."""

DIGEST = "digest"
"""Key of the manifest that holds the sha256 of its own text without that key."""

DIGEST_SINCE = 2
"""The version of the tables since which every manifest has one."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Line = Annotated[str, Field(max_length=10_000)]


class FileEntry(BaseModel):
    """What a manifest says of one file of its release."""

    # Strict, or the text "5" would pass for a number, with which nobody can count later.
    model_config = ConfigDict(strict=True)
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class InputEntry(BaseModel):
    """What a manifest says of one raw file."""

    model_config = ConfigDict(strict=True, extra="allow")
    source: Line
    file: Line
    snapshot: Line
    sha256: Line


class AccuracyEntry(BaseModel):
    """What a manifest says of one measured figure, its set and its 95 % interval."""

    model_config = ConfigDict(strict=True)
    part: Line
    metric: Line
    value: float
    low: float
    high: float
    set: Line
    size: int
    kind: Annotated[SetKind, Field(strict=False)]
    measured: Line


class ManifestShape(BaseModel):
    """The keys of a manifest that are read again, with their types; others may come along."""

    model_config = ConfigDict(strict=True, extra="allow")
    schema_version: int
    files: dict[Line, FileEntry]
    inputs: list[InputEntry] = []
    previous_release: Line | None = None
    tag: Line | None = None
    code: dict[str, Line | None] | None = None
    packages: dict[str, Line] | None = None
    allowed: dict[str, Line] | None = None
    accuracy: list[AccuracyEntry] | None = None
    curation: Line | None = None
    models: Line | None = None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a release's manifest.

    Raises `NotARelease`, naming what is wrong, when there is none, when it is no JSON or of another
    shape, when it names files that no release has, and when it was changed after it was written.
    """
    path = folder / MANIFEST
    try:
        text = read_bounded(path)
        manifest = json.loads(text)
        ManifestShape.model_validate(manifest)
    except ValidationError as error:
        raise _refuse(folder, describe_fault(error)) from None
    # RecursionError: JSON that is nested deeper than Python's stack.
    except (OSError, ValueError, RecursionError) as error:
        raise _refuse(folder, f"cannot be read ({type(error).__name__})") from None
    if strangers := [name for name in manifest["files"] if not FILE_NAME.fullmatch(name)]:
        raise _refuse(folder, f"names {strangers[0][:100]!r}, which is no file of a release")
    # Older versions wrote manifests without a digest.
    if DIGEST in manifest and not is_manifest_intact(text):
        raise _refuse(folder, "was changed after it was written")
    return manifest  # type: ignore[no-any-return]  # json knows no types


def read_bounded(path: Path) -> bytes:
    """Read a file that may be a manifest. Raises `ValueError` for what is none for certain."""
    described = path.stat()
    # Before it is read: a file of gigabytes must not fill the memory, and what is no file, such
    # as a pipe, has no size and no end.
    if not stat.S_ISREG(described.st_mode):
        raise ValueError("no file")
    if described.st_size > LARGEST_MANIFEST:
        raise ValueError("too large")
    return path.read_bytes()


def describe_fault(error: ValidationError) -> str:
    """Say where a manifest has another shape than it should, and which."""
    # Without its input: what a stranger's file holds is not repeated in messages.
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(step)[:100] for step in first["loc"]) or "its whole"
    return f"has another shape: {place}: {first['msg']}"


def _refuse(folder: Path, what: str) -> NotARelease:
    return NotARelease(
        f"{folder} is not a release: its {MANIFEST} {what}. "
        f"Make one with: open-papers refresh --release {folder}"
    )


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write a manifest with its digest, and return it as it will be read."""
    # Through text once, so that the digest is over what a reader of the file sees: dates as text.
    content = json.loads(format_manifest(manifest))
    content[DIGEST] = digest_manifest(content)
    (folder / MANIFEST).write_text(format_manifest(content), encoding="utf-8")
    return content  # type: ignore[no-any-return]  # json knows no types


def format_manifest(manifest: Mapping[str, Any]) -> str:
    """Return the one text of a manifest: sorted keys, indented by two, a line break at its end."""
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False, default=str)
    return text + "\n"


def digest_manifest(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 of a manifest's text without its digest."""
    content = {name: value for name, value in manifest.items() if name != DIGEST}
    return hashlib.sha256(format_manifest(content).encode()).hexdigest()


def is_manifest_intact(text: bytes) -> bool:
    """Return whether the bytes of a manifest are those that were written, to the last blank."""
    try:
        manifest = json.loads(text)
        is_same_text = format_manifest(manifest).encode() == text
        return is_same_text and manifest.get(DIGEST) == digest_manifest(manifest)
    except (ValueError, RecursionError, AttributeError):
        return False


def hash_manifest(folder: Path) -> str | None:
    """Return the hash by which the next release names this one; None where there is none."""
    return hash_files([folder / MANIFEST], folder)
