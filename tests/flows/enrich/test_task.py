"""Enrichment gives the same rows however papers are cut, with or without what was kept."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from flows import tables
from flows.enrich import paper_parts
from flows.enrich.enriched_parts import EnrichedParts
from flows.enrich.paper_parts import list_paper_parts
from flows.enrich.task import ENRICHED, enrich
from flows.parts import seal_step
from flows.tables import list_part_files
from schemas.alias import Alias
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.resolution import Resolution
from schemas.topic import TopicLabel
from tests.builders import frame, origin, paper

pytestmark = pytest.mark.xdist_group("labels")

MODELS = {"papers": Paper, "links": Link, "topics": TopicLabel}

ABSTRACT = (
    "We introduce a sparse attention method for machine translation with large language models. "
    "Our code is available at https://github.com/lab/sparse-{n}."
)


@pytest.fixture
def validated(tmp_path: Path) -> Path:
    """Twelve papers with a record each, the records in another order than the papers."""
    folder = tmp_path / "validated"
    bare = {"code_url": None, "code_urls": [], "areas": [], "tasks": [], "methods": []}
    papers = frame(
        Paper,
        [
            paper(
                n, abstract=ABSTRACT.format(n=n), abstract_as_written=ABSTRACT.format(n=n), **bare
            )
            for n in range(1, 13)
        ],
    ).sort("paper_id")
    origins = frame(Origin, [origin(n, abstract=ABSTRACT.format(n=n)) for n in range(12, 0, -1)])
    tables.save(Paper, papers, folder / "papers.parquet")
    tables.save(Origin, origins, folder / "origins.parquet")
    for model, name in ((Rejection, "rejections"), (Alias, "aliases"), (Resolution, "resolutions")):
        tables.save(model, model.empty(), folder / f"{name}.parquet")
    seal_step(folder)
    return folder


def enriched_tables(folder: Path) -> dict[str, pl.DataFrame]:
    return {name: tables.load(MODELS[name], folder / f"{name}.parquet") for name in ENRICHED}


def test_rows_do_not_depend_on_how_papers_are_cut(
    validated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = enriched_tables(enrich.fn(validated, tmp_path / "whole"))
    monkeypatch.setattr(paper_parts, "PART_ROWS", 7)
    parted = enrich.fn(validated, tmp_path / "parts")
    assert len(list_part_files(parted / "papers.parquet")) > 1
    for name, table in enriched_tables(parted).items():
        assert_frame_equal(table, whole[name])
    assert whole["papers"]["code_url"].null_count() == 0
    assert whole["links"].height == 12


def test_parts_of_the_step_before_are_the_parts_unless_they_are_long(
    validated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = enriched_tables(enrich.fn(validated, tmp_path / "whole"))
    papers = tables.load(Paper, validated / "papers.parquet")
    origins = tables.load(Origin, validated / "origins.parquet").sort("paper_id", "record_id")
    for model, table in ((Paper, papers), (Origin, origins)):
        path = validated / ("papers.parquet" if model is Paper else "origins.parquet")
        path.unlink()
        for number, rows in enumerate((table[:5], table[5:])):
            tables.save(model, rows, path / f"{number:05}.parquet")
    seal_step(validated)
    parted = enrich.fn(validated, tmp_path / "parts")
    assert len(list_part_files(parted / "papers.parquet")) == 2
    monkeypatch.setattr(paper_parts, "PART_ROWS", 6)
    cut = enrich.fn(validated, tmp_path / "cut")
    assert len(list_part_files(cut / "papers.parquet")) == 2
    names = ("papers.parquet", "origins.parquet")
    _, long = list_paper_parts(*(validated / name for name in names), cut)
    assert len(long.cut()) > 2
    for name, table in whole.items():
        assert_frame_equal(enriched_tables(parted)[name], table)
        assert_frame_equal(enriched_tables(cut)[name], table)


def read_bytes(folder: Path) -> dict[str, bytes]:
    """The bytes of all files of an enriched run, by name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_what_was_kept_gives_the_same_bytes(
    validated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    first = read_bytes(enrich.fn(validated, tmp_path / "a", kept=kept))
    assert read_bytes(enrich.fn(validated, tmp_path / "b", kept=kept)) == first
    # Without whole parts, what follows from each text is looked up.
    for path in kept.glob("*.json"):
        path.unlink()
    assert read_bytes(enrich.fn(validated, tmp_path / "c", kept=kept)) == first
    monkeypatch.setattr(EnrichedParts, "take", lambda *_: None)
    assert read_bytes(enrich.fn(validated, tmp_path / "d")) == first


def test_a_flipped_bit_in_anything_that_was_kept_changes_no_byte(
    validated: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    first = read_bytes(enrich.fn(validated, tmp_path / "a", kept=kept))
    assert len(list(kept.iterdir())) == 7
    for path in kept.iterdir():
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.unlink()
        path.write_bytes(bytes(content))
    assert read_bytes(enrich.fn(validated, tmp_path / "b", kept=kept)) == first


def test_parts_that_are_no_more_are_not_kept(validated: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    enrich.fn(validated, tmp_path / "a", kept=kept)
    before = {path.name for path in kept.glob("*.json")}
    papers = tables.load(Paper, validated / "papers.parquet")
    tables.save(Paper, papers.with_columns(title=pl.lit("Else")), validated / "papers.parquet")
    seal_step(validated)
    enrich.fn(validated, tmp_path / "b", kept=kept)
    after = {path.name for path in kept.glob("*.json")}
    assert len(after) == 1
    assert not after & before


def test_parts_of_an_earlier_run_are_gone(
    validated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(paper_parts, "PART_ROWS", 7)
        enrich.fn(validated, tmp_path / "enriched")
        assert len(list_part_files(tmp_path / "enriched" / "papers.parquet")) > 1
    enrich.fn(validated, tmp_path / "enriched")
    assert len(list_part_files(tmp_path / "enriched" / "papers.parquet")) == 1
