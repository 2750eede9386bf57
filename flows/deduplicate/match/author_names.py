"""Author names: who wrote a paper, in whatever form a source gives the authors.

Seen in the sources: ``John Smith``, ``Smith, John``, ``Smith John``, ``J. Smith``, one string
with commas, ``and`` or semicolons between the names, LaTeX accents, ``et al.``, 3,000 names, none.
A name is therefore compared in two ways: its surname as far as the form tells, and the bag of all
its words. A surname of one record found among the words of the other is an agreement, so a
family name written first does no harm.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.deduplicate.match.citation_marks import drop_broken_signs
from flows.deduplicate.match.word_sets import WordSets, collect_sets
from flows.text.folding import fold_texts

SEPARATOR = (
    r"\s*(?:;|\n|\s(?:and|und|et)\s+(?:al\b|others\b)?|\s(?:on behalf of|for)\s+(?:the\b)?|&|\|)\s*"
)
"""What is between names when a source gives all of them as one string."""

NOISE = (
    # Up to the next bracket, or each of many that stay open would be followed to the end.
    r"\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]"
    r"|\b(?:et\.?\s+al|and others|jr|sr|ii|iii|phd|md|dr|prof|"
    r"collaborations?|consortium|team|working group)\b\.?|[{}$\\]"
)
"""Written beside names, and naming nobody: affiliations in parentheses, suffixes, titles, LaTeX,
and what every group of people calls itself: ``CMS Collaboration`` is called CMS."""

ORGANISATION = (
    *("anthology", "edition", "universit", "institute", "department", "conference", "proceedings"),
    *("journal", "laborator", "anonymous", "unknown", "editor", "www", ".com", ".org", ". org"),
    *(".edu", ".net"),
)
"""Pieces of words and hosts in entries that name a publisher, a place of work or nobody."""

APOSTROPHE = r"['\x{2019}`\-]|\\textquoteright\b"
"""What joins the parts of one name: ``O'Neil``, ``Jean-Pierre``, ``García-Márquez``."""

LONGEST_ENTRY = 200_000
"""Characters of one entry that are read as names: 5,000 people take half of it."""


WORD = r"\p{L}[\p{L}\p{M}]+"
"""A word of a name that is more than an initial."""

PLAIN = r"^[a-z]{2,}, [a-z]+\.?(?: [a-z]+\.?)*$"
"""A surname of one word without an accent, and given names or initials."""

SHORTEST = 2
"""Bytes from which a word of a name counts: fewer are an initial."""

ONE_NAME = r"^\s*\p{L}+\s*,[^,]*$"
"""An entry with commas that is no list of whole names: its first piece is one word."""


@dataclass(frozen=True)
class AuthorNames:
    """Per record: the surnames and all words of all names, as sets of codes."""

    surnames: WordSets
    bags: WordSets


def read_names(authors: pl.Series) -> pl.DataFrame:
    """Read the names of each record from its list of authors.

    Returns ``surname``, ``bag`` (all words of all names) and ``initials``, each with spaces between
    names, empty where none is known; ``bag`` is then null or empty. The ``initials`` of a name are
    the first letters of its first and of its last word: those of ``Jiawei Han`` are those of
    ``H. Jiawei``, turned round.
    """
    flat = (
        pl.DataFrame({"place": np.arange(len(authors)), "entry": authors})
        .explode("entry")
        .drop_nulls("entry")
        .with_columns(pl.col("entry").str.slice(0, LONGEST_ENTRY))
    )
    flat = flat.with_columns(fold_texts(drop_broken_signs(flat["entry"])))
    flat = flat.pipe(_cut_entries).pipe(_split_names)
    by_place = flat.group_by("place", maintain_order=True).agg("bag", "initials")
    by_place = by_place.select(
        "place",
        pl.col("bag").list.join(" ", ignore_nulls=True),
        pl.col("initials").list.join(" ", ignore_nulls=True),
    ).join(_join_surnames(flat), on="place", how="left", maintain_order="left", validate="1:1")
    every = pl.DataFrame({"place": np.arange(len(authors))}).join(
        by_place, on="place", how="left", maintain_order="left", validate="1:1"
    )
    return every.select(pl.col("surname").fill_null(""), "bag", pl.col("initials").fill_null(""))


def collect_names(texts: pl.DataFrame) -> AuthorNames:
    """Collect the words of what `read_names` returned."""
    surnames, bags = collect_sets(texts["surname"]), collect_sets(texts["bag"], shortest=SHORTEST)
    return AuthorNames(surnames, bags)


def list_surnames(authors: pl.Series) -> pl.Series:
    """Return the surnames in alphabetical order with spaces between, empty where none is known.

    ``authors``: lists of names as written.
    """
    return read_names(authors)["surname"]


def _join_surnames(flat: pl.DataFrame) -> pl.DataFrame:
    """Join the distinct surnames of each list in their order; lists without any are absent."""
    # Sorted once for all lists: each by itself takes twice as long.
    rows = flat.select("place", "surname").drop_nulls("surname").sort("place", "surname")
    is_first = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift()) for name in ("place", "surname")
    )
    by_place = rows.filter(is_first).group_by("place", maintain_order=True).agg("surname")
    return by_place.with_columns(pl.col("surname").list.join(" "))


def _cut_entries(flat: pl.DataFrame) -> pl.DataFrame:
    """Cut entries that hold several names, and drop what is no name."""
    cut = flat.with_columns(
        pl.col("entry").str.replace_all(SEPARATOR, ";").str.replace_all(NOISE, " ").str.split(";")
    )
    named = cut.explode("entry").filter(~pl.col("entry").str.contains_any([*ORGANISATION]))
    return named.with_columns(pl.col("entry").str.strip_chars(" ,."))


def _split_names(flat: pl.DataFrame) -> pl.DataFrame:
    """Tell surname and bag of each name apart, by the commas of its entry."""
    # Most entries hold one name and no comma, and need none of what commas ask for.
    plain = flat.filter(~pl.col("entry").str.contains(",", literal=True))
    return pl.concat(
        [
            plain.pipe(_split_whole_names),
            flat.filter(pl.col("entry").str.contains(",")).pipe(_split_names_with_commas),
        ]
    )


def _split_names_with_commas(flat: pl.DataFrame) -> pl.DataFrame:
    """Read entries with commas: ``Last, First``, or several names in a row.

    The words of an inverted entry are listed once, not with each of its surnames: one entry may
    hold the names of 3,000 people.
    """
    flat = flat.with_row_index("nth")
    is_plain = flat["entry"].str.contains(PLAIN)
    plain, rest = flat.filter(is_plain).pipe(_cut_plain_names), flat.filter(~is_plain)
    is_list = _find_lists_of_names(rest["entry"])
    rows = rest.filter(is_list).select("place", _split_pieces()).explode("entry")
    surnames, bags = rest.filter(~is_list).pipe(_split_inverted_names)
    # In the order of the names, in which their initials are compared.
    by_surname = pl.concat([plain, surnames]).sort("nth", maintain_order=True).drop("nth")
    return pl.concat([rows.pipe(_split_whole_names), by_surname, bags])


def _cut_plain_names(names: pl.DataFrame) -> pl.DataFrame:
    """Cut `PLAIN` names at their commas: eight of ten, in which nothing has to be searched."""
    sides = names["entry"].str.split_exact(", ", 1).struct.rename_fields(["surname", "rest"])
    initials = pl.concat_str(pl.col("surname", "rest").str.head(1))
    # Of a bag words count from two letters on: it is as good as one without initials.
    return names.hstack(sides.struct.unnest()).select(
        "nth", "place", "surname", bag="entry", initials=initials
    )


def _split_inverted_names(inverted: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the surnames of entries in which they come first, and the words of each entry."""
    unknown = pl.lit(None, pl.String)
    # Surname and given names follow each other.
    named = pl.col("entry").str.extract_all(r"[^,]+(?:,[^,]*)?")
    single = inverted.select("nth", "place", named.alias("entry")).explode("entry")
    surnames = single.select(
        *("nth", "place"),
        _take_last_word(pl.col("entry").str.extract(r"^([^,]+)")).alias("surname"),
        unknown.alias("bag"),
        _take_initials(r"^\P{L}*(\p{L})", r",\P{L}*(\p{L})"),
    )
    bags = inverted.select(
        "place", unknown.alias("surname"), _list_name_words("entry"), unknown.alias("initials")
    )
    return surnames, bags


def _take_initials(first: str, second: str) -> pl.Expr:
    """Return the two letters that patterns find in an entry; null where one finds none."""
    letters = [pl.col("entry").str.extract(pattern) for pattern in (first, second)]
    return pl.concat_str(letters).alias("initials")


def _split_pieces() -> pl.Expr:
    return pl.col("entry").str.split(",").list.eval(pl.element().str.strip_chars())


def _find_lists_of_names(entries: pl.Series) -> pl.Series:
    """Tell which entries with commas are lists of whole names."""
    # Nine of ten are a word, a comma and given names: only the others are taken to pieces.
    doubtful = (~entries.str.contains(ONE_NAME)).arg_true()
    pieces = entries.gather(doubtful).to_frame("entry").select(_split_pieces().alias("pieces"))
    is_list = pl.repeat(value=False, n=len(entries), dtype=pl.Boolean, eager=True)
    return is_list.scatter(doubtful, pieces.select(_is_list_of_whole_names()).to_series())


def _is_list_of_whole_names() -> pl.Expr:
    """Return whether the pieces between commas are whole names: each has two words or an initial.

    ``Smith, John, Doe, Jane`` has pieces of one word, ``Smith, J.`` one without any.
    """
    long = pl.col("pieces").list.eval(pl.element().str.count_matches(WORD))
    every = pl.col("pieces").list.eval(pl.element().str.count_matches(r"\p{L}+"))
    # Two pieces are one name as well as two; a piece of a whole name has one to three long words.
    several = (pl.col("pieces").list.len() > 2) & (long.list.mean() > 1.5)  # noqa: PLR2004  # above
    return (long.list.min() > 1) | several | ((long.list.min() == 1) & (every.list.min() > 1))


def _split_whole_names(flat: pl.DataFrame) -> pl.DataFrame:
    """Return surname and bag of whole names; nine of ten are words and nothing that joins them."""
    entry = pl.col("entry")
    is_joined, words = entry.str.contains(APOSTROPHE), entry.str.extract_all(WORD)
    initials = _take_initials(r"(\p{L})", r"\s(\p{L})[^\s]*$")
    simple = flat.filter(~is_joined).select(
        "place", words.list.last().alias("surname"), words.list.join(" ").alias("bag"), initials
    )
    joined = flat.filter(is_joined).select(
        "place", _take_last_word(entry).alias("surname"), _list_name_words("entry"), initials
    )
    return pl.concat([simple, joined])


def _take_last_word(name: pl.Expr) -> pl.Expr:
    """Return the last word that is more than an initial; ``Mani A`` and ``A. Mani`` agree."""
    joined = name.str.replace_all(APOSTROPHE, "")
    return joined.str.extract(rf".*\b({WORD})", 1)


def _list_name_words(column: str) -> pl.Expr:
    """Return the words of names; those of ``García-Márquez`` stand together and one by one."""
    entry = pl.col(column)
    is_joined = entry.str.contains(APOSTROPHE)
    whole = entry.str.replace_all(APOSTROPHE, "")
    joined_and_apart = pl.when(is_joined).then(whole + " " + entry.str.replace_all(APOSTROPHE, " "))
    words = joined_and_apart.otherwise(entry).str.extract_all(WORD)
    return words.list.join(" ").alias("bag")
