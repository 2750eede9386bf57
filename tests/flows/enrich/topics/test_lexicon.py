from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.lexicon import build_lexicon, read_cues, spell_variants
from flows.enrich.topics.taxonomy import InvalidCuration

COLUMNS = "facet,topic,strength,phrases,reason\n"


def entry(key: str, topic: str) -> dict[str, object]:
    found = load_knowledge().lexicon.filter((pl.col("key") == key) & (pl.col("topic") == topic))
    return found.row(0, named=True)


@pytest.mark.parametrize(
    ("phrase", "other"),
    [
        ("language model", "language models"),
        ("language models", "language model"),
        ("pre-training", "pretraining"),
        ("optimization", "optimisation"),
        ("behavior cloning", "behaviour cloning"),
        ("language modeling", "language modelling"),
        ("LLM", "LLMs"),
        ("guardrail policy", "guardrail policies"),
    ],
)
def test_a_phrase_is_sought_in_its_other_spellings(phrase: str, other: str) -> None:
    assert other in spell_variants(phrase)


@pytest.mark.parametrize("phrase", ["mass", "token-based", "pruned", "adversarial"])
def test_no_plural_is_made_of_what_has_none(phrase: str) -> None:
    assert phrase + "s" not in spell_variants(phrase)


def test_the_curated_file_outranks_an_alias() -> None:
    assert entry("transformers", "transformer")["strength"] == 0.3
    assert entry("graph transformers", "graph-transformer")["strength"] == 1


def test_an_excluded_sense_has_no_strength() -> None:
    assert entry("power transformer", "transformer")["strength"] == 0


def test_case_decides_only_for_single_words_with_capitals() -> None:
    assert entry("rag", "retrieval-augmented-generation")["written"] == "RAG"
    assert entry("few shot", "few-shot-learning")["written"] is None


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("task,nothing,names,a,why\n", "line 2: task/nothing is not in the taxonomy"),
        ("task,reasoning,loud,a,why\n", "line 2: strength 'loud' is none of declares, names"),
        ("task,reasoning,names,a,\n", "line 2: it gives no reason"),
    ],
)
def test_a_faulty_phrase_line_is_named(tmp_path: Path, row: str, fault: str) -> None:
    path = tmp_path / "phrases.csv"
    path.write_text(COLUMNS + row, encoding="utf-8")
    with pytest.raises(InvalidCuration) as caught:
        build_lexicon(load_knowledge().topics, path)
    assert fault in str(caught.value)


def test_an_unknown_kind_of_cue_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cues.csv"
    path.write_text("kind,cues,reason\nshout,hey,why\n", encoding="utf-8")
    with pytest.raises(InvalidCuration, match="line 2: kind 'shout' is none of own"):
        read_cues(path)
