"""Text searches: links and promises, which few texts hold, found in many parts at once.

To compile the patterns of links takes a third of a second, whatever the number of texts that they
are for. So texts that may hold something are chosen part by part, and searched together.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from flows import external_sort, tables
from flows.enrich import derivations, links
from flows.enrich.paper_parts import ARROW, PartFiles, PartPiece
from flows.enrich.text_cache import Derivation, Derive, KnownRows, PartName, TextCache

SEARCHED_ROWS = 100_000
"""Papers whose texts are searched together, about: of a million, ten workers have some each."""


@dataclass(frozen=True)
class TextSearch:
    """What is searched for in a column of texts or a few."""

    derivation: Derivation
    read: Callable[[PartPiece, Sequence[str]], pl.DataFrame]
    """Reads columns of the rows that have the texts."""
    select: Derive
    """Selects those of them from which anything may follow."""


SEARCHES = (
    TextSearch(derivations.MENTIONS, PartPiece.read_origins, links.select_linking_records),
    TextSearch(derivations.PROMISES, PartPiece.read_papers, links.select_promising_papers),
)


@dataclass(frozen=True)
class NamedPiece:
    """A piece of a part, as the cache knows it."""

    piece: PartPiece
    name: PartName


def bundle_parts(parts: Sequence[PartFiles]) -> list[tuple[PartFiles, ...]]:
    """Bundle parts to about `SEARCHED_ROWS` papers, the large ones first."""
    bundles: list[list[PartFiles]] = []
    sizes: list[int] = []
    counted = [(_count_papers(part), part) for part in parts]
    for size, part in sorted(counted, key=lambda pair: (-pair[0], pair[1].number)):
        # The first bundle with room: large parts are alone, small ones fill what they leave.
        fitting = (n for n, filled in enumerate(sizes) if filled + size <= SEARCHED_ROWS)
        if (place := next(fitting, None)) is None:
            bundles.append([part])
            sizes.append(size)
        else:
            bundles[place].append(part)
            sizes[place] += size
    return [tuple(bundle) for bundle in bundles]


def _count_papers(part: PartFiles) -> int:
    if part.papers.suffix == ARROW:
        return int(pl.scan_ipc(part.papers, glob=False).select(pl.len()).collect().item())
    return tables.read_file_footer(part.papers).rows


def search_pieces(pieces: Sequence[NamedPiece], cache: TextCache, folder: Path) -> None:
    """Search the texts of pieces, and write what follows for `read_found`."""
    for search in SEARCHES:
        key, inputs = search.derivation.key, search.derivation.inputs
        known, chosen = list[KnownRows](), list[pl.DataFrame]()
        for named in pieces:
            texts = search.read(named.piece, (key, *inputs))
            known.append(cache.look_up(search.derivation, named.name, texts))
            fresh = search.select(known[-1].select_fresh(texts))
            # Copied: what is selected would hold all texts of its piece.
            chosen.append(external_sort.copy_rows(fresh))
        is_new = any(rows.is_fresh.any() for rows in known)
        derived = derivations.DERIVE[search.derivation](pl.concat(chosen)) if is_new else None
        for named, rows in zip(pieces, known, strict=True):
            found = rows.complete(derived if rows.is_fresh.any() else None)
            external_sort.write_part(found, _name_file(folder, named.name.name, search.derivation))


def read_found(folder: Path, name: str) -> dict[Derivation, pl.DataFrame]:
    """Read what follows from the texts of a piece, as far as it was searched."""
    return dict(_list_found(folder, name))


def _list_found(folder: Path, name: str) -> Iterator[tuple[Derivation, pl.DataFrame]]:
    for search in SEARCHES:
        path = _name_file(folder, name, search.derivation)
        if path.exists():
            yield search.derivation, external_sort.read_part(path)


def _name_file(folder: Path, name: str, derivation: Derivation) -> Path:
    return folder / f"{name}.{derivation.name}{ARROW}"
