"""Inputs that people have reported, taken through every step from file to gates.

The reports themselves lie beside the project and are read where they are; the kinds of fault that
they stand for have fixtures of our own, in the tests of each source.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from flows.operate.explain import render_explanation
from flows.operate.reproduce import build_from_files
from flows.parse.find_raw_files import recognise_files
from flows.parse.parse_file import parse_file
from flows.paths import PROJECT, RunFolder
from flows.release import read_tables
from tests.flows.operate.left_by_run import print_wide
from tests.source_files import FIXTURES

REPORTED = PROJECT.parent / "shared" / "reported"

pytestmark = pytest.mark.usefixtures("unread")

reported_only = pytest.mark.skipif(
    not REPORTED.is_dir(), reason=f"the reported inputs are not at {REPORTED}"
)


def read_records(paths: Sequence[Path], folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records and rejections of some files, as the steps of a run leave them."""
    frames: dict[str, list[pl.DataFrame]] = {"records": [], "rejections": []}
    for number, raw in enumerate(recognise_files(paths).raw):
        parsed = parse_file(raw, folder / str(number))
        for table, parts in frames.items():
            parts += [pl.read_parquet(part) for part in parsed.parts(table)]
    columns = pl.DataFrame(schema={"title": pl.String, "authors": pl.List(pl.String)})
    records, rejections = (pl.concat([columns, *p], how="diagonal") for p in frames.values())
    return records, rejections


def files_of(name: str) -> list[Path]:
    return [path for path in sorted((REPORTED / name).iterdir()) if path.name != "README.md"]


@reported_only
@pytest.mark.parametrize(
    ("name", "records", "rejections"),
    [
        ("xml_one_error_loses_rest", 900 + 434, 6),
        ("abstract_gate", None, None),
        ("acl_volume_in_meta", 3, 1),
        ("authors_colon", 5, 0),
        ("author_strings", 18, 0),
        ("oai_deleted_gate", 1, 2),
        ("parquet_pwc_archive", 1, 0),
    ],
)
def test_a_reported_file_gives_all_of_its_records(
    name: str, records: int | None, rejections: int | None, tmp_path: Path
) -> None:
    found, refused = read_records(files_of(name), tmp_path)
    assert (found.height, refused.height) == (
        records if records is not None else found.height,
        rejections if rejections is not None else refused.height,
    )
    assert found.height > 0


@reported_only
@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("arxivraw_1810.09584.xml", 1),
        ("cs.CR.atom.xml", 1),
        ("cs.CR.rss", 1),
        ("f_norecords.xml", 0),
        ("oai_dc_answer.xml", 3),
    ],
)
def test_arxiv_in_its_other_forms_is_read(name: str, records: int, tmp_path: Path) -> None:
    found, refused = read_records([REPORTED / "oai_other_prefix" / name], tmp_path)
    assert found.height == records
    assert refused.is_empty()


@reported_only
def test_separators_and_notes_are_no_authors(tmp_path: Path) -> None:
    paths = [*files_of("authors_colon"), *files_of("author_strings")]
    names = read_records(paths, tmp_path)[0]["authors"].explode().to_list()
    assert not {":", "*$"} & set(names)
    assert not [name for name in names if ";" in name or "&" in name or "not shown" in name]
    assert {"Aili Chen", "D. F. V. James", "Hao Chen", "Bob Jones", "Bo Dahl"} <= set(names)


@reported_only
def test_papers_of_a_volume_with_a_number_in_its_head_have_ids_and_venues(tmp_path: Path) -> None:
    records, _ = read_records(files_of("acl_volume_in_meta"), tmp_path)
    assert records["acl_id"].to_list() == ["U10-1001", "U10-1002", "U10-1003"]
    assert records["venue"].null_count() == 0


def build(paths: Sequence[Path], folder: Path) -> dict[str, pl.DataFrame]:
    raw = recognise_files(paths).raw
    build_from_files(raw, folder / "none", folder, {})
    return dict(read_tables(folder / "release", ("papers", "origins", "rejections")))


@reported_only
def test_old_volumes_without_abstracts_are_a_release(tmp_path: Path) -> None:
    papers = build(files_of("abstract_gate"), tmp_path)["papers"]
    assert papers["abstract"].null_count() > papers.height / 2


def test_a_harvest_of_deletions_is_a_release_of_the_others(tmp_path: Path) -> None:
    tables = build([FIXTURES / "arxiv" / "harvest-dublin-core.xml"], tmp_path)
    assert tables["papers"]["arxiv_id"].to_list() == ["1009.1022"]
    assert tables["rejections"]["reason"].to_list() == ["removed"]


def test_one_paper_from_six_sources_is_one_row_with_every_identifier(tmp_path: Path) -> None:
    papers = build(write_six_sources(tmp_path / "raw"), tmp_path)["papers"]
    [paper] = papers.to_dicts()
    assert paper["arxiv_id"] == "2401.00077"
    assert paper["doi"] == "10.1000/six.7"
    assert paper["acl_id"] == "2024.toy-1.7"
    assert paper["openreview_id"] == "SiXsOuRcE7"
    assert paper["license"] == "CC0-1.0"
    assert len(paper["sources"]) == 6
    explained = render_explanation(
        "arxiv:2401.00077", tmp_path / "release", RunFolder(tmp_path).merged
    )
    shown = print_wide(explained)
    for source in paper["sources"]:
        assert f"  {source}:" in shown
    for identifier in ("arxiv_id 2401", "doi 10.1000", "acl_id 2024", "openreview_id SiX"):
        assert identifier in shown


TITLE = "Six ladders of one paper, seen from every side"
ABSTRACT = "We lean six ladders on one paper and show from each of them what the others do not."


def write_six_sources(folder: Path) -> list[Path]:
    """The same paper as six sources have it, each with another of its identifiers."""
    author = '[["Beispiel", "Ada", ""], ["Muster", "Ben", ""]]'
    texts = {
        "arxiv.jsonl": f'{{"id": "2401.00077", "title": "{TITLE}", "abstract": "{ABSTRACT}", '
        f'"categories": "cs.CL", "authors": "", "authors_parsed": {author}}}\n',
        "2024.toy.xml": '<collection id="2024.toy"><volume id="1"><meta/><paper id="7">'
        f"<title>{TITLE}</title><abstract>{ABSTRACT}</abstract><author><first>Ada</first>"
        "<last>Beispiel</last></author><author><first>Ben</first><last>Muster</last></author>"
        "</paper></volume></collection>",
        "notes.json": '{"notes": [{"id": "SiXsOuRcE7", "forum": "SiXsOuRcE7", "invitation": "x", '
        f'"content": {{"title": "{TITLE}", "abstract": "{ABSTRACT}", '
        '"authors": ["Ada Beispiel", "Ben Muster"]}}]}',
        "graph.json": '{"paperId": "0123456789abcdef0123456789abcdef01234567", "title": '
        f'"{TITLE}", "externalIds": {{"ArXiv": "2401.00077", "DOI": "10.1000/six.7"}}, '
        '"authors": [{"name": "Ada Beispiel"}]}',
        "works.jsonl": '{"id": "https://openalex.org/W77", "doi": "https://doi.org/10.1000/six.7", '
        f'"title": "{TITLE}", "authorships": []}}\n',
        "list.bib": f"@article{{six, title={{{TITLE}}}, author={{Beispiel, Ada}}, "
        "eprint={2401.00077}, archivePrefix={arXiv}}\n",
    }
    paths = []
    for name, text in texts.items():
        path = folder / "2026-11-23" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(path)
    return paths
