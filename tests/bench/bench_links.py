"""Find the marked links of abstracts, and do the same with other finders, in one table.

Usage: python tests/bench/bench_links.py DIR   (a folder with gold.jsonl)
"""

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from linkify_it import LinkifyIt
from urlextract import URLExtract

from flows import urls
from flows.evaluation import links as evaluation

PLAIN = re.compile(r"https?://[^\s<>\"]+")
"""What one writes first."""

Finder = Callable[[str], list[str]]


def finders() -> Iterator[tuple[str, Finder]]:
    """Give the other finders, each a function from a text to the URLs in it."""
    yield "plain regex", lambda text: [found.rstrip(".,;:)]}") for found in PLAIN.findall(text)]
    linkify = LinkifyIt()
    yield "linkify-it-py", lambda text: [each.url for each in linkify.match(text) or []]
    extract = URLExtract()
    yield "urlextract", lambda text: list(extract.find_urls(text))


def found_by(finder: Finder, texts: pl.DataFrame) -> pl.DataFrame:
    """Give ``i, url``: what a finder gives, made canonical by our rules, so that only finding
    counts."""
    rows = [
        (int(record), url) for record, text in texts.select("record_id", "text").iter_rows()
        for url in finder(text)
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema={"i": pl.Int64, "url": pl.String}, orient="row")
    canonical = frame.with_columns(url=urls.canonical(pl.col("url"))).drop_nulls().unique()
    return canonical.with_columns(kind=pl.lit(None, pl.String))


def main(folder: Path) -> None:
    """Print precision, recall, F1 and seconds of each."""
    texts = evaluation.texts(folder)
    started = time.perf_counter()
    rows = [scored("open-papers", evaluation.predict(folder), folder, started)]
    for name, finder in finders():
        started = time.perf_counter()
        rows.append(scored(name, found_by(finder, texts), folder, started))
    with pl.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(pl.DataFrame(rows).sort("f1", descending=True))


def scored(name: str, predictions: pl.DataFrame, folder: Path, started: float) -> dict[str, object]:
    """Score predictions; the kind is left out, because the others give none."""
    seconds = time.perf_counter() - started
    figures = evaluation.score(predictions, folder)
    return {
        "finder": name,
        **{part: round(figures[part], 4) for part in ("precision", "recall", "f1")},
        "seconds": round(seconds, 2),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
