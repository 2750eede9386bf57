"""The explorer in a real browser: how long pages take and what they move, at several sizes.

    python -m tests.bench.bench_site RELEASE [--papers 73 5000 1000000] [--keep FOLDER]

RELEASE holds real papers. A smaller release is its first papers; a larger one holds them several
times, each time with ids of their own, so that words are as frequent as in real titles. Times are
medians of several visits, each with an empty cache; what is moved is that of one visit of ten pages
in one browser.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from playwright.sync_api import Browser, Page, sync_playwright

from flows import tables
from flows.hashing import hash_file
from flows.release import read_columns, read_manifest
from flows.release.layout import TABLES
from flows.release.manifest_file import write_manifest
from flows.release.open_release import list_table_files
from flows.site import build_site
from flows.site.build import READER
from tests.browser import CHROMIUM, FLAGS, serve

VISITS = 5
HEADER = """\
| papers | build s | site MB | start ms | search ms | two words ms | topic ms | paper ms \
| ten pages MB | requests |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""
TOPIC = "area/computer-vision"
LISTED = "#status:not(:empty)"
"""What is on a list's page as soon as its papers are."""

ABSTRACT = ".abstract .switch"
"""What is on a paper's page as soon as its abstract is."""

MONTHS = 12
COPIES_A_YEAR = 5
"""Copies differ in the month of their arXiv ids, which no id of a real paper has."""


def shift_id(column: str, copy: int) -> pl.Expr:
    """Give ids of a copy: as those of the papers, in months that do not exist."""
    years, months = divmod(copy, COPIES_A_YEAR)
    written = pl.col(column)
    month = (
        written.str.extract(r"(\d{4})").cast(pl.Int64) + 3000 * years + MONTHS * months
    ) % 10_000
    moved = written.str.replace(r"\d{4}", month.cast(pl.String).str.zfill(4))
    return pl.when(copy == 0).then(written).otherwise(moved).alias(column)


def write_copies(release: Path, papers: int, folder: Path) -> Path:
    """Write a release of as many papers, one file a copy, sorted within each."""
    # Papers of arXiv alone: other ids cannot be moved to months of their own.
    total = read_columns(release, {"papers": ["arxiv_id"]})["papers"]["arxiv_id"].count()
    names: dict[str, dict[str, int | str]] = {}
    for copy in range(-(-papers // total)):
        number = min(total, papers - copy * total)
        ids: pl.Series | None = None
        for table, specification in TABLES.items():
            files = list_table_files(release, table)
            if not files or table == "rejections":
                continue
            rows = tables.load(specification.model, files).sort(specification.key)
            if ids is None:
                ids = rows.drop_nulls("arxiv_id")["paper_id"].head(number)
            rows = rows.filter(pl.col("paper_id").is_in(ids.implode()))
            changed = [shift_id("paper_id", copy)]
            if table == "papers":
                changed += [shift_id("arxiv_id", copy), pl.lit(None, pl.String).alias("doi")]
            path = folder / "data" / table / f"train-{copy:05}-of-00000.parquet"
            tables.save(specification.model, rows.with_columns(changed), path)
            name = path.relative_to(folder).as_posix()
            names[name] = {"bytes": path.stat().st_size, "sha256": hash_file(path)}
    write_manifest(folder, read_manifest(release) | {"files": names})
    return folder


class Visit:
    """One person at a browser whose cache is empty at first; counts what is moved."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.context = browser.new_context()
        self.page: Page = self.context.new_page()
        self.moved = 0
        self.requests = 0
        session = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", self._count)

    def _count(self, event: dict[str, float]) -> None:
        self.moved += int(event["encodedDataLength"])
        self.requests += 1

    def time(self, act: Callable[[], object], shown: str) -> float:
        """Act, and give the milliseconds until something is shown."""
        start = time.perf_counter()
        act()
        self.page.wait_for_selector(shown)
        return 1000 * (time.perf_counter() - start)

    def open(self, path: str, shown: str) -> float:
        """Open a page and wait until it shows something."""
        return self.time(lambda: self.page.goto(self.url + path, wait_until="commit"), shown)

    def type(self, text: str) -> float:
        """Type a word on the search page, the last letter of which is timed."""
        self.open("papers.html", LISTED)
        self.page.locator("#q").press_sequentially(text[:-1])
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.querySelector('#status').replaceChildren()")
        return self.time(lambda: self.page.locator("#q").press_sequentially(text[-1]), LISTED)

    def list_papers(self) -> list[str]:
        """Give the addresses of the papers that are listed."""
        links = self.page.locator(".papers h3 a").all()
        return [link.get_attribute("href") or "" for link in links]


def measure_times(browser: Browser, url: str) -> dict[str, float]:
    """Measure single pages, each with an empty cache."""
    visit = Visit(browser, url)
    visit.open("papers.html", LISTED)
    paper = visit.list_papers()[0]
    visit.context.close()
    pages: dict[str, Callable[[Visit], float]] = {
        "start": lambda visit: visit.open("", ".papers li"),
        "search": lambda visit: visit.type("neural"),
        "two words": lambda visit: visit.open("papers.html?q=graph+learning", LISTED),
        "topic": lambda visit: visit.open(f"papers.html?topic={TOPIC}&code=any", LISTED),
        "paper": lambda visit: visit.open(paper, ABSTRACT),
    }
    return {name: measure_page(browser, url, act) for name, act in pages.items()}


def measure_page(browser: Browser, url: str, act: Callable[[Visit], float]) -> float:
    """Give the median of some visits of one page."""
    times = []
    for _ in range(VISITS):
        visit = Visit(browser, url)
        times.append(act(visit))
        visit.context.close()
    return statistics.median(times)


def measure_visit(browser: Browser, url: str) -> tuple[int, int]:
    """Give the bytes and requests of a visit of ten pages: start, search, topics, five papers."""
    visit = Visit(browser, url)
    visit.open("", ".papers li")
    visit.type("learning")
    papers = visit.list_papers()
    visit.open("browse.html", ".topics li")
    visit.open(f"papers.html?topic={TOPIC}", LISTED)
    papers = [*papers[:3], *visit.list_papers()[:2]]
    visit.open(f"papers.html?topic={TOPIC}&year=2018", LISTED)
    for paper in papers[:4]:
        visit.open(paper, ABSTRACT)
        visit.page.wait_for_load_state("networkidle")
    visit.open("health.html", "table")
    visit.page.wait_for_load_state("networkidle")
    visit.context.close()
    return visit.moved, visit.requests


def measure_size(folder: Path) -> float:
    """Give the megabytes of a site without the release that lies beside it."""
    own = [path for path in folder.rglob("*") if "release" not in path.parts[len(folder.parts) :]]
    return sum(path.stat().st_size for path in own if path.is_file()) / 1e6


def main() -> None:
    """Print a table with a row per size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("release", type=Path)
    parser.add_argument("--papers", type=int, nargs="+", default=[73, 5_000, 1_000_000])
    parser.add_argument("--keep", type=Path, help="folder for releases and sites; else they go")
    parser.add_argument("--copy", action="store_true", help="measure a site that copies its rows")
    arguments = parser.parse_args()
    # Copied rows are many times larger: a figure of theirs must not pass for one of the site.
    if not READER.is_file() and not arguments.copy:
        parser.error(f"{READER} is missing: run `make assets`, or measure with --copy")
    print(HEADER)
    with TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for papers in arguments.papers:
            folder = (arguments.keep or Path(scratch)) / str(papers)
            release, site = folder / "release", folder / "site"
            if not release.exists():
                write_copies(arguments.release, papers, release)
            start = time.process_time()
            build_site(release, site, reader=Path("none") if arguments.copy else READER)
            build = time.process_time() - start
            with serve(site) as server:
                times = measure_times(browser, server.url)
                moved, requests = measure_visit(browser, server.url)
            shown = " | ".join(f"{value:,.0f}" for value in times.values())
            print(
                f"| {papers:,} | {build:.1f} | {measure_size(site):.1f} | {shown} | "
                f"{moved / 1e6:.2f} | {requests} |",
                flush=True,
            )
        browser.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nBuild is CPU time. Most memory: {memory:.1f} GB.")


if __name__ == "__main__":
    main()
