"""Feeds: Atom files about new papers, one for all and one per topic."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr
from zlib import crc32

import polars as pl

from flows import tables
from flows.errors import UserError
from flows.http.public_client import is_web
from flows.release.layout import TABLES
from flows.release.open_release import Release
from flows.site.browse_page import name_topic
from flows.site.markup import path_of
from flows.site.papers import FACETS, read_papers

ENTRIES = 50
"""Papers of the feed about everything."""

TOPIC_ENTRIES = 20
"""Papers of the feed of a topic."""

SUMMARY = 600
"""Characters of an abstract that an entry shows."""


NO_ABSTRACT = "No source has an abstract."
"""What an entry holds that leads nowhere and has nothing to say."""

NUMBER_OF_MONTH = re.compile(r"arxiv:\d{4}\.(\d{4,5})")
"""An id of arXiv that holds a number, which counts the submissions of a month."""


DAY_MS = 86_400_000
"""Milliseconds of a day, so many that two papers of one day hardly ever share one."""


class NoSuchTopic(UserError):
    """A topic that no paper of a release has."""


NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""


def write_feeds(papers: pl.DataFrame, release: Path, folder: Path, site_url: str | None) -> None:
    """Write ``new.xml`` and one file per facet and topic.

    ``papers``: in the explorer's order, newest first. ``site_url`` is where the site will be;
    without one, entries lead to where the papers themselves are.
    """
    chosen = choose_papers(papers)
    numbers = {number for rows in chosen.values() for number in rows}
    # A paper may be in several feeds; its entry is read and written once.
    entries = read_entries(papers.filter(pl.col("number").is_in(numbers)), release, site_url)
    for (facet, topic), rows in chosen.items():
        title = f"Open Papers: {name_topic(topic)}" if facet else "Open Papers: new papers"
        path = folder / facet / f"{topic}.xml" if facet else folder / f"{topic}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{site_url}feeds/{path.relative_to(folder).as_posix()}" if site_url else None
        feed = show_feed(title, f"{facet}:{topic}", [entries[number] for number in rows], address)
        path.write_text(feed, encoding="utf-8")


def make_feed(release: Path, topic: str | None) -> str:
    """Make one feed of a release: about ``facet/topic``, or about everything.

    Raises `NoSuchTopic` for a topic that no paper has.
    """
    # The feed about everything has the topic `new` of a facet without a name.
    facet, _, name = (topic or "/new").rpartition("/")
    papers = read_papers(release)
    chosen = choose_papers(papers)
    if (facet, name) not in chosen:
        topics = [f"{other}/{label}" for other, label in chosen if other and name in label][:5]
        hint = (
            f"Did you mean {', '.join(topics)}?" if topics else "The site's topics page lists all."
        )
        raise NoSuchTopic(f"No paper of {release} has the topic {topic}. {hint}")
    numbers = chosen[facet, name]
    entries = read_entries(papers.filter(pl.col("number").is_in(numbers)), release)
    title = f"Open Papers: {name_topic(name)}"
    return show_feed(title, f"{facet}:{name}", [entries[number] for number in numbers], None)


def choose_papers(papers: pl.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Choose the papers of each feed by number, newest first: by facet and topic.

    The feed about everything has no facet and the topic ``new``.
    """
    # Atom demands a day of every entry.
    dated = papers.drop_nulls("published")
    feeds = {("", "new"): dated.head(ENTRIES)["number"].to_list()}
    for facet, column in FACETS.items():
        topics = dated.select("number", topic=pl.col(column)).explode("topic").drop_nulls()
        # Numbers count from the newest paper, so that the smallest of a topic are its newest.
        newest = topics.sort("topic", "number").group_by("topic", maintain_order=True)
        for topic, numbers in newest.agg(pl.col("number").head(TOPIC_ENTRIES)).iter_rows():
            feeds[facet, topic] = numbers
    return feeds


def read_entries(
    papers: pl.DataFrame, release: Path, site_url: str | None = None
) -> dict[int, tuple[str, str]]:
    """Read and write the entry of each paper, by its number: its instant and its XML."""
    ids = papers["paper_id"]
    columns = ["paper_id", "abstract", "arxiv_url"]
    opened = Release.open_previous(release)
    absent = opened.list_absent_columns("papers")
    paths = opened.list_files("papers")
    with opened.explain_unreadable("papers"):
        parts = [
            # Filtered while they are read: the abstracts of all papers would fill the memory.
            tables.scan_file(TABLES["papers"].model, path, absent)
            .select(columns)
            # polars 2 wants one list of values here: a plain series could mean one value a row.
            .filter(pl.col("paper_id").is_in(ids.implode()))
            .collect()
            for path in paths
        ]
    rows = papers.join(pl.concat(parts), on="paper_id", how="left", validate="1:1")
    return {
        row["number"]: (order_in_day(row["paper_id"], row["published"]), show_entry(row, site_url))
        for row in rows.iter_rows(named=True)
    }


def order_in_day(paper_id: str, day: date) -> str:
    """Write the instant by which readers sort a paper: its day, then the order within the day.

    Sources name no hour. The milliseconds of an arXiv paper are its number, which counts up with
    each submission; papers from elsewhere have no order, and one made from their id.

    >>> order_in_day("arxiv:2608.07468", date(2026, 8, 7))
    '2026-08-07T00:00:07.468Z'
    >>> order_in_day("acl:2022.acl-long.1", date(2022, 5, 1))
    '2022-05-01T15:01:41.706Z'
    """
    number = NUMBER_OF_MONTH.fullmatch(paper_id)
    # The id alone decides: a reader shows an entry as new again when its instant changes.
    place = int(number[1]) if number else crc32(paper_id.encode()) % DAY_MS
    instant = datetime.combine(day, time(), UTC) + timedelta(milliseconds=place)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def show_entry(paper: dict[str, Any], site_url: str | None) -> str:
    """Write the entry of one paper."""
    paper_id = paper["paper_id"]
    link = f"{site_url}paper.html?id={path_of(paper_id)}" if site_url else find_address(paper)
    abstract = paper["abstract"] or ""
    summary = abstract if len(abstract) <= SUMMARY else abstract[: SUMMARY - 1] + "…"
    lines = [
        "<entry>",
        # Not an address: readers would show every entry again when the site moves.
        f"<id>urn:open-papers:paper:{quote(paper_id, safe=':.')}</id>",
        f"<title>{clean(paper['title'])}</title>",
        f"<updated>{order_in_day(paper_id, paper['published'])}</updated>",
        f"<published>{paper['published']}T00:00:00Z</published>",
        *(
            f"<author><name>{clean(name)}</name></author>"
            for name in paper["authors"]
            if clean(name)
        ),
        f'<link rel="alternate" href={quoteattr(link)}/>' if link else "",
        f"<summary>{clean(summary)}</summary>" if link and summary else "",
        # An entry may have no link only if it has content.
        "" if link else f"<content>{clean(summary) or NO_ABSTRACT}</content>",
        "</entry>",
    ]
    return "\n".join(line for line in lines if line)


def find_address(paper: dict[str, Any]) -> str | None:
    """Find where a paper itself is: at arXiv, by its DOI, in the Anthology, or nowhere."""
    # The address is the release's: readers may follow whatever it is.
    if is_web(paper["arxiv_url"] or ""):
        return str(paper["arxiv_url"])
    if paper["doi"]:
        return f"https://doi.org/{quote(paper['doi'], safe='/:;()')}"
    if paper["acl_id"]:
        return f"https://aclanthology.org/{quote(paper['acl_id'])}"
    return None


def show_feed(
    title: str, name: str, entries: Iterable[tuple[str, str]], address: str | None
) -> str:
    """Write a feed. It is as new as its newest entry; one without entries is as old as can be."""
    listed = list(entries)
    newest = max((instant for instant, _ in listed), default="1970-01-01T00:00:00Z")
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>urn:open-papers:feed:{quote(name, safe=':.')}</id>",
        f"<title>{clean(title)}</title>",
        f"<updated>{newest}</updated>",
        "<author><name>Open Papers</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(address)}/>'
        if address
        else "",
        *(entry for _, entry in listed),
        "</feed>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def clean(text: str) -> str:
    """Write text as XML can hold it.

    >>> clean("a < b" + chr(0))
    'a &lt; b'
    """
    return escape(NOT_XML.sub("", text)).strip()
