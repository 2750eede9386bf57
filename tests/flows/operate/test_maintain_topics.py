"""What the maintainers of the taxonomy ask for is read off a release."""

from pathlib import Path

import polars as pl
import pytest

from flows.errors import UserError
from flows.operate.maintain_topics import render_suggestions, train_topic_model
from flows.release import NotARelease
from tests.written_releases import write


def test_without_a_release_no_topic_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        render_suggestions(tmp_path / "none")


def test_that_the_taxonomy_lacks_no_frequent_phrase_is_said(tmp_path: Path) -> None:
    write(tmp_path / "release")
    message = render_suggestions(tmp_path / "release")
    assert message == "No phrase that the taxonomy lacks is in the titles of 5 papers or more."


@pytest.mark.parametrize("content", [b"", b"no JSON\n", b"\xff\xfe\x00", b'{"paper": 1}\n'])
def test_what_holds_no_papers_is_named_before_anything_is_learned(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "snapshot.jsonl"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"snapshot\.jsonl: .*Name Parquet with arxiv_id"):
        train_topic_model([path], tmp_path / "model")


def test_a_table_without_a_column_is_named_in_a_line(tmp_path: Path) -> None:
    pl.DataFrame({"arxiv_id": ["2401.00001"], "title": ["A"]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"^[^\n]*a\.parquet: cannot be read .*abstract[^\n]*$"):
        train_topic_model([tmp_path / "a.parquet"], tmp_path / "model")
