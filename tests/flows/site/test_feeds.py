"""Feeds are valid Atom, whatever the papers hold."""

from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from flows.publish import write_release
from flows.site.feeds import NoSuchTopic, make_feed, show_entry, write_feeds
from flows.site.papers import read_papers
from schemas.paper import Paper
from tests.atom import list_faults
from tests.builders import frame, manifest, not_loaded_back, paper, release_tables, template

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE_TITLE = "]]></title><script>alert(1)</script> &"
HOSTILE = f"{HOSTILE_TITLE} \u0007\x01"


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


def test_every_feed_is_valid_and_hostile_texts_stay_texts(written: Path, tmp_path: Path) -> None:
    write_feeds(read_papers(written), written, tmp_path, "https://example.org/site/")
    feeds = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xml"))
    assert feeds == [
        "area/natural-language-processing.xml",
        "new.xml",
        "task/question-answering.xml",
    ]
    for name in feeds:
        feed = (tmp_path / name).read_bytes()
        assert list_faults(feed) == []
        root = etree.fromstring(feed)
        entries = root.findall(f"{ATOM}entry")
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
    feed = make_feed(written, None).encode()
    # Nobody knows where it will be: a link to itself could only be relative, which is an error.
    assert list_faults(feed) == ["the feed has not one link to itself"]
    links = [link.get("href") for link in etree.fromstring(feed).iter(f"{ATOM}link")]
    assert links == ["https://doi.org/10.1000/a%3Cb", "https://arxiv.org/abs/2603.00001"]


@pytest.mark.parametrize(
    ("valid", "broken", "fault"),
    [
        ("<id>urn:open-papers:paper:arxiv:2603.00001", "<id>papers/1", "no absolute IRI"),
        ("<id>urn:open-papers:paper:arxiv:2603.00001", "<id>urn:open-papers:a b", "no URN"),
        ("<id>urn:open-papers:paper:arxiv:2603.00001", "<id>urn:open-papers:feed::new", "twice"),
        ("T00:00:00.001Z</updated>", "</updated>", "no instant"),
        ("<updated>2026-03-02T00:00:00.001", "<updated>2026-03-04T00:00:00.003", "share updated"),
        ('rel="self"', 'rel="via"', "not one link to itself"),
        ("https://example.org/site/feeds/", "/feeds/", "relative"),
        ("<name>Open Papers</name>", "<name> </name>", "no name"),
        ("<summary>", '<summary type="text/html">', "has the type"),
        ("<summary>", "<summary><b/>", "holds elements"),
        ("<summary>", '<content type="words"/><summary>', "content has the type"),
        ("<published>", "<date>1</date><published>", "no element of Atom"),
        ("<entry>", "<entry><title>x</title>", "title occurs 2 times"),
        ('rel="alternate"', 'rel="related"', "neither content nor a link"),
    ],
)
def test_each_rule_of_a_valid_feed_bites(
    written: Path, tmp_path: Path, valid: str, broken: str, fault: str
) -> None:
    write_feeds(read_papers(written), written, tmp_path, "https://example.org/site/")
    feed = (tmp_path / "new.xml").read_text(encoding="utf-8")
    assert valid in feed
    assert any(fault in line for line in list_faults(feed.replace(valid, broken).encode()))


def test_an_entry_leads_to_the_web_alone() -> None:
    row = paper(1, arxiv_url="javascript:alert(1)", doi=None, acl_id=None)
    assert "javascript" not in show_entry(row, None)


def test_an_entry_that_leads_nowhere_holds_its_abstract() -> None:
    nowhere = {"arxiv_url": None, "doi": None, "acl_id": None}
    row = paper(4) | nowhere
    assert "<content>We study attention" in show_entry(row, None)
    assert "<content>No source" in show_entry(row | {"abstract": None}, None)


def test_a_topic_without_papers_is_refused_with_a_near_one(written: Path) -> None:
    with pytest.raises(NoSuchTopic, match="Did you mean task/question-answering"):
        make_feed(written, "area/question")


def test_papers_without_a_day_are_in_no_feed(written: Path) -> None:
    papers = read_papers(written)
    undated = papers.filter(pl.col("published").is_null())["paper_id"].item()
    assert undated not in make_feed(written, None)
