"""The rule for records without abstracts: bibliographies, front pages, rows of links.

Where an abstract is missing, near titles and agreeing authors have to do. How near a title must be
depends on how it differs, on how much it says, on how well the authors agree, and on the years. One
number decides: the probability that the pair is one paper, a logistic curve over these. Its weights
were fitted on 5,742 labelled pairs of two bibliographies, one of them caught by machine and full of
misread letters. In ten-fold cross-validation 0.75 kept 0.98 of all pairs right and found 0.85 of
the true ones.
"""

import polars as pl

from flows.deduplicate.match.author_names import AGREEING
from flows.deduplicate.match.title_details import OTHER
from schemas.vocabulary import STRONG_IDENTIFIERS

WEIGHTS = {
    "title": 7.9,
    "within": 8.7,
    "substituted": -0.65,
    "beginning": 2.4,
    "share": 2.6,
    "surnames": 4.3,
    "specific": 0.95,
    "inserted": 0.27,
}
"""What each measure adds to the logit; see `measure_pairs`, `DETAILS` and `DIFFERENCE`."""

YEARS_APART, OFFSET = -2.9, -24.2
"""What more than a year between them adds, and where the sum starts."""

UNKNOWN_SHARE, UNKNOWN_SURNAMES = 0.3, 0.5
"""What is assumed of authors of whom one side names none."""

MOST_SPECIFIC, MOST_INSERTED = 5.0, 3.0
"""Weights of words from which more of them say no more."""

SURE_OF_TITLES = 0.75
"""Probability from which records without abstracts are merged."""

SURE_OF_COPY = 0.95
"""The same for two records of one source, which lists most papers once."""

MISREAD_TITLE, MISREAD_SURNAMES = 0.8, 0.6
"""Similarity of titles and of surnames from which authors without a name in common are taken for
misread ones."""

SAME_TITLE, SPECIFIC = 0.97, 3.0
"""Similarity of titles, and weight of their words, that do with a year in the place of authors."""

SHARED, HALF = 0.3, 0.5
"""Share of an abstract's words, in either and in the shorter one, that speaks for an identifier."""

WITHIN = 0.9
"""How much of one title the other has, from which it does not contradict an identifier."""

OTHER_ABSTRACT = 0.2
"""Share of common words under which abstracts contradict an identifier."""

P = pl.col


def bibliographic_probability() -> pl.Expr:
    """Return the probability that a pair that lacks an abstract is one paper; null for others."""
    share, surnames = P("share").fill_null(UNKNOWN_SHARE), P("surnames").fill_null(UNKNOWN_SURNAMES)
    measures = {
        "share": share,
        "surnames": surnames,
        "specific": P("specific").clip(upper_bound=MOST_SPECIFIC),
        "inserted": P("inserted").clip(upper_bound=MOST_INSERTED),
    }
    terms = [weight * measures.get(name, P(name)) for name, weight in WEIGHTS.items()]
    is_apart = (P("years") > 1).fill_null(value=False)
    logit = sum(terms, start=pl.lit(OFFSET)) + is_apart.cast(pl.Float64) * YEARS_APART
    return pl.when(P("whole").is_null()).then(1 / (1 + (-logit).exp()))


def is_misread_name() -> pl.Expr:
    """Tell whether authors without a common name are the same ones, misread."""
    alike = (P("title") >= MISREAD_TITLE) & (P("surnames") >= MISREAD_SURNAMES)
    return (P("whole").is_null() & alike).fill_null(value=False)


def is_one_in_bibliography() -> pl.Expr:
    """Tell whether titles and authors make a pair that lacks an abstract one paper.

    ``by_title`` is the `bibliographic_probability`.
    """
    dated = P("share").is_null() & (P("years") <= 1) & (P("specific") >= SPECIFIC)
    vouched = [P("share") >= AGREEING, is_misread_name(), dated & (P("title") >= SAME_TITLE)]
    agree = pl.any_horizontal(sign.fill_null(value=False) for sign in vouched)
    sure = (P("by_title") >= SURE_OF_TITLES).fill_null(value=False)
    is_other = P("is_modified").fill_null(value=True) | P("has_more_numbers") | P("is_generic")
    return agree & sure & ~is_other


def is_second_copy() -> pl.Expr:
    """Tell whether one source has both for the same, and not two papers that it lists: see below.

    Bibliographies that are caught by machine have a paper as often as it is cited.
    """
    return ((P("by_title") >= SURE_OF_COPY) & is_one_in_bibliography()).fill_null(value=False)


def has_support() -> pl.Expr:
    """Tell whether a title, authors or abstract speak for an identifier that two records share."""
    spoken = [
        P("title") >= OTHER,
        P("within") >= WITHIN,
        P("share") >= AGREEING,
        P("whole") >= SHARED,
        P("contained") >= HALF,
    ]
    return pl.any_horizontal(sign.fill_null(value=False) for sign in spoken)


def is_contradicted() -> pl.Expr:
    """Tell whether two records share an identifier, and all else that is known contradicts it.

    The titles are other titles, and so are the authors or the abstracts, or both where both are
    known. What a title in another script says cannot be compared.
    """
    shares = pl.any_horizontal(P(f"same_{name}") for name in STRONG_IDENTIFIERS)
    is_stranger = P("strangers") | ((P("share") < AGREEING) & (P("years") > 1))
    other_authors = pl.when(P("share").is_not_null()).then(is_stranger.fill_null(value=False))
    other_abstract = P("whole") < OTHER_ABSTRACT
    signs = [other_authors, other_abstract]
    all_other = pl.all_horizontal(sign.fill_null(value=True) for sign in signs)
    any_known = pl.any_horizontal(sign.is_not_null() for sign in signs)
    return shares & ~has_support() & all_other & any_known & ~P("has_other_script")
