"""Offers: what kind of thing a paper says it offers, by the words of its title and of its claims.

A contribution is a statement about the whole paper: after "we introduce" the word "benchmark"
counts for more than anywhere else. Single words and pairs are sought, each where it stands.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.candidate_numbers import number_topics
from flows.enrich.topics.field_features import spread_fields
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints, TextWords, encode_texts
from flows.enrich.topics.word_table import build_word_table, look_up_words

OFFERED = [
    "benchmark",
    "empirical-analysis",
    "new-method",
    "new-model",
    "position-paper",
    "resource-dataset",
    "survey",
    "system",
    "theory",
]
"""Contributions whose words are learned: of theses and books there are too few."""

OFFERS = [f"offers_{topic}" for topic in OFFERED]
"""Columns that tell how much a paper's words speak for each of `OFFERED`, in log odds."""

OFFER_FEATURES = ["offer"]
"""Of a candidate contribution: what `OFFERS` say of it; zero for all other candidates."""

UNIT = 3.0
"""Log odds that make one of the feature, which brings it to the size of the others."""

OWN = (
    *("we", "our", "ours", "us", "here", "this", "paper", "papers", "work", "article", "study"),
    *("survey", "review", "report"),
)
"""Words by which a paper speaks of itself."""

VERBS = (
    *("propose", "introduce", "present", "develop", "release", "describe", "provide", "offer"),
    *("build", "create", "construct", "design", "show", "prove", "study", "investigate"),
    *("analyze", "analyse", "examine", "evaluate", "explore", "compare", "review", "survey"),
    *("argue", "discuss", "demonstrate", "find", "establish", "derive", "give", "contribute"),
    *("collect", "curate", "conduct", "train", "implement", "formulate", "address"),
    *("proposes", "introduces", "presents", "develops", "describes", "provides", "studies"),
    *("investigates", "analyzes", "examines", "explores", "compares", "reviews", "surveys"),
    *("argues", "discusses", "shows", "introducing", "presenting"),
)
"""Verbs by which it says what it offers."""

REACH = 30
"""Words from one of `OWN` on that are read as a claim."""

FIRST_REACH = 16
"""Words of the first claim from its verb on, which say more than the others."""

ZONES = ["title", "claim", "first"]
"""Where a word may stand; one of the first claim stands among all claims as well."""


@dataclass(frozen=True)
class Zoned:
    """The words of texts by number, with marks of those that are in each of `ZONES`."""

    numbers: Ints
    lines: Ints
    zones: list[Flags]


def empty_offers() -> pl.DataFrame:
    """Make the table of a model that learned none: a row per gram, a weight for each of `OFFERS`.

    ``gram`` is a zone and one or two words, "title:benchmark for", and empty for what a text
    without any starts from; ``rarity`` is how much it counts among the grams of a text.
    """
    return pl.DataFrame(
        schema={"gram": pl.String, "rarity": pl.Float64, **dict.fromkeys(OFFERS, pl.Float64)}
    )


def guess_offers(read: TextWords, offers: pl.DataFrame) -> pl.DataFrame:
    """Guess what papers offer by their words: a row per text with `OFFERS`, zero without words."""
    if offers.is_empty():
        return pl.DataFrame(np.zeros((len(read.counts), len(OFFERS))), schema=OFFERS)
    spoken = offers.filter(pl.col("gram") != "")
    bias = offers.filter(pl.col("gram") == "").select(OFFERS).to_numpy()
    lines = weigh_grams(count_grams(read, spoken["gram"]), spoken["rarity"].to_numpy())
    # Rounded, since sums of floats differ between machines in their last digits.
    return pl.DataFrame((lines @ spoken.select(OFFERS).to_numpy() + bias).round(4), schema=OFFERS)


def add_offer_features(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """Add `OFFER_FEATURES` to candidates, from the columns `OFFERS` of their papers."""
    keys = pl.DataFrame({"facet": "contribution", "topic": OFFERED})
    coded = keys.select(
        pl.col(name).cast(candidates.schema[name], strict=False) for name in keys.columns
    )
    numbers, sought = number_topics(candidates), number_topics(coded.drop_nulls())
    values = np.zeros(candidates.height)
    is_sought = np.isin(numbers, sought)
    offers = spread_fields(candidates.filter(pl.Series(is_sought)), fields, OFFERS)
    columns = np.flatnonzero(coded["topic"].is_not_null().to_numpy())
    order = np.argsort(sought)
    column = columns[order][np.searchsorted(sought[order], numbers[is_sought])]
    values[is_sought] = offers[np.arange(len(column)), column] / UNIT
    return candidates.drop(OFFER_FEATURES, strict=False).with_columns(offer=pl.Series(values))


def weigh_grams(counts: scipy.sparse.csr_matrix, rarity: Array) -> scipy.sparse.csr_matrix:
    """Weigh the grams of texts by their rarity: lines of unit length."""
    lines = (counts @ scipy.sparse.diags(rarity)).tocsr()
    lengths = np.sqrt(np.asarray(lines.multiply(lines).sum(axis=1)).ravel())
    return (scipy.sparse.diags(1 / np.maximum(lengths, 1e-9)) @ lines).tocsr()


def count_grams(read: TextWords, grams: pl.Series) -> scipy.sparse.csr_matrix:
    """Lay out which grams texts have: a line per text, a column per gram, 1 where it is there."""
    shape = (len(read.counts), len(grams))
    if not all(shape):
        return scipy.sparse.csr_matrix(shape)
    parts = grams.str.splitn(":", 2).struct
    zones = parts.field("field_0").cast(pl.Enum(ZONES)).to_physical().to_numpy()
    words = parts.field("field_1").str.splitn(" ", 2).struct.unnest()
    vocabulary = pl.concat([*words, pl.Series([*OWN, *VERBS])]).drop_nulls().unique().sort()
    zoned = mark_zones(read, vocabulary)
    first, second = (
        word.cast(pl.Enum(vocabulary))
        .to_physical()
        .cast(pl.Int64)
        .fill_null(len(vocabulary))
        .to_numpy()
        for word in words
    )
    spoken, number = np.unique(first * (len(vocabulary) + 1) + second, return_inverse=True)
    columns = np.full((len(ZONES), len(spoken)), len(grams))
    columns[zones, number] = np.arange(len(grams))
    places, grammed, is_pair = _find_words(zoned, len(vocabulary), spoken)
    cells = []
    for flags, of_zone in zip(zoned.zones, columns, strict=True):
        # A pair lies within its zone as a whole.
        chosen = flags[places] & flags[places + is_pair] & (of_zone[grammed] < len(grams))
        cells.append(zoned.lines[places[chosen]] * len(grams) + of_zone[grammed[chosen]])
    cells_sorted = np.sort(np.concatenate(cells))
    lines, cols = np.divmod(cells_sorted[np.diff(cells_sorted, prepend=-1) > 0], len(grams))
    return scipy.sparse.csr_matrix((np.ones(len(lines)), (lines, cols)), shape=shape)


def _find_words(zoned: Zoned, unknown: int, spoken: Ints) -> tuple[Ints, Ints, Ints]:
    """Find the words and pairs of grams: the place of each, its number, and 1 where it is a pair.

    ``spoken`` rise: the number of the first word times all numbers, plus that of the second.
    """
    width = unknown + 1
    first, second = np.divmod(spoken, width)
    single = np.full(width, -1)
    single[first[second == unknown]] = np.flatnonzero(second == unknown)
    begins, ends = np.zeros((2, width), np.bool_)
    begins[first[second < unknown]] = True
    ends[second[second < unknown]] = True
    numbers, flags = zoned.numbers, np.logical_or.reduce(zoned.zones)
    here = np.flatnonzero(flags & (numbers < unknown))
    alone = single[numbers[here]]
    following = np.append(numbers[1:], unknown)
    # Few words begin a pair before one that ends any: only these are looked up.
    pair = here[begins[numbers[here]] & ends[following[here]]]
    sought = numbers[pair] * width + following[pair]
    at = np.searchsorted(spoken, sought).clip(max=len(spoken) - 1)
    is_there = spoken[at] == sought
    places = np.concatenate([here[alone >= 0], pair[is_there]])
    grammed = np.concatenate([alone[alone >= 0], at[is_there]])
    return places, grammed, np.repeat([0, 1], [int((alone >= 0).sum()), int(is_there.sum())])


def mark_zones(read: TextWords, vocabulary: pl.Series) -> Zoned:
    """Mark where words stand, and number them by their place among the vocabulary's."""
    numbers = look_up_words(read.codes, build_word_table(encode_texts(vocabulary)))
    stops = np.cumsum(read.counts)
    begins, titles = stops - read.counts, np.searchsorted(read.starts, read.borders)
    is_own, is_verb = (
        np.append(vocabulary.is_in(words).to_numpy(), [False])[numbers] for words in (OWN, VERBS)
    )
    own = np.flatnonzero(is_own)
    texts = np.searchsorted(stops, own, side="right")
    in_abstract = own >= titles[texts]
    own, texts = own[in_abstract], texts[in_abstract]
    claims = _mark_stretches(own, np.minimum(own + REACH, stops[texts]), len(numbers))
    verbs = np.flatnonzero(is_verb & claims)
    texts = np.searchsorted(stops, verbs, side="right")
    is_first = np.diff(texts, prepend=-1) > 0
    first, texts = verbs[is_first], texts[is_first]
    zones = [
        _mark_stretches(begins, titles, len(numbers)),
        claims,
        _mark_stretches(first, np.minimum(first + FIRST_REACH, stops[texts]), len(numbers)),
    ]
    return Zoned(numbers, read.lines, zones)


def _mark_stretches(begins: Ints, stops: Ints, length: int) -> Flags:
    """Mark the places from each beginning to before its stop; stretches may overlap."""
    steps = np.bincount(begins, minlength=length + 1) - np.bincount(stops, minlength=length + 1)
    return np.cumsum(steps.astype(np.int32), dtype=np.int32)[:length] > 0
