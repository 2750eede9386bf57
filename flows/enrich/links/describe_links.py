"""What links in texts are: kind, availability and role, by host, nouns, cues and words."""

import polars as pl

from flows.enrich.links import extract_links, link_hosts, link_kinds
from flows.enrich.links.link_words import sum_word_weights
from flows.enrich.links.roles import (
    KINDS,
    Reading,
    add_roles,
    list_features,
    load_word_weights,
    name_cue,
    read_mentions,
)
from schemas.vocabulary import LinkKind, LinkRole

MENTION_COLUMNS = (
    *extract_links.MENTIONS,
    *("host", "repo", "kind", "availability", "role", "role_words"),
)
"""What is known of one mention, from a text or from a field."""

ON_FORGE = (LinkKind.CODE.value, LinkKind.DATASET.value)
"""What a repository may hold, as far as words tell."""

PAGE_KINDS = (
    LinkKind.CODE.value,
    LinkKind.DATASET.value,
    LinkKind.PAPER.value,
    LinkKind.PROJECT.value,
)
"""What a page of a project may be."""

DOCUMENT_KINDS = (LinkKind.PAPER.value, LinkKind.OTHER.value)
"""What a file that is read as a whole may be: a list of data in one is seldom what a text links."""

SURE = 0.3
"""What the score of a kind must have before that of the authors' own nouns: a third of a chance."""


def describe_links(mentions: pl.DataFrame) -> pl.DataFrame:
    """Add to mentions (`extract_links.MENTIONS`) what `add_kinds` and `add_roles` do.

    Kinds that no host decides are those that all words together speak for.
    """
    described = link_kinds.add_kinds(mentions)
    if mentions.is_empty():
        return described.with_columns(
            role=pl.lit(None, pl.String), role_words=pl.lit(None, pl.String)
        )
    reading = read_mentions(described)
    return add_roles(described, reading).pipe(revise_kinds, score_kinds(reading))


def score_kinds(reading: Reading) -> pl.DataFrame:
    """Score `KINDS` for mentions, a column each, a row per mention, in order."""
    weights = load_word_weights()
    features = pl.DataFrame({"feature": [name_cue(*key) for key in list_features()]})
    of_cues = features.join(
        weights, on="feature", how="left", validate="1:1", maintain_order="left"
    ).select(pl.col(KINDS).fill_null(0.0))
    of_words = sum_word_weights(
        reading.words, weights.select("feature", *KINDS), len(reading.shown)
    )
    return pl.DataFrame(reading.shown @ of_cues.to_numpy() + of_words.to_numpy(), schema=KINDS)


def revise_kinds(mentions: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Revise ``kind`` of links whose host does not decide, by `score_kinds`.

    Words were learned from sentences about things of others. What the authors made keeps the kind
    of its nouns ("our project page") at a forge and on hosts of project pages, and elsewhere unless
    all words speak clearly (`SURE`) for another kind; it is never `LinkKind.OTHER`.
    """
    is_own, is_on_page_host = pl.col("role") == LinkRole.OWN.value, link_hosts.is_on_page_host()
    chosen = (
        pl.when(link_hosts.is_on_code_host())
        .then(_choose_best(ON_FORGE))
        .when(~is_own & link_hosts.is_document())
        .then(_choose_best(DOCUMENT_KINDS))
        .when(is_own | is_on_page_host)
        .then(_choose_best(PAGE_KINDS))
        .otherwise(_choose_best(KINDS))
    )
    # A kind that is not scored, such as a demo, is one that only nouns can say.
    lead = _look_up_score(chosen) - _look_up_score(pl.col("kind"))
    is_close = lead < SURE
    # Behind a full stop the words are about something else, not about what is linked.
    is_alone = pl.col("lead").str.contains(r"[.!?]\s*$")
    is_said = is_close | ~pl.col("kind").is_in(KINDS) | is_on_page_host
    is_kept = (
        pl.when(link_hosts.is_on_code_host())
        .then(is_own | is_close | is_alone)
        .otherwise(is_own & is_said)
    )
    revised = pl.when(link_hosts.is_decided_by_host() | is_kept).then("kind").otherwise(chosen)
    return mentions.with_columns(scores.select(pl.all().name.prefix("_score_"))).select(
        *(name if name != "kind" else revised.alias("kind") for name in mentions.columns)
    )


def _look_up_score(kind: pl.Expr) -> pl.Expr:
    return pl.coalesce(pl.when(kind == name).then(f"_score_{name}") for name in KINDS)


def _choose_best(kinds: tuple[str, ...]) -> pl.Expr:
    scores = pl.concat_list(f"_score_{kind}" for kind in kinds)
    # The first of equals: an order that never changes.
    return scores.list.arg_max().replace_strict(
        dict(enumerate(kinds)), return_dtype=pl.String, default=kinds[-1]
    )
