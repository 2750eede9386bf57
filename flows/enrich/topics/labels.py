"""Labels: the topics of papers, each with its probability and the words that earned it."""

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import number_candidates, sum_by_candidate
from flows.enrich.topics.competing_topics import calibrate_odds, find_best_competitors
from flows.enrich.topics.curated import Knowledge, load_knowledge
from flows.enrich.topics.evidence import gather_evidence, list_pieces
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.metadata_priors import compute_metadata_priors, find_prior_candidates
from flows.enrich.topics.model import (
    Model,
    TextFeatures,
    compute_log_odds,
    extract_word_features,
    load_model,
)
from flows.enrich.topics.out_of_domain import doubt_outside_computing
from flows.enrich.topics.text_words import TextWords, read_words
from schemas.topic import TopicLabel
from schemas.vocabulary import License, Role

FLOOR = 0.15
"""Labels below this probability are not kept: six of seven of them are wrong."""

NEVER_EMPTY = ["area", "contribution"]
"""Facets of which every paper has a topic: the best one is assigned even below the threshold."""

LEAST_CHOICE = 0.25
"""Probability that the best topic of such a facet needs: below it the text says nothing."""

LEAST_TITLE_ONLY_CHOICE = 0.6
"""The same where only a title is known, whose few words have many senses."""

BATCH = 5_000
"""Papers labelled at a time, so that memory does not grow with the corpus."""

PRIMARY = 0.5
"""Probability from which a right label counts as the paper's own subject."""

TITLE_ONLY_MARGIN = 0.15
"""What is added to a threshold where only a title is known."""


def label_papers(
    papers: pl.DataFrame, knowledge: Knowledge | None = None, model: Model | None = None
) -> pl.DataFrame:
    """Label papers: a `TopicLabel` table, sorted by its key.

    ``papers`` has ``paper_id``, ``title``, ``abstract`` (null where unknown), ``categories``
    (list) and ``venue`` (null where unknown), texts on one line; ``published`` (null where
    unknown) keeps topics from papers that are older than they. Every assigned label has evidence.
    Offsets count characters of these texts.
    """
    knowledge, model = knowledge or load_knowledge(), model or load_model()
    parts = [
        _label_batch(papers.slice(start, BATCH), knowledge, model)
        for start in range(0, papers.height, BATCH)
    ]
    # Without papers there are no parts, and polars refuses to join nothing.
    empty = pl.DataFrame(schema=TopicLabel.dtypes())
    return pl.concat([empty, *parts]).sort("paper_id", "facet", "topic")


def _label_batch(papers: pl.DataFrame, knowledge: Knowledge, model: Model) -> pl.DataFrame:
    dated = papers if "published" in papers.columns else papers.with_columns(published=None)
    columns = ["paper_id", "title", "abstract", "categories", "venue", "published"]
    texts = dated.select(columns).with_row_index("row")
    read = read_words(texts)
    text_features, priors = extract_paper_features(read, knowledge, model)
    scored = score_candidates(text_features, model, priors, find_title_only_papers(texts))
    labels = scored.filter(pl.col("score") >= FLOOR)
    pieces = list_pieces(labels, text_features.mentions, priors, knowledge.implications)
    evidence = gather_evidence(labels, pieces, read, knowledge.topic_fields, model.text_model.words)
    return (
        labels.with_columns(
            texts["paper_id"].gather(labels["row"]),
            evidence=evidence,
            license=pl.lit(License.CC0.value),
        )
        # A reader who asks why a paper has a topic must get an answer.
        .with_columns(pl.col("is_assigned") & (pl.col("evidence").list.len() > 0))
        .select(pl.col(name).cast(dtype) for name, dtype in TopicLabel.dtypes().items())
    )


def extract_paper_features(
    read: TextWords, knowledge: Knowledge, model: Model
) -> tuple[TextFeatures, pl.DataFrame]:
    """Describe the candidates of papers by their words and by what a source says beside these.

    That is categories, venue and the day of publication. Returns the candidates, those that only
    the metadata speak for among them, without those that are younger than their paper, and the
    priors: `KEY`, ``weight`` in log odds, ``field``, ``phrase``.
    """
    priors = compute_metadata_priors(read.texts, knowledge, model)
    expected = find_prior_candidates(priors)
    # Also what the metadata names may be younger than the paper.
    text_features = extract_word_features(
        read, knowledge, model.text_model, expected, is_dated=True
    )
    return text_features, pl.concat([priors, doubt_outside_computing(read.texts, text_features)])


def find_title_only_papers(texts: pl.DataFrame) -> pl.Series:
    """Find the papers of which only the title is known: their ``row``."""
    abstract = pl.col("abstract").fill_null("").str.strip_chars()
    return texts.filter(abstract == "")["row"]


def score_candidates(
    text_features: TextFeatures,
    model: Model,
    priors: pl.DataFrame | None = None,
    title_only: pl.Series | None = None,
) -> pl.DataFrame:
    """Score candidates: one row each, `KEY`, ``score``, ``role`` and ``is_assigned``.

    ``title_only`` names the rows of papers whose abstract is unknown: they need a higher score.
    """
    right, subject = (compute_log_odds(text_features, model, name) for name in ("right", "primary"))
    frame = text_features.candidates.select(KEY).with_columns(odds=right, subject=subject)
    frame = frame.with_columns(competitor=pl.Series(find_best_competitors(frame)))
    frame = frame.pipe(_add_thresholds, model, title_only)
    # What categories and venues say is added after calibration: it was never part of it.
    added = pl.lit(0.0)
    if priors is not None:
        summed = sum_by_candidate(
            number_candidates(frame), number_candidates(priors), priors["weight"].to_numpy()
        )
        frame = frame.with_columns(added=pl.Series(summed))
        added = pl.col("added")
    # What speaks against a topic makes it less likely, not less of a subject if it is right.
    supporting = added.clip(0)
    odds = calibrate_odds() + added
    scored = frame.with_columns(score=(1 / (1 + (-odds).exp())).round(4))
    return scored.select(
        *KEY,
        "score",
        role=pl.when(pl.col("subject") + supporting >= np.log(PRIMARY / (1 - PRIMARY)))
        .then(pl.lit(Role.PRIMARY.value))
        .otherwise(pl.lit(Role.SECONDARY.value)),
        is_assigned=(pl.col("score") >= pl.col("threshold")) | _is_only_choice(scored),
    )


def _add_thresholds(
    candidates: pl.DataFrame, model: Model, title_only: pl.Series | None
) -> pl.DataFrame:
    """Add the score that each candidate needs, ``threshold``, and ``least``, that of the best one.

    What the facet is calibrated by comes along, in the other columns of the model's thresholds.
    """
    limits = model.thresholds.with_columns(pl.col("facet").cast(candidates.schema["facet"]))
    is_title_only = (
        pl.lit(value=False) if title_only is None else pl.col("row").is_in(title_only.implode())
    )
    return candidates.join(
        limits, on="facet", how="inner", validate="m:1", maintain_order="left"
    ).with_columns(
        threshold=pl.col("threshold")
        + pl.when(is_title_only).then(TITLE_ONLY_MARGIN).otherwise(0.0),
        least=pl.when(is_title_only).then(LEAST_TITLE_ONLY_CHOICE).otherwise(LEAST_CHOICE),
    )


def _is_only_choice(scored: pl.DataFrame) -> pl.Series:
    """Whether a topic is the best of a facet that no paper lacks and where none is likely."""
    best = (
        scored.select("row", "facet", "score", "threshold", "least")
        .with_row_index("place")
        .filter(pl.col("facet").is_in(NEVER_EMPTY))
        # The order is stable and the first one stays, so that equal scores give one topic at most.
        .sort("score", descending=True, maintain_order=True)
        .unique(["row", "facet"], keep="first", maintain_order=True)
        .filter((pl.col("score") < pl.col("threshold")) & (pl.col("score") >= pl.col("least")))
    )
    return pl.Series(np.isin(np.arange(scored.height), best["place"].to_numpy()))
