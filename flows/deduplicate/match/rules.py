"""Rules: what makes two records one paper, and what forbids it.

The rules are those of `MatchRule`, tried in its order; what forbids is an `Objection`. Where
titles differ, one number decides: the probability that the pair is one paper, a logistic curve
over three similarities. Its weights were fitted on pairs of arXiv records whose ids were hidden:
1,609 of 3,971 pairs by the same people from different sources were one paper. In five-fold
cross-validation 0.5 kept 0.992 of all pairs right and found 0.979 of the true ones, before
clusters are freed of contradictions.
"""

import polars as pl

from flows.deduplicate.match.bibliographic_rule import (
    has_several_authors,
    is_misread_name,
    is_one_in_bibliography,
    is_second_copy,
)
from flows.deduplicate.match.compare_authors import AGREEING
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule, Objection

WEIGHT_TITLE, WEIGHT_ABSTRACT, WEIGHT_AUTHORS, OFFSET = 5.0, 13.0, 5.5, -12.0
"""Logit of the probability: what each similarity (0 to 1) adds, and where the sum starts."""

SURE = 0.5
"""Probability from which records are merged."""

DOUBTFUL = 0.1
"""Probability from which a pair is shown to people: the uncertain band."""

SAME_ABSTRACT = 0.5
"""Share of common words under equal titles. Comments on one paper often exceed it: strangers by
their authors are refused first."""

COPY = 0.95
"""Share of the shorter abstract's words found in the longer one, for a shortened copy."""

WHOLE = 0.8
"""Share of common words from which neither abstract is called a shortened one."""

NEAR_TITLE = 0.8
"""Similarity of titles from which they count as one title, edited."""

SAME_SOURCE_TITLE, SAME_SOURCE_ABSTRACT = 0.5, 0.8
"""A source lists a paper once, so that two of its records under different titles are most likely
two papers by the same people. They merge only when they are all but copies."""

EQUAL_TITLES = 0.99
"""Least score under equal titles: the curve was fitted on pairs whose titles differ, and of 11,514
pairs that the rules for equal titles joined two were wrong."""

OTHER_IDENTIFIER = dict(
    zip(
        STRONG_IDENTIFIERS,
        (
            Objection.ARXIV_IDS,
            Objection.DOIS,
            Objection.ACL_IDS,
            Objection.OPENREVIEW_IDS,
        ),
        strict=True,
    )
)
"""What two values of an identifier are called."""

P = pl.col


def match_probability() -> pl.Expr:
    """Return the probability that a pair under different titles is one paper."""
    logit = (
        WEIGHT_TITLE * P("title")
        + WEIGHT_ABSTRACT * P("abstract").fill_null(0.0)
        + WEIGHT_AUTHORS * P("balance").fill_null(0.0)
        + OFFSET
    )
    return 1 / (1 + (-logit).exp())


def shared_identifier() -> pl.Expr:
    """Return the place (from 1) of the strongest identifier that two records share, else null.

    An identifier does not join records that a stronger one tells apart: two arXiv ids under one
    DOI are two papers that a journal printed as one.
    """
    shared = pl.lit(None, pl.Int64)
    for place in reversed(range(len(STRONG_IDENTIFIERS))):
        stronger = [P(f"other_{name}") for name in STRONG_IDENTIFIERS[:place]]
        free = ~pl.any_horizontal(stronger) if stronger else pl.lit(value=True)
        shared = (
            pl.when(P(f"same_{STRONG_IDENTIFIERS[place]}") & free).then(place + 1).otherwise(shared)
        )
    return shared


def refuse_pair() -> pl.Expr:
    """Say why no text may join a pair, as an `Objection`, else null."""
    is_copy = (P("abstract") >= COPY).fill_null(value=False)
    half = (P("abstract") >= SAME_ABSTRACT).fill_null(value=False)
    twin = (P("title") == 1) & P("is_about_another")
    agree = (P("share") >= AGREEING).fill_null(value=False)
    raised = {
        Objection.ABOUT_ANOTHER: P("other_kind"),
        Objection.PARTS: P("other_part"),
        Objection.PART_AND_WHOLE: P("one_part")
        & (P("title") < 1)
        & ~is_copy
        & ~(_has_become_first_part() & half),
        Objection.NUMBERS: P("other_numbers"),
        Objection.COMMENTATORS: twin & ~agree & ~(P("share").is_null() & is_copy),
        Objection.STRANGERS: P("strangers") & ~is_misread_name(),
        Objection.SIBLINGS: P("has_sibling_name") & ~is_copy,
        Objection.LISTED_TWICE: P("same_source")
        & (P("title") < 1)
        & ~(_is_nearly_copy() | is_second_copy()),
    }
    other_ids = [
        pl.when(P(f"other_{name}")).then(pl.lit(objection.value))
        for name, objection in OTHER_IDENTIFIER.items()
    ]
    texts = [
        pl.when(is_raised).then(pl.lit(objection.value)) for objection, is_raised in raised.items()
    ]
    return pl.coalesce(*other_ids, *texts)


def _has_become_first_part() -> pl.Expr:
    """Tell a paper that was called Part I once there was a second; one source lists both parts."""
    return P("is_first_part") & ~P("same_source")


def doubt_pair() -> pl.Expr:
    """Say what a pair under one title lacks that nothing forbids and no rule joins, else null."""
    equal = P("title") == 1
    return (
        pl.when(equal & P("is_generic"))
        .then(pl.lit(Objection.GENERIC_TITLE.value))
        .when(equal)
        .then(pl.lit(Objection.TITLE_ALONE.value))
    )


def _is_nearly_copy() -> pl.Expr:
    near = (P("title") >= SAME_SOURCE_TITLE) & (P("abstract") >= SAME_SOURCE_ABSTRACT)
    return near.fill_null(value=False)


def choose_rule() -> pl.Expr:
    """Return the text rule that joins a pair that nothing forbids, else null."""
    equal = P("title") == 1
    agree = (P("share") >= AGREEING).fill_null(value=False)
    half = (P("whole") >= SAME_ABSTRACT).fill_null(value=False)
    same_year = P("whole").is_null() & (P("years") == 0) & ~P("is_named_generic")
    says_enough = ~P("is_generic") | (P("whole") >= SAME_ABSTRACT / 2) | same_year
    says_enough = (says_enough | has_several_authors()).fill_null(value=False)
    # Under equal titles the rules below never ask the curve: it was fitted where titles differ.
    sure = P("probability") >= SURE
    near = P("title") >= NEAR_TITLE
    copy = ((P("contained") >= COPY) & (P("abstract") < WHOLE)).fill_null(value=False)
    vouched = agree | (P("share").is_null() & near)
    return (
        pl.when(equal & half & (agree | P("abstract").is_not_null()))
        .then(pl.lit(MatchRule.TITLE_ABSTRACT.value))
        .when(equal & agree & says_enough)
        .then(pl.lit(MatchRule.TITLE_AUTHORS.value))
        .when(copy & ((near & vouched) | (sure & agree)))
        .then(pl.lit(MatchRule.SHORTENED.value))
        .when(near & sure & vouched)
        .then(pl.lit(MatchRule.NEAR_TITLE_ABSTRACT.value))
        .when(sure & agree)
        .then(pl.lit(MatchRule.RENAMED.value))
        .when(is_one_in_bibliography())
        .then(pl.lit(MatchRule.NEAR_TITLE_AUTHORS.value))
    )


def rate_rule() -> pl.Expr:
    """Return how sure a text rule is: 1 where title and abstract are equal."""
    equal = P("title") == 1
    return (
        pl.when(equal & (P("whole") == 1))
        .then(1.0)
        .when(equal)
        .then(pl.max_horizontal("probability", pl.lit(EQUAL_TITLES)))
        .otherwise(pl.max_horizontal("probability", "by_title"))
    )
