"""Sidecars: what is known about a raw file that was fetched, in a file beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

SIDECAR = ".fetched.json"
"""What the name of a sidecar ends with. Sidecars are no inputs."""


@dataclass(frozen=True)
class Sidecar:
    """What is known about a raw file; it lies beside the file as ``<name>.fetched.json``."""

    url: str | None
    """Where it was asked for; None for a file that was given."""
    time: str
    """When it came, in UTC."""
    status: int | None
    headers: Mapping[str, str]
    """Those that say what it is and whether it has changed (`site_client.HEADERS`)."""
    sha256: str
    size: int
    next: str | None = None
    """What to ask for next, where this is a page of a longer answer and not its last."""
    without: str | None = None
    """Why nothing is to be read from it, such as a day without papers; None for all others."""
    confirmed: str | None = None
    """When it was last asked for again and had not changed; None for never."""

    @property
    def moment(self) -> datetime:
        """Give when the site last gave this very answer."""
        return datetime.fromisoformat(self.confirmed or self.time)

    @property
    def seen(self) -> date:
        """Give the day of that."""
        return self.moment.date()


def sidecar_path(path: Path) -> Path:
    """Name the sidecar of a raw file."""
    return path.with_name(path.name + SIDECAR)


def read_sidecar(path: Path) -> Sidecar | None:
    """Read the sidecar of a raw file; None where there is none, or none that can be read."""
    try:
        found = Sidecar(**json.loads(sidecar_path(path).read_text(encoding="utf-8")))
        datetime.fromisoformat(found.confirmed or found.time)
    except (OSError, ValueError, TypeError):
        return None
    return found


def is_passed_over(path: Path) -> bool:
    """Tell what is no input: sidecars, and fetched files without papers, as those of a Sunday."""
    fetched = None if path.name.endswith(SIDECAR) else read_sidecar(path)
    return path.name.endswith(SIDECAR) or bool(fetched and fetched.without)
