"""Contexts of mentions: senses, case, sentences and the cues that say how words are meant."""

import polars as pl

from flows.enrich.topics.phrase_search import find_vocabularies

KEY = ["row", "facet", "topic"]
"""What a candidate is: a paper and a topic."""

LOCAL_REACH = 24
"""Characters between a cue and the words it governs: about three words."""

SENTENCE_CUES = ["own", "background", "result", "prospect"]
"""Kinds of cue that colour their whole sentence."""

LOCAL_CUES = ["negation", "list", "means", "aim", "given", "new"]
"""Kinds of cue that colour only the words right after them."""

ZONES = pl.Enum(["title", "own", "body", "background", "result"])
"""Where a mention may stand."""

ENDS = ["e.g. ", "i.e. ", "al. ", "vs. ", ". ", "? ", "! "]
"""What may end a sentence; the longer ones, matched first, do not."""

LONGEST = 1_000_000
"""More characters than a title or abstract has."""

URL_REACH = 120
"""Characters before a mention that are searched for the start of an address."""


def find_mentions_and_cues(
    texts: pl.DataFrame, lexicon: pl.DataFrame, cues: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find what the lexicon seeks, in the sense it means, and the cues: one pass over the texts.

    Takes ``row``, ``title``, ``abstract``. Mentions: one row per topic and place: ``row``,
    ``field``, ``facet``, ``topic``, ``start``, ``end``, ``strength``, ``key``. Dropped are other
    spellings of case, senses the lexicon excludes, addresses, and what lies within a longer
    mention. Cues: one row per cue and place: ``row``, ``field``, ``start``, ``key``, ``kind``,
    ``width``, ``reach`` (the character behind it).
    """
    spoken, cued = find_vocabularies(texts, lexicon["key"], cues["key"])
    placed_cues = cued.join(cues, on="key", how="inner", validate="m:m").with_columns(
        reach=pl.col("start") + pl.col("width")
    )
    return _choose_mentions(spoken, texts, lexicon), placed_cues


def _choose_mentions(
    places: pl.DataFrame, texts: pl.DataFrame, lexicon: pl.DataFrame
) -> pl.DataFrame:
    return (
        places.join(lexicon, on="key", how="inner", validate="m:m")
        .with_columns(end=pl.col("start") + pl.col("width"))
        .pipe(_match_case, texts)
        .pipe(_keep_outermost)
        .filter(pl.col("strength") > 0)
        .pipe(_drop_addresses, texts)
    )


def _drop_addresses(places: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    linked = texts.filter(
        pl.col("abstract").str.contains("://|www[.]").fill_null(value=False)
    ).select("row", "abstract")
    suspects = (
        places.filter(pl.col("field") == "abstract")
        .join(linked, on="row", how="inner", validate="m:1")
        .with_columns(before=(pl.col("start") - URL_REACH).clip(0))
        .filter(
            pl.col("abstract")
            .str.slice("before", pl.col("start") - pl.col("before"))
            .str.contains(r"(?:://|www[.])\S*$")
        )
        .select("row", "field", "start", "end")
    )
    return places.join(suspects, on=["row", "field", "start", "end"], how="anti")


def _match_case(places: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    free = places.filter(pl.col("written").is_null())
    cased = places.filter(pl.col("written").is_not_null()).join(
        texts.select("row", "title", "abstract"), on="row", how="left", validate="m:1"
    )
    text = pl.when(pl.col("field") == "title").then("title").otherwise("abstract")
    written = text.str.slice("start", pl.col("end") - pl.col("start"))
    same = cased.filter(
        # A title in capitals writes every word so, and tells nothing of case.
        (written == pl.col("written")) | (written == pl.col("written").str.to_uppercase())
    )
    return pl.concat([free, same.select(free.columns)]).drop("written")


def _keep_outermost(places: pl.DataFrame) -> pl.DataFrame:
    """Keep of mentions of one topic that lie within each other the outermost."""
    group = ["row", "field", "code"]
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in group)
    ordered = places.sort(*group, "start", "end", descending=[False] * 4 + [True])
    # Each group gets its own stretch of a number line, so that one running maximum serves all.
    stretch = same.fill_null(value=False).not_().cum_sum().cast(pl.Int64) * LONGEST
    reached = (stretch + pl.col("end")).cum_max().shift(1, fill_value=0)
    return ordered.filter(stretch + pl.col("end") > reached).drop("code", "width")


def split_sentences(texts: pl.DataFrame) -> pl.DataFrame:
    """Split abstracts: one row per sentence, ``row``, ``sentence`` (0-based), ``from``."""
    # Places are found in bytes: with one byte for each character both counts agree.
    plain = pl.col("abstract").fill_null("").str.replace_all(r"[^\x00-\x7F]", " ")
    marks = pl.lit(pl.Series(ENDS).implode())
    begun = (
        texts.select(
            "row",
            **{
                "from": plain.str.find_many(marks, leftmost=True),
                "mark": plain.str.extract_many(marks, leftmost=True),
            },
        )
        .explode("from", "mark", empty_as_null=True)
        # Longer marks are abbreviations: they were sought only to take their dots away.
        .filter(pl.col("mark").str.len_chars() == len(". "))
        .select("row", pl.col("from").cast(pl.Int32) + len(". "))
    )
    first = texts.select("row", pl.lit(0, pl.Int32).alias("from"))
    return (
        pl.concat([first, begun])
        .sort("row", "from")
        .with_columns(sentence=pl.int_range(pl.len(), dtype=pl.Int32).over("row"))
    )


def add_contexts(places: pl.DataFrame, texts: pl.DataFrame, cued: pl.DataFrame) -> pl.DataFrame:
    """Add to mentions what their context says, by the cues that `find_mentions_and_cues` found.

    ``zone`` is `title`, or for the abstract `background` (before the paper speaks of itself),
    `own`, `body` or `result`; ``is_prospect`` and a flag ``is_<kind>`` for each of `LOCAL_CUES`.
    """
    split = split_sentences(texts)
    placed = _number_sentences(places.rename({"start": "place"}), split).rename({"place": "start"})
    return (
        placed.join(
            _describe_sentences(cued, split), on=["row", "sentence"], how="left", validate="m:1"
        )
        .pipe(_assign_zones)
        .pipe(_flag_cues, cued)
    )


def _number_sentences(placed: pl.DataFrame, split: pl.DataFrame) -> pl.DataFrame:
    """Add the number of the sentence in which each ``place`` stands; null in titles."""
    line = pl.col("row").cast(pl.Int64) * LONGEST
    starts = split.select("sentence", at=line + pl.col("from")).sort("at")
    return (
        placed.with_columns(at=line + pl.col("place"))
        .sort("at")
        .join_asof(starts, on="at", strategy="backward")
        .with_columns(sentence=pl.when(pl.col("field") == "abstract").then("sentence"))
        .drop("at")
    )


def _describe_sentences(cued: pl.DataFrame, split: pl.DataFrame) -> pl.DataFrame:
    sentence_cues = cued.filter(
        pl.col("kind").is_in(SENTENCE_CUES) & (pl.col("field") == "abstract")
    )
    flags = (
        _number_sentences(sentence_cues.rename({"start": "place"}), split)
        .group_by("row", "sentence")
        .agg((pl.col("kind") == kind).any().alias(f"tells_{kind}") for kind in SENTENCE_CUES)
    )
    return (
        split.select("row", "sentence")
        .join(flags, on=["row", "sentence"], how="left", validate="1:1")
        .with_columns(pl.col("^tells_.*$").fill_null(value=False))
        .sort("row", "sentence")
        .with_columns(
            # Until a paper first speaks of itself ("we", "this paper"), it speaks of others.
            has_begun=pl.col("tells_own").cum_max().over("row"),
            is_last=pl.col("sentence") == pl.col("sentence").max().over("row"),
        )
    )


def _assign_zones(placed: pl.DataFrame) -> pl.DataFrame:
    return placed.with_columns(
        zone=pl.when(pl.col("field") == "title")
        .then(pl.lit("title", ZONES))
        .when(pl.col("tells_own"))
        .then(pl.lit("own", ZONES))
        .when(~pl.col("has_begun"))
        .then(pl.lit("background", ZONES))
        .when(pl.col("tells_result"))
        .then(pl.lit("result", ZONES))
        .otherwise(pl.lit("body", ZONES)),
        is_prospect=pl.col("tells_prospect").fill_null(value=False),
        is_last=pl.col("is_last").fill_null(value=False),
    ).drop("has_begun", "^tells_.*$")


def _flag_cues(placed: pl.DataFrame, cued: pl.DataFrame) -> pl.DataFrame:
    line = (pl.col("row").cast(pl.Int64) * 2 + pl.col("field").to_physical()) * LONGEST
    # Texts lie behind each other on one number line, so that one sorted join serves all papers.
    placed = placed.with_columns(at=line + pl.col("start")).sort("at")
    for kind in LOCAL_CUES:
        governing = (
            cued.filter(pl.col("kind") == kind)
            .select(at=line + pl.col("reach"), is_governed=pl.lit(value=True))
            .sort("at")
        )
        placed = placed.join_asof(
            governing, on="at", strategy="backward", tolerance=LOCAL_REACH
        ).rename({"is_governed": f"is_{kind}"})
    return placed.with_columns(
        pl.col(f"is_{kind}").fill_null(value=False) for kind in LOCAL_CUES
    ).drop("at")
