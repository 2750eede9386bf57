"""Labels are kept by what they follow from; what does not fit is made again."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.enrich import label_cache
from flows.enrich.label_cache import LabelCache
from schemas.paper import Paper
from schemas.topic import TopicLabel
from tests.builders import frame, paper, topic


class Labeller:
    """Labels every paper but the third, and counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, papers: pl.DataFrame) -> pl.DataFrame:
        ids = papers["paper_id"].to_list()
        self.asked += ids
        rows = [topic(1, paper_id=paper_id) for paper_id in ids if not paper_id.endswith("3")]
        return frame(TopicLabel, rows)


@pytest.fixture
def papers() -> pl.DataFrame:
    return frame(Paper, [paper(n) for n in (1, 2, 3)])


@pytest.fixture
def cache(tmp_path: Path) -> LabelCache:
    return LabelCache(tmp_path / "labels")


def test_papers_that_did_not_change_are_not_labelled_again(
    cache: LabelCache, papers: pl.DataFrame
) -> None:
    labeller = Labeller()
    first = cache.label_papers("a", papers, labeller)
    assert len(labeller.asked) == 3
    again = cache.label_papers("a", papers, labeller)
    assert len(labeller.asked) == 3
    assert_frame_equal(again, first)


@pytest.mark.parametrize("column", ["title", "abstract", "venue"])
def test_a_paper_whose_text_or_venue_changed_is_labelled_again(
    cache: LabelCache, papers: pl.DataFrame, column: str
) -> None:
    cache.label_papers("a", papers, Labeller())
    labeller, second = Labeller(), papers["paper_id"][1]
    changed = papers.with_columns(
        pl.when(pl.col("paper_id") == second).then(pl.lit("New")).otherwise(column).alias(column)
    )
    cache.label_papers("a", changed, labeller)
    assert labeller.asked == [second]


def test_a_paper_under_another_id_keeps_the_labels_of_its_text(
    cache: LabelCache, papers: pl.DataFrame
) -> None:
    cache.label_papers("a", papers, Labeller())
    labeller = Labeller()
    renamed = papers.with_columns(paper_id=pl.lit("x:") + pl.col("paper_id"))
    labels = cache.label_papers("a", renamed, labeller)
    assert labeller.asked == []
    assert labels["paper_id"].str.starts_with("x:").all()


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_flipped_bit_is_found(
    cache: LabelCache, papers: pl.DataFrame, place: int, caplog: pytest.LogCaptureFixture
) -> None:
    first = cache.label_papers("a", papers, Labeller())
    (file,) = cache.folder.iterdir()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(bytes(content))
    labeller = Labeller()
    assert_frame_equal(cache.label_papers("a", papers, labeller), first)
    assert len(labeller.asked) == 3
    assert "made again" in caplog.text


def test_labels_of_another_version_are_not_used(
    cache: LabelCache, papers: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.label_papers("a", papers, Labeller())
    monkeypatch.setattr(label_cache, "describe_version", lambda: b"another")
    labeller = Labeller()
    cache.label_papers("a", papers, labeller)
    assert len(labeller.asked) == 3


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, papers: pl.DataFrame
) -> None:
    (tmp_path / "labels").write_text("in the way")
    labeller = Labeller()
    labels = LabelCache(tmp_path / "labels").label_papers("a", papers, labeller)
    assert labels["paper_id"].n_unique() == 2


def test_files_of_parts_that_are_no_more_are_removed(
    cache: LabelCache, papers: pl.DataFrame
) -> None:
    for name in ("a", "b"):
        cache.label_papers(name, papers, Labeller())
    cache.remove_others(["a"])
    assert len(list(cache.folder.iterdir())) == 1
