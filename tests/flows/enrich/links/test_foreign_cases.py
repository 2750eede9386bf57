"""Cases that others wrote for their finders of links: each one is met, or refused for a reason."""

import html
import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from flows import urls
from flows.enrich.links import find_links
from flows.paths import PROJECT

ARXIV = PROJECT / "tests/fixtures/arxiv_base/urlize_cases.json"
SHARED = PROJECT.parent / "shared/eval/foreign/url_finder_fixtures"

REFUSED = {
    "cond-mat/97063007": "eight digits are no id: arXiv's own pattern takes the first seven",
    "7 Pages; ftp://ftp%40micrognu%2Ecom:anon%40anon@ftp.micrognu.com/pnenp/conclusion.pdf": (
        "holds a password"
    ),
    "something https://arxiv.org bla": "a case about DOIs alone, in which the link does not count",
}
"""Cases of arXiv that we answer differently, and why."""

SILENT = 37
"""Of the 38 texts without links of linkify-it: an underscore beside a URL is emphasis to us."""


def places_of(texts: list[str]) -> list[set[str]]:
    """Find the links of texts, as keys of places; ``example.com`` is a host like others here."""
    hosted = [re.sub(r"example\.(com|org|net)", r"lab-site.\1", text) for text in texts]
    frame = pl.DataFrame({"text": hosted}).with_row_index("record_id")
    found = find_links(
        frame.with_columns(pl.col("record_id").cast(pl.String), field=pl.lit("abstract"))
    ).with_columns(place=urls.location_key(pl.col("url")))
    return [
        set(found.filter(record_id=str(number))["place"].to_list()) for number in range(len(texts))
    ]


def keys_of_each(cases: list[list[str]]) -> list[set[str]]:
    """Return the keys of the places that each case writes, all of them in one pass."""
    written = pl.DataFrame({"urls": cases}, schema={"urls": pl.List(pl.String)})
    hosted = pl.element().str.replace_all(r"example\.(com|org|net)", "lab-site.$1")
    # Some cases of arXiv are patterns: any resolver will do.
    plain = hosted.str.replace_all("https://.*10.", "https://doi.org/10.", literal=True)
    flat = (
        written.with_row_index("case")
        .with_columns(pl.col("urls").list.eval(plain))
        .explode("urls", empty_as_null=True)
        .with_columns(key=urls.location_key(urls.canonical_url(pl.col("urls"))))
    )
    keys = flat.group_by("case", maintain_order=True).agg(pl.col("key").drop_nulls())
    return [set(row) for row in keys["key"].to_list()]


def keys_of(written: list[str]) -> set[str]:
    return keys_of_each([written])[0]


def test_links_that_arxiv_finds_are_found_too() -> None:
    cases = json.loads(ARXIV.read_text(encoding="utf-8"))
    places = places_of([case["input"] for case in cases])
    keys = keys_of_each([case["hrefs"] for case in cases])
    differing = {
        case["input"]
        for case, found, expected in zip(cases, places, keys, strict=True)
        if found != expected
    }
    assert differing == set(REFUSED)


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of linkify-it are not here")
def test_texts_without_links_stay_silent() -> None:
    path: Path = SHARED / "linkify-it_not_links.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.strip() and not line.startswith("%")]
    assert sum(not places for places in places_of(texts)) >= SILENT


LINKIFY_FOUND = 94
"""Of the 117 positive cases of linkify-it. The others are bare hosts that nothing announces (13),
quotes and brackets in paths, which close a URL in prose (6), users with passwords (2), a symbol in
a host, and an Arabic host in forms for print."""


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of linkify-it are not here")
def test_links_of_linkify_are_found_but_for_what_prose_does_not_mean() -> None:
    text = (SHARED / "linkify-it_links.txt").read_text(encoding="utf-8")
    lines = [re.sub(r"\s+%.*$", "", line) for line in text.splitlines()]
    blocks = "\n".join(line for line in lines if not line.startswith("%")).split("\n\n")
    cases = [block.strip().split("\n") for block in blocks if block.strip()]
    pairs = [(case[0], case[-1]) for case in cases if len(case) <= 2]
    places = places_of([text for text, _ in pairs])
    keys = keys_of_each([[url] for _, url in pairs])
    found = sum(expected <= place for expected, place in zip(keys, places, strict=True))
    assert found >= LINKIFY_FOUND


TWITTER_REFUSED = {
    "a bare host that no word announces is a site that is only named": {
        "Extract URLs without protocol on (com|org|edu|gov|net) domains",
        "Extract URLs without protocol not on (com|org|edu|gov|net) domains",
        "Extract short URL without protocol surrounded by CJK characters",
        "Extract URLs with and without protocol surrounded by CJK characters",
        "Extract URLs without protocol surrounded by CJK characters",
        "Extract short URLs without protocol on ccTLD domains without path",
        "Extract some (tv|co) short URLs without protocol on ccTLD domains without path",
        "Extract valid URL ELPAÍS.com",
        "Extract domain followed by Japanese characters",
        "Extract URLs from RTL text",
        "Extract URLs from RTL text with embedded directional marks",
    },
    "`so` is a word of English, so that it ends no host without a scheme": {
        "Extract URL before newline",
    },
    "commas, semicolons and stops in a row close a URL in prose": {
        "Extract valid URL: http://xo.com/~matthew+%ff-,.;x",
        "Extract valid URL: http://xo.com/,.;x",
    },
    "a bar parts the cells of a table, or two URLs": {
        "Extract valid URL http://www.foo.com/bar-path/some.stm?param1=foo;param2=P1|0||P2|0",
        "Autolink URL with pipe character",
    },
    "since IDNA 2008 a symbol is no letter of a host": {
        "Extract valid URL: http://✪df.ws/ejp",
        "Autolink url containing unicode characters",
    },
    "a mark before a link makes it a price or an account on one site only": {
        "DO NOT extract URLs in hashtag or @mention",
        "DO NOT extract URL if preceded by $",
        "DO NOT autolink URL if preceded by $",
        "DO NOT Autolink url preceded by @",
    },
    "a hyphen before a blank is a line end of a PDF": {
        "Extract a t.co URL with a trailing hyphen",
    },
    "what names of one shortener are made of is no rule of URLs": {
        "DO NOT extract URLs with > 40 characters in a t.co slug",
        "Extract t.co URLs skipping trailing characters and adjusting indices correctly",
    },
    "abstracts write hosts without a scheme, behind `www.` or with a path": {
        "DO NOT Autolink url without protocol (with www)",
        "DO NOT Autolink url without protocol (with WWW)",
        "Multiple URLs with different protocols but not without a protocol",
        "Autolink URL should NOT autolink a domain with a valid dash but no protocol",
        "Autolink URL should not link URL without protocol",
    },
    "texts from PDFs have blanks behind a scheme": {
        "Autolink URL should NOT link URLs with domains beginning in a space",
        "Autolink URL should NOT link URLs with domains beginning in a non-breaking space (U+00A0)",
    },
}
"""Cases of twitter-text that we answer differently, by the reason and the description."""


@pytest.mark.skipif(not SHARED.exists(), reason="the cases of twitter-text are not here")
def test_links_of_twitter_text_are_found_but_for_named_reasons() -> None:
    cases = [*list_twitter_cases("extract"), *list_twitter_cases("autolink")]
    places = places_of([case["text"] for case in cases])
    keys = keys_of_each([list_expected_urls(case["expected"]) for case in cases])
    differing = {
        case["description"]
        for case, place, expected in zip(cases, places, keys, strict=True)
        if place != expected
    }
    assert differing == set().union(*TWITTER_REFUSED.values())


def list_twitter_cases(what: str) -> list[dict[str, Any]]:
    """List the cases of a file of twitter-text that are about URLs."""
    written = yaml.safe_load((SHARED / f"twitter-text_{what}.yml").read_text(encoding="utf-8"))
    sections = [section for name, section in written["tests"].items() if "urls" in name]
    return [case for section in sections for case in section]


def list_expected_urls(expected: str | list[Any]) -> list[str]:
    """List the URLs that a case expects, as it writes them (a page, a list), with a scheme."""
    if isinstance(expected, str):
        return [html.unescape(url) for url in re.findall(r'href="([^"]*)"', expected)]
    written = [url["url"] if isinstance(url, dict) else url for url in expected]
    return [url if url.startswith("http") else f"http://{url}" for url in written]


FOREIGN = [
    ("代码见https\uff1a//lab-site.org/x。", "https://lab-site.org/x"),
    ("代码见lab-site.org/x。数据稍后。", "http://lab-site.org/x"),
    ("Die Daten liegen unter https://müller-lab.de/größe.", "https://müller-lab.de/größe"),
    ("Данные лежат на http://корпус.рф/тексты.", "http://корпус.рф/тексты"),
    ("It is at http://研究室.jp/x for all.", "http://研究室.jp/x"),
    ("See http://sub.lab.中国/a for it.", "http://sub.lab.中国/a"),
    (
        "Siehe https://lab-site.org/wiki/Karush\u2013Kuhn_c.",
        "https://lab-site.org/wiki/Karush\u2013Kuhn_c",
    ),
    ("See https://lab-site.org/wiki/C++ for it.", "https://lab-site.org/wiki/C++"),
    ("数据在https://lab-site.org上公开。", "https://lab-site.org"),
]
"""Cases of our own in other scripts: letters in hosts and paths, and sentences around links."""


def test_links_in_texts_of_other_scripts_are_found_whole() -> None:
    found = places_of([text for text, _ in FOREIGN])
    assert found == keys_of_each([[url] for _, url in FOREIGN])


@pytest.mark.parametrize(
    "host", ["lab-.org", "lab.-site.org", "lab_site.org", "lab.site.c_m", "lab.x", "✪.org"]
)
def test_a_host_that_cannot_be_registered_gives_no_link(host: str) -> None:
    assert places_of([f"See http://{host}/x for it."]) == [set()]


BROKEN = [
    ("Texts are from www . statmt . org / wmt11 in all.", "http://www.statmt.org/wmt11"),
    ("It is at http : // www . lab-site . org / x for all.", "http://www.lab-site.org/x"),
    ("Ask us (www . lab-site . com).", "http://www.lab-site.com"),
    ("See http://lab-site.org/a_(b)_c for it.", "http://lab-site.org/a_(b)_c"),
    ("See http://lab-site.org/a/1Tc,Ig45 for it.", "http://lab-site.org/a/1Tc,Ig45"),
    ("The list (http://lab-site.org/a) is long.", "http://lab-site.org/a"),
    ("Its guide (http://lab-site.org/a/ b-c/v2.pdf.) is long.", "http://lab-site.org/a/b-c/v2.pdf"),
    ("The list (http://lab-site.org/a/ accessed) is long.", "http://lab-site.org/a/"),
    ("See (http://lab-site.org/a/ for more).", "http://lab-site.org/a/"),
]
"""Cases of our own, of the kinds that finders of links are tested with."""


@pytest.mark.parametrize(("text", "url"), BROKEN)
def test_a_link_that_blanks_or_brackets_cut_is_found_whole(text: str, url: str) -> None:
    assert places_of([text]) == [keys_of([url])]


def test_a_host_is_not_put_together_from_words_of_a_sentence() -> None:
    assert places_of(["We met www . It was fine . org charts"]) == [set()]
