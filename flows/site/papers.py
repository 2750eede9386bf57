"""Papers: what the explorer knows of every paper, and the order in which it lists them."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import tables
from flows.release import read_columns
from flows.release.layout import TABLES, NotARelease
from flows.release.open_release import Release, list_table_files, require_bounded

FACETS = {
    "area": "areas",
    "task": "tasks",
    "method": "methods",
    "domain": "domains",
    "contribution": "contributions",
    "language": "languages",
}
"""The column of `papers` that holds the topics of each facet."""

TOPIC_NAME = r"^[a-z0-9][a-z0-9_.+-]{0,99}$"
"""The form of a topic's name: in the taxonomy they are words of small letters with hyphens."""

NO_TOPIC = "none"
"""The label that says that a facet has nothing about a paper: true, and nothing to look for."""

IDENTIFIERS = ("arxiv_id", "doi", "acl_id", "openreview_id")
"""Columns of `papers` that name it elsewhere."""

SHOWN = (
    *("paper_id", "title", "authors", "published", "venue", "code_url", "upvotes", "license"),
    *("is_withdrawn", "is_retracted", *IDENTIFIERS),
)
"""Columns of `papers` that a list and the head of a page show."""

LOCATED = ("papers", "links", "topics", "origins", "changes")
"""Tables of which the page of a paper reads rows."""


def read_papers(release: Path) -> pl.DataFrame:
    """Read the papers of a release in the order of the explorer: newest first, then by upvotes.

    One row per paper. Key: ``number``, its place in that order, by which every list of the site
    names it; ``paper_id`` is unique, too. Null dates and upvotes come last. ``has_code`` and
    ``has_own_code`` say whether a link leads to code, and whether the authors gave it.
    """
    code, opened = read_code(release), Release.open_previous(release)
    parts = [
        add_code(load_file(opened, "papers", path, [*SHOWN, *FACETS.values()]), code)
        # File by file: what reading leaves behind is that of one file.
        for path in opened.list_files("papers")
    ]
    require_topic_names(opened, parts)
    papers = pl.concat(parts, rechunk=False)
    del parts
    order = papers.select(
        # The id decides ties, or numbers would differ from build to build.
        pl.arg_sort_by(
            ["published", "upvotes", "paper_id"], descending=[True, True, False], nulls_last=True
        )
    ).to_series()
    # Column by column: a frame that is sorted as a whole is in memory twice.
    sorted_columns = [papers.drop_in_place(name).gather(order) for name in papers.columns]
    return pl.DataFrame(sorted_columns).with_row_index("number")


def load_file(opened: Release, table: str, path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Read some columns of one file of a table. Raises as `Release.read_table` does."""
    with opened.explain_unreadable(table):
        require_bounded(path)
        return tables.load(TABLES[table].model, path, columns, opened.list_absent_columns(table))


def require_topic_names(opened: Release, parts: Sequence[pl.DataFrame]) -> None:
    """Raise `NotARelease` where papers have a topic that is no name: feeds are files of that name.

    A release may be anybody's, and a name may lead out of the folder.
    """
    for column in FACETS.values():
        topics = pl.concat(part[column].explode().unique() for part in parts).drop_nulls().unique()
        strange = topics.filter(~topics.str.contains(TOPIC_NAME)).sort()
        if len(strange):
            raise NotARelease(
                f"{opened.folder} is not a release of ours: its papers have {column} such as "
                f"{strange[0][:100]!r}, which is no name of a topic. Name another one."
            )


def read_code(release: Path) -> pl.DataFrame:
    """Read which papers have links to code: ``paper_id``, ``has_own_code``, ``repositories``."""
    columns = ["paper_id", "kind", "is_official", "repo"]
    links = read_columns(release, {"links": columns})["links"]
    code = links.filter(pl.col("kind") == "code")
    return code.group_by("paper_id").agg(
        has_own_code=pl.col("is_official").any(), repositories=pl.col("repo").drop_nulls().unique()
    )


def add_code(papers: pl.DataFrame, code: pl.DataFrame) -> pl.DataFrame:
    """Add to papers what links say of their code, and leave out topics that say nothing."""
    return papers.join(
        code, on="paper_id", how="left", validate="1:1", maintain_order="left"
    ).with_columns(
        *(pl.col(name).list.filter(pl.element() != NO_TOPIC) for name in FACETS.values()),
        has_code=pl.col("code_url").is_not_null() | pl.col("has_own_code").is_not_null(),
        has_own_code=pl.col("has_own_code").fill_null(value=False),
        repositories=pl.col("repositories").fill_null([]).list.sort(),
    )


def list_data_files(release: Path) -> list[tuple[str, str]]:
    """Name the Parquet files that the pages read: table and path below the release, in order."""
    return [
        (table, path.relative_to(release).as_posix())
        for table in LOCATED
        for path in list_table_files(release, table)
    ]


def locate_rows(
    release: Path, papers: pl.DataFrame, data_files: Sequence[tuple[str, str]]
) -> pl.DataFrame:
    """Say where the rows of each paper lie, so that a page asks for these and for no others.

    One row per paper, sorted by its ``number``: ``places``, a list of [file, first row, rows],
    where the file is its place in ``data_files``. Rows of a paper are neighbours, since tables are
    sorted by it.
    """
    numbers, opened = papers.select("paper_id", "number"), Release.open(release)
    runs = [
        load_file(opened, table, opened.root / path, ["paper_id"])
        .with_row_index("first")
        .group_by("paper_id")
        .agg(pl.col("first").min(), rows=pl.len())
        # Numbers from here on: ids would be most of what is in memory.
        .join(numbers, on="paper_id", validate="1:1")
        .select("number", pl.lit(file, pl.UInt32).alias("file"), "first", "rows")
        for file, (table, path) in enumerate(data_files)
    ]
    # Without an order the places of a paper, and so the bytes of the site, would differ each time.
    return (
        pl.concat(runs)
        .sort("number", "file")
        .group_by("number", maintain_order=True)
        .agg(places=pl.concat_list("file", "first", "rows"))
    )


def read_other_ids(release: Path) -> pl.DataFrame:
    """Read the ids that papers once had, and their slugs at Papers with Code.

    One row per ``paper_id`` and ``other_id``; a release without such has none.
    """
    read = read_columns(
        release,
        {"aliases": ["alias_id", "paper_id"], "origins": ["paper_id", "source", "source_id"]},
    )
    aliases, origins = read["aliases"].select("paper_id", other_id="alias_id"), read["origins"]
    slug = pl.col("source_id").str.extract(r"paperswithcode\.com/paper/([^/?#]+)")
    slugs = origins.filter(pl.col("source") == "papers_with_code").select(
        "paper_id", other_id=pl.concat_str(pl.lit("pwc/"), slug)
    )
    return pl.concat([aliases, slugs.drop_nulls()]).unique(maintain_order=True)
