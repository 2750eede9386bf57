"""How fast titles and abstracts become readable, beside pylatexenc over the same texts.

Run it as ``python tests/bench/bench_readable.py CORPUS [--records N]``, with a corpus of JSON lines
in the shape of arXiv's snapshot. pylatexenc's ``LatexNodes2Text`` resolves LaTeX alone: no entity,
no broken line, and it drops what it does not know. Its warnings go nowhere: there are thousands.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import get_default_latex_context_db

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from flows.text import make_readable  # noqa: E402  # the project need not be installed


def ours(texts: pl.Series) -> pl.Series:
    """Make texts readable as a run does."""
    return texts.to_frame("text").select(make_readable(pl.col("text"))).to_series()


def theirs(texts: pl.Series) -> pl.Series:
    """Give the texts that pylatexenc makes, each parsed as a document."""
    converter, macros = LatexNodes2Text(), get_default_latex_context_db()
    return pl.Series([_theirs(converter, macros, text) for text in texts])


def _theirs(converter: LatexNodes2Text, macros: object, text: str) -> str:
    try:
        return str(converter.latex_to_text(text, latex_context=macros))
    except (IndexError, KeyError, AttributeError, TypeError, ValueError):
        return text  # it fails on macros without their arguments


def seconds(make: Callable[[pl.Series], pl.Series], texts: pl.Series) -> float:
    """Say how much of the processor's time a way takes."""
    start = time.process_time()
    make(texts)
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--records", type=int, default=20_000)
    options = arguments.parse_args()
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    schema = pl.Schema({"title": pl.String(), "abstract": pl.String()})
    rows = pl.read_ndjson(options.corpus, schema=schema).head(options.records)
    print(f"{len(rows):,} records, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    print("| texts | ours, CPU s | pylatexenc, CPU s | times as fast |")
    print("|---|--:|--:|--:|")
    for name in schema:
        took, base = seconds(ours, rows[name]), seconds(theirs, rows[name])
        print(
            f"| {len(rows):,} {name}s | {took:.1f} | {base:.1f} | {base / took:.0f} |", flush=True
        )


if __name__ == "__main__":
    main()
