"""What was heard held out: how labelled papers sound to teachers that never saw their labels.

The teacher of wordings and offers learned from all labelled papers, so that what it says of them is
better than what it says of others. Two more teachers learned from half of them each, and each half
is heard by the other one: weights, calibration and figures are of that.
"""

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_words import guess_fields
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Examined
from flows.enrich.topics.offers import OFFERS, add_offer_features, guess_offers
from flows.enrich.topics.taught import Taught
from flows.enrich.topics.taught_axes import TAUGHT
from flows.enrich.topics.text_words import read_words
from flows.enrich.topics.wordings import add_wording_features, empty_wordings
from flows.paths import TOPIC_MODEL

HALVES = 2
"""Parts of the labelled papers, each of which the teacher of the other one hears."""

PLACE_DECIMALS = 1
"""Digits kept of where a paper stands: a second one moves no wording by a tenth."""


def _empty_places() -> pl.DataFrame:
    numbers = dict.fromkeys([*TAUGHT, *OFFERS], pl.Float64)
    return pl.DataFrame(schema={"paper": pl.String, "half": pl.Int64, **numbers})


def _empty_loadings() -> pl.DataFrame:
    return pl.DataFrame(schema={"half": pl.Int64, **empty_wordings().schema})


@dataclass(frozen=True)
class Heard:
    """What the teacher of the other half says: of each paper, and what its axes say of topics."""

    places: pl.DataFrame = field(default_factory=_empty_places)
    """Key ``paper``: its ``half``, `TAUGHT` and `OFFERS`."""
    wordings: pl.DataFrame = field(default_factory=_empty_loadings)
    """Key ``half``, ``facet``, ``topic``: `TAUGHT`."""


def choose_half() -> pl.Expr:
    """Choose the half of a labelled paper by its place in the file."""
    return pl.col("row").cast(pl.Int64) % HALVES


def hear_examples(examples: Examples, taught: list[Taught]) -> Heard:
    """Hear each half of the examples by what the other half ``taught``."""
    places = []
    for half, other in enumerate(reversed(taught)):
        texts = examples.texts.filter(choose_half() == half)
        read = read_words(texts)
        numbers = guess_fields(read, other.words).select(TAUGHT)
        numbers = numbers.hstack(guess_offers(read, other.offers)).with_columns(
            pl.all().round(PLACE_DECIMALS) + 0.0
        )
        places.append(texts.select("paper", half=pl.lit(half, pl.Int64)).hstack(numbers))
    wordings = [
        other.wordings.select(pl.lit(half, pl.Int64).alias("half"), pl.all())
        for half, other in enumerate(reversed(taught))
    ]
    return Heard(pl.concat(places).sort("paper"), pl.concat(wordings))


def hear_held_out(examined: Examined, papers: pl.DataFrame, heard: Heard) -> Examined:
    """Put what was heard held out in the place of what the model says of its own examples.

    ``papers`` has ``row`` and ``paper``. Papers that were not heard are ones that no teacher saw,
    and stay as they are.
    """
    placed = papers.join(heard.places, on="paper", how="inner", validate="m:1").sort("row")
    candidates = examined.candidates
    parts = [candidates.filter(~pl.col("row").is_in(placed["row"].implode()))]
    for half in range(HALVES):
        here = placed.filter(pl.col("half") == half)
        wordings = heard.wordings.filter(pl.col("half") == half).drop("half")
        hearing = candidates.filter(pl.col("row").is_in(here["row"].implode()))
        hearing = add_wording_features(hearing, here, wordings).pipe(add_offer_features, here)
        parts.append(hearing.select(candidates.columns))
    return Examined(pl.concat(parts).sort(KEY), examined.places, examined.fields)


def write_heard(heard: Heard, folder: Path) -> None:
    """Write what was heard beside the model."""
    heard.places.write_csv(folder / "heard.csv")
    heard.wordings.write_csv(folder / "heard_wordings.csv")


def load_heard(folder: Path = TOPIC_MODEL) -> Heard:
    """Read what was heard; nothing where the model was never taught."""
    if not (folder / "heard.csv").exists():
        return Heard()
    return Heard(
        pl.read_csv(folder / "heard.csv", schema=_empty_places().schema),
        pl.read_csv(folder / "heard_wordings.csv", schema=_empty_loadings().schema),
    )
