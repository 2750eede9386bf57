"""Features of a candidate: what is known about one topic in one paper, as numbers."""

import polars as pl

from flows.enrich.topics.field_features import FIELD_FEATURES
from flows.enrich.topics.mention_context import KEY, LOCAL_CUES, ZONES
from flows.enrich.topics.wordings import WORDING_FEATURES

SATURATION = 3
"""Mentions beyond the third say little more."""

PAIRED = "contribution"
"""The facet whose candidates are weighed against each other one by one."""

CLAIMED = 0.6
"""Weight of mentions (of three) in own sentences that puts a contribution forward."""

MANNERS = [*LOCAL_CUES, "prospect"]
"""How a mention may be meant."""


def describe_candidates(places: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Describe every topic that a paper mentions: one row per paper and topic, key `KEY`.

    Takes mentions in context and the taxonomy. All features are numbers of about unit size.
    """
    return (
        places.pipe(_mark_mentions)
        .group_by(KEY)
        .agg(*_measure_places(), *_measure_manners(), *_measure_phrases())
        .sort(KEY)
        .pipe(_compare_rivals)
        .pipe(_add_family, topics)
    )


def _mark_mentions(places: pl.DataFrame) -> pl.DataFrame:
    """Put beside each mention what is summed per candidate: plain columns sum fastest."""
    strength, zone, start = pl.col("strength"), pl.col("zone"), pl.col("start")
    in_title = zone == "title"
    manners = [pl.col(f"is_{kind}") for kind in MANNERS]
    return places.with_columns(
        *(
            pl.when(zone == at).then(strength).otherwise(0.0).alias(f"at_{at}")
            for at in ZONES.categories
        ),
        *(manner.cast(pl.Float32) for manner in manners),
        title_start=pl.when(in_title).then(start),
        text_start=pl.when(~in_title).then(start),
        offered=pl.col("is_new") & zone.is_in(["own", "title"]),
        title_means=pl.col("is_means") & in_title,
        title_aim=pl.col("is_aim") & in_title,
        own_means=pl.col("is_means") & (zone == "own"),
        own_aim=pl.col("is_aim") & (zone == "own"),
        is_aside=pl.col("is_negation") | pl.col("is_list"),
        declared=(strength > 1) & zone.is_in(["own", "title"]),
    )


def _measure_places() -> list[pl.Expr]:
    zones = ZONES.categories
    counts = [(pl.col(f"at_{at}").sum() / SATURATION).clip(0, 1).alias(f"in_{at}") for at in zones]
    names = [(pl.col(f"at_{at}").max() >= 1).cast(pl.Float64).alias(f"named_{at}") for at in zones]
    present = [(pl.col(f"at_{at}").max() > 0).cast(pl.Float64) for at in zones]
    first = pl.col("text_start").min()
    return [
        *counts,
        *names,
        (1 - pl.col("title_start").min() / 120).clip(0, 1).fill_null(0).alias("title_early"),
        (1 - first / 1500).clip(0, 1).fill_null(0).alias("early"),
        (pl.col("text_start").max().fill_null(0).clip(0, 1500) / 1500).alias("late"),
        (pl.sum_horizontal(present) / len(zones)).alias("spread"),
        (pl.col("sentence").max() - pl.col("sentence").min())
        .fill_null(0)
        .clip(0, 6)
        .truediv(6)
        .alias("sentences"),
        pl.col("is_last").max().cast(pl.Float64).alias("at_end"),
        (pl.col("sentence").fill_null(-1).max() <= 0).cast(pl.Float64).alias("only_first"),
    ]


def _measure_manners() -> list[pl.Expr]:
    flags = ["offered", "declared", "title_means", "title_aim", "own_means", "own_aim"]
    return [
        *(pl.col(f"is_{kind}").mean().cast(pl.Float64).alias(f"mostly_{kind}") for kind in MANNERS),
        *(pl.col(flag).max().cast(pl.Float64) for flag in flags),
        pl.col("is_aside").min().cast(pl.Float64).alias("only_aside"),
    ]


def _measure_phrases() -> list[pl.Expr]:
    return [
        pl.col("strength").max().alias("strength"),
        pl.col("strength").sum().clip(0, 12).log1p().truediv(2.5).alias("amount"),
        pl.col("key").n_unique().clip(0, 5).truediv(5).alias("variety"),
        pl.col("words").max().clip(0, 4).truediv(4).alias("length"),
        (pl.len() == 1).cast(pl.Float64).alias("is_single"),
    ]


def _compare_rivals(frame: pl.DataFrame) -> pl.DataFrame:
    """Compare a candidate with the others of its paper and facet."""
    # A title and own claims outweigh a mention elsewhere, which ``amount`` counts too.
    weight = pl.col("amount") + pl.col("in_title") + 0.5 * pl.col("in_own")
    facet = ["row", "facet"]
    return (
        frame.with_columns(weight=weight)
        .with_columns(
            share=pl.col("weight") / pl.col("weight").sum().over(facet),
            lead=pl.col("weight") / pl.col("weight").max().over(facet),
            rank=1 / pl.col("weight").rank("min", descending=True).over(facet),
            rivals=pl.len().over(facet).clip(0, 15) / 15,
            title_rivals=(pl.col("in_title") > 0).sum().over(facet).clip(0, 5) / 5,
        )
        .with_columns(
            untitled=((pl.col("in_title") == 0) & (pl.col("title_rivals") > 0)).cast(pl.Float64)
        )
        .drop("weight")
    )


def _add_family(frame: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Add how strong a candidate's children and its parent are in the same paper."""
    coded = {name: frame.schema[name] for name in ("facet", "topic")} | {
        "parent": frame.schema["topic"]
    }
    families = topics.filter(pl.col("parent").is_not_null()).select(
        pl.col(name).cast(dtype) for name, dtype in coded.items()
    )
    children = (
        frame.select(*KEY, "amount")
        .join(families, on=["facet", "topic"], how="inner", validate="m:1")
        .group_by("row", "facet", topic="parent")
        .agg(child=pl.col("amount").max())
    )
    parents = frame.select("row", "facet", parent="topic", above="amount")
    return (
        frame.join(children, on=KEY, how="left", validate="1:1", maintain_order="left")
        .join(families, on=["facet", "topic"], how="left", validate="m:1", maintain_order="left")
        .join(
            parents,
            on=["row", "facet", "parent"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(pl.col("child", "above").fill_null(0))
        .drop("parent")
    )


def add_implied_areas(frame: pl.DataFrame, implications: pl.DataFrame) -> pl.DataFrame:
    """Add to candidate areas what the tasks and methods of the paper say for them.

    Other facets get zeros. An area that is implied but not mentioned becomes a candidate.
    """
    coded = {name: frame.schema[name] for name in ("facet", "topic")} | {
        "area": frame.schema["topic"]
    }
    implications = implications.select(pl.col(name).cast(dtype) for name, dtype in coded.items())
    presence = (pl.col("in_title") + pl.col("in_own") + pl.col("in_body") / 2).alias("said")
    sources = (
        frame.join(implications, on=["facet", "topic"], how="inner", validate="m:m")
        .group_by("row", topic="area")
        .agg(
            implied_most=presence.max(),
            implied_sum=presence.sum().clip(0, 3),
            implied_amount=pl.col("amount").max(),
            implied_lead=pl.col("lead").max(),
            implied_kinds=pl.len().clip(0, 5) / 5,
        )
        .with_columns(facet=pl.lit("area", frame.schema["facet"]))
    )
    return (
        # A full join: an area may be implied by its tasks without a word of its own.
        frame.join(sources, on=KEY, how="full", coalesce=True, validate="1:1")
        .with_columns(pl.exclude(KEY).fill_null(0))
        .sort(KEY)
    )


def pair_contributions(frame: pl.DataFrame) -> pl.DataFrame:
    """Pair each candidate contribution with those its paper puts forward: `KEY`, ``other``, ``at``.

    A framework beside a benchmark is often a part of it; a survey seldom proposes a model. ``at``
    is `title` for what the title names and `own` for what the paper's own claims name.
    """
    here = frame.filter(pl.col("facet") == PAIRED)
    titled = here.filter(pl.col("in_title") > 0)
    claimed = here.filter((pl.col("named_own") > 0) | (pl.col("in_own") >= CLAIMED))
    rivals = pl.concat(
        forward.select("row", other="topic", at=pl.lit(at))
        for at, forward in (("title", titled), ("own", claimed))
    )
    return here.select(KEY).join(rivals, on="row", how="inner", validate="m:m")


FEATURES = [
    *[f"in_{zone}" for zone in ZONES.categories],
    *[f"named_{zone}" for zone in ZONES.categories],
    "title_early",
    "early",
    "late",
    "spread",
    "sentences",
    "at_end",
    "only_first",
    *[f"mostly_{kind}" for kind in MANNERS],
    "offered",
    "declared",
    "title_means",
    "title_aim",
    "own_means",
    "own_aim",
    "only_aside",
    "strength",
    "amount",
    "variety",
    "length",
    "is_single",
    "share",
    "lead",
    "rank",
    "rivals",
    "title_rivals",
    "untitled",
    "child",
    "above",
    "implied_most",
    "implied_sum",
    "implied_amount",
    "implied_lead",
    "implied_kinds",
    *FIELD_FEATURES,
    *WORDING_FEATURES,
]
"""The columns of a candidate that the model weighs, in order."""
