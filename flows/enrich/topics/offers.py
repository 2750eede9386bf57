"""Offers: what kind of thing a paper says it offers, by the words of its title and of its claims.

A contribution is a statement about the whole paper: after "we introduce" the word "benchmark"
counts for more than anywhere else. Single words and pairs are sought, each where it stands.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.field_features import find_field_lines, lay_fields
from flows.enrich.topics.kept_tables import keep_results
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints, TextWords, encode_texts
from flows.enrich.topics.word_table import Numbers, WordTable, build_word_table, look_up_words

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

    numbers: Numbers
    lines: Ints
    zones: list[Flags]


@dataclass(frozen=True)
class Vocabulary:
    """Words that are told apart, by number; the last number is that of all others."""

    table: WordTable
    is_own: Flags
    """Of each number whether it is one of `OWN`."""
    is_verb: Flags
    """The same of `VERBS`."""


@dataclass(frozen=True)
class SoughtGrams:
    """Grams as they are looked up."""

    vocabulary: pl.Series
    spoken: Ints
    """The words of grams whatever their zone: the number of the first times all numbers, plus that
    of the second. They rise."""
    columns: Ints
    """A line per zone: the gram of each of ``spoken``, the number of grams where there is none."""
    single: Ints
    """The place among ``spoken`` of each word as a gram of its own, -1 where it is none."""
    begins: Flags
    """Of each word whether it begins a pair."""
    ends: Flags
    """Of each word whether it ends one."""


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
    grams, rarity, weights, bias = _read_offers(offers)
    lines = weigh_grams(count_grams(read, grams), rarity)
    # Rounded, since sums of floats differ between machines in their last digits.
    return pl.DataFrame((lines @ weights + bias).round(4), schema=OFFERS)


@keep_results
def _read_offers(offers: pl.DataFrame) -> tuple[pl.Series, Array, Array, Array]:
    """Read grams, their rarity, their weights in a line each, and what a text without any has."""
    spoken = offers.filter(pl.col("gram") != "")
    bias = offers.filter(pl.col("gram") == "").select(OFFERS).to_numpy()
    weights = np.ascontiguousarray(spoken.select(OFFERS).to_numpy())
    return spoken["gram"], spoken["rarity"].to_numpy(), weights, bias


def add_offer_features(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """Add `OFFER_FEATURES` to candidates, from the columns `OFFERS` of their papers."""
    columns = _find_columns(*list_codes(candidates))[number_topics(candidates)]
    offered, values = np.flatnonzero(columns >= 0), np.zeros(candidates.height)
    lines = find_field_lines(candidates, fields)[offered]
    values[offered] = lay_fields(fields, OFFERS)[lines, columns[offered]] / UNIT
    return candidates.drop(OFFER_FEATURES, strict=False).with_columns(offer=pl.Series(values))


@keep_results
def _find_columns(facets: pl.Enum, topics: pl.Enum) -> Ints:
    """Find the place among `OFFERED` of each topic, by its number; -1 where it has none."""
    coded = pl.DataFrame({"facet": "contribution", "topic": OFFERED}).select(
        pl.col("facet").cast(facets), pl.col("topic").cast(topics, strict=False)
    )
    columns = np.full(count_topics(coded), -1)
    is_known = coded["topic"].is_not_null()
    columns[number_topics(coded.filter(is_known))] = np.flatnonzero(is_known.to_numpy())
    return columns


def weigh_grams(counts: scipy.sparse.csr_matrix, rarity: Array) -> scipy.sparse.csr_matrix:
    """Weigh the grams of texts by their rarity: lines of unit length."""
    weighed = _replace_values(counts, rarity[counts.indices])
    squares = _replace_values(weighed, weighed.data**2)
    lengths = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    shares = np.repeat(1 / np.maximum(lengths, 1e-9), np.diff(weighed.indptr))
    return _replace_values(weighed, weighed.data * shares)


def _replace_values(lines: scipy.sparse.csr_matrix, values: Array) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix((values, lines.indices, lines.indptr), shape=lines.shape)


def count_grams(read: TextWords, grams: pl.Series) -> scipy.sparse.csr_matrix:
    """Lay out which grams texts have: a line per text, a column per gram, 1 where it is there."""
    shape = (len(read.counts), len(grams))
    if not all(shape):
        return scipy.sparse.csr_matrix(shape)
    sought = _index_grams(grams)
    zoned = mark_zones(read, sought.vocabulary)
    places, grammed, ends = _find_words(zoned, sought)
    cells = []
    for flags, of_zone in zip(zoned.zones, sought.columns, strict=True):
        column = of_zone[grammed]
        # A pair lies within its zone as a whole.
        chosen = np.flatnonzero(flags[places] & flags[ends] & (column < len(grams)))
        cells.append(zoned.lines[places[chosen]] * len(grams) + column[chosen])
    # Two rising runs of each zone, which a stable sort merges.
    cells_sorted = np.sort(np.concatenate(cells), kind="stable")
    lines, cols = np.divmod(cells_sorted[np.diff(cells_sorted, prepend=-1) > 0], len(grams))
    firsts = np.append(0, np.cumsum(np.bincount(lines, minlength=len(read.counts))))
    return scipy.sparse.csr_matrix((np.ones(len(lines)), cols, firsts), shape=shape)


@keep_results
def _index_grams(grams: pl.Series) -> SoughtGrams:
    """Index grams, none twice, by their words."""
    parts = grams.str.splitn(":", 2).struct
    zones = parts.field("field_0").cast(pl.Enum(ZONES)).to_physical().to_numpy()
    words = parts.field("field_1").str.splitn(" ", 2).struct.unnest()
    vocabulary = pl.concat([*words, pl.Series([*OWN, *VERBS])]).drop_nulls().unique().sort()
    width = len(vocabulary) + 1
    first, second = (
        word.cast(pl.Enum(vocabulary))
        .to_physical()
        .cast(pl.Int64)
        .fill_null(len(vocabulary))
        .to_numpy()
        for word in words
    )
    spoken, number = np.unique(first * width + second, return_inverse=True)
    columns = np.full((len(ZONES), len(spoken)), len(grams))
    columns[zones, number] = np.arange(len(grams))
    first, second = np.divmod(spoken, width)
    single, is_pair = np.full(width, -1), second < len(vocabulary)
    single[first[~is_pair]] = np.flatnonzero(~is_pair)
    begins, ends = np.zeros((2, width), np.bool_)
    begins[first[is_pair]] = True
    ends[second[is_pair]] = True
    return SoughtGrams(vocabulary, spoken, columns, single, begins, ends)


def _find_words(zoned: Zoned, sought: SoughtGrams) -> tuple[Ints, Ints, Ints]:
    """Find the words and pairs of grams: the place of each, its number, and the place it ends at.

    Numbers are places among `SoughtGrams.spoken`.
    """
    unknown = len(sought.vocabulary)
    flags = np.logical_or.reduce(zoned.zones)
    here = np.flatnonzero(flags & (zoned.numbers < unknown))
    # The word behind the last one is none.
    following = np.append(zoned.numbers, unknown)[here + 1]
    numbers = zoned.numbers[here]
    alone = sought.single[numbers]
    is_alone = alone >= 0
    # Few words begin a pair before one that ends any: only these are looked up.
    pair = np.flatnonzero(sought.begins[numbers] & sought.ends[following])
    pairs = numbers[pair].astype(np.int64) * (unknown + 1) + following[pair]
    at = np.searchsorted(sought.spoken, pairs).clip(max=len(sought.spoken) - 1)
    is_there = sought.spoken[at] == pairs
    single, paired = here[is_alone], here[pair[is_there]]
    places, ends = np.concatenate([single, paired]), np.concatenate([single, paired + 1])
    return places, np.concatenate([alone[is_alone], at[is_there]]), ends


def mark_zones(read: TextWords, vocabulary: pl.Series) -> Zoned:
    """Mark where words stand, and number them by their place among the vocabulary's."""
    known = _read_vocabulary(vocabulary)
    numbers = look_up_words(read.codes, known.table)
    stops = np.cumsum(read.counts)
    begins, titles = stops - read.counts, np.searchsorted(read.starts, read.borders)
    own = np.flatnonzero(known.is_own[numbers])
    texts = np.searchsorted(stops, own, side="right")
    in_abstract = own >= titles[texts]
    own, texts = own[in_abstract], texts[in_abstract]
    claims = _mark_stretches(own, np.minimum(own + REACH, stops[texts]), len(numbers))
    verbs = np.flatnonzero(known.is_verb[numbers] & claims)
    texts = np.searchsorted(stops, verbs, side="right")
    is_first = np.diff(texts, prepend=-1) > 0
    first, texts = verbs[is_first], texts[is_first]
    zones = [
        _mark_stretches(begins, titles, len(numbers)),
        claims,
        _mark_stretches(first, np.minimum(first + FIRST_REACH, stops[texts]), len(numbers)),
    ]
    return Zoned(numbers, read.lines, zones)


@keep_results
def _read_vocabulary(vocabulary: pl.Series) -> Vocabulary:
    is_own, is_verb = (
        np.append(vocabulary.is_in(words).to_numpy(), [False]) for words in (OWN, VERBS)
    )
    return Vocabulary(build_word_table(encode_texts(vocabulary)), is_own, is_verb)


def _mark_stretches(begins: Ints, stops: Ints, length: int) -> Flags:
    """Mark the places from each beginning to before its stop; both rise, stretches may overlap."""
    is_apart = begins[1:] > stops[:-1]
    opens, closes = np.append(True, is_apart), np.append(is_apart, True)
    edges = np.zeros(2 * int(opens[: len(begins)].sum()) + 2, np.int64)
    edges[1:-1:2], edges[2:-1:2] = begins[opens[: len(begins)]], stops[closes[: len(stops)]]
    edges[-1] = length
    # What lies between edges is out and in, by turns.
    return np.repeat(np.arange(len(edges) - 1) % 2 == 1, np.diff(edges))
