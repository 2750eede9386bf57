"""Held out: what teachers say of labelled papers whose labels they never saw.

The teacher of wordings and offers learned from all labelled papers, so that what it says of them is
better than what it says of others. Two more teachers learned from half of them each, and each half
is judged by the other one: weights, calibration and figures are of that.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from flows.enrich.topics.examples import Examples
from flows.enrich.topics.field_words import guess_fields
from flows.enrich.topics.leanings import learn_leanings, put_own_leanings
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import Examined
from flows.enrich.topics.offers import OFFERS, add_offer_features, guess_offers
from flows.enrich.topics.taught import Taught
from flows.enrich.topics.taught_axes import TAUGHT
from flows.enrich.topics.text_words import read_words
from flows.enrich.topics.wordings import add_wording_features, empty_wordings
from flows.paths import TOPIC_MODEL

HALVES = 2
"""Parts of the labelled papers, each of which the teacher of the other one judges."""

PLACE_DECIMALS = 1
"""Digits kept of where a paper stands: a second one moves no wording by a tenth."""


def _empty_places() -> pl.DataFrame:
    numbers = dict.fromkeys([*TAUGHT, *OFFERS], pl.Float64)
    return pl.DataFrame(schema={"paper": pl.String, "half": pl.Int64, **numbers})


def _empty_loadings() -> pl.DataFrame:
    return pl.DataFrame(schema={"half": pl.Int64, **empty_wordings().schema})


@dataclass(frozen=True)
class HeldOut:
    """What the teacher of the other half says: of each paper, and what its axes say of topics."""

    places: pl.DataFrame = field(default_factory=_empty_places)
    """Key ``paper``: its ``half``, `TAUGHT` and `OFFERS`."""
    wordings: pl.DataFrame = field(default_factory=_empty_loadings)
    """Key ``half``, ``facet``, ``topic``: `TAUGHT`."""


def choose_half() -> pl.Expr:
    """Choose the half of a labelled paper by its place in the file."""
    return pl.col("row").cast(pl.Int64) % HALVES


def hold_out_examples(examples: Examples, taught: list[Taught]) -> HeldOut:
    """Judge each half of the examples by what the other half ``taught``."""
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
    return HeldOut(pl.concat(places).sort("paper"), pl.concat(wordings))


def use_held_out(examined: Examined, papers: pl.DataFrame, held_out: HeldOut) -> Examined:
    """Put what is held out in the place of what the model says of its own examples.

    ``papers`` has ``row`` and ``paper``. Papers of which nothing is held out are ones that no
    teacher saw, and stay as they are.
    """
    placed = papers.join(held_out.places, on="paper", how="inner", validate="m:1").sort("row")
    candidates = examined.candidates
    parts = [candidates.filter(~pl.col("row").is_in(placed["row"].implode()))]
    for half in range(HALVES):
        here = placed.filter(pl.col("half") == half)
        wordings = held_out.wordings.filter(pl.col("half") == half).drop("half")
        judged = candidates.filter(pl.col("row").is_in(here["row"].implode()))
        judged = add_wording_features(judged, here, wordings).pipe(add_offer_features, here)
        parts.append(judged.select(candidates.columns))
    return Examined(pl.concat(parts).sort(KEY), examined.places, examined.fields)


def judge_examples(
    examined: Examined, examples: Examples, held_out: HeldOut
) -> tuple[Examined, pl.DataFrame]:
    """Judge labelled papers by what was learned without them; also return their leanings' table."""
    papers = examples.texts.select("row", "paper")
    judged = use_held_out(examined, papers, held_out)
    leanings, own = learn_leanings(examples, examined.fields)
    candidates = put_own_leanings(judged.candidates, papers, own)
    return replace(judged, candidates=candidates.select(examined.candidates.columns)), leanings


def write_held_out(held_out: HeldOut, folder: Path) -> None:
    """Write what is held out beside the model."""
    held_out.places.write_csv(folder / "held_out.csv")
    held_out.wordings.write_csv(folder / "held_out_wordings.csv")


def load_held_out(folder: Path = TOPIC_MODEL) -> HeldOut:
    """Read what is held out; nothing where the model was never taught."""
    if not (folder / "held_out.csv").exists():
        return HeldOut()
    return HeldOut(
        pl.read_csv(folder / "held_out.csv", schema=_empty_places().schema, glob=False),
        pl.read_csv(folder / "held_out_wordings.csv", schema=_empty_loadings().schema, glob=False),
    )
