"""Enrich: links and topic labels, each with its evidence, and the columns they give to papers."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl
from prefect import task

from flows import external_sort, release, tables
from flows.enrich import links, topics
from flows.enrich.label_cache import LabelCache
from flows.enrich.paper_columns import (
    add_arxiv_columns,
    add_code_columns,
    add_license_of_paper,
    add_topic_columns,
)
from flows.enrich.paper_parts import PaperPart, read_paper_parts
from flows.enrich.publication_columns import add_publication_columns
from flows.parts import map_in_order
from flows.paths import StepFolder
from flows.runs.progress import watch_task
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.paper import Paper
from schemas.topic import TopicLabel
from schemas.vocabulary import License

ENRICHED = ("papers", "links", "topics")
"""Tables that are folders of part files; the others are a file each, as they came."""


@watch_task
@task(
    name="Enrich",
    task_run_name="Enrich with links and topics",
)
def enrich(
    validated: Path,
    enriched: Path,
    previous: Path | None = None,
    checks: Sequence[Path] = (),
    labels: Path | None = None,
) -> Path:
    """Find links and topics of the validated papers, part by part; other tables pass unchanged.

    Links of repositories that were renamed lead where they are now, as the `LinkCheck` files of
    ``checks`` say, or as the links of the ``previous`` release did. ``labels`` is the folder of the
    `LabelCache`; without one every paper is labelled, with the same result.
    """
    read, written = StepFolder(validated), StepFolder(enriched)
    # A part file that an earlier run left behind the last one of now would be read along.
    for name in ENRICHED:
        clear_table(written.table(name))
    moved = read_moves(tables.load(LinkCheck, checks), previous)
    label_cache = LabelCache(labels) if labels else None
    names = []
    with external_sort.spill_dir(enriched / "waiting") as scratch:
        parts = read_paper_parts(read.papers, read.origins, scratch)
        work = partial(enrich_part, moved=moved, cache=label_cache)
        # In order: the names of the files follow from the ids, not from who was done first.
        for number, part in enumerate(map_in_order(work, parts)):
            tables.save(Paper, part.papers, written.papers / f"{number:05}.parquet")
            tables.save(Link, part.links, written.links / f"{number:05}.parquet")
            tables.save(TopicLabel, part.labels, written.topics / f"{number:05}.parquet")
            names.append(part.name)
    if label_cache:
        label_cache.remove_others(names)
    for name in ("origins", "rejections", "aliases", "resolutions"):
        shutil.copyfile(read.table(name), written.table(name))
    return enriched


def clear_table(path: Path) -> None:
    """Delete what an earlier run left in the place of a table: a file, or a folder of parts."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


@dataclass(frozen=True)
class EnrichedPart:
    """A part of papers with its columns filled, its links and its topic labels."""

    name: str
    papers: pl.DataFrame
    links: pl.DataFrame
    labels: pl.DataFrame


def enrich_part(part: PaperPart, moved: pl.DataFrame, cache: LabelCache | None) -> EnrichedPart:
    """Enrich some papers from all their records: nothing in it depends on other papers."""
    link_table = pl.concat(
        # A layer for each licence, since a link may not take what only a stricter record says.
        [links.build_link_table(part.origins, part.origins, layer, moved) for layer in License]
    )
    labels = (
        cache.label_papers(part.name, part.papers, topics.label_papers)
        if cache
        else topics.label_papers(part.papers)
    ).pipe(add_license_of_paper, part.papers)
    papers = (
        part.papers.pipe(add_arxiv_columns, part.origins)
        .pipe(add_publication_columns)
        .pipe(add_code_columns, link_table)
        .pipe(add_topic_columns, labels)
    )
    return EnrichedPart(part.name, papers, link_table, labels)


def read_moves(checks: pl.DataFrame, previous: Path | None) -> pl.DataFrame:
    """Read the repositories that were renamed: see `links.moved_repositories.MOVES`."""
    previous_links = release.read_table(previous, "links") if previous else Link.empty()
    return links.moved_repositories.combine_moves(
        links.moved_repositories.find_observed_moves(checks),
        links.moved_repositories.list_followed_moves(previous_links),
    )
