"""Papers outside learning and computing, whose words have other senses."""

import polars as pl

from flows.enrich.topics.features import KEY

COMPUTING = r"^(?:cs|stat|eess)\.|^(?:math\.(?:OC|ST|IT)|physics\.data-an|q-bio\.(?:NC|QM))$"
"""Categories of arXiv under which work on learning and computing is filed."""

COMPUTING_WORDS = (
    r"(?i)\b(?:learn|neural|train(?:ed|ing)|classifi|language|data ?set|benchmark|algorithm|"
    r"software|agents?\b|robot|manipulators?\b|artificial|speech|retriev|recommend|embedding|transformer|"
    r"bandit|gradient descent|segment|recogni|users?\b|semantic|corpus|linguistic|translat|LLM|"
    r"images?\b|video|visual|privacy|encod|autonomous|words?\b|sentence|knowledge|reasoning|vision|"
    r"deep\b|machine|predictor|regression|planning|networks?\b|bayesian|clustering|animation|photo|"
    r"NLP\b|LSTM|tokens?\b|dialog|summari[sz]|documents?\b)"
)
"""Stems of which 95 % of the abstracts about learning have one and 76 % of the others none, over
arXiv; the first figure is higher for recent papers."""

FILED = -4.0
"""Log odds of a label of `COMPUTED` for a paper that its authors filed outside `COMPUTING`: words
like "theory", "image" and "agent" have other senses there."""

WORDLESS = -2.5
"""The same for a paper without categories whose abstract has none of `COMPUTING_WORDS`."""

COMPUTED = ["area", "task", "method"]
"""Facets whose topics are those of learning and computing."""


def find_filed_elsewhere(texts: pl.DataFrame) -> pl.DataFrame:
    """Find where papers with categories are filed: ``row``, ``is_elsewhere``."""
    is_computing = pl.col("categories").list.eval(pl.element().str.contains(COMPUTING))
    return texts.filter(pl.col("categories").list.len() > 0).select(
        "row", is_elsewhere=~is_computing.list.any()
    )


def doubt_outside_computing(texts: pl.DataFrame, candidates: pl.DataFrame) -> pl.DataFrame:
    """Doubt candidates (`KEY`) of `COMPUTED` whose paper is not about computing, one row each.

    The columns are `KEY`, ``weight`` in log odds, ``field``, ``phrase`` (null).
    """
    filed = find_filed_elsewhere(texts)
    elsewhere = filed.filter("is_elsewhere").select("row", weight=pl.lit(FILED))
    words = pl.concat_str("title", "abstract", separator=" ")
    # Where the authors chose categories these decide; words are asked only without them.
    wordless = (
        texts.join(filed, on="row", how="anti")
        .filter(pl.col("abstract").is_not_null() & ~words.str.contains(COMPUTING_WORDS))
        .select("row", weight=pl.lit(WORDLESS))
    )
    return (
        candidates.select(KEY)
        .filter(pl.col("facet").is_in(COMPUTED))
        .join(pl.concat([elsewhere, wordless]), on="row", how="inner", validate="m:1")
        .select(
            "row",
            "weight",
            phrase=pl.lit(None, pl.String),
            field=pl.lit("categories"),
            facet="facet",
            topic="topic",
        )
    )
