"""A raw file: one file as it came from a source, and how its records are named."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.errors import UserError
from flows.redact import escape_unprintable
from schemas.vocabulary import Source


class RefusedInput(UserError):
    """A file that cannot be read at all: the message names file, reason and next action."""


@dataclass(frozen=True)
class RawFile:
    """One file as it came from a source, never modified."""

    path: Path
    source: Source
    snapshot: date
    """The day on which it was taken from the source."""
    sha256: str
    """Of the file's bytes as they are on disk, compressed or not."""
    member: str | None = None
    """Name of the archive member that is being read; None where the file is no archive."""
    member_index: int | None = None
    """1-based place of that member in the archive."""

    @property
    def place(self) -> str:
        """Name the file for a person, with its archive member if it is one."""
        shown = escape_unprintable(self.path.name)
        return shown if self.member is None else f"{shown} ({self.member!r} in it)"

    def record_id(self, position: int) -> str:
        """Name the record that starts at a 1-based position of the file or member."""
        return f"{self.record_id_prefix}{position}"

    @property
    def record_id_prefix(self) -> str:
        """Return what the ids of all records of the file or member begin with."""
        place = "" if self.member_index is None else f"{self.member_index}."
        return f"{self.source}:{self.sha256[:12]}:{place}"
