"""Pieces: days, pages or queries one after the other; trouble with one keeps no other away."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flows.http.errors import Stopped, Trouble
from flows.raw.store import Kept

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Done:
    """How far a fetch is: so many pieces of so many were asked for, with or without success."""

    pieces: int
    of: int


Outcome = Kept | Trouble | Done


def one_by_one(
    pieces: Sequence[Piece], bring: Callable[[Piece], Iterator[Kept | Trouble]]
) -> Iterator[Outcome]:
    """Bring each piece; trouble with one is given, not raised. `Stopped` ends them all."""
    for number, piece in enumerate(pieces, start=1):
        try:
            yield from bring(piece)
        except Stopped:
            raise
        except Trouble as trouble:
            yield trouble
        yield Done(number, len(pieces))
