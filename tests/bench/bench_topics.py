"""Label abstracts, and do the same with TF-IDF and a linear model, in one run.

The floor is one Aho-Corasick pass over the same texts: folded, with every phrase of the lexicon and
its place. `--floor` as the last argument leaves out the linear model.

scikit-learn serves this comparison only; the labeller does without it.

Usage: python tests/bench/bench_topics.py SNAPSHOT.jsonl.zst [PAPERS] [--floor]
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from flows.enrich.topics import label_papers, load_knowledge, load_model
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.folding import fold_in_place
from flows.enrich.topics.labels import BATCH

PAPERS = 100_000
"""Papers to label unless told otherwise."""


def read(path: Path, papers: int) -> pl.DataFrame:
    one_line = [pl.col(name).str.replace_all(r"\s+", " ") for name in ("title", "abstract")]
    fields = dict.fromkeys(("id", "title", "abstract", "categories", "journal-ref"), pl.String)
    rows = pl.scan_ndjson(path, schema=fields).head(papers).collect()
    return rows.select(
        ("arxiv:" + pl.col("id")).alias("paper_id"),
        *one_line,
        pl.col("categories").fill_null("").str.split(" ").alias("categories"),
        venue="journal-ref",
    )


def timed(name: str, work: Callable[[], int]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    labels = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:28} {labels:9,} labels {wall:6.1f} s wall {cpu:6.1f} s cpu {peak:5.2f} GB peak")


def find_all_phrases(papers: pl.DataFrame) -> int:
    """Find the lexicon's phrases by Aho-Corasick alone: folded text, phrase and place."""
    sought = pl.lit(
        (" " + load_knowledge().lexicon["key"].cast(pl.String).unique() + " ").implode()
    )
    whole = pl.concat_str(pl.lit(" "), "title", pl.lit("  "), pl.col("abstract").fill_null(""))
    folded = fold_in_place(whole + " ")
    return sum(
        papers.slice(start, BATCH)
        .select(folded=folded)
        .select(
            start=pl.col("folded").str.find_many(sought, overlapping=True),
            key=pl.col("folded").str.extract_many(sought, overlapping=True),
        )["key"]
        .list.len()
        .sum()
        for start in range(0, papers.height, BATCH)
    )


def linear(papers: pl.DataFrame) -> int:
    # Here, so that the other rows need no extra.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  # see above
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # see above
    from sklearn.multiclass import OneVsRestClassifier  # noqa: PLC0415  # see above
    from sklearn.preprocessing import MultiLabelBinarizer  # noqa: PLC0415  # see above

    examples = read_examples()
    right = examples.truth.filter(pl.col("role") != "ambiguous")
    topics = (
        examples.texts.select("row")
        .join(right.group_by("row").agg("topic"), on="row", how="left")
        .with_columns(pl.col("topic").fill_null([]))
    )
    text = pl.concat_str(pl.col("title"), pl.lit(" "), pl.col("abstract").fill_null(""))
    words = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2))
    taught = words.fit_transform(examples.texts.select(text).to_series())
    model = OneVsRestClassifier(LogisticRegression(C=10))
    model.fit(taught, MultiLabelBinarizer().fit_transform(topics["topic"].to_list()))
    given = 0
    for start in range(0, papers.height, 10_000):
        batch = papers.slice(start, 10_000).select(text).to_series()
        given += int((model.predict_proba(words.transform(batch)) >= 0.3).sum())
    return given


if __name__ == "__main__":
    snapshot = Path(sys.argv[1])
    corpus = read(snapshot, int(sys.argv[2]) if len(sys.argv) > 2 else PAPERS)
    print(f"{corpus.height:,} papers")
    load_knowledge(), load_model()
    timed("floor: Aho-Corasick", lambda: find_all_phrases(corpus))
    timed("topics", lambda: label_papers(corpus).height)
    if "--floor" not in sys.argv:
        timed("TF-IDF + one-vs-rest", lambda: linear(corpus))
