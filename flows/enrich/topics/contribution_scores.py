"""Contribution scores: what a paper contributes, by n-grams of its title and of its claims.

A contribution is a statement about the whole paper: after "we introduce" the word "benchmark"
counts for more than anywhere else. One linear classifier per contribution weighs single words and
pairs (TF-IDF), each by the span it stands in.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.candidate_numbers import count_topics, list_codes, number_topics
from flows.enrich.topics.field_features import find_field_lines, lay_fields
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import Ints, TextWords, encode_texts
from flows.enrich.topics.word_table import Numbers, WordTable, build_word_table, look_up_words

CONTRIBUTIONS = [
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

CONTRIBUTION_SCORES = [f"contribution_{topic}" for topic in CONTRIBUTIONS]
"""Columns that tell how much a paper's words speak for each of `CONTRIBUTIONS`, in log odds."""

CONTRIBUTION_FEATURES = ["contribution_score"]
"""Of a candidate contribution: its score, in `UNIT`; zero for all other candidates."""

UNIT = 3.0
"""Log odds that make one of the feature, which brings it to the size of the others."""

SELF_WORDS = (
    *("we", "our", "ours", "us", "here", "this", "paper", "papers", "work", "article", "study"),
    *("survey", "review", "report"),
)
"""Words by which a paper speaks of itself."""

CLAIM_VERBS = (
    *("propose", "introduce", "present", "develop", "release", "describe", "provide", "offer"),
    *("build", "create", "construct", "design", "show", "prove", "study", "investigate"),
    *("analyze", "analyse", "examine", "evaluate", "explore", "compare", "review", "survey"),
    *("argue", "discuss", "demonstrate", "find", "establish", "derive", "give", "contribute"),
    *("collect", "curate", "conduct", "train", "implement", "formulate", "address"),
    *("proposes", "introduces", "presents", "develops", "describes", "provides", "studies"),
    *("investigates", "analyzes", "examines", "explores", "compares", "reviews", "surveys"),
    *("argues", "discusses", "shows", "introducing", "presenting"),
)
"""Verbs by which it says what it contributes."""

CLAIM_WORDS = 30
"""Words from one of `SELF_WORDS` on that are read as a claim."""

FIRST_CLAIM_WORDS = 16
"""Words of the first claim from its verb on, which say more than the others."""

SPANS = ["title", "claim", "first"]
"""Where a word may stand; one of the first claim stands among all claims as well."""


@dataclass(frozen=True)
class MarkedSpans:
    """The words of texts by number, with marks of those that are in each of `SPANS`."""

    numbers: Numbers
    lines: Ints
    spans: list[Flags]


@dataclass(frozen=True)
class Vocabulary:
    """Words that are told apart, by number; the last number is that of all others."""

    table: WordTable
    is_own: Flags
    """Of each number whether it is one of `SELF_WORDS`."""
    is_verb: Flags
    """The same of `CLAIM_VERBS`."""


@dataclass(frozen=True)
class NgramIndex:
    """N-grams as they are looked up."""

    vocabulary: pl.Series
    ngrams: Ints
    """The words of n-grams whatever their span: the number of the first times all numbers, plus
    that of the second. They rise."""
    columns: Ints
    """A line per span: the n-gram of each of ``ngrams``, their count where there is none."""
    single: Ints
    """The place among ``ngrams`` of each word as a unigram, -1 where it is none."""
    begins: Flags
    """Of each word whether it begins a pair."""
    ends: Flags
    """Of each word whether it ends one."""


def empty_claim_ngrams() -> pl.DataFrame:
    """Make the table of a model that learned none: a row per n-gram, `CONTRIBUTION_SCORES`.

    ``ngram`` is a span and one or two words, "title:benchmark for", and empty for the bias;
    ``idf`` is its inverse document frequency.
    """
    return pl.DataFrame(
        schema={
            "ngram": pl.String,
            "idf": pl.Float64,
            **dict.fromkeys(CONTRIBUTION_SCORES, pl.Float64),
        }
    )


def score_contributions(read: TextWords, claim_ngrams: pl.DataFrame) -> pl.DataFrame:
    """Score contributions by the words of texts: a row per text, `CONTRIBUTION_SCORES`.

    All are zero where the model learned none.
    """
    if claim_ngrams.is_empty():
        return pl.DataFrame(
            np.zeros((len(read.counts), len(CONTRIBUTION_SCORES))), schema=CONTRIBUTION_SCORES
        )
    ngrams, idf, weights, bias = _read_claim_ngrams(claim_ngrams)
    lines = weigh_ngrams(count_ngrams(read, ngrams), idf)
    # Rounded, since sums of floats differ between machines in their last digits.
    return pl.DataFrame((lines @ weights + bias).round(4), schema=CONTRIBUTION_SCORES)


@cache_by_identity
def _read_claim_ngrams(claim_ngrams: pl.DataFrame) -> tuple[pl.Series, Array, Array, Array]:
    """Read n-grams, their IDF, their weights in a line each, and the bias."""
    weighed = claim_ngrams.filter(pl.col("ngram") != "")
    bias = claim_ngrams.filter(pl.col("ngram") == "").select(CONTRIBUTION_SCORES).to_numpy()
    weights = np.ascontiguousarray(weighed.select(CONTRIBUTION_SCORES).to_numpy())
    return weighed["ngram"], weighed["idf"].to_numpy(), weights, bias


def add_contribution_features(candidates: pl.DataFrame, fields: pl.DataFrame) -> pl.DataFrame:
    """Add `CONTRIBUTION_FEATURES` to candidates, from the scores of their papers."""
    columns = _find_columns(*list_codes(candidates))[number_topics(candidates)]
    scored, values = np.flatnonzero(columns >= 0), np.zeros(candidates.height)
    lines = find_field_lines(candidates, fields)[scored]
    values[scored] = lay_fields(fields, CONTRIBUTION_SCORES)[lines, columns[scored]] / UNIT
    return candidates.drop(CONTRIBUTION_FEATURES, strict=False).with_columns(
        contribution_score=pl.Series(values)
    )


@cache_by_identity
def _find_columns(facets: pl.Enum, topics: pl.Enum) -> Ints:
    """Find the place among `CONTRIBUTIONS` of each topic, by its number; -1 where it has none."""
    coded = pl.DataFrame({"facet": "contribution", "topic": CONTRIBUTIONS}).select(
        pl.col("facet").cast(facets), pl.col("topic").cast(topics, strict=False)
    )
    columns = np.full(count_topics(coded), -1)
    is_known = coded["topic"].is_not_null()
    columns[number_topics(coded.filter(is_known))] = np.flatnonzero(is_known.to_numpy())
    return columns


def weigh_ngrams(counts: scipy.sparse.csr_matrix, idf: Array) -> scipy.sparse.csr_matrix:
    """Weigh the n-grams of texts by their IDF: lines of unit length."""
    weighed = _replace_values(counts, idf[counts.indices])
    squares = _replace_values(weighed, weighed.data**2)
    lengths = np.sqrt(np.asarray(squares.sum(axis=1)).ravel())
    shares = np.repeat(1 / np.maximum(lengths, 1e-9), np.diff(weighed.indptr))
    return _replace_values(weighed, weighed.data * shares)


def _replace_values(lines: scipy.sparse.csr_matrix, values: Array) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix((values, lines.indices, lines.indptr), shape=lines.shape)


def count_ngrams(read: TextWords, ngrams: pl.Series) -> scipy.sparse.csr_matrix:
    """Mark which n-grams texts have: a line per text, a column per n-gram, 1 where it is there."""
    shape = (len(read.counts), len(ngrams))
    if not all(shape):
        return scipy.sparse.csr_matrix(shape)
    index = _index_ngrams(ngrams)
    marked = mark_spans(read, index.vocabulary)
    places, ngram, ends = _find_words(marked, index)
    cells = []
    for flags, of_span in zip(marked.spans, index.columns, strict=True):
        column = of_span[ngram]
        # A pair lies within its span as a whole.
        chosen = np.flatnonzero(flags[places] & flags[ends] & (column < len(ngrams)))
        cells.append(marked.lines[places[chosen]] * len(ngrams) + column[chosen])
    # Two rising runs of each span, which a stable sort merges.
    cells_sorted = np.sort(np.concatenate(cells), kind="stable")
    lines, cols = np.divmod(cells_sorted[np.diff(cells_sorted, prepend=-1) > 0], len(ngrams))
    firsts = np.append(0, np.cumsum(np.bincount(lines, minlength=len(read.counts))))
    return scipy.sparse.csr_matrix((np.ones(len(lines)), cols, firsts), shape=shape)


@cache_by_identity
def _index_ngrams(ngrams: pl.Series) -> NgramIndex:
    """Index n-grams, none twice, by their words."""
    parts = ngrams.str.splitn(":", 2).struct
    spans = parts.field("field_0").cast(pl.Enum(SPANS)).to_physical().to_numpy()
    words = parts.field("field_1").str.splitn(" ", 2).struct.unnest()
    vocabulary = (
        pl.concat([*words, pl.Series([*SELF_WORDS, *CLAIM_VERBS])]).drop_nulls().unique().sort()
    )
    width = len(vocabulary) + 1
    first, second = (
        word.cast(pl.Enum(vocabulary))
        .to_physical()
        .cast(pl.Int64)
        .fill_null(len(vocabulary))
        .to_numpy()
        for word in words
    )
    distinct, number = np.unique(first * width + second, return_inverse=True)
    columns = np.full((len(SPANS), len(distinct)), len(ngrams))
    columns[spans, number] = np.arange(len(ngrams))
    first, second = np.divmod(distinct, width)
    single, is_pair = np.full(width, -1), second < len(vocabulary)
    single[first[~is_pair]] = np.flatnonzero(~is_pair)
    begins, ends = np.zeros((2, width), np.bool_)
    begins[first[is_pair]] = True
    ends[second[is_pair]] = True
    return NgramIndex(vocabulary, distinct, columns, single, begins, ends)


def _find_words(marked: MarkedSpans, index: NgramIndex) -> tuple[Ints, Ints, Ints]:
    """Find the words and pairs of n-grams: the place of each, its number, and the place it ends at.

    Numbers are places among `NgramIndex.ngrams`.
    """
    unknown = len(index.vocabulary)
    flags = np.logical_or.reduce(marked.spans)
    here = np.flatnonzero(flags & (marked.numbers < unknown))
    # The word behind the last one is none.
    following = np.append(marked.numbers, unknown)[here + 1]
    numbers = marked.numbers[here]
    alone = index.single[numbers]
    is_single = alone >= 0
    # Few words begin a pair before one that ends any: only these are looked up.
    pair = np.flatnonzero(index.begins[numbers] & index.ends[following])
    pairs = numbers[pair].astype(np.int64) * (unknown + 1) + following[pair]
    at = np.searchsorted(index.ngrams, pairs).clip(max=len(index.ngrams) - 1)
    is_there = index.ngrams[at] == pairs
    single, paired = here[is_single], here[pair[is_there]]
    places, ends = np.concatenate([single, paired]), np.concatenate([single, paired + 1])
    return places, np.concatenate([alone[is_single], at[is_there]]), ends


def mark_spans(read: TextWords, vocabulary: pl.Series) -> MarkedSpans:
    """Mark where words stand, and number them by their place among the vocabulary's."""
    coded = _read_vocabulary(vocabulary)
    numbers = look_up_words(read.codes, coded.table)
    stops = np.cumsum(read.counts)
    begins, titles = stops - read.counts, np.searchsorted(read.starts, read.borders)
    own = np.flatnonzero(coded.is_own[numbers])
    texts = np.searchsorted(stops, own, side="right")
    in_abstract = own >= titles[texts]
    own, texts = own[in_abstract], texts[in_abstract]
    claims = _mark_stretches(own, np.minimum(own + CLAIM_WORDS, stops[texts]), len(numbers))
    verbs = np.flatnonzero(coded.is_verb[numbers] & claims)
    texts = np.searchsorted(stops, verbs, side="right")
    is_first = np.diff(texts, prepend=-1) > 0
    first, texts = verbs[is_first], texts[is_first]
    spans = [
        _mark_stretches(begins, titles, len(numbers)),
        claims,
        _mark_stretches(first, np.minimum(first + FIRST_CLAIM_WORDS, stops[texts]), len(numbers)),
    ]
    return MarkedSpans(numbers, read.lines, spans)


@cache_by_identity
def _read_vocabulary(vocabulary: pl.Series) -> Vocabulary:
    is_own, is_verb = (
        np.append(vocabulary.is_in(words).to_numpy(), [False])
        for words in (SELF_WORDS, CLAIM_VERBS)
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
