"""Phrases in texts: one Aho-Corasick pass over folded text, whole words, character offsets."""

import polars as pl

ACCENTS = {
    "àáâãäåā": "a",
    "çćč": "c",
    "èéêëēė": "e",
    "ìíîïī": "i",
    "ñń": "n",
    "òóôõöøō": "o",
    "ùúûüū": "u",
    "ýÿ": "y",
    "šś": "s",
    "žźż": "z",
    "ł": "l",
}
"""Accented letters and their plain letter, one character for one."""

PLAIN = {
    variant: plain for letters, plain in ACCENTS.items() for variant in [*letters, *letters.upper()]
}
"""The same by letter; capitals fold to small letters."""

FIELDS = pl.Enum(["title", "abstract"])
"""The texts of a paper that are read."""


def fold_in_place(text: pl.Expr) -> pl.Expr:
    """Fold a text to small ASCII letters and digits, with one space for each other character.

    It keeps the number of characters, so that an offset of the one is an offset of the other.
    The title key of `flows.text` drops and joins characters, so it cannot serve here.
    """
    plain = text.str.replace_many(list(PLAIN), list(PLAIN.values()))
    # Before lower case, which makes two characters of some that are not ASCII.
    ascii_only = plain.str.replace_all(r"[^\x00-\x7F]", " ")
    # A blank is not replaced by itself: it is what most of the characters would be.
    return ascii_only.str.to_lowercase().str.replace_all(r"[^a-z0-9 ]", " ")


def make_phrase_key(phrase: pl.Expr) -> pl.Expr:
    """Fold a phrase to the words sought in folded text, with single spaces between them."""
    return fold_in_place(phrase).str.replace_all(" +", " ").str.strip_chars(" ")


def fold_phrase(phrase: str) -> str:
    """Fold one phrase to its key.

    >>> fold_phrase("Vision-Language  Models (VLMs)")
    'vision language models vlms'
    >>> fold_phrase("Poincaré ß")
    'poincare'
    """
    return str(pl.select(make_phrase_key(pl.lit(phrase))).item())


def add_folded(texts: pl.DataFrame) -> pl.DataFrame:
    """Add ``folded_title`` and ``folded_abstract``: texts are folded once for all readers."""
    if "folded_title" in texts.columns:
        return texts
    return texts.with_columns(
        fold_in_place(pl.col(field).fill_null("")).alias(f"folded_{field}")
        for field in FIELDS.categories
    )


def read_folded(texts: pl.DataFrame, field: str) -> pl.Expr:
    """Read a text folded, from its column of `add_folded` where there is one."""
    if f"folded_{field}" in texts.columns:
        return pl.col(f"folded_{field}")
    return fold_in_place(pl.col(field).fill_null(""))


def find_phrases(texts: pl.DataFrame, field: str, keys: pl.Series) -> pl.DataFrame:
    """Find every key as whole words in a column of texts, overlapping ones included.

    Takes a frame with ``row`` and the column. One row per place, in order of row: ``row``,
    ``field``, ``start`` (the 0-based character) and ``key``, coded by the distinct keys in order.
    """
    distinct = keys.cast(pl.String).unique().sort()
    padded = pl.lit(" ") + read_folded(texts, field) + pl.lit(" ")
    return _search_texts(texts.select("row", folded=padded), distinct).select(
        "row", pl.lit(field, FIELDS).alias("field"), "start", "key"
    )


def find_vocabularies(texts: pl.DataFrame, *vocabularies: pl.Series) -> list[pl.DataFrame]:
    """Find the keys of several vocabularies in titles and abstracts, in one pass over the texts.

    Returns for each vocabulary what `find_phrases` finds in titles, then in abstracts.
    """
    sorted_keys = [keys.cast(pl.String).unique().sort() for keys in vocabularies]
    distinct = pl.concat(sorted_keys).unique().sort()
    title, abstract = (read_folded(texts, field) for field in FIELDS.categories)
    # Two blanks part the texts: keys hold single ones only, so none is found across.
    framed = pl.concat_str(pl.lit(" "), title, pl.lit("  "), abstract, pl.lit(" "))
    border = title.str.len_bytes().cast(pl.Int32) + len("  ")
    places = _search_texts(texts.select("row", folded=framed, border=border), distinct)
    in_title = pl.col("start") < pl.col("border")
    titles, abstracts = places.filter(in_title), places.filter(~in_title)
    both = pl.concat(
        [
            titles.with_columns(field=pl.lit("title", FIELDS)),
            abstracts.with_columns(
                start=pl.col("start") - pl.col("border"), field=pl.lit("abstract", FIELDS)
            ),
        ]
    ).select("row", "field", "start", "key")
    return [_select_keys(both, distinct, keys) for keys in sorted_keys]


def _search_texts(framed: pl.DataFrame, distinct: pl.Series) -> pl.DataFrame:
    """Search ``folded``, one row per place with its ``start`` and ``key``; other columns stay."""
    # A space on each side makes a match a whole word without a regular expression.
    sought = " " + distinct + " "
    patterns = pl.lit(sought.implode())
    return (
        framed.with_columns(
            pl.col("row").cast(pl.UInt32),
            start=pl.col("folded").str.find_many(patterns, overlapping=True),
            key=pl.col("folded").str.extract_many(patterns, overlapping=True),
        )
        .drop("folded")
        .explode("start", "key", empty_as_null=True)
        .drop_nulls("start")
        .with_columns(
            pl.col("start").cast(pl.Int32),
            pl.col("key").cast(pl.Enum(sought)).to_physical().cat.to(pl.Enum(distinct)),
        )
    )


def _select_keys(places: pl.DataFrame, distinct: pl.Series, keys: pl.Series) -> pl.DataFrame:
    """Select the places of some of the ``distinct`` keys, coded by these alone."""
    if len(keys) == len(distinct):
        return places
    # By number: the words of a million places need not be written out to be compared.
    codes = distinct.cast(pl.Enum(keys), strict=False).to_physical()
    coded = codes.gather(places["key"].to_physical())
    chosen = places.with_columns(coded.alias("key")).drop_nulls("key")
    return chosen.with_columns(pl.col("key").cat.to(pl.Enum(keys)))
