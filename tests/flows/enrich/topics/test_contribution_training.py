"""Claim n-grams are learned from a model's labels and from those of people."""

import numpy as np
import polars as pl

from flows.enrich.topics.contribution_scores import CONTRIBUTIONS, score_contributions
from flows.enrich.topics.contribution_training import learn_claim_ngrams
from flows.enrich.topics.examples import Examples
from flows.enrich.topics.text_words import read_words

TEXTS = ("We present a survey of parsers.", "We present a corpus of parsers.")


def make_papers(*abstracts: str) -> pl.DataFrame:
    papers = pl.DataFrame({"title": "Parsers", "abstract": abstracts})
    return papers.with_row_index("row")


def label(*topics: str) -> Examples:
    texts = make_papers(*TEXTS).with_columns(annotators=1, errors_read=False, paper=pl.lit("p"))
    truth = [(row, "contribution", topic, "primary") for row, topic in enumerate(topics)]
    schema = {"row": pl.UInt32, "facet": pl.String, "topic": pl.String, "role": pl.String}
    return Examples(texts, pl.DataFrame(truth, schema=schema, orient="row"))


def test_the_word_that_separates_contributions_is_learned() -> None:
    probabilities = np.zeros((80, len(CONTRIBUTIONS)))
    probabilities[::2, CONTRIBUTIONS.index("survey")] = 0.9
    probabilities[1::2, CONTRIBUTIONS.index("resource-dataset")] = 0.9
    papers = make_papers(*TEXTS * 40)
    claim_ngrams = learn_claim_ngrams(papers, probabilities, label("survey", "resource-dataset"))
    scores = score_contributions(read_words(make_papers(*TEXTS)), claim_ngrams)
    assert scores["contribution_survey"][0] > 0 > scores["contribution_survey"][1]
    assert (
        scores["contribution_resource-dataset"][1] > 0 > scores["contribution_resource-dataset"][0]
    )
    assert claim_ngrams.equals(
        learn_claim_ngrams(papers, probabilities, label("survey", "resource-dataset"))
    )


def test_ngrams_of_few_papers_are_not_tried() -> None:
    assert learn_claim_ngrams(
        make_papers(*TEXTS), np.zeros((2, len(CONTRIBUTIONS))), label()
    ).is_empty()
