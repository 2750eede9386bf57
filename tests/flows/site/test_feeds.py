"""Feeds are valid Atom, whatever the papers hold."""

import re
from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from flows.publish import write_release
from flows.site.feeds import NoSuchTopic, make_feed, write_feeds
from flows.site.papers import read_papers
from schemas.paper import Paper
from tests.builders import frame, manifest, not_loaded_back, paper, release_tables, template

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE_TITLE = "]]></title><script>alert(1)</script> &"
HOSTILE = f"{HOSTILE_TITLE} \u0007\x01"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT00:00:00Z")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feeds")
    papers = [
        paper(
            1,
            # The table of papers lets no control character into a title.
            title=HOSTILE_TITLE,
            authors=[HOSTILE],
            abstract=HOSTILE,
            tasks=["question-answering"],
        ),
        paper(2, published=None),
        paper(3, abstract=None, arxiv_url=None, doi="10.1000/a<b"),
    ]
    tables = release_tables(3) | {"papers": frame(Paper, papers)}
    with not_loaded_back():
        return write_release.write_tables(
            tables, template(folder), manifest(), folder / "release"
        ).folder


def check_atom(root: etree._Element) -> list[etree._Element]:
    """Check what RFC 4287 demands of a feed and of its entries, and give the entries."""
    entries = root.findall(f"{ATOM}entry")
    ids = [element.findtext(f"{ATOM}id") for element in [root, *entries]]
    assert len(set(ids)) == len(ids)
    for element in [root, *entries]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
        assert INSTANT.fullmatch(element.findtext(f"{ATOM}updated") or "")
        assert element.findall(f"{ATOM}author") or root.findall(f"{ATOM}author")
    for entry in entries:
        links = entry.findall(f"{ATOM}link")
        assert links or entry.findall(f"{ATOM}content")
        assert all(link.get("href", "").startswith("https://") for link in links)
    return entries


def test_every_feed_is_valid_and_hostile_texts_stay_texts(written: Path, tmp_path: Path) -> None:
    write_feeds(read_papers(written), written, tmp_path, "https://example.org/site/")
    feeds = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xml"))
    assert feeds == [
        "area/natural-language-processing.xml",
        "new.xml",
        "task/question-answering.xml",
    ]
    for name in feeds:
        root = etree.parse(tmp_path / name).getroot()
        entries = check_atom(root)
        assert not list(root.iter("script"))
        link = root.find(f"{ATOM}link")
        assert link is not None
        assert link.get("href") == f"https://example.org/site/feeds/{name}"
        assert entries
    [entry] = etree.parse(tmp_path / "task/question-answering.xml").getroot().iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == HOSTILE_TITLE
    assert entry.findtext(f"{ATOM}summary") == HOSTILE_TITLE


def test_a_feed_without_the_sites_address_leads_to_the_papers_themselves(
    written: Path,
) -> None:
    entries = check_atom(etree.fromstring(make_feed(written, None).encode()))
    links = [link.get("href") for entry in entries for link in entry.iter(f"{ATOM}link")]
    assert links == ["https://doi.org/10.1000/a%3Cb", "https://arxiv.org/abs/2603.00001"]


def test_a_topic_without_papers_is_refused_with_a_near_one(written: Path) -> None:
    with pytest.raises(NoSuchTopic, match="Did you mean task/question-answering"):
        make_feed(written, "area/question")


def test_papers_without_a_day_are_in_no_feed(written: Path) -> None:
    papers = read_papers(written)
    undated = papers.filter(pl.col("published").is_null())["paper_id"].item()
    assert undated not in make_feed(written, None)
