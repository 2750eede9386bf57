"""Sidecars: what is known about a raw file that was fetched, in a file beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

SIDECAR = ".fetched.json"
"""What the name of a sidecar ends with. Sidecars are no inputs."""


@dataclass(frozen=True)
class Sidecar:
    """What is known about a raw file; it is beside the file as ``<name>.fetched.json``."""

    url: str | None
    """Where it was asked for; None for a file that a person brought."""
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
        """Return when the site last gave this very answer."""
        return datetime.fromisoformat(self.confirmed or self.time)

    @property
    def seen(self) -> date:
        """Return the day of that."""
        return self.moment.date()


def sidecar_path(path: Path) -> Path:
    """Name the sidecar of a raw file."""
    return path.with_name(path.name + SIDECAR)


def read_sidecar(path: Path) -> Sidecar | None:
    """Read the sidecar of a raw file; None where there is none, or none that can be read.

    A sidecar is only believed as a whole: one of another shape says nothing about its file.
    """
    try:
        sidecar = Sidecar(**json.loads(sidecar_path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return sidecar if _is_sound(sidecar) else None


def _is_sound(sidecar: Sidecar) -> bool:
    # JSON has put whatever was there into the fields: their types are checked here.
    texts: list[Any] = [sidecar.url, sidecar.next, sidecar.without, sidecar.confirmed]
    headers: Any = sidecar.headers
    return (
        all(text is None or isinstance(text, str) for text in texts)
        and isinstance(sidecar.sha256, str)
        and isinstance(sidecar.size, int)
        and isinstance(headers, dict)
        and all(isinstance(value, str) for value in headers.values())
        and _is_moment(sidecar.time)
        and (sidecar.confirmed is None or _is_moment(sidecar.confirmed))
    )


def _is_moment(written: object) -> bool:
    try:
        return isinstance(written, str) and bool(datetime.fromisoformat(written))
    except ValueError:
        return False


def is_passed_over(path: Path) -> bool:
    """Tell what is no input: sidecars, and fetched files without papers, as those of a Sunday."""
    if path.name.endswith(SIDECAR):
        return True
    sidecar = read_sidecar(path)
    return sidecar is not None and sidecar.without is not None
