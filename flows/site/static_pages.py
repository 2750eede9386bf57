"""Static pages: what is written as HTML when the site is built, and the shells of the others."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl

from flows.site.browse_page import show_topic_lists
from flows.site.health_page import show_health
from flows.site.markup import Content, Markup, element
from flows.site.overview import Overview
from flows.site.recipes_page import show_recipes
from flows.site.scripts import join_modules
from flows.site.start_page import show_start

PAGES = {
    "index.html": "Start",
    "papers.html": "Search",
    "browse.html": "Topics",
    "health.html": "Health",
    "recipes.html": "Recipes",
}
"""Pages that every page leads to."""

READ_AT_ONCE = ("site.json", "data/terms.json", "data/cards.bin.index")
"""Files that every page which looks things up reads before anything else."""

OF_A_PAPER = {
    "parquet": (("parquet",), ("data/files.json", "data/footers.bin.index")),
    "copy": ((), ("data/details.bin.index",)),
}
"""Scripts and files that the page of a paper needs besides, by what it reads rows with."""

SPACE = """---
title: Open Papers
sdk: static
app_file: index.html
---

The explorer of the dataset Open Papers, made by `open-papers site`.
"""
"""What the Hub reads to show the folder as a Space."""

CHART_STYLE = (
    "<style>text{fill:#59616b}@media(prefers-color-scheme:dark){text{fill:#a2a9b1}}</style>"
)
"""The quiet colours of `site.css`, which an image cannot read."""

HUB_HOSTS = "https://huggingface.co https://*.huggingface.co https://*.hf.co"
"""Where the Hub sends those who ask for a file: its answers are redirects to hosts of its own."""

NEEDS_SCRIPT = (
    "This page looks things up in the dataset, which needs JavaScript. Without it, the start page, "
    "the list of topics, the health page, the recipes and the feeds can be read."
)


def write_pages(
    overview: Overview, papers: pl.DataFrame, out: Path, data_url: str | None, reader: str
) -> None:
    """Write every page of the site into ``out``, and the charts they show.

    ``reader`` says what the page of a paper reads rows with, as in `site.json`.
    """
    policy = make_policy(data_url)
    (out / "README.md").write_text(SPACE, encoding="utf-8")
    (out / "assets").mkdir(parents=True, exist_ok=True)
    for chart in overview.charts.values():
        drawn = theme_chart(chart.read_text(encoding="utf-8"))
        (out / "assets" / chart.name).write_text(drawn, encoding="utf-8")
    written: dict[str, tuple[str, Content, str | None]] = {
        "index.html": ("Open Papers", show_start(overview, papers), None),
        "papers.html": ("Search", element("div", id="app"), "papers.js"),
        "paper.html": ("Paper", element("div", id="app"), "paper.js"),
        "browse.html": ("Topics", show_topic_lists(papers), None),
        "health.html": ("Health", show_health(overview), None),
        "recipes.html": ("Recipes", show_recipes(), None),
    }
    for name, (title, content, script) in written.items():
        scripts = load_scripts(script, reader) if script else []
        html = show_page(name, title, content, scripts, policy)
        (out / name).write_text(html, encoding="utf-8")


def theme_chart(svg: str) -> str:
    """Give the texts of a chart the colours of the page, light or dark: a contrast of 4.5 or more.

    >>> theme_chart('<svg width="9"><text fill="#7a7a7a">code</text></svg>').count("<style>")
    1
    """
    # One grey for both themes, as on the Hub, reaches 4.4 at most. Rules outrank attributes.
    root, end, rest = svg.partition(">")
    return f"{root}{end}{CHART_STYLE}{rest}"


def make_policy(data_url: str | None) -> str:
    """Write the Content-Security-Policy: everything from the site itself, data from its place too.

    >>> make_policy("https://example.org/x/").partition("connect-src ")[2].partition(";")[0]
    "'self' https://example.org"
    """
    connect = "'self'"
    if data_url:
        place = urlsplit(data_url)
        is_hub = place.hostname == "huggingface.co"
        connect += f" {HUB_HOSTS if is_hub else f'{place.scheme}://{place.netloc}'}"
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": connect,
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def write_scripts(source: Path, folder: Path, reader: Path | None) -> None:
    """Write the script of each page that has one, whole, and the files that all pages share.

    ``reader`` is the Parquet reader, or None for a site that copies the rows it shows.
    """
    folder.mkdir(parents=True)
    for path in (*source.glob("*.css"), *source.glob("*.svg")):
        shutil.copy(path, folder / path.name)
    if reader:
        shutil.copy(reader, folder / "parquet.js")
    # One script a page: a browser that must ask for ten opens six connections and queues the rest.
    for name in ("papers", "paper"):
        script = join_modules(
            name, source, {"details": "parquet_rows" if reader else "copied_rows"}
        )
        (folder / f"{name}.js").write_text(script, encoding="utf-8")


def show_page(name: str, title: str, content: Content, scripts: list[Markup], policy: str) -> str:
    """Put a page's content between the head, the way around and the foot that all pages share."""
    full_title = title if name == "index.html" else f"{title} · Open Papers"
    head = [
        element("meta", charset="utf-8"),
        # In the page itself: hosts of static files let nobody set headers.
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        # Addresses hold what somebody looked for, which other hosts need not learn.
        element("meta", name="referrer", content="no-referrer"),
        element("title", full_title),
        element("link", rel="stylesheet", href="page/site.css"),
        element("link", rel="icon", href="page/icon.svg", type="image/svg+xml"),
        element(
            "link",
            rel="alternate",
            type="application/atom+xml",
            title="New papers",
            href="feeds/new.xml",
        ),
        scripts,
    ]
    body = [
        element("a", "Skip to the content", href="#content", class_="skip"),
        _show_header(name),
        element(
            "main",
            element("noscript", element("p", NEEDS_SCRIPT, class_="note")) if scripts else None,
            content,
            id="content",
            # The link that skips to the content moves the focus, which needs a tabindex.
            tabindex="-1",
        ),
        _show_footer(),
    ]
    page = element("html", element("head", head), element("body", body), lang="en")
    return f"<!doctype html>\n{page}\n"


def load_scripts(script: str, reader: str) -> list[Markup]:
    """Load a page's script, and at the same time all that it will ask for."""
    is_paper = script == "paper.js"
    own_modules, own_files = OF_A_PAPER[reader] if is_paper else ((), ())
    return [
        *(element("link", rel="modulepreload", href=f"page/{name}.js") for name in own_modules),
        *(
            # Without crossorigin the browser asks a second time: fetch() would not match it.
            element("link", rel="preload", as_="fetch", crossorigin="anonymous", href=name)
            for name in (*READ_AT_ONCE, *own_files)
        ),
        element("script", type="module", src=f"page/{script}"),
    ]


def _show_header(name: str) -> Markup:
    links = [
        element("li", element("a", text, href=page, aria_current="page" if page == name else None))
        for page, text in PAGES.items()
    ]
    return element(
        "header",
        element("a", "Open Papers", href="index.html", class_="brand"),
        element("nav", element("ul", links), aria_label="Pages"),
        class_="site",
    )


def _show_footer() -> Markup:
    return element(
        "footer",
        element(
            "p",
            "The data is under CC0-1.0; rows under another licence name it. The papers belong to "
            "their authors. ",
            element("a", "Feed of new papers", href="feeds/new.xml"),
        ),
        class_="site",
    )
