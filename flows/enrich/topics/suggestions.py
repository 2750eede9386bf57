"""Suggestions: frequent phrases of the papers that no topic knows, for the taxonomy's editors."""

import polars as pl

from flows.enrich.topics.curated import Knowledge, load_knowledge
from flows.enrich.topics.folding import fold_in_place, make_phrase_key

LEAST_PAPERS = 5
"""Papers whose titles must hold a phrase before it is proposed."""

MOST = 200
"""Phrases proposed at most."""

EXAMPLES = 3
"""Titles shown per phrase."""

EMPTY_WORDS = frozenset(
    """
    a an the of for with and in on to from by via using is are can we at as or how do
    does not towards toward through into based new novel approach method framework model
    models learning data study analysis under over between beyond without its your it be
    what why when that this you all one two large efficient improving case survey review
    system systems network networks neural deep multi non pre self free real high low
    open long t s trained end shot aware order simple effective evaluating better
    higher single
    """.split()  # noqa: SIM905  # a list of 80 strings is unreadable
)
"""Words that do not start or end a phrase worth a topic."""

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "phrase": pl.String,
    "papers": pl.UInt32,
    "lift": pl.Float64,
    "titles": pl.List(pl.String),
}
"""Columns of suggestions: the phrase, the papers that have it in their title, how many times more
often its words meet than chance would have it, and examples."""


def suggest_phrases(papers: pl.DataFrame, knowledge: Knowledge | None = None) -> pl.DataFrame:
    """Propose phrases of two or three title words that no topic knows, most frequent first.

    ``papers`` has ``title``. The result has the columns of `SCHEMA`.
    """
    knowledge = knowledge or load_knowledge()
    words = _split_words(papers)
    ngrams = pl.concat([_join_grams(words, 2), _join_grams(words, 3)])
    counted = (
        ngrams.group_by("phrase", "first", "last")
        .agg(papers=pl.col("row").n_unique(), rows=pl.col("row").unique().sort().head(EXAMPLES))
        .filter(
            (pl.col("papers") >= LEAST_PAPERS)
            & ~pl.col("first").is_in(EMPTY_WORDS)
            & ~pl.col("last").is_in(EMPTY_WORDS)
            & ~pl.col("phrase").str.contains(r"\b\d+\b")
        )
        .pipe(_drop_parts)
        .join(_list_known_phrases(knowledge), on="phrase", how="anti")
        .filter(~_has_topic_phrase(knowledge))
        .pipe(_add_lift, words)
        .sort("papers", "lift", "phrase", descending=[True, True, False])
        .head(MOST)
    )
    return _add_titles(counted, papers).select(
        pl.col(name).cast(kind) for name, kind in SCHEMA.items()
    )


def _add_lift(counted: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """Add ``lift``: how much more often the ends of a phrase meet than chance would have it."""
    singles = words.group_by("word").agg(uses=pl.len())
    for end in ("first", "last"):
        uses = singles.rename({"word": end, "uses": f"of_{end}"})
        counted = counted.join(uses, on=end, how="left", validate="m:1")
    expected = pl.col("of_first") * pl.col("of_last") / words.height
    return counted.with_columns(lift=(pl.col("papers") / expected).round(1))


def _split_words(papers: pl.DataFrame) -> pl.DataFrame:
    split = fold_in_place(pl.col("title")).str.extract_all("[a-z0-9]+").alias("word")
    return (
        papers.with_row_index("row")
        .select("row", split)
        .explode("word", empty_as_null=True)
        .drop_nulls("word")
    )


def _join_grams(words: pl.DataFrame, length: int) -> pl.DataFrame:
    following = [pl.col("word").shift(-step).over("row") for step in range(length)]
    return words.select(
        "row",
        phrase=pl.concat_str(following, separator=" "),
        first="word",
        last=following[-1],
    ).drop_nulls()


def _drop_parts(counted: pl.DataFrame) -> pl.DataFrame:
    """Drop what titles have only as a part of a longer phrase: "semantic role"."""
    whole = counted.filter(pl.col("phrase").str.count_matches(" ") > 1).select(
        "papers", word=pl.col("phrase").str.split(" ")
    )
    halves = [
        whole.select("papers", phrase=pl.col("word").list.slice(start, 2).list.join(" "))
        for start in (0, 1)
    ]
    # As many papers as the longer phrase has means that it is never alone.
    return counted.join(pl.concat(halves), on=["phrase", "papers"], how="anti")


def _list_known_phrases(knowledge: Knowledge) -> pl.DataFrame:
    """List the phrases of the lexicon and taxonomy and the parts of them."""
    aliases = knowledge.topics.select(pl.concat_list("name", "aliases").explode().alias("title"))
    keys = knowledge.lexicon.select(title=pl.col("key").cast(pl.String))
    spelled = pl.concat([keys, aliases.select(make_phrase_key(pl.col("title")))]).unique(
        maintain_order=True
    )
    words = _split_words(spelled)
    parts = pl.concat([_join_grams(words, 2), _join_grams(words, 3)])
    return pl.concat([spelled.rename({"title": "phrase"}), parts.select("phrase")]).unique()


def _has_topic_phrase(knowledge: Knowledge) -> pl.Expr:
    """Whether a phrase holds a topic's phrase of two words: "machine reading comprehension"."""
    entries = knowledge.lexicon.filter((pl.col("strength") >= 1) & (pl.col("words") > 1))
    patterns = " " + entries["key"].cast(pl.String).unique().sort() + " "
    return (" " + pl.col("phrase") + " ").str.contains_any(patterns.implode())


def _add_titles(counted: pl.DataFrame, papers: pl.DataFrame) -> pl.DataFrame:
    titles = papers["title"]
    return counted.with_columns(
        titles=pl.Series(
            [titles.gather(rows).to_list() for rows in counted["rows"]], dtype=pl.List(pl.String)
        )
    )
