"""Rebase: a release is made again on top of another one that came first on the Hub."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from flows.publish.hub.downloads import locate_release
from flows.publish.hub.lineage import Overtaken, has_all_ids

REBASES = 8
"""How often a release is made again because another came first: eight runs that publish to one
repository at once need at most seven, one for each that wins before."""


Written = TypeVar("Written")
Pushed = TypeVar("Pushed")


def push_on_newest(
    write: Callable[[Path], Written],
    push: Callable[[], Pushed],
    previous: Path,
    known_ids: Collection[str],
    cache: Path,
) -> tuple[Written, Pushed]:
    """Write a release after the ``previous`` one and push it; return both results.

    Where the Hub holds another release that has to be followed, that one is downloaded below
    ``cache`` and the release is written again on top of it, `REBASES` times at most. Raises
    `Overtaken` when one more comes first, and when the other release does not explain all
    ``known_ids``, those of the first ``previous`` one: following it would lose ids.
    """
    for _ in range(REBASES):
        release = write(previous)
        try:
            return release, push()
        except Overtaken as overtaken:
            previous = locate_release(overtaken.place, cache)
            if not has_all_ids(previous, known_ids):
                raise
    # The last try is outside the loop, so that its `Overtaken` reaches the caller.
    return write(previous), push()
