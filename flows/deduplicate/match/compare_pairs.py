"""Compare pairs: which candidate pairs are one paper, by which rule, and which nearly are."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from rapidfuzz import fuzz, process

from flows.deduplicate.match import title_series
from flows.deduplicate.match.bibliographic_rule import (
    bibliographic_probability,
    has_support,
    is_contradicted,
)
from flows.deduplicate.match.blocking import FEWEST_WORDS
from flows.deduplicate.match.clustering import EDGES, TEXT_PRIORITY
from flows.deduplicate.match.compare_authors import compare_names
from flows.deduplicate.match.near_misses import NEAR_PAIRS
from flows.deduplicate.match.record_features import RecordFeatures
from flows.deduplicate.match.rules import (
    DOUBTFUL,
    SURE,
    choose_rule,
    doubt_pair,
    match_probability,
    rate_rule,
    refuse_pair,
    shared_identifier,
)
from flows.deduplicate.match.sibling_names import has_sibling_name
from flows.deduplicate.match.title_details import add_title_details
from flows.deduplicate.match.word_sets import compare_sets
from flows.parts import map_in_order
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule, Objection

LONGEST = 2_000
"""Characters of a title that are compared one by one: the time grows with the square of the length.
The longest of 85,372 real titles has 335."""


LATIN = r"[a-z]{3}"
"""What a title in Latin letters has."""

EDITION = (
    rf"{title_series.PUBLICATION}|\b(?:(?:19|20)\d\d|\d{{1,2}} ?(?:st|nd|rd|th))\b|"
    r" [89]\d$| \d{2,4} \d{2,4}$|\b[a-z]{2,}[01][a-z]{2,}\b"
)
"""Where a title was printed, a year, the ordinal of a conference, pages, a word of which an ``l``
or ``o`` was misread."""

PAIRS_AT_ONCE = 50_000
"""Candidate pairs compared in one go, on each of two threads: some 100 MB."""


@dataclass(frozen=True)
class PairDecisions:
    """What comparing pairs gave."""

    verified: pl.DataFrame
    """The pairs that a rule joins, as `EDGES`."""
    near: pl.DataFrame
    """The near misses: `NEAR_PAIRS`."""


def compare_pairs(features: RecordFeatures, pairs: npt.NDArray[np.int64]) -> PairDecisions:
    """Compare candidate pairs part by part; keep the verified ones and the near misses."""
    parts = np.array_split(pairs, max(1, -(-len(pairs) // PAIRS_AT_ONCE)))
    decided = list(map_in_order(lambda part: _decide_part(features, part), parts))
    return PairDecisions(
        pl.concat(part.verified for part in decided), pl.concat(part.near for part in decided)
    )


def _decide_part(features: RecordFeatures, part: npt.NDArray[np.int64]) -> PairDecisions:
    rows = decide_pairs(measure_pairs(features, part))
    is_match = pl.col("rule").is_not_null()
    shown = (Objection.TITLE_ALONE.value, Objection.CONTRADICTED.value)
    is_near = (pl.col("probability") >= DOUBTFUL) | pl.col("why").is_in(shown)
    near = rows.filter(~is_match & is_near.fill_null(value=False))
    return PairDecisions(
        rows.filter(is_match).select(EDGES.names()).cast(EDGES),
        near.select(NEAR_PAIRS.names()).cast(NEAR_PAIRS),
    )


def measure_pairs(features: RecordFeatures, pairs: npt.NDArray[np.int64]) -> pl.DataFrame:
    """Return one row per pair with everything the rules ask for, in the order of the pairs.

    ``title``: similarity of the titles' words, 1 where they are equal. ``abstract``: words in
    common over words in either, ``contained``: over those of the shorter one; null where an
    abstract has too few words to say something. ``share`` and ``balance`` of the authors, null
    where one side names none.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    names = compare_names(features.names, pairs)
    are_known = pl.Series(names.known)
    return (
        pl.DataFrame(
            {
                "left": left,
                "right": right,
                "title": _compare_titles(features.records["title"], left, right),
                "strangers": names.strangers,
                "share": names.share,
                "balance": names.balance,
                "common": names.common,
            }
        )
        .with_columns(
            pl.when(are_known).then("share").alias("share"),
            pl.when(are_known).then("balance").alias("balance"),
            *_compare_abstracts(features, pairs),
            *_list_differences(features.records, left, right),
        )
        .pipe(add_title_details, features.records)
    )


def _compare_titles(
    titles: pl.Series, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    first, second = (_bound_titles(titles.gather(rows)).to_list() for rows in (left, right))
    # One worker: parts are compared on two threads already.
    scores = process.cpdist(first, second, scorer=fuzz.ratio, workers=1)
    return np.asarray(scores, np.float64) / 100


def _bound_titles(titles: pl.Series) -> pl.Series:
    """Return titles without spaces, and of an endless one its beginning and a hash of the whole."""
    titles = titles.fill_null("").str.replace_all(" ", "", literal=True)
    rows = (titles.str.len_chars() > LONGEST).arg_true()
    if rows.is_empty():
        return titles
    whole = titles.gather(rows)
    digests = [hashlib.sha256(title.encode()).hexdigest()[:16] for title in whole]
    return titles.scatter(rows, whole.str.head(LONGEST) + pl.Series(digests))


def _compare_abstracts(features: RecordFeatures, pairs: npt.NDArray[np.int64]) -> list[pl.Series]:
    overlap = compare_sets(features.abstracts, features.abstracts, pairs)
    return [
        overlap.jaccard(FEWEST_WORDS).alias("abstract"),
        overlap.contained(FEWEST_WORDS).alias("contained"),
        overlap.jaccard(1).alias("whole"),
    ]


def _list_differences(
    records: pl.DataFrame, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> list[pl.Series]:
    """Say which marks of the two records contradict each other."""
    first, second = records[left], records[right]

    def differ(name: str) -> pl.Series:
        return first[name].ne_missing(second[name])

    def conflict(name: str) -> pl.Series:
        return (first[name] != second[name]).fill_null(value=False)

    def agree(name: str) -> pl.Series:
        return (first[name] == second[name]).fill_null(value=False)

    return [
        *(agree(name).alias(f"same_{name}") for name in STRONG_IDENTIFIERS),
        *(conflict(name).alias(f"other_{name}") for name in STRONG_IDENTIFIERS),
        differ("kind").alias("other_kind"),
        first["kind"].is_not_null().alias("is_about_another"),
        conflict("part").alias("other_part"),
        differ("part").alias("one_part"),
        (first["part"].fill_null("i") == second["part"].fill_null("i")).alias("is_first_part"),
        _compare_numbers(first["numbers"], second["numbers"]),
        agree("source").alias("same_source"),
        (first["year"] - second["year"]).abs().alias("years"),
        _has_more_numbers(first, second),
        (first["title"].str.contains(LATIN) != second["title"].str.contains(LATIN)).alias(
            "has_other_script"
        ),
        has_sibling_name(first["name"], second["name"]).alias("has_sibling_name"),
        (first["is_generic"] | second["is_generic"]).alias("is_generic"),
        (first["is_bare"] & second["is_bare"]).alias("are_bare"),
        first["title"].str.contains(title_series.GENERIC).alias("is_named_generic"),
    ]


def _compare_numbers(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return whether each of two titles has a number that the other lacks."""
    differ = (first != second).fill_null(value=False)
    left, right = (side.filter(differ).str.extract_all(r"\d+") for side in (first, second))
    # A title may name the year that the other leaves out; two years are two reports.
    lacks = (left.list.set_difference(right).list.len() > 0) & (
        right.list.set_difference(left).list.len() > 0
    )
    return differ.scatter(differ.arg_true(), lacks).alias("other_numbers")


def _has_more_numbers(first: pl.DataFrame, second: pl.DataFrame) -> pl.Series:
    """Return whether one of two titles has a number that the other lacks.

    Years and ordinals aside: they are printed with its proceedings beside a title.
    """
    rows = (first["numbers"] != second["numbers"]).fill_null(value=False).arg_true()
    titles = [side["title"].gather(rows).str.replace_all(EDITION, "") for side in (first, second)]
    left, right = (side.str.extract_all(r"\d+").list.sort() for side in titles)
    none = pl.Series("has_more_numbers", [False] * len(first), dtype=pl.Boolean)
    return none.scatter(rows, left != right) if len(rows) else none


def decide_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Add the decision on each compared pair: ``rule``, ``score``, ``priority`` and ``why``.

    ``rule`` is null where the pair is not verified; ``why`` is the `Objection` that forbids it or
    says what a pair under one title lacks, which is then as probable as not; ``priority`` is 1 to
    4 for identifiers, the strongest first, then comes `TEXT_PRIORITY`, then identifiers for which
    nothing else speaks.
    """
    return (
        pairs.with_columns(
            match_probability().alias("probability"),
            shared_identifier().alias("identifier"),
            is_contradicted().alias("is_contradicted"),
            bibliographic_probability().alias("by_title"),
        )
        .with_columns(
            refuse_pair().alias("why"), choose_rule().alias("rule"), rate_rule().alias("score")
        )
        .pipe(_decide_by_identifier)
        .with_columns(
            pl.when(pl.col("rule").is_null())
            .then(pl.coalesce("why", doubt_pair()))
            .otherwise("why")
            .alias("why")
        )
        .with_columns(
            pl.when(pl.col("why") == Objection.TITLE_ALONE)
            .then(pl.max_horizontal("probability", pl.lit(SURE)))
            .otherwise(pl.max_horizontal("probability", "by_title"))
            .alias("probability")
        )
    )


def _decide_by_identifier(pairs: pl.DataFrame) -> pl.DataFrame:
    """Let a shared identifier decide, unless all else contradicts it."""
    has_id = pl.col("identifier").is_not_null() & ~pl.col("is_contradicted")
    by_text = pl.when(pl.col("why").is_null()).then("rule")
    # An identifier for which nothing else speaks joins after the texts have: so a row that bears a
    # wrong one joins the paper that it is like, and what contradicts is then seen.
    place = pl.col("identifier") + pl.when(has_support()).then(0).otherwise(TEXT_PRIORITY)
    return pairs.with_columns(
        pl.when(pl.col("is_contradicted"))
        .then(None)
        .when(has_id)
        .then(pl.lit(MatchRule.IDENTIFIER.value))
        .otherwise(by_text)
        .alias("rule"),
        pl.when(pl.col("is_contradicted"))
        .then(pl.lit(Objection.CONTRADICTED.value))
        .otherwise("why")
        .alias("why"),
        pl.when(has_id).then(1.0).otherwise("score").alias("score"),
        pl.when(has_id).then(place).otherwise(TEXT_PRIORITY).alias("priority"),
    )
