"""Evaluations write their predictions and print a score where the truth is at hand."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.evaluate import EvaluationSet, NotAnEvaluationSet, align_columns, evaluate_part
from flows.evaluate.accuracy import InvalidAccuracy
from flows.evaluate.gold_rows import InvalidGold
from schemas.vocabulary import SetKind

RECORDS = pl.DataFrame(
    {
        "record_id": ["a", "b", "c"],
        "source": ["arxiv", "daily_papers", "arxiv"],
        "title": ["Attention for long documents", "Attention for Long Documents", "Another paper"],
        "abstract": ["We study attention over long documents and show that it scales."] * 2
        + ["No."],
        "authors": [["Ada Lovelace"], ["Lovelace, Ada"], ["Kurt Gödel"]],
    }
)


def test_predictions_are_written_and_scored(tmp_path: Path) -> None:
    RECORDS.write_parquet(tmp_path / "records.parquet")
    truth = pl.DataFrame({"record_id": ["a", "b", "c"], "cluster": [1, 1, 2]})
    truth.write_parquet(tmp_path / "truth.parquet")
    lines = list(
        evaluate_part("dedup", EvaluationSet(tmp_path, "small"), tmp_path / "new" / "out.parquet")
    )
    predicted = pl.read_parquet(tmp_path / "new" / "out.parquet")
    assert predicted.columns == ["record_id", "cluster"]
    assert lines[0] == f"3 predictions in {tmp_path / 'new' / 'out.parquet'}"
    score = lines[lines.index("pairs of records in one paper") + 2]
    assert score.split()[:3] == ["1.0000", "1.0000", "1.0000"]


def test_labelled_pairs_are_a_truth_as_well(tmp_path: Path) -> None:
    RECORDS.write_parquet(tmp_path / "records.parquet")
    labels = {"left": ["a", "a", "b"], "right": ["b", "c", "c"], "same": [True, False, True]}
    pl.DataFrame(labels).write_parquet(tmp_path / "pairs.parquet")
    labelled = EvaluationSet(tmp_path, "pairs")
    lines = list(evaluate_part("dedup", labelled, tmp_path / "out.parquet"))
    score = lines[lines.index("pairs of records in one paper") + 2]
    assert score.split()[:2] == ["1.0000", "0.5000"]
    stranger = pl.DataFrame({"left": ["a"], "right": ["z"], "same": [True]})
    stranger.write_parquet(tmp_path / "pairs.parquet")
    with pytest.raises(InvalidGold, match="1 id of `right` is of no record, such as 'z'"):
        list(evaluate_part("dedup", labelled, tmp_path / "out.parquet"))


def test_without_truth_there_are_predictions_and_no_score(tmp_path: Path) -> None:
    RECORDS.write_parquet(tmp_path / "records.parquet")
    lines = list(evaluate_part("dedup", EvaluationSet(tmp_path, "small"), tmp_path / "out.parquet"))
    assert lines[-1] == "no truth in the folder, so there is no score"
    assert (tmp_path / "out.parquet").exists()


def test_folder_of_another_layout_is_refused_naming_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(NotAnEvaluationSet, match=r"lacks queries\.parquet, reference\.parquet"):
        list(evaluate_part("titles", EvaluationSet(tmp_path, "small"), tmp_path / "out.parquet"))


def test_figures_stand_below_their_names() -> None:
    lines = list(
        align_columns("score", pl.DataFrame({"facet": ["area"], "f1": [0.5], "labels": [12]}))
    )
    assert lines == ["", "score", "  facet  f1      labels", "  area   0.5000  12"]


def test_headline_figures_are_written_where_asked(tmp_path: Path) -> None:
    RECORDS.write_parquet(tmp_path / "records.parquet")
    truth = pl.DataFrame({"record_id": ["a", "b", "c"], "cluster": [1, 1, 2]})
    truth.write_parquet(tmp_path / "truth.parquet")
    path = tmp_path / "accuracy.csv"
    small = EvaluationSet(tmp_path, "small", SetKind.SMALL)
    lines = list(evaluate_part("dedup", small, tmp_path / "out.parquet", path, date(2026, 11, 26)))
    assert lines[-1] == f"2 figures in {path}"
    assert path.read_text().splitlines()[1] == (
        "merging,pairwise precision,1.0000,1.0000,1.0000,small,2,small,2026-11-26"
    )


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00\n", None])
def test_a_file_that_holds_no_figures_is_refused_before_anything_is_predicted(
    content: bytes | None, tmp_path: Path
) -> None:
    RECORDS.write_parquet(tmp_path / "records.parquet")
    accuracy, out = tmp_path / "accuracy.csv", tmp_path / "out.parquet"
    accuracy.mkdir() if content is None else accuracy.write_bytes(content)
    with pytest.raises(InvalidAccuracy, match=r"accuracy\.csv: it holds no figures.*Repair "):
        list(evaluate_part("dedup", EvaluationSet(tmp_path, "small"), out, accuracy))
    assert not out.exists()
