"""Verify release: whether every file of a release is the one that was written."""

from pathlib import Path

from flows.publish import hub
from flows.release import DamagedRelease, find_damage, read_manifest

SHOWN = 20
"""How many damaged files are named one by one."""


def verify_place(place: str, cache: Path) -> str:
    """Compare a release, in a folder or on the Hub, with its manifest, and say that it is whole.

    A folder needs no network; a release on the Hub is downloaded below ``cache``. Raises
    `DamagedRelease` with the name of every file that was changed, is missing or was added,
    `NotARelease` where there is none, and `hub.Unpublished` for what else the Hub answers.
    """
    folder = hub.locate_release(place, cache)
    damage = find_damage(folder)
    if damage:
        lines = [f"  {name} {what}" for name, what in damage.items()]
        rest = len(lines) - SHOWN
        more = [f"  and {rest:,} more"] if rest > 0 else []
        raise DamagedRelease("\n".join([f"{place} is damaged:", *lines[:SHOWN], *more]))
    files = read_manifest(folder)["files"]
    size = sum(file["bytes"] for file in files.values())
    return f"{place}: {len(files)} files ({size:,} bytes) are those that its manifest names."
