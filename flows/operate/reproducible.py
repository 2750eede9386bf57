"""Reproducible: what a manifest has to say for its release to be built again, checked before work.

The manifest may be anybody's, and what it names becomes files and dates here.
"""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from flows.errors import UserError
from flows.release.manifest_file import (
    InputEntry,
    Line,
    ManifestShape,
    Sha256,
    describe_fault,
    read_bounded,
)
from schemas.vocabulary import Source

LONGEST_NAME = 255
"""Bytes of a file's name that file systems take."""


class Unreproducible(UserError):
    """A manifest whose release cannot be built here: the message says what is missing."""


def _require_day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _require_source(text: str) -> str:
    if text not in Source.values():
        raise ValueError("is no source")
    return text


def _require_name(text: str) -> str:
    name = Path(text).name
    if name in {"", ".."} or "\0" in name or len(name.encode()) > LONGEST_NAME:
        raise ValueError("is no name of a file")
    return text


class ReproducibleInput(InputEntry):
    """A raw file that can be found, and linked under the name that it had."""

    source: Annotated[Line, AfterValidator(_require_source)]
    snapshot: Annotated[Line, AfterValidator(_require_day)]
    file: Annotated[Line, AfterValidator(_require_name)]
    sha256: Sha256
    member: Line | None = None
    member_index: int | None = None


class NamedFile(BaseModel):
    """A file by its name and hash."""

    model_config = ConfigDict(strict=True, extra="allow")
    file: Line
    sha256: Line


class UsedAnswers(BaseModel):
    """The answers of services that a run read, as of a day."""

    model_config = ConfigDict(strict=True, extra="allow")
    day: Annotated[Line, AfterValidator(_require_day)]


class UsedResolution(BaseModel):
    """What titles were looked up in."""

    model_config = ConfigDict(strict=True, extra="allow")
    index: Line = ""
    answers: UsedAnswers | None = None


class ReproducibleShape(BaseModel):
    """The keys that building a release again needs, besides those that reading it does."""

    model_config = ConfigDict(strict=True, extra="allow")
    inputs: list[ReproducibleInput]
    packages: dict[Line, Line]
    code: dict[Line, Line | None]
    resolution: UsedResolution | None = None
    link_checks: list[NamedFile] | None = None


def read_release_manifest(manifest: Path) -> dict[str, Any]:
    """Read a manifest. Raises `Unreproducible` for a file that is none."""
    try:
        content = json.loads(read_bounded(manifest))
        for shape in (ManifestShape, ReproducibleShape):
            shape.model_validate(content)
    except ValidationError as error:
        raise _refuse(manifest, describe_fault(error)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _refuse(manifest, f"cannot be read: {type(error).__name__}") from None
    return content  # type: ignore[no-any-return]  # json knows no types


def _refuse(manifest: Path, why: str) -> Unreproducible:
    return Unreproducible(
        f"{manifest} is not the manifest of a release ({why}). Name the manifest.json of a release "
        "folder."
    )
