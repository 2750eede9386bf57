"""Embeddings of topics are learned from papers that nobody labelled."""

from dataclasses import replace

import polars as pl
import pytest

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.field_words import BIAS, guess_fields
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import extract_features, load_model
from flows.enrich.topics.self_training import Teacher, train_students
from flows.enrich.topics.text_model import TextModel
from flows.enrich.topics.text_words import read_words

FEW = 40
"""Labelled papers that the teacher learned from."""

SPEECH = (
    "Speech recognition with phonemes",
    "We propose speech recognition that aligns phonemes with acoustic frames of the speaker.",
)
SPLATS = (
    "Gaussian splatting of rooms",
    "We propose novel view synthesis by Gaussian splatting of views from a camera in a room.",
)


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    """Knows few words: the whole vocabulary would take half a minute."""
    known = {BIAS, "phonemes", "acoustic", "frames", "speaker", "speech", "views", "camera", "room"}
    model = load_model()
    words = model.text_model.words.filter(pl.col("word").is_in(known))
    few = read_examples().select_papers(pl.col("row") < FEW)
    return Teacher(replace(model, text_model=TextModel(words)), few)


def list_records(*texts: tuple[str, str], category: str = "cs.LG") -> pl.DataFrame:
    return pl.DataFrame(
        [(title, abstract, [category]) for title, abstract in texts],
        schema=["title", "abstract", "categories"],
        orient="row",
    )


def test_words_without_a_phrase_are_similar_to_the_topic_of_papers_that_have_them(
    teacher: Teacher,
) -> None:
    records = list_records(*[SPEECH, SPLATS] * 200)
    [text_model] = train_students(records, [teacher], load_knowledge())
    assert ("task", "speech-recognition") in text_model.topic_embeddings.select(
        "facet", "topic"
    ).rows()
    texts = pl.DataFrame(
        {
            "row": [0, 1],
            "title": ["Speech recognition"] * 2,
            "abstract": ["Acoustic frames and phonemes.", "A camera and views of a room."],
        },
        schema_overrides={"row": pl.UInt32},
    )
    candidates = extract_features(texts, load_knowledge(), text_model).candidates
    similarity = dict(
        candidates.filter(topic="speech-recognition").select("row", "similarity").rows()
    )
    assert similarity[0] > similarity[1]
    assert set(KEY) <= set(candidates.columns)
    assert guess_fields(read_words(texts), text_model.words).height == 2


def test_papers_of_other_fields_teach_nothing(teacher: Teacher) -> None:
    records = list_records(*[SPEECH] * 200, category="astro-ph.GA")
    [text_model] = train_students(records, [teacher], load_knowledge())
    assert text_model.words.equals(teacher.model.text_model.words)
    assert text_model.topic_embeddings.is_empty()
    assert text_model.claim_ngrams.is_empty()
