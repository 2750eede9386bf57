"""Variants: records that are known to be of one paper, and papers that only look like one.

The forms are those in which copies of a text differ in the sources: line breaks, LaTeX and what
remains of it, Unicode, edits of 1 to 15 % of the words, a new title. Authors are written in one of
five ways. A sibling has the authors of a paper, a title that differs by the part of a series, and
an abstract of which 20 to 60 % were edited.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

SIBLINGS, NOTICES = 0.01, 0.01
"""Shares of the papers that have a sibling, and that are withdrawn notices."""

COPIES = (0.70, 0.20, 0.07, 0.03)
"""Shares of the papers with no variant, one, two and three."""

KNOWN = 0.3
"""Share of the records that carry an arXiv id; all others must be found by their text."""

SOURCES = ("acl_anthology", "daily_papers", "papers_page", "papers_with_code")
"""Sources of variants: no source lists a paper twice."""

EDITED, RENAMED, SIBLING = (0.01, 0.15), (0.01, 0.05), (0.2, 0.6)
"""Least and largest share of the abstract's words that are edited."""

PARTS = (("", " II"), (", Part I", ", Part II"), (": Volume 1", ": Volume 2"), (" I", " III"))
"""What the titles of a paper and its sibling end with."""

LATEX = {
    "é": r"\'e", "è": r"\`e", "á": r"\'a", "í": r"{\'\i}", "ó": r"\'{o}", "ö": r'\"o',
    "ü": r'{\"u}', "ä": r'\"a', "ñ": r"\~n", "ç": r"\c{c}", "š": r"\v{s}", "ø": r"{\o}",
    "ł": r"\l{}", "%": r"\%", "\u2013": "--", "“": "``", "”": "''", "\u03b1": r"$\alpha$",
    "β": r"$\beta$",
}  # fmt: skip
"""Signs and how LaTeX writes them."""

UNICODE = {
    "ffi": "ﬃ",
    "fi": "ﬁ",
    "fl": "ﬂ",
    "'": "\u2019",
    "--": "\u2013",
    "-": "\u2010",
    " a ": "\u00a0a ",
}
"""What typesetting makes of plain letters."""

WITHDRAWN = (
    ("This paper", "This article", "This submission", "The manuscript", "The preprint"),
    (" has been withdrawn by the author", " is withdrawn by the authors", " was withdrawn"),
    (" due to a crucial", " because of an", " owing to a serious", " due to a sign", " for an"),
    (" error in ", " mistake in ", " gap in ", " oversight in "),
    ("Lemma ", "the proof of Theorem ", "equation ", "Section ", "the data of Figure "),
    ("1.", "2.", "3.", "4.", "5."),
)
"""What stands in the place of an abstract when a paper was withdrawn."""

Rng = np.random.Generator
Texts = tuple[pl.DataFrame, Rng, pl.Series]


def with_variants(papers: pl.DataFrame, rng: Rng, words: pl.Series) -> pl.DataFrame:
    """Give papers with their variants, those of a paper together: ``paper`` and ``form`` added.

    ``papers``: ``paper``, ``source``, ``title``, ``abstract``, ``authors``, ``has_id``; further
    records of a paper follow its first one and stay as they are. ``words`` are put in by edits.
    """
    rows = papers.with_row_index("row")
    rows = rows.with_columns(
        pl.col("row").min().over("paper").alias("place"), form=pl.lit("original")
    )
    is_alone = rows["place"].is_unique().to_numpy()
    dice = np.where(is_alone, rng.random(len(rows)), 1.0)
    notices = rows.filter(dice < NOTICES).pipe(_withdrawn, rng)
    parted = rows.filter((dice >= NOTICES) & (dice < NOTICES + SIBLINGS))
    first, second = _siblings(parted, rng, words)
    rows = pl.concat([rows.filter(dice >= NOTICES + SIBLINGS), notices, first]).sort("row")
    originals = pl.concat([rows.filter(pl.col("row") == pl.col("place")), second])
    every = pl.concat([rows, second, _variants(originals, rng, words)])
    every = every.sort("place", "paper", maintain_order=True)
    is_shown = pl.Series(rng.random(len(every)) < KNOWN) & every["has_id"]
    return every.with_columns(pl.when(is_shown).then("paper").alias("arxiv_id"))


def _withdrawn(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    said = [pl.Series(part).gather(rng.integers(0, len(part), len(rows))) for part in WITHDRAWN]
    notice = pl.select(pl.concat_str(said)).to_series() if len(rows) else rows["abstract"]
    return rows.with_columns(notice.alias("abstract"), form=pl.lit("notice"))


def _siblings(rows: pl.DataFrame, rng: Rng, words: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give papers as first parts, and their second parts."""
    chosen = rng.integers(0, len(PARTS), len(rows))
    first, second = (
        pl.Series(ends, dtype=pl.String).gather(chosen) for ends in zip(*PARTS, strict=True)
    )
    title = rows["title"].str.strip_chars_end(" .\n")
    abstract = edited(rows["abstract"], rng.uniform(*SIBLING, len(rows)), rng, words)
    parts = rows.with_columns(title + first, form=pl.lit("part"))
    name, unknown = rows["paper"] + "9", pl.lit(value=False)
    others = rows.with_columns(title + second, abstract, name, form=pl.lit("sibling"))
    return parts, others.with_columns(has_id=unknown)


def _variants(originals: pl.DataFrame, rng: Rng, words: pl.Series) -> pl.DataFrame:
    copies = rng.choice(len(COPIES), len(originals), p=COPIES)
    chosen = np.repeat(np.arange(len(originals)), copies)
    nth = np.arange(len(chosen)) - np.repeat(np.cumsum(copies) - copies, copies)
    source = (rng.integers(0, len(SOURCES), len(originals))[chosen] + nth) % len(SOURCES)
    names, shares = list(FORMS), np.array([share for share, _ in FORMS.values()])
    form = pl.Series(names).gather(rng.choice(len(names), len(chosen), p=shares))
    rows = originals[chosen].with_columns(pl.Series("source", SOURCES).gather(source), form=form)
    made = [FORMS[name][1](rows.filter(pl.col("form") == name), rng, words) for name in names]
    return _written_authors(pl.concat(made), rng)


def edited(
    texts: pl.Series, shares: npt.NDArray[np.float64], rng: Rng, words: pl.Series
) -> pl.Series:
    """Exchange, leave out or add a share of the words of each text; the first word stays."""
    lists = texts.str.extract_all(r"\S+")
    lengths = lists.list.len().to_numpy()
    owners = np.repeat(np.arange(len(texts)), lengths)
    is_first = np.diff(owners, prepend=-1) > 0
    hit = (rng.random(len(owners)) < shares[owners]) & ~is_first
    how = np.where(hit, rng.integers(0, 4, len(owners)), -1)
    tokens = pl.DataFrame({"owner": owners, "token": lists.explode(empty_as_null=False)})
    new = words.gather(rng.integers(0, len(words), len(owners)))
    token = pl.when(pl.Series(how == 0) | pl.Series(how == 1)).then(new)
    token = token.when(pl.Series(how == 2)).then(new + " " + pl.col("token")).otherwise("token")
    tokens = tokens.with_columns(token.alias("token")).filter(how != 3)
    joined = tokens.group_by("owner", maintain_order=True).agg(pl.col("token").str.join(" "))
    every = pl.DataFrame({"owner": np.arange(len(texts))})
    joined = every.join(joined, on="owner", how="left", maintain_order="left")
    return joined["token"].fill_null("").alias(texts.name)


def _copied(rows: pl.DataFrame, _rng: Rng, _words: pl.Series) -> pl.DataFrame:
    return rows


def _wrapped(rows: pl.DataFrame, _rng: Rng, _words: pl.Series) -> pl.DataFrame:
    one_line = pl.col("title", "abstract").str.replace_all(r"\s+", " ")
    return rows.with_columns(one_line.str.replace_all(r"(.{40,60}) ", "${1}\n  "))


def _in_latex(rows: pl.DataFrame, _rng: Rng, _words: pl.Series) -> pl.DataFrame:
    marked = pl.col("title", "abstract").str.replace(r"\b([a-z]{9,})\b", r"\emph{${1}}")
    return rows.with_columns(marked).with_columns(
        pl.col("title", "abstract").str.replace_many(LATEX),
        pl.col("authors").list.eval(pl.element().str.replace_many(LATEX)),
    )


def _in_unicode(rows: pl.DataFrame, _rng: Rng, _words: pl.Series) -> pl.DataFrame:
    return rows.with_columns(pl.col("title", "abstract").str.replace_many(UNICODE))


def _stripped(rows: pl.DataFrame, _rng: Rng, _words: pl.Series) -> pl.DataFrame:
    bare = pl.col("title", "abstract").str.replace_all(r"https?://\S+", "this https URL")
    return rows.with_columns(bare.str.replace_all(r"[$\\]", "").str.replace_all(r"\s+", " "))


def _edited(rows: pl.DataFrame, rng: Rng, words: pl.Series) -> pl.DataFrame:
    abstract = edited(rows["abstract"], rng.uniform(*EDITED, len(rows)), rng, words)
    title = edited(rows["title"], np.where(rng.random(len(rows)) < 0.5, 0.1, 0.0), rng, words)
    return rows.with_columns(title, abstract)


def _renamed(rows: pl.DataFrame, rng: Rng, words: pl.Series) -> pl.DataFrame:
    abstract = edited(rows["abstract"], rng.uniform(*RENAMED, len(rows)), rng, words)
    return rows.with_columns(edited(rows["title"], np.full(len(rows), 0.5), rng, words), abstract)


Change = Callable[[pl.DataFrame, Rng, pl.Series], pl.DataFrame]

FORMS: dict[str, tuple[float, Change]] = {
    "copy": (0.2, _copied),
    "wrapped": (0.15, _wrapped),
    "latex": (0.1, _in_latex),
    "unicode": (0.1, _in_unicode),
    "stripped": (0.15, _stripped),
    "edited": (0.25, _edited),
    "renamed": (0.05, _renamed),
}
"""The forms of variants: the share of each, and what makes it."""


def _written_authors(rows: pl.DataFrame, rng: Rng) -> pl.DataFrame:
    names, one = pl.col("authors"), pl.element()
    ways = [
        names,
        names.list.eval(one.str.replace(r"^(.*\S)\s+(\S+)$", "${2}, ${1}")),
        names.list.eval(one.str.replace(r"^(\p{L})\S*\s+(.*)$", "${1}. ${2}")),
        pl.concat_list(names.list.join(", ")),
        pl.when(names.list.len() > 3)
        .then(pl.concat_list(names.list.head(3), pl.lit("et al.")))
        .otherwise(names),
    ]
    way = pl.Series(rng.integers(0, len(ways), len(rows)))
    chosen = ways[0]
    for place, written in enumerate(ways[1:], 1):
        chosen = pl.when(way == place).then(written).otherwise(chosen)
    return rows.with_columns(chosen.alias("authors"))
