"""A part is a file of the release where all of its rows have one licence, and it has no others."""

from pathlib import Path

import polars as pl
import pytest

from flows.release.final_files import describe_file, is_final_file, save_final_file
from flows.tables import InvalidTable
from schemas.paper import Paper
from schemas.vocabulary import License
from tests.builders import frame, paper

OPEN, OTHER = License.CC0.value, License.CC_BY.value


def papers(*numbers: int, license_: str = OPEN) -> pl.DataFrame:
    return frame(Paper, [paper(number, license=license_) for number in numbers])


def test_pieces_make_the_file_that_the_whole_makes(tmp_path: Path) -> None:
    rows = papers(*range(30))
    whole = save_final_file("papers", [rows[::-1]], tmp_path / "whole.parquet")
    pieces = save_final_file("papers", [rows[:7], rows[7:7], rows[7:]], tmp_path / "cut.parquet")
    assert pieces.read_bytes() == whole.read_bytes()
    assert is_final_file(whole, OPEN, 30)
    # Of fewer rows of that licence some would be another file's.
    assert not is_final_file(whole, OPEN, 29)
    assert not is_final_file(whole, OTHER, 30)


def test_rows_of_two_licences_are_those_of_two_files(tmp_path: Path) -> None:
    mixed = [papers(1), papers(2, license_=OTHER)]
    part = save_final_file("papers", mixed, tmp_path / "part.parquet")
    assert not any(
        is_final_file(part, licence, rows) for licence in (OPEN, OTHER) for rows in (1, 2)
    )


def test_a_part_without_rows_is_of_no_licence(tmp_path: Path) -> None:
    part = save_final_file("papers", [], tmp_path / "part.parquet")
    assert not is_final_file(part, OPEN, 0)


def test_a_part_that_is_refused_leaves_no_file(tmp_path: Path) -> None:
    wrong = papers(1).with_columns(title=pl.lit(""))
    with pytest.raises(InvalidTable):
        save_final_file("papers", [papers(0), wrong], tmp_path / "part.parquet")
    assert [*tmp_path.iterdir()] == []
    assert describe_file(OPEN)["license"] == OPEN
