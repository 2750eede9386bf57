"""Parsed: where the records and rejections of one raw file are, and how many they are."""

from dataclasses import dataclass, field
from pathlib import Path

from flows.parts import require_whole_step


@dataclass(frozen=True)
class Parsed:
    """What became of one raw file. The rows are in ``folder``, in parts of bounded size."""

    folder: Path
    source: str
    records: int
    rejections: int
    unseen: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    truncated: list[str] = field(default_factory=list)
    """A sentence for each place where the file breaks off or its rest could not be read."""

    unread_bytes: int = 0
    """Bytes of the unpacked file that no record was made of, as far as they are known."""

    file: str = ""
    """Name of the file, and of the archive member if it is one."""

    def parts(self, table: str) -> list[Path]:
        """List the Parquet parts of ``records`` or ``rejections`` in reading order."""
        return sorted(self.folder.glob(f"{table}-*.parquet"))


def require_whole_parse(parsed: Parsed) -> None:
    """Raise `DamagedStep` unless the parts of a file are those that were written."""
    # A file that was left out has no folder, and nothing in it to be read.
    if parsed.records + parsed.rejections:
        require_whole_step(parsed.folder)
