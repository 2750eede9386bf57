"""Labels: the topics of papers, each with its probability and the words that earned it."""

import numpy as np
import polars as pl

from flows.enrich.topics.curated import Knowledge, load_knowledge
from flows.enrich.topics.features import KEY
from flows.enrich.topics.metadata_priors import add_prior_candidates, compute_metadata_priors
from flows.enrich.topics.model import Examined, Model, compute_log_odds, examine_texts, load_model
from flows.enrich.topics.out_of_domain import doubt_outside_computing
from flows.enrich.topics.taxonomy import NO_DOMAIN
from schemas.topic import EVIDENCE, TopicLabel
from schemas.vocabulary import License, Role

FLOOR = 0.15
"""Labels below this probability are not kept: six of seven of them are wrong."""

NEVER_EMPTY = ["area", "contribution"]
"""Facets of which every paper has a topic: the best one is assigned even below the threshold."""

LEAST_CHOICE = 0.25
"""Probability that the best topic of such a facet needs: below it the text says nothing."""

PIECES = 5
"""Pieces of evidence kept per label, the weightiest first."""

BATCH = 10_000
"""Papers labelled at a time, so that memory does not grow with the corpus."""

PRIMARY = 0.5
"""Probability from which a right label counts as the paper's own subject."""

ZONE_WEIGHTS = {"title": 1.0, "own": 0.8, "result": 0.5, "body": 0.5, "background": 0.3}
"""How much a place adds to the weight of evidence there: title before claims before background."""


def label_papers(
    papers: pl.DataFrame, knowledge: Knowledge | None = None, model: Model | None = None
) -> pl.DataFrame:
    """Label papers: a `TopicLabel` table, sorted by its key.

    ``papers`` has ``paper_id``, ``title``, ``abstract`` (null where unknown), ``categories``
    (list) and ``venue`` (null where unknown), texts on one line. A paper without a domain of
    application gets the domain `none`. Offsets count characters of the texts given.
    """
    knowledge, model = knowledge or load_knowledge(), model or load_model()
    parts = [
        _label_batch(papers.slice(start, BATCH), knowledge, model)
        for start in range(0, papers.height, BATCH)
    ]
    empty = pl.DataFrame(schema=TopicLabel.dtypes())
    return pl.concat([empty, *parts]).sort("paper_id", "facet", "topic")


def _label_batch(papers: pl.DataFrame, knowledge: Knowledge, model: Model) -> pl.DataFrame:
    texts = papers.select("paper_id", "title", "abstract", "categories", "venue").with_row_index(
        "row"
    )
    examined = examine_texts(texts, knowledge)
    priors = compute_metadata_priors(texts, knowledge, model)
    examined = add_prior_candidates(examined, priors)
    priors = pl.concat([priors, doubt_outside_computing(texts, examined.candidates)])
    scored = score_candidates(examined, model, priors)
    labels = scored.filter(pl.col("score") >= FLOOR)
    return (
        labels.join(
            _gather_evidence(examined.places, priors, texts), on=KEY, how="left", validate="1:1"
        )
        .pipe(_add_no_domain, texts, scored)
        .join(texts.select("row", "paper_id"), on="row", how="inner", validate="m:1")
        .with_columns(pl.col("evidence").fill_null([]), license=pl.lit(License.CC0.value))
        .select(pl.col(name).cast(dtype) for name, dtype in TopicLabel.dtypes().items())
    )


def score_candidates(
    examined: Examined, model: Model, priors: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Score candidates: one row each, `KEY`, ``score``, ``role`` and ``is_assigned``."""
    right = compute_log_odds(examined, model, "right")
    subject = compute_log_odds(examined, model, "primary")
    frame = examined.candidates.select(KEY).with_columns(odds=right, subject=subject)
    limits = model.thresholds.with_columns(pl.col("facet").cast(frame.schema["facet"]))
    frame = frame.join(limits, on="facet", how="inner", validate="m:1", maintain_order="left")
    # What categories and venues say is added after calibration: it was never part of it.
    added = pl.lit(0.0)
    if priors is not None:
        summed = priors.group_by(KEY).agg(added=pl.col("weight").sum())
        frame = frame.join(summed, on=KEY, how="left", validate="1:1", maintain_order="left")
        added = pl.col("added").fill_null(0)
    told_for = added.clip(0)
    odds = pl.col("odds") * pl.col("slope") + pl.col("offset") + added
    return frame.with_columns(score=(1 / (1 + (-odds).exp())).round(4)).select(
        *KEY,
        "score",
        role=pl.when(pl.col("subject") + told_for >= np.log(PRIMARY / (1 - PRIMARY)))
        .then(pl.lit(Role.PRIMARY.value))
        .otherwise(pl.lit(Role.SECONDARY.value)),
        is_assigned=(pl.col("score") >= pl.col("threshold")) | _is_only_choice(),
    )


def _is_only_choice() -> pl.Expr:
    """Whether a topic is the best of a facet that no paper lacks and where none is likely."""
    best = pl.col("score").max().over("row", "facet")
    is_first = pl.col("score").rank("ordinal", descending=True).over("row", "facet") == 1
    return (
        pl.col("facet").is_in(NEVER_EMPTY)
        & (best < pl.col("threshold"))
        & (best >= LEAST_CHOICE)
        & is_first
    )


def _gather_evidence(
    places: pl.DataFrame, priors: pl.DataFrame, texts: pl.DataFrame
) -> pl.DataFrame:
    """Gather the weightiest places behind each candidate, as lists of `EVIDENCE`.

    Phrases are shown as they stand in the text, not as the lexicon spells them.
    """
    weight = pl.col("strength") * pl.col("zone").replace_strict(
        ZONE_WEIGHTS, return_dtype=pl.Float64
    )
    aside = pl.col("is_negation") | pl.col("is_list")
    stands = places.select(
        *KEY,
        pl.col("field").cast(pl.String),
        pl.col("start", "end").cast(pl.Int64),
        phrase=pl.lit(None, pl.String),
        weight=(weight * pl.when(aside).then(0.5).otherwise(1)).round(3),
    )
    prior_evidence = priors.filter(pl.col("weight") > 0).select(
        *KEY,
        "field",
        pl.lit(None, pl.Int64).alias("start"),
        pl.lit(None, pl.Int64).alias("end"),
        "phrase",
        "weight",
    )
    return (
        pl.concat([stands, prior_evidence])
        .sort(*KEY, "weight", "field", "start", descending=[False] * 3 + [True, True, False])
        .group_by(KEY, maintain_order=True)
        .head(PIECES)
        .join(
            texts.select("row", "title", "abstract"),
            on="row",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(pl.col("phrase").fill_null(_quote_place()))
        .group_by(KEY, maintain_order=True)
        .agg(evidence=pl.struct(list(EVIDENCE.to_schema())))
    )


def _quote_place() -> pl.Expr:
    text = pl.when(pl.col("field") == "title").then("title").otherwise("abstract")
    return text.str.slice(pl.col("start"), pl.col("end") - pl.col("start"))


def _add_no_domain(labels: pl.DataFrame, texts: pl.DataFrame, scored: pl.DataFrame) -> pl.DataFrame:
    """Add the domain `none`: as probable as it is that no other domain is right."""
    domains = scored.filter(pl.col("facet") == "domain")
    absent = domains.group_by("row").agg(
        score=(1 - pl.col("score")).product().round(4), has_domain=pl.col("is_assigned").any()
    )
    none = (
        texts.select("row")
        .join(absent, on="row", how="left", validate="1:1")
        .with_columns(pl.col("score").fill_null(1.0), pl.col("has_domain").fill_null(value=False))
        .filter((pl.col("score") >= FLOOR) | ~pl.col("has_domain"))
        .select(
            "row",
            pl.lit("domain").alias("facet"),
            pl.lit(NO_DOMAIN).alias("topic"),
            score="score",
            role=pl.lit(Role.PRIMARY.value),
            is_assigned=~pl.col("has_domain"),
            evidence=pl.lit([], pl.List(EVIDENCE)),
        )
    )
    same = [pl.col(name).cast(dtype) for name, dtype in labels.schema.items()]
    return pl.concat([labels, none.select(same)])
