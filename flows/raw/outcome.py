"""Outcome: what came of each day, page or query of a fetch; an error of one ends no other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
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
"""What a fetch yields: a file that was kept, an error that ended one piece, or how far it is."""


def fetch_each(
    pieces: Sequence[Piece], bring: Callable[[Piece], Iterator[StoredFile | SiteError]]
) -> Iterator[Outcome]:
    """Bring each piece; trouble with one is yielded, not raised. `SiteStopped` ends them all."""
    for number, piece in enumerate(pieces, start=1):
        try:
            yield from bring(piece)
        except SiteStopped as trouble:
            raise SiteStopped(_name_piece(piece, trouble)) from None
        except SiteError as trouble:
            # Of the same kind, by which callers tell what to do about it.
            yield type(trouble)(_name_piece(piece, trouble))
        yield FetchProgress(number, len(pieces))


def _name_piece(piece: object, trouble: SiteError) -> str:
    """Say of which day trouble is, where it does not say so itself."""
    days = [part for part in (piece if isinstance(piece, tuple) else (piece,)) if _is_day(part)]
    return f"{days[0]}: {trouble}" if days and str(days[0]) not in str(trouble) else str(trouble)


def _is_day(part: object) -> bool:
    return isinstance(part, date)
