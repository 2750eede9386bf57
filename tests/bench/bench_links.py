"""Find the marked links of abstracts, and do the same with other finders: how long each takes.

Usage: python tests/bench/bench_links.py DIR   (a folder with gold.jsonl)

What each finds is scored by `open-papers evaluate links`, in one table.
"""

import sys
import time
from pathlib import Path

import polars as pl

from flows.evaluate import link_peers
from flows.evaluate import links as evaluation

TIMES = 20
"""So often are the abstracts given to each finder: once is too short to be measured."""


def main(folder: Path) -> None:
    """Print the seconds and the abstracts per second of each."""
    texts = pl.concat([evaluation.read_abstracts(folder)] * TIMES).with_columns(
        record_id=pl.int_range(pl.len()).cast(pl.String)
    )
    rows = [timed("open-papers", lambda: evaluation.predict_links(texts), texts)]
    for name, finder in link_peers.list_finders():
        rows.append(timed(name, lambda f=finder: link_peers.run_finder(f, texts), texts))
    with pl.Config(tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(pl.DataFrame(rows).sort("seconds"))


def timed(name, run, texts):
    """Time one finder."""
    started = time.perf_counter()
    run()
    seconds = time.perf_counter() - started
    return {"finder": name, "seconds": round(seconds, 2), "per s": round(texts.height / seconds)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
