"""Contribution training: which n-grams of titles and claims go with which contribution."""

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.contribution_scores import (
    CONTRIBUTION_SCORES,
    CONTRIBUTIONS,
    SPANS,
    count_ngrams,
    empty_claim_ngrams,
    mark_spans,
    weigh_ngrams,
)
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.folding import fold_in_place
from flows.enrich.topics.logistic_regression import Array, sigmoid
from flows.enrich.topics.text_words import TextWords, read_words

LEAST_PAPERS = 30
"""Papers that must have an n-gram before it is tried."""

NGRAMS = 1_500
"""N-grams that are kept: with 4,000 the folds gain nothing."""

PENALTY = 6.0
"""Ridge penalty of an n-gram's weight; between 3 and 6 the folds hardly differ."""

GOLD_WEIGHT = 20.0
"""Papers labelled by a model for which one that people labelled counts."""

STEPS = 60
"""Steps of the fit; the weights of rare contributions move little after them."""

WEIGHT_DECIMALS, IDF_DECIMALS = 1, 2
"""Digits kept of weights and IDF: some fifty n-grams of a text share a length of one."""


def learn_claim_ngrams(
    papers: pl.DataFrame, probabilities: Array, examples: Examples
) -> pl.DataFrame:
    """Learn the table of `empty_claim_ngrams` from papers, and from examples that people labelled.

    ``papers`` has ``row``, ``title`` and ``abstract``; ``probabilities`` a line for each and a
    column for each of `CONTRIBUTIONS`. The same papers give the same table.
    """
    ngrams = _list_frequent_ngrams(papers)
    if ngrams.is_empty():
        return empty_claim_ngrams()
    texts = pl.concat([part.select("title", "abstract") for part in (papers, examples.texts)])
    counts = count_ngrams(read_words(texts.with_row_index("row")), ngrams)
    labels, importance = _read_labels(examples)
    outcome = np.vstack([probabilities, labels])
    importance = np.vstack([np.ones_like(probabilities), importance * GOLD_WEIGHT])
    idf = _measure_idf(counts[: papers.height])
    tried = _fit_ngrams(weigh_ngrams(counts, idf), outcome, importance)
    often = np.sqrt(np.asarray(counts.sum(axis=0)).ravel())
    worth = often * idf * np.abs(tried[1:]).max(axis=1)
    chosen = np.sort(np.argsort(-worth, kind="stable")[:NGRAMS])
    idf = idf[chosen].round(IDF_DECIMALS)
    weights = _fit_ngrams(weigh_ngrams(counts[:, chosen], idf), outcome, importance)
    keys = {"ngram": ["", *ngrams.gather(chosen)], "idf": np.append(0.0, idf)}
    # Adding zero turns what was rounded to -0.0 into 0.0.
    columns = dict(zip(CONTRIBUTION_SCORES, weights.round(WEIGHT_DECIMALS).T + 0.0, strict=True))
    return pl.DataFrame(keys | columns)


def _list_frequent_ngrams(papers: pl.DataFrame) -> pl.Series:
    """List the n-grams that papers often have, sorted: those without digits."""
    read = read_words(papers)
    words = _write_words(read)
    marked = mark_spans(read, words.unique().sort())
    following = words.shift(-1, fill_value="")
    parts = []
    for span, flags in zip(SPANS, marked.spans, strict=True):
        is_here = pl.Series(flags) & words.str.contains("^[a-z]+$")
        is_pair = is_here & is_here.shift(-1, fill_value=False)
        parts += [
            pl.DataFrame({"line": marked.lines, "ngram": span + ":" + text}).filter(chosen)
            for text, chosen in ((words, is_here), (words + " " + following, is_pair))
        ]
    counted = pl.concat(parts).unique().group_by("ngram").len()
    return counted.filter(pl.col("len") >= LEAST_PAPERS)["ngram"].sort()


def _write_words(read: TextWords) -> pl.Series:
    """Write the words of texts out, in the order of `TextWords`."""
    # The same cut as that of the letters: a blank ends each word, and two end a title.
    fields = [fold_in_place(pl.col(name).fill_null("")) for name in ("title", "abstract")]
    whole = pl.concat_str(fields[0], pl.lit("  "), fields[1], pl.lit(" "))
    return read.texts.select(whole.str.split(" ").alias("words"))["words"].explode(
        empty_as_null=False
    )


def _read_labels(examples: Examples) -> tuple[Array, Array]:
    """Read which of `CONTRIBUTIONS` examples have, a line each, and where people left that open."""
    lines = {row: line for line, row in enumerate(examples.texts["row"])}
    labels = np.zeros((len(lines), len(CONTRIBUTIONS)))
    importance = np.ones_like(labels)
    labels_of_contributions = examples.truth.filter(
        (pl.col("facet") == "contribution") & pl.col("topic").is_in(CONTRIBUTIONS)
    )
    for row, topic, role in labels_of_contributions.select("row", "topic", "role").iter_rows():
        place = lines[row], CONTRIBUTIONS.index(topic)
        labels[place] = role != "ambiguous"
        importance[place] = role != "ambiguous"
    return labels, importance


def _measure_idf(counts: scipy.sparse.csr_matrix) -> Array:
    often = np.asarray(counts.sum(axis=0)).ravel()
    idf: Array = np.log(counts.shape[0] / np.maximum(often, 1.0))
    return idf


def _fit_ngrams(lines: scipy.sparse.csr_matrix, outcome: Array, importance: Array) -> Array:
    """Fit one ridge-penalised logistic regression per contribution: the bias, a line per n-gram."""
    from scipy.optimize import minimize  # noqa: PLC0415  # half a second, which only training needs

    shares = outcome.mean(axis=0).clip(1e-4, 1 - 1e-4)
    ngrams_first, shape = lines.T.tocsr(), (lines.shape[1] + 1, outcome.shape[1])

    def measure_loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(shape)
        odds = lines @ weights[1:] + weights[0]
        loss = (importance * (np.logaddexp(0, odds) - outcome * odds)).sum()
        loss += PENALTY / 2 * (weights[1:] ** 2).sum()
        gaps = importance * (sigmoid(odds) - outcome)
        slope = np.vstack([gaps.sum(axis=0), ngrams_first @ gaps + PENALTY * weights[1:]])
        return float(loss) / len(outcome), slope.ravel() / len(outcome)

    start = np.zeros(shape)
    start[0] = np.log(shares / (1 - shares))
    fit = minimize(
        measure_loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    weights: Array = fit.x.reshape(shape)
    return weights
