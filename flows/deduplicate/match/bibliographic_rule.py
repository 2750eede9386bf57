"""The rule for records without abstracts: bibliographies, front pages, rows of links.

Where an abstract is missing, near titles and agreeing authors have to do. How near a title must be
depends on how it differs, on how much it says, on how well the authors agree, and on the years. One
number decides: the probability that the pair is one paper, a logistic curve over these. Its weights
were fitted on 5,742 labelled pairs of two bibliographies, one of them caught by machine and full of
misread letters, by ``tests/bench/fit_bibliographies.py``. In ten-fold cross-validation 0.8 kept
0.985 of all pairs right and found 0.873 of the true ones; some of these the rule refuses.
"""

import polars as pl

from flows.deduplicate.match.compare_authors import AGREEING
from flows.deduplicate.match.title_details import OTHER
from schemas.vocabulary import STRONG_IDENTIFIERS

WEIGHTS = {
    "title": 8.66,
    "within": 9.31,
    "beginning": 3.41,
    "substituted": -0.25,
    "have_own_words": -1.51,
    "specific": 0.79,
    "share": 3.73,
    "surnames": 0.82,
    "initials": 1.48,
    "are_years_apart": -2.3,
}
"""What each measure adds to the logit; see `measure_pairs`, `DETAILS` and `DIFFERENCE`."""

OFFSET = -23.81
"""Where the sum starts."""

UNKNOWN = {"share": 0.3, "surnames": 0.5, "initials": 0.2}
"""What is assumed of authors of whom one side names none."""

MOST_SPECIFIC = 5.0
"""Weight of words from which more of them say no more."""

OWN_WORDS = 0.2
"""Weight of words in each title that the other lacks, from which they are more than particles."""

SURE_OF_TITLES = 0.8
"""Probability from which records without abstracts are merged."""

SURE_OF_COPY = 0.95
"""The same for two records of one source, which lists most papers once."""

MISREAD_TITLE, MISREAD_SURNAMES = 0.8, 0.6
"""Similarity of titles and of surnames from which authors without a name in common are taken for
misread ones."""

SAME_TITLE, SPECIFIC = 0.97, 3.0
"""Similarity of titles, and weight of their words, that do with a year in the place of authors, or
with initials in the place of surnames."""

SEVERAL = 2
"""Authors in common from which a title of one or two words says enough."""

SAME_INITIALS = 0.5
"""Share of initials that do in the place of surnames: of lists that put given names last."""

SHARED, HALF = 0.3, 0.5
"""Share of an abstract's words, in either and in the shorter one, that speaks for an identifier."""

WITHIN = 0.9
"""How much of one title the other has, from which it does not contradict an identifier."""

OTHER_ABSTRACT = 0.2
"""Share of common words under which abstracts contradict an identifier."""

P = pl.col


def list_measures() -> dict[str, pl.Expr]:
    """List what is weighed of a pair, by the names of `WEIGHTS`."""
    measures = {
        **{name: P(name).fill_null(value) for name, value in UNKNOWN.items()},
        "specific": P("specific").clip(upper_bound=MOST_SPECIFIC),
        "have_own_words": P("substituted") > OWN_WORDS,
        "are_years_apart": (P("years") > 1).fill_null(value=False),
    }
    return {name: measures.get(name, P(name)).cast(pl.Float64) for name in WEIGHTS}


def bibliographic_probability() -> pl.Expr:
    """Return the probability that a pair that lacks an abstract is one paper; null for others."""
    terms = [WEIGHTS[name] * measure for name, measure in list_measures().items()]
    logit = sum(terms, start=pl.lit(OFFSET))
    return pl.when(P("whole").is_null()).then(1 / (1 + (-logit).exp()))


def is_misread_name() -> pl.Expr:
    """Return whether authors without a common name are the same ones, misread or turned round."""
    alike = (P("title") >= MISREAD_TITLE) & (P("surnames") >= MISREAD_SURNAMES)
    turned = (P("title") >= SAME_TITLE) & (P("initials") >= SAME_INITIALS)
    return (P("whole").is_null() & (alike | turned)).fill_null(value=False)


def is_one_in_bibliography() -> pl.Expr:
    """Return whether titles and authors make a pair that lacks an abstract one paper.

    ``by_title`` is the `bibliographic_probability`.
    """
    dated = P("share").is_null() & (P("years") <= 1) & (P("specific") >= SPECIFIC)
    vouched = [P("share") >= AGREEING, is_misread_name(), dated & (P("title") >= SAME_TITLE)]
    agree = pl.any_horizontal(sign.fill_null(value=False) for sign in vouched)
    sure = (P("by_title") >= SURE_OF_TITLES).fill_null(value=False)
    has_number = P("has_more_numbers") & ~P("has_names_before")
    is_short = P("is_generic") & ~has_several_authors()
    is_other = P("is_modified") | P("is_contrasted") | has_number | is_short
    return agree & sure & ~is_other.fill_null(value=True)


def has_several_authors() -> pl.Expr:
    """Return whether records without abstracts share several authors, which a short title needs.

    Editorials and other regular columns have the same editors for years.
    """
    several = (
        (P("common") >= SEVERAL) & (P("share") == 1) & ~(P("years") > 1).fill_null(value=False)
    )
    return (several & P("are_bare") & ~P("is_named_generic")).fill_null(value=False)


def is_second_copy() -> pl.Expr:
    """Return whether two records of one source are copies, and not two papers that it lists.

    Bibliographies that are caught by machine have a paper as often as it is cited, with other
    misread letters each time; other words make it another paper.
    """
    has_same_words = (P("substituted") <= OWN_WORDS) & (P("inserted") <= OWN_WORDS)
    is_sure = (P("by_title") >= SURE_OF_COPY) & has_same_words & is_one_in_bibliography()
    return is_sure.fill_null(value=False)


def has_support() -> pl.Expr:
    """Return whether title, authors or abstract speak for an identifier that two records share."""
    spoken = [
        P("title") >= OTHER,
        P("within") >= WITHIN,
        P("share") >= AGREEING,
        P("whole") >= SHARED,
        P("contained") >= HALF,
    ]
    return pl.any_horizontal(sign.fill_null(value=False) for sign in spoken)


def is_contradicted() -> pl.Expr:
    """Return whether two records share an identifier, and all else that is known contradicts it.

    The titles are other titles, and so are the authors or the abstracts, or both where both are
    known; or one is a journal or a volume. What a title in another script says cannot be compared.
    """
    shares = pl.any_horizontal(P(f"same_{name}") for name in STRONG_IDENTIFIERS)
    is_stranger = P("strangers") | ((P("share") < AGREEING) & (P("years") > 1))
    other_authors = pl.when(P("share").is_not_null()).then(is_stranger.fill_null(value=False))
    other_abstract = P("whole") < OTHER_ABSTRACT
    signs = [other_authors, other_abstract]
    all_other = pl.all_horizontal(sign.fill_null(value=True) for sign in signs)
    any_known = pl.any_horizontal(sign.is_not_null() for sign in signs)
    # The DOI of a whole volume was given to what is printed in it.
    is_volume = P("has_volume").fill_null(value=False) & ~(P("share") >= AGREEING).fill_null(
        value=False
    )
    is_other = (all_other & any_known) | is_volume
    return shares & ~has_support() & is_other & ~P("has_other_script")
