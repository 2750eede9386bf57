"""Mention features: where and how a paper speaks of a topic, as numbers."""

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.topics.grouped_rows import GroupedRows, group_equal_keys
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.mention_context import LOCAL_CUES, ZONES
from flows.enrich.topics.text_words import Ints

SATURATION = 3
"""Mentions beyond the third say little more."""

MANNERS = [*LOCAL_CUES, "prospect"]
"""How a mention may be meant."""

MENTION_FEATURES = [
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
    "claimed",
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
]
"""Columns of a candidate that its mentions alone decide, in order."""

LONG_TITLE, LONG_TEXT = 120, 1500
"""Characters of a long title and abstract: a mention behind them is late in any."""

MOST_SENTENCES = 6
MOST_AMOUNT, UNIT_AMOUNT = 12, 2.5
MOST_PHRASES = 5
MOST_WORDS = 4
"""Numbers beyond which more say nothing more, and by which features come to about unit size."""


def measure_mentions(places: pl.DataFrame) -> tuple[Ints, dict[str, Array]]:
    """Measure the mentions of every topic of every paper: candidates' numbers, `MENTION_FEATURES`.

    ``places`` are those of `add_contexts`, in the order of their candidates. The numbers rise.
    """
    grouped = group_equal_keys(places["candidate"].to_numpy())
    measured = (
        _measure_zones(places, grouped)
        | _measure_places(places, grouped)
        | _measure_manners(places, grouped)
        | _measure_phrases(places, grouped)
    )
    return grouped.keys, measured


def _read_zones(places: pl.DataFrame) -> npt.NDArray[np.uint8]:
    return places["zone"].to_physical().to_numpy()


def _measure_zones(places: pl.DataFrame, grouped: GroupedRows) -> dict[str, Array]:
    """Measure how much is said in each zone, and whether the topic is named there."""
    zones, strength = _read_zones(places), places["strength"].to_numpy()
    features, spread = {}, np.zeros(len(grouped.firsts))
    # The zone of the mention before of the same topic; no zone where there is none.
    former = np.append(len(ZONES.categories), zones[:-1])[: len(zones)].astype(np.uint8)
    former[grouped.firsts] = len(ZONES.categories)
    for zone, name in enumerate(ZONES.categories):
        is_here = zones == zone
        # With a zero behind each of its stretches: there a sum takes up what it lost by rounding,
        # as it did in training, where other zones were zeros within one sum.
        here = np.flatnonzero(is_here | (former == zone))
        strength_here, in_zone = (
            np.where(is_here[here], strength[here], 0.0),
            group_equal_keys(grouped.groups[here]),
        )
        sums = np.zeros(len(grouped.firsts))
        sums[in_zone.keys] = in_zone.sum_rows(strength_here)
        is_named = np.zeros(len(grouped.firsts))
        is_named[grouped.groups[here[strength_here >= 1]]] = 1.0
        spread += sums > 0
        features[f"in_{name}"] = (sums * (1 / SATURATION)).clip(0, 1)
        features[f"named_{name}"] = is_named
    return features | {"spread": spread * (1 / len(ZONES.categories))}


def _measure_places(places: pl.DataFrame, grouped: GroupedRows) -> dict[str, Array]:
    """Measure how early and late in title and abstract a topic is mentioned."""
    in_title = _read_zones(places) == ZONES.categories.to_list().index("title")
    start = places["start"].to_numpy().astype(np.float64)
    sentence = places["sentence"].fill_null(-1).to_numpy().astype(np.float64)
    # One that is never there begins behind the end, and ends before the beginning.
    first_of_title = grouped.find_min(np.where(in_title, start, np.inf))
    first = grouped.find_min(np.where(in_title, np.inf, start))
    last_sentence = grouped.find_max(sentence)
    first_sentence = grouped.find_min(np.where(in_title, last_sentence[grouped.groups], sentence))
    return {
        "title_early": (1 - first_of_title * (1 / LONG_TITLE)).clip(0, 1),
        "early": (1 - first * (1 / LONG_TEXT)).clip(0, 1),
        "late": grouped.find_max(np.where(in_title, 0, start)).clip(0, LONG_TEXT) * (1 / LONG_TEXT),
        "sentences": (last_sentence - first_sentence).clip(0, MOST_SENTENCES)
        * (1 / MOST_SENTENCES),
        "at_end": (grouped.count_rows(places["is_last"].to_numpy()) > 0).astype(np.float64),
        "only_first": (last_sentence <= 0).astype(np.float64),
    }


def _measure_manners(places: pl.DataFrame, grouped: GroupedRows) -> dict[str, Array]:
    """Measure how mentions are meant, by the cues around them."""
    zones, names = _read_zones(places), ZONES.categories.to_list()
    in_title, in_own = (zones == names.index(name) for name in ("title", "own"))
    meant = {kind: places[f"is_{kind}"].to_numpy() for kind in MANNERS}
    lengths = grouped.sizes
    # In half the digits, in which the weights were learned.
    shares = {kind: np.float32(grouped.count_rows(meant[kind]) / lengths) for kind in MANNERS}
    flags = {
        "claimed": meant["new"] & (in_own | in_title),
        "declared": (places["strength"].to_numpy() > 1) & (in_own | in_title),
        "title_means": meant["means"] & in_title,
        "title_aim": meant["aim"] & in_title,
        "own_means": meant["means"] & in_own,
        "own_aim": meant["aim"] & in_own,
    }
    only_aside = grouped.count_rows(meant["negation"] | meant["list"]) == lengths
    return (
        {f"mostly_{kind}": share.astype(np.float64) for kind, share in shares.items()}
        | {name: np.float64(grouped.count_rows(flag) > 0) for name, flag in flags.items()}
        | {"only_aside": only_aside.astype(np.float64)}
    )


def _measure_phrases(places: pl.DataFrame, grouped: GroupedRows) -> dict[str, Array]:
    """Measure by which phrases a topic is mentioned."""
    strength = places["strength"].to_numpy()
    amount = pl.Series(grouped.sum_rows(strength).clip(0, MOST_AMOUNT)).log1p().to_numpy()
    keys = places["key"].to_physical().to_numpy().astype(np.int64)
    width = int(keys.max(initial=0)) + 1
    distinct = group_equal_keys(np.sort(grouped.groups * width + keys, kind="stable")).keys // width
    phrases = np.bincount(distinct, minlength=len(grouped.firsts))
    words = grouped.find_max(places["words"].to_numpy().astype(np.float64))
    return {
        "strength": grouped.find_max(strength),
        "amount": amount * (1 / UNIT_AMOUNT),
        "variety": phrases.clip(0, MOST_PHRASES) * (1 / MOST_PHRASES),
        "length": words.clip(0, MOST_WORDS) * (1 / MOST_WORDS),
        "is_single": (grouped.sizes == 1).astype(np.float64),
    }
