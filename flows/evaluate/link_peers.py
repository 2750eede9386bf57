"""Other finders of links, scored beside ours where they are installed."""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec

import polars as pl

from flows import urls

PLAIN = re.compile(r"https?://[^\s<>\"]+")
"""The pattern that one writes first."""

PEERS = {"linkify-it-py": "linkify_it", "urlextract": "urlextract"}
"""Packages for finding links, by the module that each is imported as; see the extra ``bench``."""

Finder = Callable[[str], list[str]]


def list_finders() -> Iterator[tuple[str, Finder]]:
    """List the other finders, each a function from a text to the URLs in it."""
    yield "plain regex", lambda text: [url.rstrip(".,;:)]}") for url in PLAIN.findall(text)]
    if find_spec(PEERS["linkify-it-py"]):
        # Imported by name: the packages are an extra, and the type checker need not have them.
        linkify = import_module(PEERS["linkify-it-py"]).LinkifyIt()
        yield "linkify-it-py", lambda text: [match.url for match in linkify.match(text) or []]
    if find_spec(PEERS["urlextract"]):
        extract = import_module(PEERS["urlextract"]).URLExtract()
        yield "urlextract", lambda text: list(extract.find_urls(text))


def list_missing_finders() -> list[str]:
    """Name the peers that are not installed."""
    return [name for name, module in PEERS.items() if find_spec(module) is None]


def run_finder(finder: Finder, texts: pl.DataFrame) -> pl.DataFrame:
    """Run a finder over ``record_id, text``; one row per text and URL: ``i, url``.

    URLs are made canonical by our rules, so that only the finding counts.
    """
    rows = [
        (int(record), url)
        for record, text in texts.select("record_id", "text").drop_nulls().iter_rows()
        for url in finder(text)
    ]
    frame = pl.DataFrame(rows, schema={"i": pl.Int64, "url": pl.String}, orient="row")
    return frame.with_columns(url=urls.canonical_url(pl.col("url"))).drop_nulls().unique()
