"""Introduced models: what no phrases cover, as in "we introduce X, a 7B model that", "Y-Bench:"."""

import polars as pl

from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.phrase_search import FIELDS

PHRASE = "named model"
"""The phrase of `contribution/new-model` that stands for them in the lexicon."""

NAME = r"[A-Z][\w.+-]*(?: [A-Z0-9][\w.+-]*){0,3}(?: \([^)]{1,60}\))?"
"""A name of up to four words, and what it is short for."""

HEAD = r"(?:model|[Nn]etwork|[Tt]ransformer|encoder|generator|MLLM|LLM|VLM|VLA)"
"""What a model is called."""

AFTER = (
    r"(?: (?:that|which|for|to|of|with|in|by|on|trained|designed|built|capable|obtained)\b|[,.;:(])"
)
"""What follows the head of a noun phrase: in "model-agnostic framework" it does not."""

INTRODUCED = (
    r"((?:introduc|present|propos|releas|train|develop|build|describ|unveil)(?:e|es|ing)? "
    rf"(?:(?:the |our )?{NAME}, (?:a|an|the first)(?: [\w/+.-]+){{0,5}}? {HEAD}{AFTER}"
    r"|(?:the |an? )?(?:[\w-]+ ){1,6}(?:Model|Network|Transformer) \())"
)
"""A model introduced by its name, before or after what it is."""


BENCHMARK_PHRASE = "named benchmark"
"""The phrase of `contribution/benchmark` that stands for what such a title introduces."""

BENCHMARK = r"^\s*([\w.+-]*(?:Bench|BENCH|[- ]bench)[\w.+-]*)\s*:"
"""A title that begins with the name of a benchmark: "LiveBench: ...", "X-Bench 2: ..."."""


def find_named_benchmarks(texts: pl.DataFrame, lexicon: pl.DataFrame) -> pl.DataFrame:
    """Find titles that begin with the name of a benchmark, as mentions of `BENCHMARK_PHRASE`.

    The columns are those of mentions; no row where the lexicon lacks the phrase.
    """
    name = pl.col("title").str.extract(BENCHMARK)
    places = texts.select("row", name=name).drop_nulls("name")
    return places.join(_get_entry(lexicon, BENCHMARK_PHRASE, "benchmark"), how="cross").select(
        pl.col("row").cast(pl.UInt32),
        pl.lit("title", FIELDS).alias("field"),
        pl.lit(0, pl.Int32).alias("start"),
        "key",
        "facet",
        "topic",
        "strength",
        "words",
        pl.col("name").str.len_chars().cast(pl.Int32).alias("end"),
    )


@cache_by_identity
def _get_entry(lexicon: pl.DataFrame, phrase: str, topic: str) -> pl.DataFrame:
    return lexicon.filter(
        (pl.col("key").cast(pl.String) == phrase) & (pl.col("topic").cast(pl.String) == topic)
    )


def find_introduced_models(texts: pl.DataFrame, lexicon: pl.DataFrame) -> pl.DataFrame:
    """Find the models that abstracts introduce by name, as mentions of `PHRASE`, at most one each.

    The columns are those of mentions; no row where the lexicon lacks the phrase.
    """
    entry = _get_entry(lexicon, PHRASE, "new-model")
    # The expression is costly and rare: texts without a match never reach the extraction. Both are
    # by the same one, since to compile it takes longer than to search some thousand texts.
    places = (
        texts.filter(pl.col("abstract").str.contains(INTRODUCED).fill_null(value=False))
        .select("row", "abstract", found=pl.col("abstract").str.extract(INTRODUCED))
        # By the words before it: polars finds literal texts by byte, and offsets are characters.
        .with_columns(before=pl.col("abstract").str.split(pl.col("found")).list.first())
    )
    return places.join(entry, how="cross").select(
        pl.col("row").cast(pl.UInt32),
        pl.lit("abstract", FIELDS).alias("field"),
        pl.col("before").str.len_chars().cast(pl.Int32).alias("start"),
        "key",
        "facet",
        "topic",
        "strength",
        "words",
        (pl.col("before") + pl.col("found")).str.len_chars().cast(pl.Int32).alias("end"),
    )
