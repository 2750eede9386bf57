"""Label abstracts, and do the same with TF-IDF and a linear model, in one run.

The floor is one Aho-Corasick pass over the same texts: folded, with every phrase of the lexicon and
its place. `--floor` as the last argument leaves out the linear model; `--stages` prints instead
what each stage of the labeller costs, in microseconds of CPU a paper, on one thread.

scikit-learn serves this comparison only; the labeller does without it.

Usage: python tests/bench/bench_topics.py SNAPSHOT.jsonl.zst [PAPERS] [--floor | --stages]
"""

import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType

if "--stages" in sys.argv:
    os.environ["POLARS_MAX_THREADS"] = "1"  # before polars counts the cores

import polars as pl

from flows.enrich.topics import label_papers, labels, load_knowledge, load_model, model
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.folding import fold_in_place
from flows.enrich.topics.labels import BATCH

PAPERS = 100_000
"""Papers to label unless told otherwise."""


STAGES: list[tuple[ModuleType, str]] = [
    (labels, "read_words"),
    (model, "find_mentions_and_cues"),
    (model, "read_abbreviations"),
    (model, "drop_without_required_topics"),
    (model, "find_introduced_models"),
    (model, "find_named_benchmarks"),
    (model, "add_contexts"),
    (model, "guess_fields"),
    (model, "score_contributions"),
    (model, "describe_candidates"),
    (model, "add_field_features"),
    (model, "add_similarity_features"),
    (model, "add_contribution_features"),
    (model, "add_subject_features"),
    (labels, "compute_metadata_priors"),
    (labels, "doubt_outside_computing"),
    (labels, "score_candidates"),
    (labels, "list_pieces"),
    (labels, "gather_evidence"),
]
"""The stages of labelling, in order, each where it is called from."""


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


def time_stages(papers: pl.DataFrame) -> None:
    """Print what each stage costs, and the floor, in microseconds of CPU a paper."""
    spent: Counter[str] = Counter()

    def clock(name: str, work: Callable[..., object]) -> Callable[..., object]:
        @wraps(work)
        def run(*args: object, **named: object) -> object:
            start = time.process_time()
            result = work(*args, **named)
            spent[name] += time.process_time() - start
            return result

        return run

    # The first papers of a process pay for what is read once.
    label_papers(papers.head(BATCH))
    for module, name in STAGES:
        setattr(module, name, clock(name, getattr(module, name)))
    clock("all of it", label_papers)(papers)
    spent["the rest"] = 2 * spent["all of it"] - spent.total()
    clock("floor: Aho-Corasick", find_all_phrases)(papers)
    for name, seconds in spent.items():
        print(f"{name:28} {seconds / papers.height * 1e6:7.1f}")


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
    text_model = words.fit_transform(examples.texts.select(text).to_series())
    model = OneVsRestClassifier(LogisticRegression(C=10))
    model.fit(text_model, MultiLabelBinarizer().fit_transform(topics["topic"].to_list()))
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
    if "--stages" in sys.argv:
        time_stages(corpus)
        sys.exit()
    timed("floor: Aho-Corasick", lambda: find_all_phrases(corpus))
    timed("topics", lambda: label_papers(corpus).height)
    if "--floor" not in sys.argv:
        timed("TF-IDF + one-vs-rest", lambda: linear(corpus))
