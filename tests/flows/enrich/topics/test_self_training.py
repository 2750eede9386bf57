"""What topics sound like is learned from papers that nobody labelled."""

from dataclasses import replace

import polars as pl
import pytest

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.field_words import BIAS, guess_fields
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.model import examine_texts, load_model
from flows.enrich.topics.self_training import Teacher, teach
from flows.enrich.topics.taught import Taught
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
    words = model.taught.words.filter(pl.col("word").is_in(known))
    few = read_examples().select_papers(pl.col("row") < FEW)
    return Teacher(replace(model, taught=Taught(words)), few)


def list_records(*texts: tuple[str, str], category: str = "cs.LG") -> pl.DataFrame:
    return pl.DataFrame(
        [(title, abstract, [category]) for title, abstract in texts],
        schema=["title", "abstract", "categories"],
        orient="row",
    )


def test_words_without_a_phrase_sound_like_the_topic_of_papers_that_have_them(
    teacher: Teacher,
) -> None:
    records = list_records(*[SPEECH, SPLATS] * 200)
    [taught] = teach(records, [teacher], load_knowledge())
    assert ("task", "speech-recognition") in taught.wordings.select("facet", "topic").rows()
    texts = pl.DataFrame(
        {
            "row": [0, 1],
            "title": ["Speech recognition"] * 2,
            "abstract": ["Acoustic frames and phonemes.", "A camera and views of a room."],
        },
        schema_overrides={"row": pl.UInt32},
    )
    candidates = examine_texts(texts, load_knowledge(), taught).candidates
    wording = dict(candidates.filter(topic="speech-recognition").select("row", "wording").rows())
    assert wording[0] > wording[1]
    assert set(KEY) <= set(candidates.columns)
    assert guess_fields(read_words(texts), taught.words).height == 2


def test_papers_of_other_fields_teach_nothing(teacher: Teacher) -> None:
    records = list_records(*[SPEECH] * 200, category="astro-ph.GA")
    [taught] = teach(records, [teacher], load_knowledge())
    assert taught.words.equals(teacher.model.taught.words)
    assert taught.wordings.is_empty()
    assert taught.offers.is_empty()
