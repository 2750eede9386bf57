"""What was derived is kept by what it follows from; what does not fit is derived again."""

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows.enrich import enriched_parts, text_cache
from flows.enrich.derivations import MENTIONS, PROMISES, TOPICS
from flows.enrich.links import roles
from flows.enrich.text_cache import PartName, TextCache
from flows.paths import CURATION, PROJECT
from flows.runs.notices import take_notices
from schemas.paper import Paper
from schemas.topic import TopicLabel
from tests.builders import frame, paper, topic

A = PartName("a")


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
def cache(tmp_path: Path) -> TextCache:
    return TextCache(tmp_path / "labels")


def test_papers_that_did_not_change_are_not_labelled_again(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    labeller = Labeller()
    first = cache.derive(TOPICS, A, papers, labeller)
    assert len(labeller.asked) == 3
    again = cache.derive(TOPICS, A, papers, labeller)
    assert len(labeller.asked) == 3
    assert_frame_equal(again, first)


@pytest.mark.parametrize("column", ["title", "abstract", "venue", "published"])
def test_a_paper_whose_text_or_venue_changed_is_labelled_again(
    cache: TextCache, papers: pl.DataFrame, column: str
) -> None:
    cache.derive(TOPICS, A, papers, Labeller())
    labeller, second = Labeller(), papers["paper_id"][1]
    changed = papers.with_columns(
        pl.when(pl.col("paper_id") == second)
        .then(pl.lit(date(1999, 9, 9) if column == "published" else "New"))
        .otherwise(column)
        .alias(column)
    )
    cache.derive(TOPICS, A, changed, labeller)
    assert labeller.asked == [second]


def test_a_paper_under_another_id_keeps_the_labels_of_its_text(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    cache.derive(TOPICS, A, papers, Labeller())
    labeller = Labeller()
    renamed = papers.with_columns(paper_id=pl.lit("x:") + pl.col("paper_id"))
    labels = cache.derive(TOPICS, A, renamed, labeller)
    assert labeller.asked == []
    assert labels["paper_id"].str.starts_with("x:").all()


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_flipped_bit_is_found(cache: TextCache, papers: pl.DataFrame, place: int) -> None:
    first = cache.derive(TOPICS, A, papers, Labeller())
    (file,) = cache.folder.iterdir()
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(bytes(content))
    labeller = Labeller()
    assert_frame_equal(cache.derive(TOPICS, A, papers, labeller), first)
    assert len(labeller.asked) == 3
    assert [notice.effect for notice in take_notices()] == ["damaged, derived again"]


def test_a_file_of_an_earlier_version_is_of_no_use_and_not_damaged(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    cache.derive(TOPICS, A, papers, Labeller())
    (file,) = cache.folder.iterdir()
    rows = file.read_bytes()[text_cache.ROWS_START :]
    file.write_bytes(hashlib.sha256(b"version" + rows).digest() + rows)
    labeller = Labeller()
    cache.derive(TOPICS, A, papers, labeller)
    assert len(labeller.asked) == 3
    assert take_notices() == []


def test_what_follows_from_other_files_is_not_derived_again_with_them() -> None:
    taxonomy, promises = (
        {path for pattern in made.code for path in PROJECT.glob(pattern)}
        for made in (TOPICS, PROMISES)
    )
    assert PROJECT / "data" / "curation" / "taxonomy.csv" in taxonomy - promises
    assert PROJECT / "flows" / "enrich" / "links" / "promises.py" in promises - taxonomy


def test_judgements_and_removals_alone_decide_about_no_topic() -> None:
    every = {path.relative_to(PROJECT).as_posix() for path in CURATION.glob("*.csv")}
    named = {pattern for pattern in TOPICS.code if pattern in enriched_parts.CODE}
    assert {"judgements", "removals"} == {Path(name).stem for name in every - named}


def test_all_weights_that_read_links_are_named_by_what_links_follow_from() -> None:
    named = {path for pattern in MENTIONS.code for path in PROJECT.glob(pattern)}
    assert {roles.WEIGHTS_FILE, roles.WORDS_FILE} <= named


def test_labels_of_another_version_are_not_used(
    cache: TextCache, papers: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.derive(TOPICS, A, papers, Labeller())
    monkeypatch.setattr(text_cache, "hash_code", lambda *_: "another")
    labeller = Labeller()
    cache.derive(TOPICS, A, papers, labeller)
    assert len(labeller.asked) == 3


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, papers: pl.DataFrame
) -> None:
    (tmp_path / "labels").write_text("in the way")
    labeller = Labeller()
    labels = TextCache(tmp_path / "labels").derive(TOPICS, A, papers, labeller)
    assert labels["paper_id"].n_unique() == 2


def test_files_of_parts_that_are_no_more_are_removed(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    for name in ("a", "b"):
        cache.derive(TOPICS, PartName(name), papers, Labeller())
    cache.remove_others(["a"])
    assert len(list(cache.folder.iterdir())) == 1


def test_papers_that_moved_to_another_part_keep_their_labels(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    first = cache.derive(TOPICS, A, papers, Labeller())
    labeller = Labeller()
    for rows, name in ((papers[:1], "b"), (papers[1:], "c")):
        again = cache.derive(TOPICS, PartName(name, ("a",)), rows, labeller)
        assert_frame_equal(again, first.join(rows, on="paper_id", how="semi"))
    assert labeller.asked == []
    cache.remove_others(["b", "c"])
    joined = cache.derive(TOPICS, PartName("d", ("b", "c")), papers, labeller)
    assert_frame_equal(joined, first)
    assert labeller.asked == []


def test_a_part_of_the_same_texts_under_another_name_is_not_written_again(
    cache: TextCache, papers: pl.DataFrame
) -> None:
    first = cache.derive(TOPICS, A, papers, Labeller())
    assert_frame_equal(cache.derive(TOPICS, PartName("b", ("a",)), papers, Labeller()), first)
    assert len({path.stat().st_ino for path in cache.folder.iterdir()}) == 1
    assert len([*cache.folder.iterdir()]) == 2
