"""Titles: what a title says about the kind of its paper and its place in a series."""

import polars as pl

KIND = (
    r"\b(comments?|repl(?:y|ies)|rejoinder|discussion|errat(?:um|a)|corrigend(?:um|a)|"
    r"addendum|supplement(?:ary|al)?|retraction|retracted|withdrawn|withdrawal|"
    r"author s? ?reply)\b(?: (?:on|to|of|for|by|material|note|notice|article|paper|concerning)\b|$)"
)
"""Words that make a title that of a paper about another paper, where they are used as such. Not
``response`` and ``correction``, but at its beginning: fields respond, models are corrected."""

BEGINS_WITH_KIND = (
    r"^(?:an? |the |author s |authors )?(comment|repl(?:y|ies)\b|rejoinder|response to|discussion|"
    r"errat|corrigend|correction|addend|supplement|retract|withdrawn)"
)
"""The same words at the beginning of a title."""

PART = (
    r"\b(?:part|volume|vol|chapter|lecture|section|episode|paper|no|nr|number|installment|book) "
    r"(\d{1,3}|[ivx]{1,5}|one|two|three|four|five|six|[a-d])\b"
)
"""A place in a series, named as such."""

TRAILING = r" (\d{1,2}|i{1,3}|iv|v|vi{1,3}|ix|x)$"
"""A number that ends a title: ``Gauge fields on graphs II``."""

INNER = r"\b(ii|iii|iv|vi|vii|viii|ix)\b"
"""A Roman numeral of two letters or more, wherever it stands: ``Fields II: the massive case``."""

GENERIC = (
    r"^(?:introduction|preface|foreword|editorial|front ?matter|back ?matter|contents|"
    r"table of contents|program committee|author index|acknowledg?ments?|conclusions?|"
    r"rejoinder|discussion|comment|reply|erratum|corrigendum|correction|untitled|abstract|title)"
    r"\b(?: (?:to|of|for|by|on|the|special|issue)\b.*)?$"
)
"""Titles that many papers bear."""

SHORT = 3
"""Words up to which a title says too little to stand alone: ``Graph attention networks``."""

NUMERALS = {"1": "i", "one": "i", "2": "ii", "two": "ii", "3": "iii", "three": "iii",
            "4": "iv", "four": "iv", "5": "v", "five": "v", "6": "vi", "six": "vi",
            "7": "vii", "8": "viii", "9": "ix", "10": "x"}  # fmt: skip
"""Ways to write one place in a series."""


def kind(key: pl.Expr) -> pl.Expr:
    """Give the word that makes the paper one about another paper; null for ordinary papers."""
    return pl.coalesce(key.str.extract(BEGINS_WITH_KIND), key.str.extract(KIND)).str.slice(0, 5)


def part(key: pl.Expr) -> pl.Expr:
    """Give the place in a series that a title key names, in Roman numerals; null where none."""
    written = pl.coalesce(key.str.extract(PART), key.str.extract(TRAILING), key.str.extract(INNER))
    return written.replace(NUMERALS)


def numbers(key: pl.Expr) -> pl.Expr:
    """Give the numbers of a title key, sorted: editions, years and versions."""
    return key.str.extract_all(r"\b\d+\b").list.sort().list.join(" ")


def is_generic(key: pl.Expr) -> pl.Expr:
    """Tell whether many different papers bear such a title."""
    return key.str.contains(GENERIC) | (key.str.count_matches(" ") < SHORT - 1)
