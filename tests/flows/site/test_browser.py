"""The site as people meet it: in a real browser, by keyboard, narrow, dark, and under attack."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from flows import tables
from flows.publish import write_release
from flows.site import build_site
from flows.site.build import PAGE, READER
from flows.site.search_words import split_words
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.topic import TopicLabel
from tests.browser import CHROMIUM, FLAGS, needs_chromium, serve
from tests.builders import (
    frame,
    link,
    manifest,
    not_loaded_back,
    number,
    origin,
    paper,
    release_tables,
    template,
    topic,
)

pytestmark = [needs_chromium, pytest.mark.xdist_group("browser")]

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'; javascript:alert(3)"
PAPERS = 30
OPEN_PAPER = "paper.html?id=arxiv:2603.00007"
PAGES = ("index.html", "papers.html", "browse.html", OPEN_PAPER, "health.html", "recipes.html")
SERIOUS = {"serious", "critical"}

with_each_reader = pytest.mark.parametrize("url", ["copy", "parquet"], indirect=True)


def write_hostile_release(folder: Path) -> Path:
    """Write a release of thirty papers. The second is hostile in every field that takes any text;
    the seventh has characters beyond the basic plane before the words that earned a topic."""
    numbers = range(1, PAPERS + 1)
    abstract = "\N{MATHEMATICAL SCRIPT CAPITAL O}(n) cost 🎉 and attention. Code: https://github.com/lab/sparse-7."
    papers = [paper(n, tasks=["question-answering"] if n % 2 else []) for n in numbers]
    papers[1] |= {"title": HOSTILE, "abstract": HOSTILE, "authors": [HOSTILE], "venue": HOSTILE}
    papers[6] |= {"abstract": abstract, "venue": "Transactions of Testing"}
    papers[6] |= {"version_days": [date(2026, 3, 8), date(2026, 3, 9)]}
    links = [link(n) for n in numbers]
    links[1] |= {"repo": HOSTILE, "host": HOSTILE}
    links[1]["mentions"][0] |= {"sentence": HOSTILE, "written": HOSTILE}
    start = abstract.index("attention")
    piece = {"field": "abstract", "start": start, "end": start + 9, "phrase": "", "weight": 1.0}
    topics = [topic(n) for n in numbers]
    topics[6] |= {"evidence": [piece]}
    origins = [origin(n) for n in numbers]
    origins[1] |= {"title": HOSTILE, "file": HOSTILE, "source_id": HOSTILE}
    filled = release_tables(PAPERS) | {
        "papers": frame(Paper, papers),
        "links": frame(Link, links),
        "topics": frame(TopicLabel, topics),
        "origins": frame(Origin, origins),
    }
    with not_loaded_back():
        return write_release.write_tables(
            filled, template(folder), manifest(), folder / "release"
        ).folder


@pytest.fixture(scope="module")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    check = {"url": "https://github.com/lab/sparse-7", "checked_at": date(2026, 11, 20)}
    row = check | {"status": "gone", "http_status": 404, "last_seen": date(2026, 6, 1)}
    tables.save(LinkCheck, frame(LinkCheck, [row]), folder / "link_checks" / "2026-11-20.parquet")
    return write_hostile_release(folder)


@pytest.fixture(scope="module", params=["copy"])
def url(request: pytest.FixtureRequest, small_release: Path) -> Iterator[str]:
    """Serve the site of the release: with rows copied for it, or with its own Parquet."""
    if request.param == "parquet" and not READER.is_file():
        pytest.skip("`make assets` has not made the Parquet reader")
    reader = READER if request.param == "parquet" else Path("there-is-none.js")
    out = small_release.parent / request.param
    with pytest.MonkeyPatch.context() as patched:
        # Lists of thirty papers in four pieces, as those of long lists are read.
        for module in ("postings", "build"):
            patched.setattr(f"flows.site.{module}.CHUNK", 8)
        build_site(small_release, out, reader=reader)
    # A page has its modules joined; a test calls one by itself.
    for module in ("terms", "bytes"):
        shutil.copy(PAGE / f"{module}.js", out / "page")
    with serve(out) as server:
        yield server.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site; when the test ends, nothing may have failed or left the site."""
    faults: list[str] = []
    contexts = []

    def opened(path: str, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: note_request(request.url))
        page.goto(url + path)
        expect(page.locator("h1")).to_be_visible()
        return page

    def note_request(address: str) -> None:
        if not address.startswith((url, "data:", "blob:")):
            faults.append(f"left the site: {address}")

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def list_titles(page: Page) -> list[str]:
    return page.locator(".papers h3").all_inner_texts()


def test_search_shows_papers_as_you_type_and_the_keyboard_alone_opens_one(open_page) -> None:
    page = open_page("index.html")
    page.locator("#q").focus()
    page.keyboard.type("spar")
    page.keyboard.press("Enter")
    expect(page.locator(".papers h3")).to_have_count(20)
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("part 7")
    expect(page.locator(".papers h3").first).to_have_text(
        "Sparse attention for long documents, part 7"
    )
    expect(page).to_have_url(re.compile(r"papers\.html\?q=part\+7$"))
    page.locator("#q").focus()
    while "paper.html" not in (page.evaluate("document.activeElement.href || ''")):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Sparse attention for long documents, part 7")


@pytest.mark.parametrize(
    "typed",
    [
        number(5),
        f"https://arxiv.org/abs/{number(5)}v2",
        "https://github.com/lab/sparse-5",
        "LAB/Sparse-5",
        "sparse-5",
    ],
)
def test_what_people_paste_leads_to_the_paper(open_page, typed: str) -> None:
    page = open_page("papers.html")
    page.locator("#q").fill(typed)
    expect(page.locator(".papers h3").first).to_contain_text("part 5")


def test_authors_are_found_without_their_accents(open_page) -> None:
    page = open_page("papers.html?q=godel+lovelace")
    expect(page.locator(".papers h3")).to_have_count(20)


TEXTS = [
    "Naïve BAYES",
    "Gödel's théorème: \N{GREEK SMALL LETTER ALPHA}-stable",
    "2D/3D GANs, GPT-4 & C++",
    "\N{LATIN SMALL LIGATURE FI}ne-tuning \N{SUPERSCRIPT TWO}",
    "\N{LATIN SMALL LETTER SHARP S} \N{LATIN CAPITAL LETTER I WITH DOT ABOVE}stanbul",
    "\N{MATHEMATICAL BOLD CAPITAL L}LM \N{FIRE} \N{CJK UNIFIED IDEOGRAPH-6DF1}-GAN",
    HOSTILE,
    "",
]


def test_the_index_and_the_browser_split_words_alike(open_page) -> None:
    page = open_page("index.html")
    script = "async texts => texts.map((await import('./page/terms.js')).splitWords)"
    expected = pl.DataFrame({"text": TEXTS}).select(words=split_words(pl.col("text")))
    assert page.evaluate(script, TEXTS) == expected["words"].to_list()


@pytest.mark.parametrize("query", ["q=attention+zebra", "topic=constructor", "topic=task/<b>"])
def test_what_no_paper_has_finds_nothing_and_says_so(open_page, query: str) -> None:
    page = open_page(f"papers.html?{query}")
    expect(page.locator("#status")).to_contain_text("No paper fits")
    assert list_titles(page) == []


def test_filters_stand_in_the_address_and_back_takes_them_out(open_page) -> None:
    page = open_page("papers.html?topic=task/question-answering")
    expect(page.locator("h1")).to_contain_text("question answering")
    expect(page.locator("#status")).to_have_text("15 papers")
    page.locator("[name=code]").select_option("own")
    expect(page).to_have_url(re.compile(r"\?topic=task%2Fquestion-answering&code=own$"))
    page.locator("[name=year]").select_option("2026")
    expect(page.locator("#status")).to_have_text("15 papers")
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?topic=task/question-answering$"))
    expect(page.locator("[name=code]")).to_have_value("")


def test_more_papers_come_without_one_shown_twice(open_page) -> None:
    page = open_page("papers.html")
    page.locator(".more").click()
    expect(page.locator(".papers h3")).to_have_count(PAPERS)
    assert len(set(list_titles(page))) == PAPERS
    expect(page.locator(".more")).to_be_hidden()


@with_each_reader
def test_a_paper_shows_what_is_known_and_why(open_page) -> None:
    page = open_page(OPEN_PAPER)
    expect(page.locator("h1")).to_have_text("Sparse attention for long documents, part 7")
    expect(page.locator(".links a")).to_have_attribute("href", "https://github.com/lab/sparse-7")
    expect(page.locator(".links")).to_contain_text(
        "gone on 2026-11-20, answered last on 2026-06-01"
    )
    expect(page.locator(".chip")).to_contain_text("natural language processing")
    page.get_by_label("Mark the words").check()
    expect(page.locator("mark.topic")).to_have_text("attention")
    expect(page.locator("mark.link")).to_have_text("https://github.com/lab/sparse-7")
    page.get_by_text("Where these links stand").click()
    expect(page.locator("li q")).to_have_text("Code: https://github.com/lab/sparse-7.")
    page.get_by_text("Versions and votes").click()
    expect(page.locator(".history li")).to_have_text(
        ["v1: 2026-03-08", "v2: 2026-03-09", "2026-11-23: 7 upvotes"]
    )
    page.get_by_text("Why these records").click()
    expect(page.locator(".records dd").first).to_contain_text("single: the record the paper")
    expect(page.locator(".records")).to_contain_text("papers_page, snapshot of 2026-11-23")
    page.get_by_text("Cite", exact=True).click()
    bibtex = page.locator("pre").first.inner_text()
    assert "eprint        = {2603.00007}" in bibtex
    page.get_by_text("Report a mistake").click()
    expect(page.locator("pre").last).to_contain_text("arxiv:2603.00007,")


def test_an_id_that_no_paper_has_says_so(open_page) -> None:
    page = open_page("paper.html?id=<b>arxiv:1</b>")
    expect(page.locator("h1")).to_have_text("No such paper")
    expect(page.locator("main")).to_contain_text("<b>arxiv:1</b>")


@with_each_reader
def test_hostile_texts_are_shown_as_texts(open_page) -> None:
    page = open_page(f"paper.html?id=arxiv:{number(2)}")
    expect(page.locator("h1")).to_have_text(HOSTILE)
    expect(page.locator(".links").first).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    page.get_by_label("Mark the words").check()
    expect(page.locator("mark.topic").first).to_be_visible()
    for shown in ("abstract", "authors", "facts", "links", "mentions", "records"):
        expect(page.locator(f".{shown}").first).to_contain_text("onerror=alert(1)")
    assert page.locator("main img, main script").count() == 0
    # Or a text could write the host that stands behind it from right to left.
    written = page.locator(".links a, .links .quiet, .facts a").evaluate_all(
        "all => all.map(element => getComputedStyle(element).unicodeBidi)"
    )
    assert set(written) == {"isolate"}
    addresses = page.evaluate("[...document.links].map(link => link.protocol)")
    assert set(addresses) <= {"http:", "https:"}
    page.goto(page.url.replace(OPEN_PAPER, "").partition("paper.html")[0] + "papers.html?q=onerror")
    expect(page.locator(".papers h3").first).to_have_text(HOSTILE)
    assert page.locator(".papers img").count() == 0


@pytest.mark.parametrize("path", PAGES)
def test_nothing_serious_hinders_people(open_page, path: str) -> None:
    page = open_page(path, viewport={"width": 320, "height": 640})
    for summary in page.locator("summary").all():
        summary.click()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        serious = [rule["id"] for rule in violations if rule["impact"] in SERIOUS]
        assert serious == [], scheme


@pytest.mark.parametrize("path", ["index.html", "browse.html", "health.html"])
def test_pages_that_look_nothing_up_need_no_script(open_page, path: str) -> None:
    page = open_page(path, java_script_enabled=False)
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("main section").count() >= 1
    assert page.locator("script").count() == 0


def test_pages_that_look_things_up_say_that_they_need_script(open_page) -> None:
    page = open_page("index.html", java_script_enabled=False)
    page.goto(page.url.replace("index.html", OPEN_PAPER))
    expect(page.locator("noscript p")).to_be_visible()
