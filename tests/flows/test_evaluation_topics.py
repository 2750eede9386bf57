import json
from pathlib import Path

import polars as pl
import pytest

from flows.evaluation import topic_baselines as baselines
from flows.evaluation import topic_scores as evaluation

SHARED = Path(__file__).parents[3] / "shared" / "eval" / "topics"
TITLE = "Sharper 3D Gaussian Splatting"
ABSTRACT = "We propose a regularization of 3D Gaussian splatting for novel view synthesis."


def folder(tmp_path: Path, **facets: dict[str, list[str]]) -> Path:
    paper = {"i": 7, "title": TITLE, "abstract": ABSTRACT, **facets}
    (tmp_path / "gold.jsonl").write_text(json.dumps(paper) + "\n", encoding="utf-8")
    return tmp_path


def judged(primary: str, secondary: str, ambiguous: str) -> dict[str, list[str]]:
    return {"primary": [primary], "secondary": [secondary], "ambiguous": [ambiguous]}


def predictions(*topics: str) -> pl.DataFrame:
    return pl.DataFrame(
        [(7, "method", topic, 0.9) for topic in topics],
        schema=evaluation.PREDICTIONS,
        orient="row",
    )


def test_papers_without_labels_are_predicted(tmp_path: Path) -> None:
    found = evaluation.predict(folder(tmp_path))
    assert found.schema == pl.Schema(evaluation.PREDICTIONS)
    assert "gaussian-splatting" in found["topic"].to_list()
    assert "none" not in found["topic"].to_list()


def test_papers_without_labels_cannot_be_scored(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no labels: there is nothing to score against"):
        evaluation.score(predictions("pruning"), folder(tmp_path))


def test_recall_is_over_primary_and_precision_over_both_roles(tmp_path: Path) -> None:
    gold = folder(tmp_path, method=judged("pruning", "quantization", "mamba"))
    row = evaluation.score(predictions("quantization", "mamba", "retention"), gold).row(
        0, named=True
    )
    assert row["precision"] == 0.5
    assert row["recall"] == 0
    row = evaluation.score(predictions("pruning", "quantization"), gold).row(0, named=True)
    assert (row["precision"], row["recall"], row["f1"]) == (1, 1, 1)


def test_the_worst_topics_count_missed_and_wrong(tmp_path: Path) -> None:
    gold = folder(tmp_path, method=judged("pruning", "quantization", "mamba"))
    worst = evaluation.worst(predictions("retention"), gold)
    assert worst.select("topic", "missed", "wrong").rows() == [
        ("pruning", 1, 0),
        ("retention", 0, 1),
    ]


def test_sure_and_right_is_no_calibration_error(tmp_path: Path) -> None:
    gold = folder(tmp_path, method=judged("pruning", "quantization", "mamba"))
    sure = predictions("pruning").with_columns(score=1.0)
    assert evaluation.calibration_error(sure, gold)["calibration_error"].to_list() == [0]


def test_bare_matching_gives_what_is_named(tmp_path: Path) -> None:
    found = baselines.bare_matching(folder(tmp_path))
    assert "gaussian-splatting" in found["topic"].to_list()


@pytest.mark.skipif(not SHARED.exists(), reason="the evaluation sets lie outside the repository")
def test_the_labeller_reaches_its_targets_on_papers_it_never_saw() -> None:
    reached = evaluation.score(evaluation.predict(SHARED), SHARED)
    by_facet = dict(reached.select("facet", "f1").iter_rows())
    targets = {"area": 0.80, "task": 0.78, "method": 0.76, "domain": 0.72, "contribution": 0.78}
    assert {facet: f1 for facet, f1 in by_facet.items() if f1 < targets.get(facet, 0)} == {}
