"""Pieces: days, pages or queries one after the other; trouble with one keeps no other away."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flows.http.errors import SiteError, SiteStopped
from flows.raw.store import StoredFile

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class FetchProgress:
    """How far a fetch is: so many pieces of so many were asked for, with or without success."""

    pieces: int
    of: int


Outcome = StoredFile | SiteError | FetchProgress


def fetch_each(
    pieces: Sequence[Piece], bring: Callable[[Piece], Iterator[StoredFile | SiteError]]
) -> Iterator[Outcome]:
    """Bring each piece; trouble with one is given, not raised. `SiteStopped` ends them all."""
    for number, piece in enumerate(pieces, start=1):
        try:
            yield from bring(piece)
        except SiteStopped:
            raise
        except SiteError as trouble:
            yield trouble
        yield FetchProgress(number, len(pieces))
