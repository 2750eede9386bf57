"""Enrich: links and topic labels, each with its evidence, and the columns they give to papers."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import external_sort, release, tables
from flows.enrich import derivations, links
from flows.enrich.enriched_parts import (
    FORMER,
    EnrichedPart,
    EnrichedParts,
    find_former,
    name_piece,
)
from flows.enrich.paper_columns import (
    add_arxiv_columns,
    add_code_columns,
    add_license_of_paper,
    add_topic_columns,
)
from flows.enrich.paper_parts import PartFiles, PartPiece, list_paper_parts
from flows.enrich.publication_columns import add_publication_columns
from flows.enrich.text_cache import PartName, TextCache
from flows.enrich.text_searches import NamedPiece, bundle_parts, read_found, search_pieces
from flows.parts import (
    break_seal,
    identify_file,
    link_table,
    require_whole_step,
    seal_step,
)
from flows.paths import StepFolder
from flows.release.final_files import FinalFile, open_final_file
from flows.runs.map_parts import map_parts
from flows.runs.progress import watch_task
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.vocabulary import License

ENRICHED = ("papers", "links", "topics")
"""Tables that are folders of part files; the others are a file each, as they came."""

PASSED = ("origins", "rejections", "aliases", "resolutions")
"""Tables that enrichment leaves as they are."""

READ_OF_ORIGINS = ("record_id", "paper_id", "license", "arxiv_id")
"""Columns of the records that columns of papers follow from, and the links whose mentions are
known."""

NOTHING_KNOWN = derivations.Known()

MOVE_COLUMNS = {"links": ["url", "moved_from"]}


@watch_task
@task(
    name="Enrich",
    task_run_name="Enrich with links and topics",
    cache_policy=NO_CACHE,
)
def enrich(
    validated: Path,
    enriched: Path,
    previous: Path | None = None,
    checks: Sequence[Path] = (),
    kept: Path | None = None,
) -> Path:
    """Find links and topics of the validated papers, part by part; other tables pass unchanged.

    Links of repositories that were renamed lead where they are now, as the `LinkCheck` files of
    ``checks`` say, or as the links of the ``previous`` release did. ``kept`` is the folder of what
    the last run made; without one everything is made, with the same result.
    """
    read, written = StepFolder(validated), StepFolder(enriched)
    break_seal(enriched)
    hashes = require_whole_step(validated)
    # A part file that an earlier run left behind the last one of now would be read along.
    for name in ENRICHED:
        clear_table(written.table(name))
    with external_sort.spill_dir(enriched / "waiting") as scratch:
        parts = list_paper_parts(read.papers, read.origins, scratch)
        moves = read_moves(tables.load(LinkCheck, checks), previous)
        moves_file = external_sort.write_part(moves, scratch / "moves.arrow")
        listed = EnrichedParts(kept).list_former() if kept else FORMER.to_frame()
        former = external_sort.write_part(listed, scratch / "former.arrow")
        places = EnrichmentFolders(enriched, moves_file, kept, former, scratch / "found")
        if kept:
            search_parts(parts, places, kept)
        made = map_parts(
            enrich_part,
            # The longest ones first: none is left to one worker when all else is done.
            sorted(parts, key=lambda part: -part.papers.stat().st_size),
            "Parts that are enriched",
            places=places,
        )
    if kept:
        keep_parts(kept, made)
    pass_tables(read, written)
    seal_step(enriched, {identify_file(path): digest for path, digest in hashes.items()})
    return enriched


def keep_parts(kept: Path, made: Sequence[EnrichedPart]) -> None:
    """Keep for the next run what this one made, and nothing else."""
    TextCache(kept).remove_others({key for part in made for _, key in part.pieces})
    EnrichedParts(kept).remove_others({part.key for part in made})


def pass_tables(read: StepFolder, written: StepFolder) -> None:
    """Leave the tables that enrichment does not change as they came."""
    for name in PASSED:
        clear_table(written.table(name))
        link_table(read.table(name), written.table(name))


def clear_table(path: Path) -> None:
    """Delete what an earlier run left in the place of a table: a file, or a folder of parts."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


@dataclass(frozen=True)
class EnrichmentFolders:
    """Where the parts of a run go, and what they follow from beside their papers."""

    enriched: Path
    moves: Path
    """The file of renamed repositories: see `links.moved_repositories.MOVES`."""
    kept: Path | None
    """The folder of what the last run made."""
    former: Path
    """The file of its parts: see `enriched_parts.FORMER`."""
    found: Path
    """The folder of what follows from texts that were searched: see `text_searches`."""

    def name_files(self, number: int) -> dict[str, Path]:
        """Name the files of a part, by table."""
        folder = StepFolder(self.enriched)
        return {name: folder.table(name) / f"{number:05}.parquet" for name in ENRICHED}


def search_parts(parts: Sequence[PartFiles], places: EnrichmentFolders, kept: Path) -> None:
    """Search the texts of parts, some at a time: few hold what is sought."""
    described = "Bundles of parts that are searched"
    map_parts(search_texts, bundle_parts(parts), described, places=places, kept=kept)


@task(
    name="Search texts",
    task_run_name="Search texts for links and promises",
    cache_policy=NO_CACHE,
    retries=2,
)
def search_texts(parts: Sequence[PartFiles], places: EnrichmentFolders, kept: Path) -> None:
    """Search the texts of some parts for what few texts hold, but of those taken as they are."""
    enriched, pieces = EnrichedParts(kept), list[NamedPiece]()
    for part in parts:
        key = enriched.name_part(part, places.moves)
        for piece in () if enriched.has(key) else map(part.select, part.cut()):
            paper_ids = piece.read_papers(["paper_id"])["paper_id"]
            named = name_rows(paper_ids, name_piece(key, piece.ids), places)
            pieces.append(NamedPiece(piece, named))
    if pieces:
        search_pieces(pieces, TextCache(kept), places.found)


def name_rows(paper_ids: pl.Series, name: str, places: EnrichmentFolders) -> PartName:
    """Name a piece for the cache, with the pieces of the last run that may have held its papers."""
    return PartName(name, find_former(external_sort.read_part(places.former), paper_ids))


@task(
    name="Enrich part",
    task_run_name="Enrich part {part.number}",
    cache_policy=NO_CACHE,
    # A worker that dies leaves no whole file: the part is made again by another one.
    retries=2,
)
def enrich_part(part: PartFiles, places: EnrichmentFolders) -> EnrichedPart:
    """Enrich a part of the papers and write its tables, or take them as the last run made them."""
    files = places.name_files(part.number)
    kept = EnrichedParts(places.kept) if places.kept else None
    key = kept.name_part(part, places.moves) if kept else ""
    if kept and (known := kept.take(key, files)):
        return known
    pieces, records = [], 0
    with ExitStack() as opened:
        written = {
            name: opened.enter_context(open_final_file(name, path)) for name, path in files.items()
        }
        for piece in part.cut():
            name = name_piece(key, piece)
            first, papers = write_piece(part.select(piece), name, places, written)
            pieces.append((first, name))
            records += papers
    made = EnrichedPart(key, tuple(pieces), records)
    if kept:
        kept.keep(made, files)
    return made


def write_piece(
    piece: PartPiece, name: str, places: EnrichmentFolders, written: Mapping[str, FinalFile]
) -> tuple[str, int]:
    """Enrich a piece of a part, and add its rows to the files of the part.

    Returns the id of its first paper, empty where it has none, and its number of papers.
    """
    papers, found = piece.read_papers(), read_found(places.found, name)
    named = name_rows(papers["paper_id"], name, places)
    texts = () if derivations.MENTIONS in found else derivations.MENTIONS.inputs
    frames = enrich_papers(
        papers,
        piece.read_origins((*READ_OF_ORIGINS, *texts)),
        external_sort.read_part(places.moves),
        derivations.Known(named, TextCache(places.kept) if places.kept else None, found),
    )
    for table, file in written.items():
        file.add(frames[table])
    return papers["paper_id"][0] if papers.height else "", papers.height


def enrich_papers(
    papers: pl.DataFrame,
    origins: pl.DataFrame,
    moved: pl.DataFrame,
    known: derivations.Known = NOTHING_KNOWN,
) -> dict[str, pl.DataFrame]:
    """Enrich some papers from all their records: nothing in it depends on other papers.

    Returns the tables `ENRICHED` by name.
    """
    mentions = known.derive(derivations.MENTIONS, origins)
    # A filter copies all columns, and records are mostly texts.
    licensed = origins.select("record_id", "paper_id", "license")
    present = set(licensed["license"].unique())
    # A layer for each licence, since a link may not take what only a stricter record says.
    layers = [
        links.build_link_table(licensed, licensed, layer, moved, mentions)
        for layer in License
        if layer.value in present
    ]
    link_table = pl.concat([pl.DataFrame(schema=Link.dtypes()), *layers])
    labels = known.derive(derivations.TOPICS, papers).pipe(add_license_of_paper, papers)
    promised = known.derive(derivations.PROMISES, papers)
    filled = (
        papers.pipe(add_arxiv_columns, origins)
        .pipe(add_publication_columns)
        .pipe(add_code_columns, link_table, promised)
        .pipe(add_topic_columns, labels)
    )
    return {"papers": filled, "links": link_table, "topics": labels}


def read_moves(checks: pl.DataFrame, previous: Path | None) -> pl.DataFrame:
    """Read the repositories that were renamed: see `links.moved_repositories.MOVES`."""
    previous_links = (
        release.read_columns(previous, MOVE_COLUMNS)["links"] if previous else Link.empty()
    )
    return links.moved_repositories.combine_moves(
        links.moved_repositories.find_observed_moves(checks),
        links.moved_repositories.list_followed_moves(previous_links),
    )
