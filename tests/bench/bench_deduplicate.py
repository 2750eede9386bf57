"""How fast, in how much memory and how rightly records are deduplicated, beside peers.

Run it as ``python tests/bench/bench_deduplicate.py CORPUS --dedup FOLDER [--records N]
[--only CASE ...] [--keep FOLDER]``, with a corpus of JSON lines in the shape of arXiv's snapshot
and a folder of records with truth. Both are grown to N records with known truth: `growing` and
`variants` say how. ``--keep`` leaves the grown records in a folder and finds them there again.

Every case reads the same Parquet, runs in a process of its own and gives a cluster per record. Ours
is the whole step: what ``flows.deduplicate`` does between reading records and writing papers. The
peers see the abstracts as ``flows.text.words`` normalises them (part of their time), as sets of
words, and take what they find for one paper; abstracts with fewer than 20 distinct words are left
out, because withdrawn notices would chain strangers together. They know no arXiv ids, which three
of ten records carry, and "ours, without ids" does not either. Peers have a number of records up to
which they are run. The floor joins records whose titles have the same words.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  # the project is not installed where the benchmark runs
import numpy.typing as npt  # noqa: E402  # likewise
import polars as pl  # noqa: E402  # likewise

from flows import external_sort, tables, text  # noqa: E402  # likewise
from flows.deduplicate.match.blocking import FEWEST_WORDS  # noqa: E402  # likewise
from flows.deduplicate.match.clustering import find_components  # noqa: E402  # likewise
from flows.deduplicate.match.match_incrementally import (  # noqa: E402  # likewise
    MatchFolders,
    match_incrementally,
)
from flows.deduplicate.match.steps import map_on_threads  # noqa: E402  # likewise
from flows.deduplicate.merge.last_merge import LastMerge  # noqa: E402  # likewise
from flows.deduplicate.merge.members import (  # noqa: E402  # likewise
    place_records_in_clusters,
    write_members,
)
from flows.deduplicate.merge.merge_clusters import merge_member_files  # noqa: E402  # likewise
from flows.deduplicate.merge.paper_parts import (  # noqa: E402  # likewise
    PaperReaders,
    finish_papers,
)
from flows.deduplicate.part_cache import PartCache  # noqa: E402  # likewise
from flows.deduplicate.record_index import index_records  # noqa: E402  # likewise
from flows.evaluate.dedup import score_pairs  # noqa: E402  # likewise
from flows.text.words import list_words  # noqa: E402  # likewise
from schemas.paper import Paper  # noqa: E402  # likewise
from schemas.record import Record  # noqa: E402  # likewise
from schemas.resolution import Resolution  # noqa: E402  # likewise
from schemas.vocabulary import License  # noqa: E402  # likewise
from tests.bench import growing  # noqa: E402  # likewise
from tests.merge_records import read_whole  # noqa: E402  # likewise

THRESHOLD, PERMUTATIONS, BANDS = 0.8, 128, 16
"""Of the peers' LSH: eight minima in a band, so that half of the pairs meet at 0.76."""

AT_ONCE = 50_000
"""Texts turned into lists of words at once, and rows of a row group."""

Labels = npt.NDArray[np.int64]


def whole_step(folder: Path, *, has_ids: bool = True, reads: bool = True) -> pl.DataFrame:
    """Match and merge, as the step does, and say which record went into which paper.

    The papers come some at a time.
    """
    as_text, name = (
        (text.make_readable, text.make_readable_name) if reads else (as_written, as_written)
    )
    with external_sort.spill_dir(folder / "spilled") as room:
        files = [
            tables.save_part(
                Record,
                as_records(part, has_ids=has_ids).collect(),
                room / "records" / f"{number:05}.parquet",
            )
            for number, part in enumerate(in_parts(folder))
        ]
        cache = PartCache(None)
        records = index_records(files, cache, Resolution.empty(), room / "index")
        matching = match_incrementally(records, None, MatchFolders(cache, room / "match"))
        clusters = matching.clusters
        clustered = place_records_in_clusters(records, matching)
        members = write_members(clustered, LastMerge(), room / "members")
        merged = merge_member_files(members.files, room, map_on_threads)
        readers, papers = PaperReaders(as_text, name), 0
        for part in map(read_whole, merged):
            wordings = LastMerge().read_wordings(part["paper_id"])
            papers += finish_papers(part, Paper.empty(), wordings, readers).height
    if papers != clusters["cluster"].n_unique():
        raise RuntimeError(f"{papers} papers came of {clusters['cluster'].n_unique()} clusters")
    return clusters.select("record_id", predicted="cluster")


def in_parts(folder: Path) -> Iterator[pl.LazyFrame]:
    """Give the grown records a row group at a time."""
    for path in sorted(folder.glob("*.parquet")):
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        for start in range(0, rows, AT_ONCE):
            yield pl.scan_parquet(path).slice(start, AT_ONCE)


def without_reading(folder: Path) -> pl.DataFrame:
    """Do the same, but keep texts and names as written: reading LaTeX is not deduplicating."""
    return whole_step(folder, reads=False)


def without_ids(folder: Path) -> pl.DataFrame:
    """Do the same with the ids withheld: the text must do all the work."""
    return whole_step(folder, has_ids=False)


def as_written(text: pl.Expr) -> pl.Expr:
    """Leave texts as they are."""
    return text


def as_records(grown: pl.LazyFrame, *, has_ids: bool) -> pl.LazyFrame:
    """Give the `Record` table of grown records; what they lack is what a bare record has."""
    bare: dict[str, Any] = dict.fromkeys(Record.dtypes())
    bare |= {
        "snapshot": date(2026, 11, 23),
        "license": License.CC0.value,
        "file": "grown",
        "line": 1,
    }
    bare |= {name: [] for name, dtype in Record.dtypes().items() if isinstance(dtype, pl.List)}
    bare |= {"is_withdrawn": False, "is_retracted": False}
    bare |= {} if has_ids else {"arxiv_id": None}
    given = {"record_id", "source", "title", "abstract", "authors"} | (
        {"arxiv_id"} if has_ids else set()
    )
    return grown.select(
        name if name in given else pl.lit(bare[name], dtype).alias(name)
        for name, dtype in Record.dtypes().items()
    )


def equal_titles(folder: Path) -> pl.DataFrame:
    """Join the records whose titles have the same words in the same order."""
    records = pl.read_parquet(folder / "*.parquet", columns=["record_id", "title"])
    key = list_words(records["title"]).str.replace_all(" ", "").alias("key")
    return records.select("record_id", predicted=key)


def token_sets(spaced: pl.Series) -> Iterator[tuple[int, list[list[str]]]]:
    """Give the guarded texts as lists of distinct words: the place of the first, the lists."""
    for start in range(0, len(spaced), AT_ONCE):
        lists = [list(set(text.split(" "))) for text in spaced.slice(start, AT_ONCE)]
        yield start, [found if len(found) >= FEWEST_WORDS else [] for found in lists]


def normalised(folder: Path) -> tuple[pl.Series, pl.Series]:
    """Read the record ids and the words of the abstracts."""
    records = pl.read_parquet(folder / "*.parquet", columns=["record_id", "abstract"])
    return records["record_id"], list_words(records["abstract"])


def labelled(ids: pl.Series, left: list[int], right: list[int]) -> pl.DataFrame:
    roots = find_components(np.array(left, np.int64), np.array(right, np.int64), len(ids))
    return pl.DataFrame({"record_id": ids, "predicted": roots})


def with_rensa(folder: Path) -> pl.DataFrame:
    """Join what rensa's LSH finds."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415  # each peer in its own process

    ids, spaced = normalised(folder)
    rows: list[int] = []
    hashes: list[RMinHash] = []
    for start, lists in token_sets(spaced):
        kept = [place for place, found in enumerate(lists) if found]
        rows += [start + place for place in kept]
        hashes += RMinHash.from_token_sets([lists[place] for place in kept], PERMUTATIONS, 42)
    index = RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    index.insert_many(hashes)
    left, right = [], []
    for start in range(0, len(rows), AT_ONCE):
        for place, found in enumerate(index.query_all(hashes[start : start + AT_ONCE]), start):
            others = [other for other in found if other > place]
            left += [rows[place]] * len(others)
            right += [rows[other] for other in others]
    return labelled(ids, left, right)


def with_datasketch(folder: Path) -> pl.DataFrame:
    """Join what datasketch's LSH finds."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415  # each peer in its own process

    ids, spaced = normalised(folder)
    index = MinHashLSH(params=(BANDS, PERMUTATIONS // BANDS), num_perm=PERMUTATIONS)
    left, right = [], []
    for start, lists in token_sets(spaced):
        kept = [place for place, found in enumerate(lists) if found]
        encoded = ([word.encode() for word in lists[place]] for place in kept)
        made = MinHash.generator(encoded, num_perm=PERMUTATIONS, seed=42)
        for place, one in zip(kept, made, strict=True):
            found = index.query(one)
            left += [start + place] * len(found)
            right += found
            index.insert(start + place, one, check_duplication=False)
    return labelled(ids, left, right)


def with_datatrove(folder: Path) -> pl.DataFrame:
    """Join what datatrove's pipeline finds: signatures, buckets, clusters."""
    try:
        from datatrove.data import Document  # noqa: PLC0415  # each peer in its own process
        from datatrove.pipeline.dedup import minhash  # noqa: PLC0415  # likewise
        from datatrove.utils.hashing import HashConfig  # noqa: PLC0415  # likewise
        from datatrove.utils.word_tokenizers import WordTokenizer  # noqa: PLC0415  # likewise
    except ImportError as missing:
        raise SystemExit(f"{missing}: pip install datatrove tokenizers") from None

    class Spaced(WordTokenizer):  # type: ignore[misc]  # datatrove ships no types
        """Cut at the spaces, which is all that is left to do."""

        def word_tokenize(self, text: str) -> list[str]:
            return text.split(" ")

        sent_tokenize = span_tokenize = word_tokenize

    ids, spaced = normalised(folder)
    digests = HashConfig(hash_fc="sha1")  # its default needs an older xxhash
    rows = PERMUTATIONS // BANDS
    config = minhash.MinhashConfig(1, BANDS, rows, hash_config=digests)
    kept = [start + i for start, lists in token_sets(spaced) for i, one in enumerate(lists) if one]
    texts = (Document(text=spaced[row], id=str(row)) for row in kept)
    with tempfile.TemporaryDirectory() as made:
        signatures, pairs, found = f"{made}/signatures", f"{made}/pairs", f"{made}/clusters"
        minhash.MinhashDedupSignature(signatures, config, language=Spaced()).run(texts)
        for bucket in range(config.num_buckets):
            minhash.MinhashDedupBuckets(signatures, pairs, config=config).run(
                None, bucket, config.num_buckets
            )
        minhash.MinhashDedupCluster(pairs, found, config, save_cluster_id=True).run()
        clustered = np.fromfile(f"{found}/000000.clusters", "<u4").reshape(-1, 2).astype(np.int64)
    first = dict(zip(clustered[::-1, 1].tolist(), clustered[::-1, 0].tolist(), strict=True))
    left = [kept[first[cluster]] for _, cluster in clustered.tolist()]
    return labelled(ids, left, [kept[row] for row, _ in clustered.tolist()])


CASES: dict[str, tuple[int, Callable[[Path], pl.DataFrame]]] = {
    "ours": (10_000_000, whole_step),
    "ours, texts left as written": (10_000_000, without_reading),
    "ours, without ids": (10_000_000, without_ids),
    "floor: equal titles": (10_000_000, equal_titles),
    "rensa, guarded": (10_000_000, with_rensa),
    "datasketch, guarded": (1_000_000, with_datasketch),
    "datatrove, guarded": (100_000, with_datatrove),
}
"""Each case, and the number of records up to which it is run."""


def grow(corpus: Path, dedup: Path, records: int, folder: Path) -> None:
    """Write the grown records, one file per round, if they are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.parquet")):
        given = growing.pool(corpus, dedup)
        for number, rows in enumerate(growing.grown(given, records)):
            rows.write_parquet(folder / f"{number:03}.parquet", row_group_size=AT_ONCE)


def alone(work: Callable[..., None], *given: Any) -> None:
    """Do something in a process of its own: the peak memory of this one is where others start."""
    process = multiprocessing.get_context("spawn").Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("failed, see above")


def measured(name: str, folder: Path) -> dict[str, float]:
    """Say what one case took and how right it was."""
    receiver, sender = multiprocessing.get_context("spawn").Pipe(duplex=False)
    alone(_run, name, folder, sender)
    result: dict[str, float] = receiver.recv()
    return result


def _run(name: str, folder: Path, sender: Any) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    found = CASES[name][1](folder)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sender.send({"wall": wall, "cpu": cpu, "peak": peak, **scored(found, folder)})


def scored(found: pl.DataFrame, folder: Path) -> dict[str, float]:
    """Compare clusters with the truth: pairs of records, and the records of the largest."""
    truth = pl.read_parquet(folder / "*.parquet", columns=["record_id", "paper"])
    both = truth.join(found, on="record_id", how="inner", validate="1:1")
    if not len(both) == len(truth) == len(found):
        raise RuntimeError(f"{len(found)} records have a cluster, of {len(truth)}")
    largest = both["predicted"].value_counts(name="records")["records"].max()
    return {**score_pairs(both, "predicted", "paper"), "largest": float(largest)}  # type: ignore[arg-type]  # a count


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("--dedup", type=Path, required=True)
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--only", nargs="*", default=list(CASES), choices=list(CASES))
    arguments.add_argument("--keep", type=Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        alone(grow, options.corpus, options.dedup, options.records, folder)
        print(
            f"{options.records:,} records, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
        )
        print("| case | wall s | CPU s | peak MB | precision | recall | F1 | largest cluster |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        for name in options.only:
            if options.records > CASES[name][0]:
                print(f"| {name} | not run above {CASES[name][0]:,} records | | | | | | |")
                continue
            took = measured(name, folder)
            print(
                f"| {name} | {took['wall']:.1f} | {took['cpu']:.1f} | {took['peak']:,.0f} "
                f"| {took['precision']:.4f} | {took['recall']:.4f} | {took['f1']:.4f} "
                f"| {took['largest']:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
