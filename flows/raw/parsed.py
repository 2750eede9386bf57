"""What became of one raw file: where its records and rejections are, and how many they are."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Parsed:
    """What became of one raw file. The rows lie in ``folder``, in parts of bounded size."""

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
