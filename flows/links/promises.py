"""What the words around a link say about getting it: there, promised, on request; whose it is."""

import polars as pl

from schemas.vocabulary import Availability, LinkKind

_UPON_REQUEST = (
    r"(?i)(?:up)?on\s+(?:reasonable\s+)?requests?\b|by\s+request\b"
    r"|contact(?:ing)?\s+the\s+(?:corresponding\s+)?author"
)

_GIVEN_LATER = (
    r"(?:releas|availab|publish|open|public|shar|provid|accessib|accessed|upload|found|distribut|"
    r"ready|download|put\s+online)\w*"
)
_ANNOUNCED = (
    r"(?i)\b(?:will|shall)\b\}?\s+(?:(?:also|soon|all|\w+ly)\s+)*(?:be\s+at\b"
    rf"|(?:be\s+)?(?:\w+ly\s+|made\s+|soon\s+)*{_GIVEN_LATER}"
    r"|make\s+[^.;]{1,80}?(?:availab|public|accessib|open))"
    r"|\b(?:going|plan|plans|planning|intend|intends|aim|commit|committed)\s+to\s+(?:\w+ly\s+)?"
    r"(?:be\s+)?(?:releas|publish|open|shar|make|made|upload)"
    r"|\bto\s+be\s+(?:\w+ly\s+|made\s+)*(?:releas|publish|open-?sourc|availab|public|upload)"
    r"|\b(?:coming|available|released?|public|online)\s+soon\b|\bsoon\s+(?:be\b|availab)"
    r"|upon\s+(?:\w+\s+)?(?:accept|publi)|after\s+(?:\w+\s+)?(?:accept|publi)"
    r"|once\s+\w+\s+is\s+accept"
)
"""Ways to promise: "will be made publicly available", "coming soon", "upon acceptance". What is
"open to the public" is no promise, nor is what "will be updated"."""

_LAST_CLAUSE = (
    r"(?s).*(?:;|,\s+(?:while|whereas|but|and))\s+"
    r"(.*\b(?:is|are|can\s+be)\s+(?:\w+\s+){0,3}(?:availab|found|access|releas|host|provid|view).*)$"
)
"""The clause that says where the thing is, behind one that may promise another."""


def availability() -> pl.Expr:
    """Say whether a link is there, by ``kind``, ``lead`` and ``tail``.

    A publication that has a URL is there, wherever it will appear.
    """
    is_paper = pl.col("kind") == LinkKind.PAPER.value
    there = pl.lit(Availability.AVAILABLE.value)
    return pl.when(is_paper).then(there).otherwise(of_words(pl.col("lead"), pl.col("tail")))


def of_words(lead: pl.Expr, tail: pl.Expr) -> pl.Expr:
    """Say whether a thing is there, promised, or to be asked for, by the words around it."""
    clause = pl.coalesce(lead.str.extract(_LAST_CLAUSE), lead)
    said = pl.concat_str(clause, tail, separator=" ")
    return (
        pl.when(said.str.contains(_UPON_REQUEST))
        .then(pl.lit(Availability.UPON_REQUEST.value))
        .when(said.str.contains(_ANNOUNCED))
        .then(pl.lit(Availability.ANNOUNCED.value))
        .otherwise(pl.lit(Availability.AVAILABLE.value))
    )


_CODE_NOUN = (
    r"(?:source[- ]?|training\s+|our\s+)?"
    r"(?:codes?\b|code-?base|implementations?\b|scripts?\b|software\b)"
)
_GIVEN = (
    r"(?:availab|releas|open-?\s?sourc|public|provid|accessib|found|shar|download|distribut)\w*"
)


def code_promise(text: pl.Expr) -> pl.Expr:
    """Say what a text promises about code, with or without a URL: null where it says nothing.

    Looks at each sentence that names code together with a word for giving it.
    """
    marked = text.str.replace_all(r"([.!?]\s+|\n\s*\n)", "$1\x1f")
    given = marked.str.extract(
        rf"(?i)([^\x1f]*\b(?:{_CODE_NOUN}[^\x1f.;]{{0,120}}?\b{_GIVEN}|"
        rf"{_GIVEN}[^\x1f.;]{{0,80}}?\b{_CODE_NOUN})[^\x1f]*)"
    )
    is_open = given.fill_null(
        marked.str.extract(
            r"(?i)([^\x1f]*\bopen-?\s?sourc(?:e|ed|ing)\s+(?:the\s+|our\s+|all\s+)*(?:code|implementation|model)[^\x1f]*)"
        )
    )
    return pl.when(is_open.is_not_null()).then(of_words(is_open, pl.lit("")))


_IN_PASSING = (
    r"(?i)\b(?:we\s+(?:use|used|employ|adopt|compare|evaluate|build|built|extend|fine-?tune)|using|"
    r"based\s+on|built\s+(?:up)?on|on\s+top\s+of|forked|derived\s+from|proposed\s+by|developed\s+by|"
    r"compared\s+(?:to|with)|such\s+as|obtained\s+from|crawled|collected\s+from|downloaded\s+from|"
    r"taken\s+from|et\s+al)\b[^.]{0,100}$"
)
"""Words before a link that make it someone else's: "built on top of the library at <url>"."""


def is_own(lead: pl.Expr, kind: pl.Expr) -> pl.Expr:
    """Say whether an abstract gives a link as its authors' own.

    It does, unless the words before the link name it as something that was used or compared, or
    it is a publication or nothing that can be named: that is a reference, whoever wrote it.
    """
    text = lead.str.strip_chars()
    is_mine = text.str.contains(
        r"(?i)\b(?:our|this|can\s+be)\b"
        r"|\b(?:is|are|made|be)\s+(?:\w+\s+)?(?:availab|accessib|releas|provid|shar)"
        r"|\bwe\s+(?:\w+\s+)?(?:release|provide|publish|share|open-?source)\b"
    )
    return ~kind.is_in([LinkKind.PAPER.value, LinkKind.OTHER.value]) & (
        is_mine | ~text.str.contains(_IN_PASSING)
    )
