"""What the words around a link say about getting it: there, promised, on request."""

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


def decide_availability() -> pl.Expr:
    """Decide whether a link is there, by ``kind``, ``lead`` and ``tail``.

    A publication that has a URL is there, wherever it will appear.
    """
    is_paper = pl.col("kind") == LinkKind.PAPER.value
    there = pl.lit(Availability.AVAILABLE.value)
    return (
        pl.when(is_paper).then(there).otherwise(read_availability(pl.col("lead"), pl.col("tail")))
    )


def read_availability(lead: pl.Expr, tail: pl.Expr) -> pl.Expr:
    """Read whether a thing is there, promised, or to be asked for, from the words around it."""
    # "Code will follow, and data is available at <url>": the promise is not of this link.
    clause = pl.coalesce(lead.str.extract(_LAST_CLAUSE), lead)
    words = pl.concat_str(clause, tail, separator=" ")
    return (
        pl.when(words.str.contains(_UPON_REQUEST))
        .then(pl.lit(Availability.UPON_REQUEST.value))
        .when(words.str.contains(_ANNOUNCED))
        .then(pl.lit(Availability.ANNOUNCED.value))
        .otherwise(pl.lit(Availability.AVAILABLE.value))
    )


_CODE_NOUN = (
    r"(?:source[- ]?|training\s+)?"
    r"(?:codes?\b|code-?base|implementations?\b|scripts?\b|software\b)"
)
_GIVEN = (
    r"(?:(?:availab|releas|open-?\s?sourc|public|provid|accessib|found|shar|download|distribut)\w*"
    r"|(?:up)?on\s+(?:reasonable\s+)?requests?\b)"
)

_REST = r"[^\x1f.;,]*?(\s(?:but|and|however|although|though|yet|(?:up)?on|until)\b|[\x1f.;,]|$)"
"""What a clause goes on to say, and what ends it."""

_NO_PROMISE = (
    (r"(?i)\bnot\s+only\b", ""),
    # "is not yet publicly available", "cannot be shared", "has never been released"
    (
        (
            r"(?i)(?:\b(?:not|never|cannot|no\s+longer|rarely|seldom|hardly)|n['\x{2019}]t)\s+"
            r"(?:(?:yet|be|been|being|made|make|have|to|the|our|any|\w+ly)\s+)*"
            rf"{_GIVEN}(?:\s+(?:or|and|nor)\s+{_GIVEN})*(?:\s+(?:the|our|any|all)\b)*"
            rf"(?:\s+{_CODE_NOUN})?{_REST}"
        ),
        "$1",
    ),
    # "no code is released", "the lack of publicly available implementations"
    (
        (
            r"(?i)\b(?:no|neither|nor|without|lack(?:s|ing)?(?:\s+of)?|absence\s+of)\s+"
            rf"(?:(?:the|any|an?|of|official|original|reference|open|\w+ly|{_GIVEN})\s+)*"
            rf"{_CODE_NOUN}{_REST}"
        ),
        "$1",
    ),
    # "methods whose source code is available": those of others
    (
        (
            r"(?i)\b(?:methods|approaches|models|systems|papers|works?|studies|baselines|tools"
            r"|algorithms|techniques|competitors|those|ones)\s+"
            rf"(?:whose|with|having|for\s+which|that\s+\w+)\s[^\x1f.;,]*?{_CODE_NOUN}{_REST}"
        ),
        "$1",
    ),
    (rf"(?i)\b(?:compar\w+\s+(?:to|with|against)|unlike|outperform\w*)\s{_REST}", "$1"),
    # "we use the publicly available code of X", "the code released by Smith et al."
    (
        (
            r"(?i)\b(?:us(?:e|es|ed|ing)|employ\w*|adopt\w*|extend\w*|modif\w+|adapt\w*|reus\w+"
            r"|buil[dt]s?\s+(?:up)?on(?:\s+top\s+of)?|based\s+(?:up)?on)\s+"
            rf"(?:(?:the|an?|their|existing|official|original|\w+ly|{_GIVEN})\s+)*{_CODE_NOUN}{_REST}"
        ),
        "$1",
    ),
    (
        (
            rf"(?i)\b{_CODE_NOUN}[^\x1f.;,]{{0,60}}?\b(?:(?:releas|provid|shar|publish|develop)\w*"
            r"\s+(?:by|in)\s+(?:the\s+|their\s+)?(?:original|previous|prior|others?\b|respective)"
            rf"|et\s+al\b){_REST}"
        ),
        "$1",
    ),
)
"""Words that name code without giving it, with what replaces them: a denial, the code of
others. What the sentence says beside them ("but will be released") is kept."""


_GIVES_CODE = (
    rf"(?i:\b(?:{_CODE_NOUN}[^\x1f.;]{{0,120}}?\b{_GIVEN}"
    rf"|{_GIVEN}[^\x1f.;]{{0,80}}?\b{_CODE_NOUN}))"
)
_OPENS_CODE = (
    r"(?i:\bopen-?\s?sourc(?:e|ed|ing)\s+(?:the\s+|our\s+|all\s+)*(?:code|implementation|model))"
)
"""What gives code, and what opens its source."""


_NAMES_CODE = r"(?i-u:code|implementation|script|software|sourc)"
_GIVES = [
    *("availab", "releas", "sourc", "public", "provid", "accessib", "found", "shar", "download"),
    *("distribut", "request"),
]
"""What a text must hold, in any case, to promise code: a part of each noun and of each verb of the
patterns, so that no text that they match is passed over."""


def select_candidates(papers: pl.DataFrame, text: str) -> pl.DataFrame:
    """Select the papers whose text may promise something about code, by literal words alone."""
    # One after the other: few texts have the first of them.
    return papers.filter(_names_code(pl.col(text))).filter(_gives(pl.col(text)))


def find_code_promises(papers: pl.DataFrame, text: str) -> pl.DataFrame:
    """Find what texts promise about code: ``paper_id``, ``promise``, a row where one does.

    The same as `read_code_promise`, step by step: each step of an expression is worked out again
    for every later one that needs it, which takes twenty times as long.
    """
    return (
        papers.select("paper_id", text=text)
        # One after the other: few texts have the first of them.
        .filter(_names_code(pl.col("text")))
        # Most of these only have such a word within another: "decoder", "description".
        .filter(pl.col("text").str.contains(rf"(?i)\b{_CODE_NOUN}|{_OPENS_CODE}"))
        .filter(_gives(pl.col("text")))
        .select("paper_id", sentences=_mark_sentences(pl.col("text")))
        # To see whether a pattern fits is far cheaper than to see where.
        .filter(pl.col("sentences").str.contains(f"{_GIVES_CODE}|{_OPENS_CODE}"))
        .select("paper_id", giving=_find_giving(pl.col("sentences")))
        .drop_nulls("giving")
        .select("paper_id", promise=read_availability(pl.col("giving"), pl.lit("")))
    )


def read_code_promise(text: pl.Expr) -> pl.Expr:
    """Read what a text promises about code, with or without a URL: null where it says nothing.

    Looks at each sentence that names code together with a word for giving it. A denial gives null,
    and so does the code of others.

    >>> texts = ["We will release our code soon.", "Code is available upon request."]
    >>> texts += ["Code is not available.", "We use the code of Smith."]
    >>> pl.select(read_code_promise(pl.lit(pl.Series(texts)))).to_series().to_list()
    ['announced', 'upon-request', None, None]
    """
    giving = _find_giving(_mark_sentences(pl.when(_is_candidate(text)).then(text)))
    return pl.when(giving.is_not_null()).then(read_availability(giving, pl.lit("")))


def _is_candidate(text: pl.Expr) -> pl.Expr:
    # Most abstracts lack one or the other, and a search for literal words costs next to nothing.
    return _names_code(text) & _gives(text)


def _names_code(text: pl.Expr) -> pl.Expr:
    # Few words are found faster as a pattern, and many as a list.
    return text.str.contains(_NAMES_CODE)


def _gives(text: pl.Expr) -> pl.Expr:
    return text.str.contains_any(_GIVES, ascii_case_insensitive=True)


def _mark_sentences(text: pl.Expr) -> pl.Expr:
    r"""Return the sentences that may promise code, without denials, with ``\x1f`` between them."""
    # \x1f ends a sentence, so that later patterns can stop there without knowing what ends one.
    sentences = text.str.replace_all(r"([.!?]\s+|\n\s*\n)", "$1\x1f").str.split("\x1f")
    chosen = pl.element().filter(_names_code(pl.element()) & _gives(pl.element()))
    marked = sentences.list.eval(chosen).list.join("\x1f")
    # Denials go first: what is left of the sentence is then read as if it stood alone.
    for pattern, replacement in _NO_PROMISE:
        marked = marked.str.replace_all(pattern, replacement)
    return marked


def _find_giving(marked: pl.Expr) -> pl.Expr:
    """Find the first sentence that gives code, or opens its source; null where none does."""
    sentences = marked.str.split("\x1f")
    # Sentences are asked one by one: a pattern that returns one takes a hundred times as long.
    giving, opening = (
        sentences.list.eval(pl.element().filter(pl.element().str.contains(pattern))).list.first()
        for pattern in (_GIVES_CODE, _OPENS_CODE)
    )
    return pl.coalesce(giving, opening)
