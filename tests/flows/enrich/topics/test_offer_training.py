"""The words of offers are learned from a model's labels and from those of people."""

import numpy as np
import polars as pl

from flows.enrich.topics.examples import Examples
from flows.enrich.topics.offer_training import learn_offers
from flows.enrich.topics.offers import OFFERED, guess_offers
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


def test_the_word_that_tells_offers_apart_is_learned() -> None:
    chances = np.zeros((80, len(OFFERED)))
    chances[::2, OFFERED.index("survey")] = 0.9
    chances[1::2, OFFERED.index("resource-dataset")] = 0.9
    papers = make_papers(*TEXTS * 40)
    offers = learn_offers(papers, chances, label("survey", "resource-dataset"))
    told = guess_offers(read_words(make_papers(*TEXTS)), offers)
    assert told["offers_survey"][0] > 0 > told["offers_survey"][1]
    assert told["offers_resource-dataset"][1] > 0 > told["offers_resource-dataset"][0]
    assert offers.equals(learn_offers(papers, chances, label("survey", "resource-dataset")))


def test_grams_of_few_papers_are_not_tried() -> None:
    assert learn_offers(make_papers(*TEXTS), np.zeros((2, len(OFFERED))), label()).is_empty()
