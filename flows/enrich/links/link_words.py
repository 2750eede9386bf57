"""Words of a link: what stands around it and in its address, as features that weights are for."""

import polars as pl

from flows.enrich.links.link_nouns import list_noun_marks, sort_nouns
from flows.enrich.links.role_cues import BEHIND, OBJECT, OUTSIDE, STATEMENT
from flows.urls import rules

WORDS = {"row": pl.UInt32, "feature": pl.String}
"""One row per mention, by its place in the frame, and feature. A feature is one of `WINDOWS` or a
part of the address, a colon, and a word in lower case, numbers all written 0; or what
`link_nouns.list_noun_marks` names, a colon, and a class of nouns."""

WINDOWS = ("near", "phrase", "sentence", "pair", "outside", "behind")
"""Windows of words around a link: the last 3, 8 and 40 before it, the last 4 pairs of them, the
last 8 before the parenthesis that holds the link, and the first 5 behind it."""

_TELLING = r"data|corp|bench|wiki|tool|soft|download|lex|bank|paper|pub|doc|blog|news|task|api"
"""Parts of words that tell in an address what it leads to ("corpora", "webcorpus")."""

_WORD = r"[a-z]+|0"


def list_link_words(mentions: pl.DataFrame, contexts: pl.DataFrame) -> pl.DataFrame:
    """List `WORDS` of mentions with ``url``, ``host``, ``kind`` and ``before``, each feature once.

    ``contexts`` are theirs, as `role_cues.read_contexts` reads them.
    """
    read = contexts.with_columns(mentions.select("url", "host", "kind", "before").get_columns())
    nouns = sort_nouns(read.select(**_list_noun_windows(), **_list_address_words()))
    windows = read.select(**_list_windows(), **_list_address_parts()).hstack(
        nouns.select(**list_noun_marks())
    )
    return (
        pl.concat(
            windows.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), word=window)
            .explode("word", empty_as_null=False)
            .drop_nulls("word")
            .select("row", feature=pl.concat_str(pl.lit(f"{window}:"), "word"))
            for window in windows.columns
        )
        .unique()
        .sort("row", "feature")
    )


def sum_word_weights(words: pl.DataFrame, weights: pl.DataFrame, count: int) -> pl.DataFrame:
    """Sum the weights of the words of each of ``count`` mentions, a row each, in order.

    ``weights`` has ``feature`` and a column per question.
    """
    questions = [name for name in weights.columns if name != "feature"]
    summed = (
        words.join(weights, on="feature", how="inner", validate="m:1")
        # Sums of floats depend on their order, which a join does not keep.
        .sort("row", "feature")
        .group_by("row")
        .agg(pl.col(questions).sum())
    )
    rows = pl.DataFrame({"row": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    return (
        rows.join(summed, on="row", how="left", validate="1:1", maintain_order="left")
        .select(questions)
        .fill_null(0.0)
    )


def _split_words(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all("[0-9]+", "0").str.extract_all(_WORD)


def _split_statement() -> pl.Expr:
    return _split_words(pl.when(pl.col(STATEMENT) != "").then(STATEMENT).otherwise(OBJECT))


def _list_noun_windows() -> dict[str, pl.Expr]:
    """List the words among which nouns are looked for: more than have weights of their own."""
    return {
        "statement": _split_statement().list.tail(40),
        "outside": _split_words(pl.col(OUTSIDE)).list.tail(8),
        "earlier": _split_words(pl.col("before").str.tail(200).str.to_lowercase()).list.tail(25),
        "behind": _split_words(pl.col(BEHIND)).list.head(6),
    }


def _list_windows() -> dict[str, pl.Expr]:
    statement = _split_statement()
    element = pl.element()
    return {
        "near": statement.list.tail(3),
        "phrase": statement.list.tail(8),
        "sentence": statement.list.tail(40),
        "pair": statement.list.tail(5)
        .list.eval(element.shift(1) + " " + element)
        .list.drop_nulls(),
        "outside": _split_words(pl.col(OUTSIDE)).list.tail(8),
        "behind": _split_words(pl.col(BEHIND)).list.head(5),
    }


def _cut_address() -> tuple[pl.Expr, pl.Expr]:
    """Cut addresses into host and path, in lower case."""
    url = pl.col("url").str.to_lowercase()
    return url.str.extract(r"://([^/]*)"), url.str.extract(r"://[^/]*/(.*)$").fill_null("")


def _list_address_words() -> dict[str, pl.Expr]:
    host, path = _cut_address()
    return {"path": _split_words(path), "host": _split_words(host)}


def _list_address_parts() -> dict[str, pl.Expr]:
    host, path = _cut_address()
    depth = path.str.strip_chars("/").str.count_matches("/") + (path != "")
    shapes = {
        "alone": pl.col(STATEMENT) == "",
        "forge": pl.col("host").is_in([*rules.FORGES]),
        "tilde": path.str.contains("~", literal=True),
        "query": path.str.contains("[#?]"),
    }
    marks = [pl.when(is_shown).then(pl.lit(shape)) for shape, is_shown in shapes.items()]
    return {
        **_list_address_words(),
        "path part": path.str.extract_all(_TELLING),
        "host part": host.str.extract_all(_TELLING),
        "ending": pl.concat_list(host.str.extract(r"\.([a-z]+)$")),
        "file": pl.concat_list(path.str.extract(r"\.([a-z0-9]{2,4})$")),
        "depth": pl.concat_list(depth.clip(0, 4).cast(pl.String)),
        "shape": pl.concat_list(marks).list.drop_nulls(),
        "kind": pl.concat_list("kind"),
    }
