"""Nouns near a link, sorted by what they name: software, data, models, documents, sites.

A word weighs by itself only where it was often seen; by its class a rare one ("a lemmatizer",
"a treebank") weighs as much as a common one. Letters stand for words, one each, so that a text is
a string in which the nearest noun is the last letter.
"""

from typing import Final

import polars as pl

_SUFFIXED = (
    r"pars|tagg|tokeni[zs]|stemm|align|decod|classifi|extract|analy[zs]|recogni[zs]|solv|optimi[zs]"
    r"|generat|lemmati[zs]|segment|detect|link|translat|scor|train|crawl|scrap|convert|annotat"
    r"|transcrib"
)
"""Verbs that name a program with an ending: "parser", "extractor"."""

CLASSES: Final = {
    "S": (
        rf"\w*(?:{_SUFFIXED})[eo]rs?|librar(?:y|ies)|packages?|toolkits?|tools?|softwares?|modules?"
        r"|(?:re)?implementations?|scripts?|apis?|codes?|codebase|programs?|plugins?|toolbox"
        r"|frameworks?|pipelines?|wrappers?|python|java|perl|utilit(?:y|ies)|engines?|sdk|interface"
        r"|editor|repositor(?:y|ies)|repo"
    ),
    "D": (
        r"\w*data|\w*datasets?|corpus|corpora|\w*banks?|dumps?|lexic(?:ons?|a)|dictionar(?:y|ies)"
        r"|thesaur(?:us|i)|\w*nets?|ontolog(?:y|ies)|\w*bases?|gazetteers?|articles?|reviews?|tweets"
        r"|posts|subtitles|transcripts|recordings|sentences|captions|annotations?|collections?"
        r"|benchmarks?|\w*lists?|archives?|snapshots?|splits?|sets?|texts|questions|recipes|lyrics"
        r"|poems|novels|speeches|bitexts?|test"
    ),
    "M": r"embeddings?|vectors?|models?|checkpoints?|weights|pretrained|trained",
    "P": (
        r"papers?|reports?|guidelines?|manuals?|documentation|tutorials?|supplementary|supplement"
        r"|appendix|descriptions?|details?|specifications?|standards?|thesis|book|slides|blog|post"
        r"|instructions?|survey|press|preprint|arxiv|readme|faq|results|leaderboards?|rankings?"
        r"|proceedings"
    ),
    "W": (
        r"web|websites?|sites?|homepages?|pages?|forums?|compan(?:y|ies)|services?|platforms?"
        r"|crowdsourcing|apps?|news|newspapers?|social|media|community|portals?|agenc(?:y|ies)"
        r"|marketplace|demo|online|systems?|assistants?|chatbots?|bots?|projects?|challenges?"
        r"|workshops?|competitions?|tasks?|campaigns?|conferences?"
    ),
}
"""Common nouns by class: software, data, models, papers, web. The first class that fits counts."""

NO_CLASS: Final = "-"
"""Stands for a word of no class."""

FARTHEST = 3
"""Words between a noun and the link beyond which their number is not told apart."""


def sort_nouns(windows: pl.DataFrame) -> pl.DataFrame:
    """Write lists of words as strings, a letter of `CLASSES` or `NO_CLASS` per word.

    >>> sort_nouns(pl.DataFrame({"near": [["the", "parser", "of"]]})).item()
    '-S-'
    """
    words = pl.concat([windows[window].explode(empty_as_null=False) for window in windows.columns])
    vocabulary = pl.DataFrame({"word": words}).drop_nulls().unique()
    letter = pl.coalesce(
        pl.when(pl.col("word").str.contains(f"^(?-u:{pattern})$")).then(pl.lit(name))
        for name, pattern in CLASSES.items()
    )
    # Texts repeat their words, so that each is looked at once.
    classed = vocabulary.with_columns(letter=letter).drop_nulls()
    letters = pl.element().replace_strict(
        classed["word"], classed["letter"], default=NO_CLASS, return_dtype=pl.String
    )
    return windows.select(pl.all().list.eval(letters).list.join(""))


def list_noun_marks() -> dict[str, pl.Expr]:
    """List what strings of `sort_nouns` show, as features: a list of letters per mention each.

    They are read from ``statement``, ``outside``, ``earlier``, ``behind``, ``path`` and ``host``.
    """
    statement, nearest = pl.col("statement"), r"([A-Z])-*$"
    gap = statement.str.extract("(-*)$").str.len_chars().clip(0, FARTHEST).cast(pl.String)
    close = statement.str.tail(12).str.extract(nearest)
    outer = pl.col("outside").str.tail(8).str.extract(nearest)
    return {
        "noun": pl.concat_list(pl.coalesce(close, outer)),
        "noun at": pl.concat_list(close + gap),
        "noun outside": pl.concat_list(pl.when(close.is_null()).then(outer)),
        "noun earlier": pl.concat_list(pl.col("earlier").str.extract(nearest)),
        "nouns near": _list_letters(statement.str.tail(2)),
        "nouns of phrase": _list_letters(statement.str.tail(8)),
        "nouns": _list_letters(statement),
        "nouns outside": _list_letters(pl.col("outside").str.tail(3)),
        "noun next": _list_letters(pl.col("behind").str.head(1)),
        "nouns next": _list_letters(pl.col("behind").str.head(3)),
        "noun behind": pl.concat_list(pl.col("behind").str.head(6).str.extract(r"^-*([A-Z])")),
        "nouns of path": _list_letters(pl.col("path")),
        "nouns of host": _list_letters(pl.col("host")),
    }


def _list_letters(letters: pl.Expr) -> pl.Expr:
    return letters.str.extract_all("[A-Z]").list.unique()
