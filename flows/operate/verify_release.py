"""Verify release: whether every file of a release is the one that was written."""

from pathlib import Path

from flows.errors import count_noun
from flows.paths import MANIFEST
from flows.publish import hub
from flows.publish.sign import verify_signature
from flows.redact import escape_unprintable
from flows.release import DamagedRelease, find_damage, read_manifest
from flows.release.open_folder import OpenFolder

SHOWN = 20
"""How many damaged files are named one by one."""


def verify_place(place: str, cache: Path, public_key: Path | None = None) -> str:
    """Compare a release, in a folder or on the Hub, with its manifest, and say that it is whole.

    A folder needs no network; a release on the Hub is downloaded below ``cache``. Raises
    `DamagedRelease` with the name of every file that was changed, is missing or was added,
    `NotARelease` where there is none, `UnsignedRelease` unless the owner of ``public_key`` signed
    it, where one is named, and `hub.Unpublished` for what else the Hub answers.
    """
    folder = hub.locate_release(place, cache)
    # Held open: while its files are compared, another release may take its place.
    held = OpenFolder(folder) if (folder / MANIFEST).is_file() else None
    root = held.root if held else folder
    damage = find_damage(root)
    if damage:
        lines = [f"  {name} {what}" for name, what in damage.items()]
        rest = len(lines) - SHOWN
        more = [f"  and {rest:,} more"] if rest > 0 else []
        first = f"{escape_unprintable(place)} is damaged:"
        raise DamagedRelease("\n".join([first, *lines[:SHOWN], *more]))
    if public_key:
        verify_signature(root, public_key, escape_unprintable(place))
    files = read_manifest(root)["files"]
    size = sum(file["bytes"] for file in files.values())
    signed = f", signed by the owner of {public_key}" if public_key else ""
    count = f"{count_noun(len(files), 'file')} ({count_noun(size, 'byte')})"
    return f"{escape_unprintable(place)}: {count} as its manifest names them{signed}."
