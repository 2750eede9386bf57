import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.enrich.topics import folding
from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.mention_context import (
    add_contexts,
    split_sentences,
)
from flows.enrich.topics.mentions import find_mentions_and_cues
from flows.enrich.topics.text_words import read_words


def texts(abstract: str, title: str = "Untitled") -> pl.DataFrame:
    return pl.DataFrame({"title": [title], "abstract": [abstract]}).with_row_index("row")


def found(abstract: str, title: str = "Untitled") -> pl.DataFrame:
    words, known = read_words(texts(abstract, title)), load_knowledge()
    mentions, cues = find_mentions_and_cues(words, known.phrase_lookup)
    return add_contexts(mentions, words, cues, known.cues["kind"])


def topics(abstract: str, facet: str = "method") -> set[str]:
    return set(found(abstract).filter(pl.col("facet") == facet)["topic"].cast(pl.String))


def place(abstract: str, topic: str, title: str = "Untitled") -> dict[str, object]:
    return found(abstract, title).filter(pl.col("topic") == topic).row(0, named=True)


def test_a_phrase_is_found_as_whole_words_only() -> None:
    assert "mamba" in topics("We use Mamba here.")
    assert "mamba" not in topics("We use Mambazoid here.")


def test_hyphens_plurals_and_british_spelling_are_the_same_phrase() -> None:
    for text in ("Post-training quantization", "post training quantisation", "PTQ"):
        assert "quantization" in topics(f"We study {text} at scale.")


def test_an_abbreviation_needs_its_capitals() -> None:
    assert "retrieval-augmented-generation" in topics("Our RAG answers.")
    assert "retrieval-augmented-generation" not in topics("A wet rag dries.")


def test_other_senses_are_not_mentions() -> None:
    assert "transformer" not in topics("Faults of a power transformer are found.")
    assert "knowledge-distillation" not in topics("We revisit dataset distillation.")
    assert "alignment" not in topics("Temporal misalignment hurts.", "task")
    assert "llm-agents" not in topics("A reinforcement learning agent explores.")


def test_the_longest_mention_of_a_topic_stands_for_those_within_it() -> None:
    here = found("A multimodal large language model sees.").filter(
        pl.col("topic") == "vision-language-models"
    )
    assert here["key"].cast(pl.String).to_list() == ["multimodal large language model"]


def test_addresses_are_not_read() -> None:
    assert "program-repair" not in topics("Code: https://example.org/swe-bench here.", "task")
    assert "program-repair" in topics("Results on SWE-bench improve.", "task")


def test_offsets_count_characters_of_the_text_as_given() -> None:
    abstract = "Naïve café, «état» of Mamba models."
    mention = place(abstract, "mamba")
    assert abstract[mention["start"] : mention["end"]] == "Mamba"


def test_what_is_set_aside_is_marked() -> None:
    assert place("We learn without fine-tuned models.", "fine-tuning")["is_negation"]
    assert not place("We study fine-tuned models.", "fine-tuning")["is_negation"]


def test_zones_tell_background_from_claims() -> None:
    text = "Pruning is widely used. We propose a Mamba block. It beats LoRA in experiments."
    assert place(text, "pruning")["zone"] == "background"
    assert place(text, "mamba")["zone"] == "own"
    assert place(text, "parameter-efficient-fine-tuning")["zone"] == "result"
    assert place(text, "mamba", title="Mamba for All")["zone"] in {"title", "own"}


def test_abbreviations_do_not_end_sentences() -> None:
    words = read_words(texts("We use tools, e.g. search. They help. Done."))
    assert (split_sentences(words).starts - words.borders[0]).tolist() == [0, 27, 38]


@settings(deadline=None)
@given(st.text(max_size=60))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = pl.select(folding.fold_in_place(pl.lit(text))).item()
    assert len(folded) == len(text)
    assert folded.isascii()
