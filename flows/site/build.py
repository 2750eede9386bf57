"""Build: the whole explorer of a release, in a folder that any web server can show."""

import os
import shutil
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from flows.errors import UserError
from flows.hashing import hash_files
from flows.release import read_manifest
from flows.release.layout import MANIFEST
from flows.site.blocks import CARD_ROWS, DETAIL_ROWS, encode_row, write_blocks
from flows.site.browse_page import count_facet_topics
from flows.site.details import write_details, write_footers
from flows.site.feeds import write_feeds
from flows.site.link_health import read_link_health
from flows.site.overview import read_overview
from flows.site.papers import FACETS, SHOWN, list_data_files, locate_rows, read_papers
from flows.site.postings import CHUNK
from flows.site.search_index import BLOCK, write_search_index
from flows.site.search_words import count_venues
from flows.site.static_pages import write_pages, write_scripts
from schemas.vocabulary import (
    Availability,
    ChangeKind,
    Described,
    Facet,
    LinkKind,
    LinkRole,
    LinkStatus,
    MatchRule,
    Source,
)

PAGE = Path(__file__).parent / "page"
"""Scripts and styles of the pages."""

READER = Path(__file__).parent / "vendor" / "parquet.js"
"""The Parquet reader for browsers that `make assets` makes; see docs/architecture.md."""

MARK = "site.json"
"""The file by which a folder is known to hold a site of ours."""

VOCABULARIES: dict[str, type[Described]] = {
    "availability": Availability,
    "change": ChangeKind,
    "facet": Facet,
    "kind": LinkKind,
    "role": LinkRole,
    "rule": MatchRule,
    "source": Source,
    "status": LinkStatus,
}
"""Vocabularies whose values the pages explain."""


class NotASite(UserError):
    """A folder that holds something else than a site."""


def build_site(
    release: Path,
    out: Path,
    *,
    data_url: str | None = None,
    site_url: str | None = None,
    reader: Path = READER,
) -> dict[str, Any]:
    """Build the site of a release in ``out``, whole or not at all; give what `site.json` says.

    ``data_url`` is where the release's files are read from, such as a tag on the Hub; without one
    they are linked or copied to ``out/release``. ``site_url`` is where the site will be, for the
    addresses in feeds. ``reader`` is the Parquet reader of the pages; where there is none, the rows
    they show are copied for them.

    Raises `NotASite` when ``out`` holds files that are not of a site.
    """
    # Before minutes of work: what the folder holds is deleted only at the end.
    require_site_or_nothing(out)
    manifest = read_manifest(release)
    # Beside the folder, not in a scratch folder: a rename works within one disk only.
    new = out.with_name(out.name + ".building")
    # A build that was stopped may have left this folder, over which nothing can be copied.
    shutil.rmtree(new, ignore_errors=True)
    papers = read_papers(release)
    data_files = list_data_files(release)
    described = write_data(release, papers, data_files, new, reader)
    write_scripts(PAGE, new / "page", reader if described["reader"] == "parquet" else None)
    if described["reader"] == "parquet" and data_url is None:
        link_files(release, [path for _, path in data_files], new / "release")
    overview = read_overview(release, papers, manifest)
    described |= {"data": data_url or "release/", "newest": overview.newest}
    described["manifest"] = hash_files([release / MANIFEST], release)
    write_pages(overview, papers, new, data_url, described["reader"])
    write_feeds(papers, release, new / "feeds", site_url)
    (new / MARK).write_bytes(orjson.dumps(described))
    # A folder that holds files cannot be renamed over, so the old site goes first.
    shutil.rmtree(out, ignore_errors=True)
    new.rename(out)
    return described


def write_data(
    release: Path,
    papers: pl.DataFrame,
    data_files: list[tuple[str, str]],
    new: Path,
    reader: Path,
) -> dict[str, Any]:
    """Write cards, index and details of a release, and give their description."""
    folder = new / "data"
    write_search_index(release, papers, folder)
    places = locate_rows(release, papers, data_files)
    write_cards(papers, places, read_link_health(release), folder)
    has_reader = reader.is_file()
    if has_reader:
        write_footers(release, data_files, folder)
    else:
        write_details(release, papers, data_files, folder)
    return {
        "reader": "parquet" if has_reader else "copy",
        "papers": papers.height,
        "sizes": {"card": CARD_ROWS, "detail": DETAIL_ROWS, "block": BLOCK, "chunk": CHUNK},
        "years": describe_years(papers),
        "venues": count_venues(papers).head(200).rows(),
        "facets": {
            facet: count_facet_topics(papers, column).rows() for facet, column in FACETS.items()
        },
        "meanings": {
            name: {member.value: member.meaning for member in vocabulary}
            for name, vocabulary in VOCABULARIES.items()
        },
    }


def write_cards(
    papers: pl.DataFrame, places: pl.DataFrame, health: pl.DataFrame, folder: Path
) -> None:
    """Write what lists show of each paper, where its rows are, and the health of its links.

    Rows are in the explorer's order.
    """
    cards = papers.select("number", *SHOWN, "has_own_code")
    rows = (
        encode_row(compact_card(row))
        # All rows as dictionaries at once would need many times the memory of the frame.
        for part in cards.iter_slices(10_000)
        for row in join_cards(part, places, health).to_dicts()
    )
    write_blocks(rows, folder / "cards.bin", CARD_ROWS)


def join_cards(cards: pl.DataFrame, places: pl.DataFrame, health: pl.DataFrame) -> pl.DataFrame:
    """Add to papers of consecutive numbers where their rows are, and their links' health."""
    numbers = cards["number"]
    near = places.filter(pl.col("number").is_between(numbers.first(), numbers.last()))
    return (
        cards.join(near, on="number", how="left", validate="1:1", maintain_order="left")
        .join(health, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .drop("number")
    )


def compact_card(row: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a card that do not follow from the others, as `site.js` expects them.

    The arXiv id is left out where it is that of the paper's id, and is empty where it should be but
    is not. Places are one list; all but the first row are distances from the first.

    >>> compact_card({"paper_id": "arxiv:2603.00001", "arxiv_id": "2603.00001", "venue": None})
    {'paper_id': 'arxiv:2603.00001'}
    >>> compact_card({"paper_id": "x", "places": [[0, 7, 1], [3, 9, 2]]})["places"]
    [0, 7, 1, 3, 2, 2]
    """
    source, _, name = row["paper_id"].partition(":")
    if source == "arxiv":
        arxiv_id = row.get("arxiv_id") or ""
        row = row | {"arxiv_id": None if arxiv_id == name else arxiv_id}
    if places := row.get("places"):
        start = places[0][1]
        # Tables of one row a paper hold it at the same place: the distance is zero.
        distances = [
            (file, first - start if at else first, rows)
            for at, (file, first, rows) in enumerate(places)
        ]
        row = row | {"places": [value for place in distances for value in place]}
    # Most papers lack most values; 0 equals False, so that zero upvotes are left out as well.
    return {name: value for name, value in row.items() if value not in (None, False, [])}


def describe_years(papers: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Return the numbers of the papers of each year: year, first number, papers; newest first.

    Papers are sorted by day, so that those of a year are neighbours.
    """
    years = papers.drop_nulls("published").group_by(year=pl.col("published").dt.year())
    counted = years.agg(pl.col("number").min(), pl.len()).sort("year", descending=True)
    return counted.rows()


def link_files(release: Path, paths: list[str], folder: Path) -> None:
    """Put the release's files beside the site: as hard links, or copies on another disk."""
    for path in paths:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(release / path, target)
        except OSError:
            shutil.copy(release / path, target)


def is_site_of(out: Path, release: Path) -> bool:
    """Return whether a folder holds the site of a release, as it is now."""
    if not (out / MARK).is_file():
        return False
    try:
        described = orjson.loads((out / MARK).read_bytes())
    except orjson.JSONDecodeError:
        return False  # one that is damaged is written again
    manifest = described.get("manifest") if isinstance(described, dict) else None
    return bool(manifest == hash_files([release / MANIFEST], release))


def require_site_or_nothing(out: Path) -> None:
    """Raise `NotASite` when a folder holds files of another kind, which would be deleted."""
    if out.exists() and not (out / MARK).is_file() and any(out.iterdir()):
        raise NotASite(
            f"{out} holds files but is not a site (it has no {MARK}), and writing one there would "
            "delete them. Name another folder with --out."
        )
