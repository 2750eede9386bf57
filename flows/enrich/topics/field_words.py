"""Field words: how likely a text is filed under each field of arXiv, by its words alone.

Sources without categories say nothing of a paper's field, yet its words do. The weights of words
are learned from records with categories (`learn_field_words`) and kept as a CSV, beside those of
the axes of `subject_axes` and `distilled_axes`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse

from flows.enrich.topics.distilled_axes import DISTILLED_AXES
from flows.enrich.topics.folding import fold_in_place
from flows.enrich.topics.identity_cache import cache_by_identity
from flows.enrich.topics.logistic_regression import Array, sigmoid
from flows.enrich.topics.subject_axes import AXES, AXIS_FIELDS, learn_axes
from flows.enrich.topics.term_matrix import build_term_matrix, build_unit_term_matrix
from flows.enrich.topics.text_words import Ints, TextWords, read_words

ARXIV_FIELDS = {
    "language": r"^(?:cs\.CL|cmp-lg)$",
    "vision": r"^(?:cs\.CV|eess\.IV)$",
    "sound": r"^(?:cs\.SD|eess\.AS)$",
    "graphics": r"^cs\.GR$",
    "robots": r"^cs\.RO$",
    "learning": r"^(?:cs\.LG|stat\.ML)$",
    "neural": r"^cs\.NE$",
    "reasoning": r"^cs\.AI$",
    "retrieval": r"^cs\.IR$",
    "software": r"^cs\.(?:SE|PL)$",
    "security": r"^cs\.CR$",
    "society": r"^cs\.CY$",
    "people": r"^cs\.HC$",
    "networks": r"^(?:cs\.SI|physics\.soc-ph)$",
    "computing": r"^cs\.(?:DC|AR|PF|OS)$",
    "agents": r"^cs\.(?:MA|GT)$",
    "signals": r"^(?:cs\.(?:NI|IT)|eess\.SP)$",
    "control": r"^(?:cs|eess)\.SY$",
    "algorithms": r"^cs\.(?:DS|CC|DM|CG|LO|FL|SC|DB)$",
    "statistics": r"^(?:math\.ST|stat\.(?:TH|ME|AP|CO|OT))$",
    "optimization": r"^(?:math\.OC|math\.NA|cs\.NA)$",
    "mathematics": r"^(?:math\.(?:A[CGPT]|C[AOTV]|D[GS]|FA|G[MNRT]|HO|KT|LO|MG|NT|OA|PR|QA|R[AT]"
    r"|S[GP])|math-ph|alg-geom|q-alg|dg-ga|funct-an)",
    "biology": r"^(?:q-bio|physics\.bio-ph)",
    "chemistry": r"^(?:physics\.chem-ph|chem-ph|cond-mat\.mtrl-sci|mtrl-th)$",
    "earth": r"^(?:physics\.(?:ao-ph|geo-ph)|ao-sci)$",
    "medicine": r"^physics\.med-ph$",
    "finance": r"^(?:q-fin|econ)",
    "physics": r"^(?:astro-ph|cond-mat|gr-qc|hep-|nucl-|nlin|quant-ph|chao-dyn|solv-int"
    r"|physics\.(?:a[cp]|atm|atom|class|comp|flu|gen|hist|ins|opt|plasm|pop|space))",
}
"""The fields, each with the categories of arXiv that belong to it."""

OUTSIDE = ["mathematics", "biology", "chemistry", "earth", "medicine", "finance", "physics"]
"""Fields outside computing, where words of computing have other senses."""

BIAS = "(bias)"
"""The word whose weights are those of a text without any known word."""

LEAST_RECORDS = 100
"""Records that must hold a word before it gets weights."""

RECORDS = 80_000
"""Records that the words are learned from, taken at even distances."""

PENALTY = 1.0
"""Ridge penalty of a word's weight, found on records that were set aside."""

STEPS = 140
"""Steps of the fit; more change the second digit of rare fields only."""

WORD_DECIMALS = 1
"""Digits kept of a word's weight: a second one changes no probability by a hundredth."""

AXIS_DECIMALS = 1
"""Digits kept of a word's weight along an axis: a text has too many words for a second one."""

UNITS = 10
"""Units that make one of a weight: with one digit behind the point weights are whole numbers."""

SHORTEST = 2
"""Letters and digits of the shortest word: one letter is a variable."""

DIGITS = "0123456789"

SMALL = np.iinfo(np.int16).max
"""Sum that surely fits where weights are added in 16 bits."""

WEIGHED = [*ARXIV_FIELDS, *AXES, *DISTILLED_AXES]
"""What words have weights for, in the order of the columns."""


def learn_field_words(records: pl.DataFrame) -> pl.DataFrame:
    """Learn what words say of fields and axes: ``word`` and a weight for each, a row per word.

    ``records`` has ``title``, ``abstract`` and ``categories`` (lists).
    """
    papers = records.gather_every(max(1, records.height // RECORDS)).with_row_index("row")
    words = split_texts(papers)
    often = words.group_by("word").len().filter(pl.col("len") >= LEAST_RECORDS)
    vocabulary = often["word"].sort()
    counts = build_unit_term_matrix(read_words(papers), vocabulary)
    filed = _find_fields(papers)
    # The distilled axes need a model first: see `self_training`.
    unlearned = np.zeros((len(vocabulary) + 1, len(DISTILLED_AXES)))
    weights = np.hstack([_fit_weights(counts, filed), _fit_axes(counts, filed), unlearned])
    return pl.DataFrame({"word": [BIAS, *vocabulary], **dict(zip(WEIGHED, weights.T, strict=True))})


def empty_field_words() -> pl.DataFrame:
    """Make the table of words of a model that learned none."""
    return pl.DataFrame(schema={"word": pl.String, **dict.fromkeys(WEIGHED, pl.Float64)})


def guess_fields(texts: TextWords, words: pl.DataFrame) -> pl.DataFrame:
    """Guess the fields of texts: ``row``, a probability per field, a number per axis.

    One row per text. Without words all are zero.
    """
    rows = texts.rows.alias("row").to_frame()
    if words.is_empty():
        return rows.with_columns(pl.lit(0.0).alias(name) for name in WEIGHED)
    vocabulary, weights, bias = _read_word_weights(words)
    marks = build_term_matrix(texts, vocabulary)
    lengths = np.maximum(np.diff(marks.indptr), 1)[:, None] ** -0.5
    sums = _sum_whole_weights(marks, weights) * (lengths / UNITS) + bias
    # Fields are probabilities; axes stay as they are, since both of their ends mean something.
    sums[:, : len(ARXIV_FIELDS)] = sigmoid(sums[:, : len(ARXIV_FIELDS)])
    # Rounded, since sums of floats differ between machines in their last digits.
    return rows.hstack(pl.DataFrame(sums.round(4), schema=WEIGHED))


@dataclass(frozen=True)
class WholeWeights:
    """The weights of words as whole numbers, a line per word."""

    wide: npt.NDArray[np.int32]
    narrow: npt.NDArray[np.int16]
    """The same in half the bytes; what does not fit is cut off."""
    heaviest: Ints
    """Of each word the largest of its weights, whatever its sign."""


@cache_by_identity
def _read_word_weights(words: pl.DataFrame) -> tuple[pl.Series, WholeWeights, Array]:
    """Read the words, `UNITS` of the weights of each in a line, and the weights of no word."""
    is_bias = words["word"] == BIAS
    known, bias = words.filter(~is_bias), words.filter(is_bias)
    # In rows of words: a text reads the whole line of each of its words.
    wide = np.ascontiguousarray((known.select(WEIGHED).to_numpy() * UNITS).round(), np.int32)
    heaviest = np.abs(wide).max(axis=1, initial=0).astype(np.int64)
    weights = WholeWeights(wide, wide.astype(np.int16), heaviest)
    return known["word"], weights, bias.select(WEIGHED).to_numpy()


def _sum_whole_weights(marks: scipy.sparse.csr_matrix, weights: WholeWeights) -> Ints:
    """Sum the weights of the words that are marked, exactly: a line per text."""
    # Sums in 16 bits take less than half the time, and few texts are long enough for more.
    sums = marks @ weights.narrow
    long = np.flatnonzero(marks @ weights.heaviest > SMALL)
    if len(long):
        sums = sums.astype(np.int32)
        sums[long] = marks[long] @ weights.wide
    return np.asarray(sums)


def split_texts(texts: pl.DataFrame) -> pl.DataFrame:
    """Split titles and abstracts into their distinct folded words: ``row``, ``word``.

    A word has two letters or digits or more and begins with a letter; digits before it are none of
    it.
    """
    whole = pl.concat_str(
        pl.col("title").fill_null(""), pl.lit(" "), pl.col("abstract").fill_null("")
    )
    split = fold_in_place(whole).str.split(" ")
    pieces = (
        texts.select("row", word=split.list.unique(maintain_order=True))
        .explode("word", empty_as_null=True)
        .drop_nulls()
        .filter(pl.col("word").str.len_bytes() >= SHORTEST)
    )
    # In ASCII digits come before letters, and few pieces begin with one.
    is_word = pl.col("word") >= "a"
    words = pieces.filter(is_word)
    numbered = pieces.filter(~is_word).with_columns(pl.col("word").str.strip_chars_start(DIGITS))
    more = numbered.filter(pl.col("word").str.len_bytes() >= SHORTEST).unique(maintain_order=True)
    # The few are looked up among the many by way of those of them that are there as well.
    twice = words.join(more, on=["row", "word"], how="semi")
    return pl.concat([words, more.join(twice, on=["row", "word"], how="anti")])


def _find_fields(papers: pl.DataFrame) -> Array:
    """Read the fields of papers from their categories: a column of 0 and 1 per field."""
    element = pl.element()
    filed = papers.select(
        pl.col("categories").list.eval(element.str.contains(pattern)).list.any().alias(name)
        for name, pattern in ARXIV_FIELDS.items()
    )
    return filed.cast(pl.Float64).to_numpy()


def _fit_axes(counts: scipy.sparse.csr_matrix, filed: Array) -> Array:
    """Fit the axes on the papers of `AXIS_FIELDS`: the bias, then a line per word."""
    chosen = [list(ARXIV_FIELDS).index(name) for name in AXIS_FIELDS]
    is_learning = filed[:, chosen].any(axis=1)
    if is_learning.sum() < LEAST_RECORDS:
        return np.zeros((counts.shape[1] + 1, len(AXES)))
    # Adding zero turns what was rounded to -0.0 into 0.0.
    return learn_axes(counts[np.flatnonzero(is_learning)]).round(AXIS_DECIMALS) + 0.0


def _fit_weights(counts: scipy.sparse.csr_matrix, filed: Array) -> Array:
    """Fit one ridge-penalised logistic regression per field: the bias, then a line per word."""
    from scipy.optimize import minimize  # noqa: PLC0415  # half a second, which only training needs

    shares = filed.mean(axis=0).clip(1e-4, 1 - 1e-4)
    # A rare field gets larger steps: otherwise the common ones decide when the fit ends.
    scale = 1 / np.sqrt(shares * (1 - shares)) / len(filed)
    words_first, shape = counts.T.tocsr(), (counts.shape[1] + 1, filed.shape[1])

    def measure_loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(shape)
        odds = counts @ weights[1:] + weights[0]
        loss = (np.logaddexp(0, odds) - filed * odds).sum(axis=0)
        loss += PENALTY / 2 * (weights[1:] ** 2).sum(axis=0)
        gaps = sigmoid(odds) - filed
        slope = np.vstack([gaps.sum(axis=0), words_first @ gaps + PENALTY * weights[1:]])
        return float((loss * scale).sum()), (slope * scale).ravel()

    start = np.zeros(shape)
    start[0] = np.log(shares / (1 - shares))
    fit = minimize(
        measure_loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    weights: Array = fit.x.reshape(shape).round(WORD_DECIMALS) + 0.0
    return weights
