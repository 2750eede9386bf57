"""Verify answer: whether what a service offers is the paper; its own score never counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
from rapidfuzz import fuzz

from flows.deduplicate.match.compare_authors import AGREEING, compare_author_lists
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.deduplicate.resolve.abstract_overlap import compare_long_words
from flows.deduplicate.resolve.compare_titles import (
    MIN_WORDS,
    add_sequels,
    is_opposed,
    is_same_text,
    is_supported,
)
from flows.deduplicate.resolve.services import Offer
from flows.text.title_key import title_key

NEAR = 0.9
"""Least similarity of the sorted words of a changed title whose authors agree: one word in ten.
Without authors only an equal title is answered: a service gives no look-alikes to compare with."""


@dataclass(frozen=True)
class Lookup:
    """What is known of a paper whose id is asked for."""

    title: str
    authors: Sequence[str] | None = None
    abstract: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What was found for one title."""

    arxiv_id: str | None = None
    doi: str | None = None
    resolver: str | None = None
    score: float = 0.0
    evidence: str | None = None
    """The title that was found, also of what was refused."""
    shared_authors: float | None = None
    shared_abstract: float | None = None
    answered: date | None = None
    reason: str | None = None


_PAIR = pl.Schema(
    {
        "title": pl.String(),
        "matched_title": pl.String(),
        "authors": pl.List(pl.String),
        "authors_right": pl.List(pl.String),
        "abstract": pl.String(),
        "abstract_right": pl.String(),
        "arxiv_id": pl.String(),
        "doi": pl.String(),
    }
)


def verify_offers(lookup: Lookup, offered: Sequence[Offer], resolver: str) -> Verdict:
    """Judge what a service offers by titles, authors and abstracts.

    An equal title is right unless what else is known speaks against it; a short one needs authors
    or an abstract that speak for it. A changed title is right where the abstract is the same or,
    if it is near, where the authors agree. Authors without a name in common refuse any match, and
    two different papers that both fit refuse each other.
    """
    if not offered:
        return Verdict(reason="absent")
    ours = list(lookup.authors) if lookup.authors else None
    rows = [
        (lookup.title, o.title, ours, [*o.authors], lookup.abstract, o.abstract, o.arxiv_id, o.doi)
        for o in offered
    ]
    judged = _judge_pairs(pl.DataFrame(rows, schema=_PAIR, orient="row"))
    right = judged.filter("is_right")
    best = (judged if right.is_empty() else right).row(0, named=True)
    support = {"shared_authors": best["agreement"], "shared_abstract": best["shared"]}
    seen = Verdict(score=best["score"], evidence=best["matched_title"], **support)
    if right.is_empty():
        return replace(seen, reason=_name_objection(best))
    if right["arxiv_id"].drop_nulls().n_unique() > 1:
        return replace(seen, reason="ambiguous")
    arxiv = next(iter(right["arxiv_id"].drop_nulls()), None)
    return Verdict(arxiv, best["doi"], resolver, seen.score, seen.evidence, **support)


def _name_objection(best: dict[str, object]) -> str:
    if best["agreement"] == 0:
        return "other authors"
    return "another abstract" if best["is_opposed"] else "look-alike"


def _judge_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    left, right = (code_long_words(pairs[name]) for name in ("abstract", "abstract_right"))
    keyed = (
        pairs.with_columns(
            key=title_key(pl.col("title")),
            key_right=title_key(pl.col("matched_title")),
            agreement=compare_author_lists(pairs["authors"], pairs["authors_right"]),
            shared=compare_long_words(left, right),
        )
        .with_columns(is_opposed=is_opposed())
        .pipe(add_sequels)
    )
    near = [
        fuzz.token_sort_ratio(a, b) / 100
        for a, b in keyed.select("key", "key_right").fill_null("").iter_rows()
    ]
    letters = [pl.col(name).str.replace_all(" ", "") for name in ("key", "key_right")]
    is_equal = (letters[0] == letters[1]) & (letters[0] != "")
    has_words = pl.col("key").str.count_matches(" ") + 1 >= MIN_WORDS
    is_near = (pl.col("near") >= NEAR) & (pl.col("agreement") >= AGREEING).fill_null(value=False)
    changed = (is_same_text() | is_near) & ~pl.col("is_sequel")
    return (
        keyed.with_columns(near=pl.Series(near, dtype=pl.Float64))
        .with_columns(
            is_right=((is_equal & (is_supported() | has_words)) | changed) & ~pl.col("is_opposed"),
            score=pl.when(is_equal).then(1.0).otherwise("near"),
        )
        .sort("score", descending=True, maintain_order=True)
    )
