from io import StringIO

import polars as pl
import pytest
from rich.console import Console

from flows.enrich.topics import label_papers, suggest_phrases
from flows.runs.terminal import render_frame
from flows.tables import check
from schemas.topic import TopicLabel

pytestmark = pytest.mark.xdist_group("labels")

SPLAT = (
    "Sharper Splats: Regularized 3D Gaussian Splatting from Sparse Views",
    (
        "Novel view synthesis from few images remains hard. We propose a regularization for 3D "
        "Gaussian splatting that keeps depth consistent. Experiments show better rendering."
    ),
)
SURVEY = (
    "A Survey of Large Language Model Agents in Medicine",
    (
        "Large language models act as agents. This survey reviews LLM agents for clinical use, "
        "covering diagnosis of patients, electronic health records and medical question answering."
    ),
)
UNUSED = (
    "Faster Parsing of Invoices",
    (
        "Transformers are popular. We propose a rule-based parser for scanned invoices, unlike "
        "Transformers. Document parsing becomes faster."
    ),
)

PHYSICS = (
    "Convergence of the Dipole Approximation",
    "We prove that errors are bounded by the size of a dipole. The theory fits measurements.",
)
THESIS = (
    "Finetuning and Applying Pretrained Models",
    "In this thesis we introduce new finetuning methods for language models.",
)


def papers(*texts: tuple[str, str | None], categories: tuple[str, ...] = ()) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "paper_id": [f"arxiv:2401.{number:05}" for number in range(len(texts))],
            "title": [title for title, _ in texts],
            "abstract": [abstract for _, abstract in texts],
            "categories": [list(categories) for _ in texts],
            "venue": [None for _ in texts],
        },
        schema={
            "paper_id": pl.String,
            "title": pl.String,
            "abstract": pl.String,
            "categories": pl.List(pl.String),
            "venue": pl.String,
        },
    )


def assigned(frame: pl.DataFrame, facet: str) -> list[str]:
    chosen = label_papers(frame).filter((pl.col("facet") == facet) & pl.col("is_assigned"))
    return chosen.sort("score", descending=True)["topic"].to_list()


def test_the_labels_are_a_valid_table_sorted_by_its_key() -> None:
    labels = check(TopicLabel, label_papers(papers(SPLAT, SURVEY)))
    assert labels.equals(labels.sort("paper_id", "facet", "topic"))


def test_no_papers_give_an_empty_table() -> None:
    assert check(TopicLabel, label_papers(papers())).is_empty()


def test_a_paper_is_labelled_in_every_facet() -> None:
    paper = papers(SPLAT)
    assert set(assigned(paper, "area")) == {"computer-graphics", "computer-vision"}
    assert "novel-view-synthesis" in assigned(paper, "task")
    assert assigned(paper, "method")[0] == "gaussian-splatting"
    assert assigned(paper, "contribution")[0] == "new-method"
    assert assigned(paper, "domain") == []


def test_a_survey_in_a_field_of_application() -> None:
    paper = papers(SURVEY)
    assert assigned(paper, "contribution") == ["survey"]
    assert assigned(paper, "domain") == ["biomedical-clinical"]
    assert "llm-agents" in assigned(paper, "method")


def test_what_a_paper_sets_aside_is_not_its_method() -> None:
    assert "transformer" not in assigned(papers(UNUSED), "method")


def test_evidence_quotes_the_text_it_points_at() -> None:
    labels = (
        label_papers(papers(SPLAT)).explode("evidence").drop_nulls("evidence").unnest("evidence")
    )
    texts = dict(zip(("title", "abstract"), SPLAT, strict=True))
    assert labels.height > 10
    for field, start, end, phrase in labels.select("field", "start", "end", "phrase").iter_rows():
        assert texts[field][start:end] == phrase


def test_the_weightiest_evidence_comes_first() -> None:
    row = (
        label_papers(papers(SPLAT))
        .filter(pl.col("topic") == "gaussian-splatting")
        .row(0, named=True)
    )
    weights = [piece["weight"] for piece in row["evidence"]]
    assert weights == sorted(weights, reverse=True)
    assert row["evidence"][0]["field"] == "title"


def test_a_category_speaks_for_its_area_and_is_named_as_evidence() -> None:
    text = ("Bounds on Stuff", "We study a thing and find a bound.")
    plain = label_papers(papers(text)).filter(pl.col("topic") == "natural-language-processing")
    told = label_papers(papers(text, categories=("cs.CL",)))
    told = told.filter(pl.col("topic") == "natural-language-processing")
    assert plain.is_empty() or plain["score"].item() < told["score"].item()


def test_a_venue_speaks_for_its_area() -> None:
    frame = papers(SPLAT).with_columns(venue=pl.lit("Proceedings of SIGGRAPH 2024"))
    row = label_papers(frame).filter(pl.col("topic") == "computer-graphics").row(0, named=True)
    assert {"field": "venue", "start": None, "end": None, "phrase": "SIGGRAPH", "weight": 1.5} in (
        row["evidence"]
    )


def test_a_missing_abstract_leaves_the_title() -> None:
    assert "gaussian-splatting" in assigned(papers((SPLAT[0], None)), "method")


def test_labels_do_not_depend_on_the_other_papers() -> None:
    alone = label_papers(papers(SPLAT))
    beside = label_papers(papers(SPLAT, SURVEY)).filter(pl.col("paper_id") == alone["paper_id"][0])
    assert alone.equals(beside)


@pytest.mark.parametrize("text", ["", "   ", "\x00 ̈ $\\alpha$ 漢字 🙂", "a" * 20_000])
def test_any_text_is_read(text: str) -> None:
    labels = check(TopicLabel, label_papers(papers(("T", text))))
    assert (labels["evidence"].list.len() > 0).all() or not labels["is_assigned"].all()


def test_frequent_unknown_phrases_are_suggested_and_known_ones_are_not() -> None:
    title = "Quokka Husbandry with Gaussian Splatting"
    proposed = suggest_phrases(papers(*[(title, None)] * 6))["phrase"].to_list()
    assert "quokka husbandry" in proposed
    assert "gaussian splatting" not in proposed


def test_a_paper_filed_as_physics_is_no_learning_theory() -> None:
    filed = papers(PHYSICS, categories=("physics.optics",))
    assert assigned(filed, "area") == []
    # A proof is `scientific` as well: labelled papers of mathematics are.
    assert "physical-sciences" in assigned(filed, "domain")


def test_a_cross_listed_paper_keeps_its_area_and_is_no_physics_by_that_alone() -> None:
    filed = papers(SPLAT, categories=("cs.CV", "hep-ph"))
    assert "computer-vision" in assigned(filed, "area")
    assert assigned(filed, "domain") == []


def test_without_categories_the_words_of_a_text_tell_that_it_is_no_computing() -> None:
    def theory(text: tuple[str, str]) -> float:
        scores = label_papers(papers(text)).filter(pl.col("topic") == "machine-learning-theory")[
            "score"
        ]
        return float(scores[0]) if len(scores) else 0.0

    title, abstract = PHYSICS
    learning = " Neural networks learn this from training data, and generalization is bounded."
    assert theory(PHYSICS) < 0.5
    assert theory(PHYSICS) < theory((title, abstract + learning))


def test_a_paper_that_says_that_it_is_a_thesis_is_one() -> None:
    assert "thesis" in assigned(papers(THESIS), "contribution")


@pytest.mark.parametrize(
    "claim",
    [
        "We introduce Falcon, a causal vision-language model that reads pages.",
        "In this work we propose ViMo-2 (Moving), a flow-matching-based transformer for dance.",
    ],
)
def test_a_model_introduced_by_its_name_speaks_for_a_new_model(claim: str) -> None:
    labels = label_papers(papers(("Reading pages", "Reading is hard. " + claim)))
    row = labels.filter(pl.col("topic") == "new-model").row(0, named=True)
    assert any(piece["phrase"] in claim and len(piece["phrase"]) > 20 for piece in row["evidence"])


def test_a_framework_introduced_by_its_name_is_no_named_model() -> None:
    claim = "We introduce Falcon, a model-agnostic framework that reads pages."
    labels = label_papers(papers(("Reading pages", "Reading is hard. " + claim)))
    pieces = labels.filter(pl.col("topic") == "new-model")["evidence"].explode().drop_nulls()
    assert not any(len(piece["phrase"]) > 20 for piece in pieces)


def test_mathematics_proves_and_is_research() -> None:
    text = ("Rational points of surfaces", "We count points and give examples of such surfaces.")
    filed = papers(text, categories=("math.AG",))
    assert assigned(filed, "contribution") == ["theory"]
    assert assigned(filed, "domain") == ["scientific"]


def test_names_of_topics_and_longer_names_with_them_are_not_suggested() -> None:
    titles = ["Natural Language Processing", "Machine Reading Comprehension"]
    proposed = suggest_phrases(papers(*[(title, None) for title in titles * 6]))["phrase"].to_list()
    assert proposed == []


def test_hostile_titles_are_suggested_as_plain_words() -> None:
    title = "=cmd|'/c calc'!A1 [red]Zorbly Wumps[/red] <script>alert(1)</script> \x1b[31m \u202e"
    proposed = suggest_phrases(papers(*[(title, None)] * 6))
    assert proposed["phrase"].str.contains("zorbly wumps").any()
    assert proposed["phrase"].str.contains(r"^[a-z0-9 ]+$").all()
    shown = Console(width=400, record=True, file=StringIO())
    shown.print(render_frame(proposed.with_columns(titles=pl.col("titles").list.join(" "))))
    assert "[red]Zorbly Wumps[/red]" in (text := shown.export_text())
    assert "\x1b" not in text
    assert "\u202e" not in text
