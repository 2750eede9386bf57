"""Held out: what teachers say of labelled papers whose labels they never saw.

The teacher of similarities and contribution scores learned from all labelled papers, so that what
it says of them is better than what it says of others. Two more teachers learned from half of them
each, and each half is scored by the other one: weights, calibration and figures are of that.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from flows.enrich.topics.contribution_scores import (
    CONTRIBUTION_SCORES,
    add_contribution_features,
    score_contributions,
)
from flows.enrich.topics.distilled_axes import DISTILLED_AXES
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_words import guess_fields
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import TextFeatures
from flows.enrich.topics.subject_scores import learn_subject_weights, use_leave_one_out_scores
from flows.enrich.topics.text_model import TextModel
from flows.enrich.topics.text_words import read_words
from flows.enrich.topics.topic_similarity import add_similarity_features, empty_topic_embeddings
from flows.paths import TOPIC_MODEL

HALVES = 2
"""Parts of the labelled papers, each of which the teacher of the other one judges."""

PLACE_DECIMALS = 1
"""Digits kept of where a paper stands: a second one moves no similarity by a tenth."""


def _empty_papers() -> pl.DataFrame:
    numbers = dict.fromkeys([*DISTILLED_AXES, *CONTRIBUTION_SCORES], pl.Float64)
    return pl.DataFrame(schema={"paper": pl.String, "half": pl.Int64, **numbers})


def _empty_embeddings() -> pl.DataFrame:
    return pl.DataFrame(schema={"half": pl.Int64, **empty_topic_embeddings().schema})


@dataclass(frozen=True)
class HeldOut:
    """What the teacher of the other half says: of each paper, and the embeddings of topics."""

    papers: pl.DataFrame = field(default_factory=_empty_papers)
    """Key ``paper``: its ``half``, `DISTILLED_AXES` and `CONTRIBUTION_SCORES`."""
    topic_embeddings: pl.DataFrame = field(default_factory=_empty_embeddings)
    """Key ``half``, ``facet``, ``topic``: `DISTILLED_AXES`."""


def choose_half() -> pl.Expr:
    """Choose the half of a labelled paper by its place in the file."""
    return pl.col("row").cast(pl.Int64) % HALVES


def hold_out_examples(examples: Examples, text_model: list[TextModel]) -> HeldOut:
    """Judge each half of the examples by the text model of the other half."""
    papers = []
    for half, other in enumerate(reversed(text_model)):
        texts = examples.texts.filter(choose_half() == half)
        read = read_words(texts)
        numbers = guess_fields(read, other.words).select(DISTILLED_AXES)
        numbers = numbers.hstack(score_contributions(read, other.claim_ngrams)).with_columns(
            pl.all().round(PLACE_DECIMALS) + 0.0
        )
        papers.append(texts.select("paper", half=pl.lit(half, pl.Int64)).hstack(numbers))
    topic_embeddings = [
        other.topic_embeddings.select(pl.lit(half, pl.Int64).alias("half"), pl.all())
        for half, other in enumerate(reversed(text_model))
    ]
    return HeldOut(pl.concat(papers).sort("paper"), pl.concat(topic_embeddings))


def use_held_out(
    text_features: TextFeatures, papers: pl.DataFrame, held_out: HeldOut
) -> TextFeatures:
    """Put what is held out in the place of what the model says of its own examples.

    ``papers`` has ``row`` and ``paper``. Papers of which nothing is held out are ones that no
    teacher saw, and stay as they are.
    """
    placed = papers.join(held_out.papers, on="paper", how="inner", validate="m:1").sort("row")
    candidates = text_features.candidates
    parts = [candidates.filter(~pl.col("row").is_in(placed["row"].implode()))]
    for half in range(HALVES):
        here = placed.filter(pl.col("half") == half)
        topic_embeddings = held_out.topic_embeddings.filter(pl.col("half") == half).drop("half")
        replaced = candidates.filter(pl.col("row").is_in(here["row"].implode()))
        replaced = add_similarity_features(replaced, here, topic_embeddings).pipe(
            add_contribution_features, here
        )
        parts.append(replaced.select(candidates.columns))
    return TextFeatures(pl.concat(parts).sort(KEY), text_features.mentions, text_features.fields)


def hold_out_features(
    text_features: TextFeatures, examples: Examples, held_out: HeldOut
) -> tuple[TextFeatures, pl.DataFrame]:
    """Judge labelled papers by what was learned without them; also return the subject weights."""
    papers = examples.texts.select("row", "paper")
    replaced = use_held_out(text_features, papers, held_out)
    subject_weights, leave_one_out = learn_subject_weights(examples, text_features.fields)
    candidates = use_leave_one_out_scores(replaced.candidates, papers, leave_one_out)
    return replace(
        replaced, candidates=candidates.select(text_features.candidates.columns)
    ), subject_weights


def write_held_out(held_out: HeldOut, folder: Path) -> None:
    """Write what is held out beside the model."""
    held_out.papers.write_csv(folder / "held_out.csv")
    held_out.topic_embeddings.write_csv(folder / "held_out_embeddings.csv")


def load_held_out(folder: Path = TOPIC_MODEL) -> HeldOut:
    """Read what is held out; nothing where no text model was learned."""
    if not (folder / "held_out.csv").exists():
        return HeldOut()
    return HeldOut(
        pl.read_csv(folder / "held_out.csv", schema=_empty_papers().schema, glob=False),
        pl.read_csv(
            folder / "held_out_embeddings.csv", schema=_empty_embeddings().schema, glob=False
        ),
    )
