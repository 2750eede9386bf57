"""Offer training: which words of titles and claims go with which contribution."""

import numpy as np
import polars as pl
import scipy.sparse

from flows.enrich.topics.examples import Examples
from flows.enrich.topics.folding import fold_in_place
from flows.enrich.topics.logistic_regression import Array, sigmoid
from flows.enrich.topics.offers import (
    OFFERED,
    OFFERS,
    ZONES,
    count_grams,
    empty_offers,
    mark_zones,
    weigh_grams,
)
from flows.enrich.topics.text_words import TextWords, read_words

LEAST_PAPERS = 30
"""Papers that must have a gram before it is tried."""

GRAMS = 1_500
"""Grams that are kept: with 4,000 the folds gain nothing."""

PENALTY = 6.0
"""Ridge penalty of a gram's weight; between 3 and 6 the folds hardly differ."""

GOLD = 20.0
"""Papers labelled by a model for which one that people labelled counts."""

STEPS = 60
"""Steps of the fit; the weights of rare contributions move little after them."""

WEIGHT_DECIMALS, RARITY_DECIMALS = 1, 2
"""Digits kept of weights and rarities: some fifty grams of a text share a length of one."""


def learn_offers(papers: pl.DataFrame, chances: Array, examples: Examples) -> pl.DataFrame:
    """Learn the table of `empty_offers` from papers, and from examples that people labelled.

    ``papers`` has ``row``, ``title`` and ``abstract``; ``chances`` a line for each and a column
    for each of `OFFERED`. The same papers give the same table.
    """
    grams = _list_frequent_grams(papers)
    if grams.is_empty():
        return empty_offers()
    texts = pl.concat([part.select("title", "abstract") for part in (papers, examples.texts)])
    counts = count_grams(read_words(texts.with_row_index("row")), grams)
    labels, importance = _read_labels(examples)
    outcome = np.vstack([chances, labels])
    importance = np.vstack([np.ones_like(chances), importance * GOLD])
    rarity = _measure_rarity(counts[: papers.height])
    tried = _fit_grams(weigh_grams(counts, rarity), outcome, importance)
    often = np.sqrt(np.asarray(counts.sum(axis=0)).ravel())
    worth = often * rarity * np.abs(tried[1:]).max(axis=1)
    chosen = np.sort(np.argsort(-worth, kind="stable")[:GRAMS])
    rarity = rarity[chosen].round(RARITY_DECIMALS)
    weights = _fit_grams(weigh_grams(counts[:, chosen], rarity), outcome, importance)
    keys = {"gram": ["", *grams.gather(chosen)], "rarity": np.append(0.0, rarity)}
    # Adding zero turns what was rounded to -0.0 into 0.0.
    columns = dict(zip(OFFERS, weights.round(WEIGHT_DECIMALS).T + 0.0, strict=True))
    return pl.DataFrame(keys | columns)


def _list_frequent_grams(papers: pl.DataFrame) -> pl.Series:
    """List the grams that papers often have, sorted: those without digits."""
    read = read_words(papers)
    words = _write_words(read)
    zoned = mark_zones(read, words.unique().sort())
    following = words.shift(-1, fill_value="")
    parts = []
    for zone, flags in zip(ZONES, zoned.zones, strict=True):
        is_here = pl.Series(flags) & words.str.contains("^[a-z]+$")
        is_pair = is_here & is_here.shift(-1, fill_value=False)
        parts += [
            pl.DataFrame({"line": zoned.lines, "gram": zone + ":" + text}).filter(chosen)
            for text, chosen in ((words, is_here), (words + " " + following, is_pair))
        ]
    counted = pl.concat(parts).unique().group_by("gram").len()
    return counted.filter(pl.col("len") >= LEAST_PAPERS)["gram"].sort()


def _write_words(read: TextWords) -> pl.Series:
    """Write the words of texts out, in the order of `TextWords`."""
    # The same cut as that of the letters: a blank ends each word, and two end a title.
    fields = [fold_in_place(pl.col(name).fill_null("")) for name in ("title", "abstract")]
    whole = pl.concat_str(fields[0], pl.lit("  "), fields[1], pl.lit(" "))
    return read.texts.select(whole.str.split(" ").alias("words"))["words"].explode(
        empty_as_null=False
    )


def _read_labels(examples: Examples) -> tuple[Array, Array]:
    """Read which of `OFFERED` examples have, a line each, and where people left that open."""
    lines = {row: line for line, row in enumerate(examples.texts["row"])}
    labels = np.zeros((len(lines), len(OFFERED)))
    importance = np.ones_like(labels)
    offered = examples.truth.filter(
        (pl.col("facet") == "contribution") & pl.col("topic").is_in(OFFERED)
    )
    for row, topic, role in offered.select("row", "topic", "role").iter_rows():
        place = lines[row], OFFERED.index(topic)
        labels[place] = role != "ambiguous"
        importance[place] = role != "ambiguous"
    return labels, importance


def _measure_rarity(counts: scipy.sparse.csr_matrix) -> Array:
    often = np.asarray(counts.sum(axis=0)).ravel()
    rarity: Array = np.log(counts.shape[0] / np.maximum(often, 1.0))
    return rarity


def _fit_grams(lines: scipy.sparse.csr_matrix, outcome: Array, importance: Array) -> Array:
    """Fit one ridge-penalised logistic regression per contribution: the bias, a line per gram."""
    from scipy.optimize import minimize  # noqa: PLC0415  # half a second, which only training needs

    shares = outcome.mean(axis=0).clip(1e-4, 1 - 1e-4)
    grams_first, shape = lines.T.tocsr(), (lines.shape[1] + 1, outcome.shape[1])

    def measure_loss(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(shape)
        odds = lines @ weights[1:] + weights[0]
        loss = (importance * (np.logaddexp(0, odds) - outcome * odds)).sum()
        loss += PENALTY / 2 * (weights[1:] ** 2).sum()
        gaps = importance * (sigmoid(odds) - outcome)
        slope = np.vstack([gaps.sum(axis=0), grams_first @ gaps + PENALTY * weights[1:]])
        return float(loss) / len(outcome), slope.ravel() / len(outcome)

    start = np.zeros(shape)
    start[0] = np.log(shares / (1 - shares))
    fit = minimize(
        measure_loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    weights: Array = fit.x.reshape(shape)
    return weights
