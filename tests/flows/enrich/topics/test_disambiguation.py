"""Papers made up for the sense of their words: what each has to be given, and what not."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics import label_papers
from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.disambiguation import (
    drop_without_required_topics,
    find_definitions,
    read_abbreviations,
)
from flows.enrich.topics.mentions import find_mentions_and_cues
from flows.enrich.topics.taxonomy import CURATION, InvalidCuration
from flows.enrich.topics.text_words import read_words

REQUIRED_TOPICS = (CURATION / "required_topics.csv").read_text("utf-8").splitlines()[1:]
CASES = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def assigned() -> dict[str, set[str]]:
    papers = pl.DataFrame(
        {
            "paper_id": [case["title"] for case in CASES],
            "title": [case["title"] for case in CASES],
            "abstract": [case["abstract"] for case in CASES],
            "categories": [[] for _ in CASES],
            "venue": [None for _ in CASES],
        },
        schema_overrides={"categories": pl.List(pl.String), "venue": pl.String},
    )
    given = label_papers(papers).filter("is_assigned")
    found: dict[str, set[str]] = {case["title"]: set() for case in CASES}
    for title, facet, topic in given.select("paper_id", "facet", "topic").iter_rows():
        found[title].add(f"{facet}/{topic}")
    return found


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_words_are_read_in_their_sense(
    case: dict[str, list[str]], assigned: dict[str, set[str]]
) -> None:
    here = assigned[str(case["title"])]
    assert set(case["given"]) - here == set()
    assert set(case["withheld"]) & here == set()


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if {"missing", "excess"} & set(case)],
    ids=lambda case: str(case["title"]),
)
def test_claims_that_are_known_to_fail_are_marked_until_they_hold(
    case: dict[str, list[str]], assigned: dict[str, set[str]]
) -> None:
    here = assigned[str(case["title"])]
    # One that holds again has to be moved to `given` or `withheld`, so that it is kept.
    assert set(case.get("missing", [])) & here == set()
    assert set(case.get("excess", [])) - here == set()


def texts(abstract: str, title: str = "Untitled") -> pl.DataFrame:
    return pl.DataFrame({"title": [title], "abstract": [abstract]}).with_row_index("row")


def read(abstract: str, title: str = "Untitled") -> pl.DataFrame:
    known, words = load_knowledge(), read_words(texts(abstract, title))
    mentions, _ = find_mentions_and_cues(words, known.phrase_lookup)
    found = read_abbreviations(mentions, words, known.phrase_lookup)
    return drop_without_required_topics(found, known.required_topics).with_columns(
        pl.col("facet", "topic").cast(pl.String)
    )


def topics(abstract: str, title: str = "Untitled") -> set[str]:
    return set(read(abstract, title)["topic"])


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("a Mixture of Experts (MoE) layer", "moe", "Mixture of Experts"),
        ("many Large Reasoning Models (LRMs) think", "lrm", "Large Reasoning Models"),
        (
            "with multi-modal large language models (MLLM)",
            "mllm",
            "multi-modal large language models",
        ),
        ("the model context protocol (MCP)", "mcp", "model context protocol"),
    ],
)
def test_a_definition_is_read_from_the_initials(text: str, short: str, long: str) -> None:
    found = find_definitions(texts(text)).row(0, named=True)
    assert (found["short"], found["long"]) == (short, long)


@pytest.mark.parametrize(
    "text", ["a proof (PDF) of it", "", "(MoE)", "words (which are many) follow", "x (A) y"]
)
def test_other_brackets_define_nothing(text: str) -> None:
    assert find_definitions(texts(text)).is_empty()


def test_an_abbreviation_that_is_defined_otherwise_is_no_mention() -> None:
    assert "mixture-of-experts" in topics("The MoE grows with experts. MoE models scale.")
    assert "mixture-of-experts" not in topics("The margin of error (MoE) shrinks. The MoE is low.")
    assert "speech-recognition" not in topics("The attack success rate (ASR) falls; ASR is low.")


def test_an_abbreviation_of_a_phrase_is_a_mention_wherever_it_stands() -> None:
    text = "We study temporal action segmentation (TAS). TAS is hard."
    places = read(text, "TAS Rethought").filter(pl.col("topic") == "video-understanding")
    assert places["field"].cast(pl.String).to_list().count("title") == 1
    assert places.height >= 3


def test_a_word_of_many_fields_needs_its_company() -> None:
    assert "llm-agents" not in topics("Agents learn to share a reward.")
    assert "llm-agents" in topics("Agents learn to share a reward. Each is an LLM.")
    assert "ai-ethics" not in topics("The estimator has a bias.")


def test_british_spelling_of_two_words_is_one_phrase() -> None:
    assert "image-editing" in topics("We study image colourisation.")


def test_a_doubted_phrase_that_no_topic_has_is_named_with_its_line(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CURATION, tmp_path / "curation"))
    with (folder / "required_topics.csv").open("a", encoding="utf-8") as file:
        file.write("task,tool-use,no such phrase,task/reasoning,a test\n")
    fault = f"line {len(REQUIRED_TOPICS) + 2}: 'no such phrase' is no phrase of task/tool-use"
    with pytest.raises(InvalidCuration, match=fault):
        load_knowledge(folder)
