import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from flows.enrich.topics.examples import (
    ALL_UNREAD,
    LABELLED,
    LAST_UNREAD,
    LATER_UNREAD,
    UNREAD,
    read_examples,
)
from flows.enrich.topics.logistic_regression import fit_logistic, sigmoid
from flows.enrich.topics.model import load_model, write_model
from flows.enrich.topics.taxonomy import InvalidCuration, read_taxonomy
from flows.enrich.topics.training import train_model


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labelled") / "papers.jsonl"
    lines = LABELLED[0].read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:40]), "utf-8")
    return path


def test_the_same_papers_give_the_same_bytes(few: Path, tmp_path: Path) -> None:
    first = write_model(train_model(examples=read_examples([few]))[0], tmp_path / "a")
    second = write_model(train_model(examples=read_examples([few]))[0], tmp_path / "b")
    names = [path.name for path in sorted(first.iterdir())]
    assert len(names) == 7
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_a_saved_model_is_read_back(tmp_path: Path) -> None:
    model = load_model()
    again = load_model(write_model(model, tmp_path / "copy"))
    assert again.weights.equals(model.weights)
    assert again.categories.equals(model.categories)


def test_a_missing_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `open-papers train-topics` first"):
        load_model(tmp_path / "nowhere")


def test_the_shipped_model_is_small_and_of_this_taxonomy() -> None:
    model = load_model()
    topics = set(read_taxonomy()["topic"])
    learned = model.weights.filter(pl.col("feature").str.starts_with("topic:"))
    assert set(learned["feature"].str.strip_prefix("topic:")) <= topics
    assert model.thresholds["threshold"].is_between(0.2, 0.8).all()
    assert set(model.categories["area"]) <= topics


def test_labelled_papers_use_topics_of_the_taxonomy() -> None:
    known = set(read_taxonomy().select("facet", "topic").iter_rows())
    assert set(read_examples().truth.select("facet", "topic").iter_rows()) <= known


def test_labelled_papers_are_listed_once() -> None:
    paths = (*LABELLED, *ALL_UNREAD)
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    ids = [json.loads(line)["arxiv_id"] for line in lines]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("paths", [UNREAD, LATER_UNREAD, LAST_UNREAD])
def test_papers_of_the_final_figures_are_unread_and_no_examples(paths: tuple[Path, ...]) -> None:
    final, text_model = read_examples(paths).texts, read_examples().texts
    assert final.height >= 100
    assert not final["errors_read"].any()
    assert final.join(text_model, on="title", how="semi").is_empty()


def test_rows_of_two_files_have_numbers_of_their_own(few: Path) -> None:
    examples = read_examples([few, few])
    assert examples.texts["row"].is_unique().all()
    assert examples.truth.select("row", "facet", "topic").is_unique().all()
    assert examples.truth["row"].max() >= 40


def test_a_topic_that_is_not_there_is_named_by_its_own_line(few: Path, tmp_path: Path) -> None:
    row = json.loads(few.read_text("utf-8").splitlines()[0])
    row["area"] = {"primary": ["astrology"], "secondary": [], "ambiguous": []}
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(row) + "\n", "utf-8")
    with pytest.raises(InvalidCuration, match=r"broken\.jsonl .*line 1: area/astrology"):
        read_examples([few, broken])


def test_logistic_regression_recovers_the_weights_that_made_the_data() -> None:
    probability = np.random.default_rng(3)
    values = np.column_stack([np.ones(20_000), probability.normal(size=(20_000, 2))])
    made = np.array([-0.5, 1.5, 0.0])
    outcome = (probability.uniform(size=20_000) < sigmoid(values @ made)).astype(float)
    fitted = fit_logistic(values, outcome, np.ones(20_000), np.full(3, 1e-3))
    assert np.abs(fitted - made).max() < 0.06


def test_a_penalty_draws_weights_to_what_is_expected_of_them() -> None:
    values, outcome = np.ones((4, 1)), np.array([0.0, 0.0, 1.0, 1.0])
    expected = np.array([2.0])
    strong = fit_logistic(values, outcome, np.ones(4), np.array([1e6]), expected)
    weak = fit_logistic(values, outcome, np.ones(4), np.array([1e-6]), expected)
    assert strong == pytest.approx(2.0, abs=1e-3)
    assert weak == pytest.approx(0.0, abs=1e-3)


def test_the_shipped_calibration_trusts_the_odds_of_papers_never_seen() -> None:
    common = load_model().thresholds.filter(pl.col("facet") != "language")
    assert common["slope"].is_between(0.7, 1.15).all()
    # Beside a competitor that is as likely as not; contributions alone weigh competitors much.
    beside = common["offset"] + 0.5 * common["competitor_weight"]
    assert beside.is_between(-0.5, 0.8).all()
    assert (common["competitor_weight"] <= 0.5).all()


def test_a_labelled_paper_with_an_unknown_topic_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "papers.jsonl"
    lines = LABELLED[0].read_text("utf-8").splitlines(keepends=True)[:3]
    lines[1] = lines[1].replace('"area": {"primary": [', '"area": {"primary": ["alchemy", ', 1)
    path.write_text("".join(lines), "utf-8")
    with pytest.raises(InvalidCuration, match="line 2: area/alchemy is not in the taxonomy"):
        read_examples([path])
