"""arXiv fields as expressions, whichever way the record came."""

import polars as pl

from flows.sources.shared import arxiv_ids
from flows.sources.shared.author_strings import clean_names, split_authors
from schemas.vocabulary import Reason

CATEGORY = r"^(?:q-[a-z]+|[a-z]{2,}(?:-[a-z]+)?)(?:\.[A-Za-z]{2}|\.[a-z]+(?:-[a-z]+)*)?$"
"""``cs.LG``, ``hep-th``, ``cond-mat.mes-hall``, ``acc-phys``: archive, then subject class."""

CLASS = r"\d|^[A-K]\.[a-z]$"
"""ACM (``I.2.7``, ``E.m``) and MSC (``68T50``) classes; words like ``(Primary)`` are neither."""

_WORDS = pl.element().str.strip_chars("()[]\"',")


def _split_words(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[\s;,\[\]\"]+", " ").str.strip_chars().str.split(" ")


def pick_categories(text: pl.Expr) -> pl.Expr:
    """Return the arXiv categories among some words, in their order.

    >>> written = pl.Series(["cs.LG math.CO (Primary); I.2.7 68T50", "['hep-th', 'cs.AI']"])
    >>> pl.select(pick_categories(pl.lit(written))).to_series().to_list()
    [['cs.LG', 'math.CO'], ['hep-th', 'cs.AI']]
    """
    return _split_words(text).list.eval(_WORDS.filter(_WORDS.str.contains(CATEGORY)))


def pick_classes(text: pl.Expr) -> pl.Expr:
    """Return the ACM and MSC classes among some words, in their order.

    >>> written = pl.Series(["cs.LG (Primary); I.2.7 68T50"])
    >>> pl.select(pick_classes(pl.lit(written))).to_series().to_list()
    [['I.2.7', '68T50']]
    """
    # Copies of the snapshot mix classes into the categories.
    is_class = _WORDS.str.contains(CLASS) & ~_WORDS.str.contains(CATEGORY)
    return _split_words(text).list.eval(_WORDS.filter(is_class))


def read_author_names(parsed: pl.Expr, written: pl.Expr) -> pl.Expr:
    """Return one entry per author, from the parsed names or, where there are none, from the text.

    A parsed name is ``[last, first, suffix, affiliation ...]`` and becomes ``Last suffix, First``
    (``Evans II, Neal J.``): with ``First Last`` the border between the two would be lost. A group
    has no first name. How names in the text are split is shown at `split_authors`.

    >>> parsed = pl.Series([[["Berg", "Anna"]], [[]], [["", None]]])
    >>> written = pl.Series(["Anna Berg", "Bo Dahl", "C. Ek"])
    >>> names = read_author_names(pl.lit(parsed), pl.lit(written))
    >>> pl.select(names).to_series().to_list()
    [['Berg, Anna'], ['Bo Dahl'], ['C. Ek']]
    """
    part = pl.element().list.get
    last = pl.concat_str(
        part(0, null_on_oob=True).fill_null(""),
        part(2, null_on_oob=True).fill_null(""),
        separator=" ",
    ).str.strip_chars()
    first = part(1, null_on_oob=True).fill_null("").str.strip_chars()
    name = pl.when(first == "").then(last).otherwise(pl.concat_str(last, first, separator=", "))
    from_parsed = clean_names(parsed.list.eval(name))
    # Parts that are all empty name nobody, whatever the number of their lists.
    has_parsed = from_parsed.list.len() > 0
    # The text is split by Python, and only in the few rows that have no parsed names.
    alone = pl.when(~has_parsed.fill_null(value=False)).then(written)
    split = alone.map_elements(split_authors, return_dtype=pl.List(pl.String))
    return pl.when(has_parsed).then(from_parsed).otherwise(split)


def find_record_fault() -> pl.Expr:
    """Return the `Reason` for which a row with an id and a title is no record; null where it is."""
    has_title = pl.col("title").str.strip_chars() != ""
    return pl.coalesce(
        arxiv_ids.find_id_fault(pl.col("id").fill_null("")),
        pl.when(~has_title.fill_null(value=False)).then(pl.lit(Reason.NO_TITLE.value)),
    )
