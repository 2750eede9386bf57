"""What links in texts are: kind, availability and role, by host, nouns, cues and words."""

import polars as pl

from flows.enrich.links import link_kinds
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

ON_FORGE = (LinkKind.CODE.value, LinkKind.DATASET.value)
"""What a repository may hold, as far as words tell."""


def describe_links(mentions: pl.DataFrame) -> pl.DataFrame:
    """Add to mentions (`extract_links.MENTIONS`) what `add_kinds` and `add_roles` do.

    Links of others get the kind that all words together speak for.
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
    """Revise ``kind`` of links of others whose host does not decide, by `score_kinds`.

    What the authors made is described by nouns that they chose ("our project page"), and abstracts
    end with it; the words were learned from sentences about things of others.
    """
    revised = (
        pl.when((pl.col("role") == LinkRole.OWN.value) | link_kinds.is_decided_by_host())
        .then("kind")
        .when(link_kinds.is_on_code_host())
        .then(_choose_best(ON_FORGE))
        .otherwise(_choose_best(KINDS))
    )
    return mentions.with_columns(scores.select(pl.all().name.prefix("_score_"))).select(
        *(name if name != "kind" else revised.alias("kind") for name in mentions.columns)
    )


def _choose_best(kinds: tuple[str, ...]) -> pl.Expr:
    scores = pl.concat_list(f"_score_{kind}" for kind in kinds)
    # The first of equals: an order that never changes.
    return scores.list.arg_max().replace_strict(
        dict(enumerate(kinds)), return_dtype=pl.String, default=kinds[-1]
    )
