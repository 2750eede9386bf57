"""Title series: what a title says about the kind of its paper and its place in a series."""

import polars as pl

from flows.text.title_key import title_key

KIND = (
    r"\b((?:comments?|repl(?:y|ies)|rejoinder|discussion|errat(?:um|a)|corrigend(?:um|a)|addendum|"
    r"retraction) (?:on|to|of|by|note|notice|concerning)|"
    r"supplement(?:ary|al)? (?:to|for|material)|"
    r"(?:repl(?:y|ies)|rejoinder|errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a)|retraction|"
    r"retracted|supplementary|supplement)$|"
    r"a comment$|response to (?:the )?comment(?:s|ary)?$|"
    r"study protocol\b|rationale and (?:study )?design\b|design and rationale\b|"
    r"protocol (?:for|of) (?:an? |the )?"
    r"(?:systematic|scoping|umbrella|randomi[sz]ed|cluster|prospective|pilot|cohort)\b)"
)
"""Words that make a title that of a paper about another paper, where they are used as such. Not
``response`` and ``correction``, but at its beginning: fields respond, models are corrected. Nor
``comments`` and ``discussion`` at its end, which are a genre that papers study. What a study
protocol plans has its results in another paper."""

BEGINS_WITH_KIND = (
    r"^(?:an? |the )?(?:(?:author|editor|discussant|publisher)s?(?: s)? |editorial |invited )?"
    r"((?:comments?|commentary|repl(?:y|ies)|rejoinder|discussion|"
    r"errat(?:um|a)|corrigend(?:um|a)|addend(?:um|a)|retract(?:ion|ed)|withdrawn|response to|"
    r"expression of concern|notice of retraction|in reply|"
    r"letters? to the editors?|decision letter|book review|"
    r"infographic|video abstract|summary for patients|(?:author|editor)s?(?: s)? response)\b|"
    r"supplement(?:ary|al)? (?:to|for|material|information|note)|"
    r"corrections?(?: to\b| for\b|$| [^o]))"
)
"""The same words at the beginning of a title, but for ``Correction of``, which models do."""

KINDS = {"errat": "corre", "corri": "corre", "rejoi": "reply", "repli": "reply", "respo": "reply",
         "autho": "reply", "in re": "reply", "a com": "comme", "notic": "retra",
         "discu": "comme", "withd": "retra", "study": "proto", "ratio": "proto",
         "desig": "proto"}  # fmt: skip
"""First letters of words for one kind: an erratum may become a corrigendum in print."""

ROMAN = r"x{0,2}(?:ix|iv|v?i{1,3}|v)|x{1,2}"
"""Roman numerals up to 29."""

PART = (
    r"\b(?:part|volume|vol|chapter|lecture|section|episode|paper|no|nr|number|installment|book) "
    rf"(\d{{1,3}}|{ROMAN}|one|two|three|four|five|six|[a-d])\b"
)
"""A place in a series, named as such."""

TRAILING = rf" ([1-7]?\d|{ROMAN})$"
"""A number that ends a title: ``Gauge fields on graphs II``. From 80 on it is a year."""

NUMBERED = rf"\d|\b(?:{ROMAN})\b"
"""A digit or a Roman numeral: without any a title names a place in a series as such, or none."""

PUBLICATION = (
    r" (?:(?:proc|proceedings?|procs|tech(?:nical)? rep(?:ort)?|pages?|pp|"
    r"research report|lncs|(?:acm|ieee) (?:sig|trans|conf|int|symp)[^ ]*|"
    r"(?:sigmod|sigplan|sigcomm|sigir|sigart) record|(?:vldb|international) journal)\b.*|"
    r"(?:vldb|sigmod|icde|pods|kdd|sigir|www|nips|icml|aaai|ijcai|cvpr|iccv|eccv|acl|emnlp|coling)"
    r" (?:19|20)?\d\d)$"
)
"""Where a title was printed, behind it, with all that follows: ``. In proceedings of the 21st``."""

INNER = r"\b(ii|iii|iv|vi|vii|viii|ix|xii|xiii|xiv|xv|xvi)\b"
"""A Roman numeral of two letters or more, wherever it is: ``Fields II: the massive case``. Not
``xi``, which is a Greek letter."""

FIRST = r"\b(i)\b"
"""The first of a series, where no other place is named. ``What I see`` counts as one, too: that
matters only beside ``What II see``."""

GENERIC = (
    r"^(?:introduction|preface|foreword|editorial|front ?matter|back ?matter|contents|"
    r"table of contents|program committee|author index|acknowledg?ments?|conclusions?|"
    r"rejoinder|discussion|comment|reply|erratum|corrigendum|correction|untitled|abstract|title|"
    r"panel|tutorial|keynote|editor s|guest editor(?:ial|s)?|editors?|chair s|president s|"
    r"treasurer s|book reviews?|news|obituary|in memoriam|call for papers|reminiscences|letters?|"
    r"(?:the )?authors? repl(?:y|ies)|in this issue|from the (?:guest )?editors?|"
    r"(?:welcome )?message|acknowledg?e?ments? (?:of|to) reviewers|(?:list|index) of|images in|"
    r"clinical pictures?|(?:notes )?(?:about|on)(?: the)? (?:authors?|contributors?)|"
    r"(?:subject|title) index|issue information|correspondence|announcements?)"
    r"\b(?: (?:to|of|for|by|on|the|special|issue|s|introduction|notes?|message|column|abstract|"
    r"discussion|session|from|reviewers|participants|authors|contributors|abstracts|clinical|"
    r"medicine|chairs?)\b.*)?$"
)
"""Titles that many papers bear."""

SHORT = 2
"""Words up to which a title says too little alone: ``Deep learning``."""

COUNTED = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv",
           "xv", "xvi", "xvii", "xviii", "xix", "xx")  # fmt: skip
"""The places of a series up to the twentieth."""

NUMERALS = {str(place): numeral for place, numeral in enumerate(COUNTED, 1)} | dict(
    zip(("one", "two", "three", "four", "five", "six"), COUNTED, strict=False)
)
"""Ways to write one place in a series."""

NAME_BEFORE_COLON = r"^\s*((?:[^:\s]{2,30}(?: (?:v|V|version |Version )?\d{1,2}(?:\.\d)?)?))\s?:\s"
"""One word that opens a title before a colon, at times with a version: ``NeuFlow v2: ...``."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
            "tenth", "eleventh", "twelfth")  # fmt: skip
"""Numbers that are written as words: ``Proceedings of the Third Workshop``."""

NUMBER = rf"\d+|\b(?:{'|'.join(ORDINALS)})\b"
"""A number, also where letters touch it: ``3rd``, ``2D``, ``v2``, and ``CH3`` beside ``CH$_3$``."""


def name_before_colon(title: pl.Expr) -> pl.Expr:
    """Return the key of the one word before the colon of a title as written; null where none is.

    Most such words are names of models, data sets and tools.

    >>> titles = pl.Series(["CAT3D: Create Anything in 3D", "On graphs: a survey"])
    >>> pl.select(name_before_colon(pl.lit(titles))).to_series().to_list()
    ['cat3d', None]
    """
    return title_key(title.str.extract(NAME_BEFORE_COLON)).str.replace_all(" ", "")


def comment_kind(key: pl.Expr) -> pl.Expr:
    """Return the kind of a paper about another paper, in five letters; null for ordinary papers.

    >>> keys = pl.Series(["comment on graphs", "erratum graphs", "graphs and comments"])
    >>> pl.select(comment_kind(pl.lit(keys))).to_series().to_list()
    ['comme', 'corre', None]
    """
    words = pl.coalesce(key.str.extract(BEGINS_WITH_KIND), key.str.extract(KIND))
    return words.str.slice(0, 5).replace(KINDS)


def series_part(key: pl.Expr) -> pl.Expr:
    """Return the place in a series that a title key names, in Roman numerals; null where none.

    >>> keys = pl.Series(["graphs part 2", "graphs iv", "graphs in proceedings of the 21"])
    >>> pl.select(series_part(pl.lit(keys))).to_series().to_list()
    ['ii', 'iv', None]
    """
    # Seven titles of eight have no number: they need not be searched for where they were printed.
    # They become empty and not null: polars searches also what is null.
    numbered = pl.when(key.str.contains(NUMBERED)).then(key).otherwise(pl.lit(""))
    bare = numbered.str.replace(PUBLICATION, "")
    unnamed = (bare.str.extract(pattern) for pattern in (TRAILING, INNER, FIRST))
    return pl.coalesce(key.str.extract(PART), *unnamed).replace(NUMERALS)


def title_numbers(key: pl.Expr) -> pl.Expr:
    """Return the numbers of a title key with spaces between them: editions, years, dimensions.

    >>> keys = pl.Series(["the third workshop on graphs 2021", "graphs"])
    >>> pl.select(title_numbers(pl.lit(keys))).to_series().to_list()
    ['2021 3', '']
    """
    digits = key.str.extract_all(NUMBER).list.sort().list.join(" ")
    words = list(ORDINALS)
    return digits.str.replace_many(words, [str(place) for place, _ in enumerate(words, 1)])


def is_generic(key: pl.Expr) -> pl.Expr:
    """Return whether many different papers bear such a title.

    >>> keys = pl.Series(["preface to the special issue", "graph neural networks"])
    >>> pl.select(is_generic(pl.lit(keys))).to_series().to_list()
    [True, False]
    """
    return key.str.contains(GENERIC) | (key.str.count_matches(" ") < SHORT)
