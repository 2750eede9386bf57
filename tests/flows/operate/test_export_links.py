"""Links as related identifiers: what the authors give supplements the paper, the rest it names."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from flows.operate.export_links import export_links
from flows.publish import write_release
from schemas.link import Link
from schemas.paper import Paper
from tests.builders import frame, link, manifest, not_loaded_back, paper, release_tables, template


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    papers = [
        paper(1, doi="10.1000/own"),
        paper(2),
        paper(3, arxiv_doi=None, doi=None),
    ]
    other = {"url": "https://github.com/else/port", "is_official": False}
    links = [link(1), link(1, **other), link(2, kind="dataset"), link(2, kind="paper"), link(3)]
    links[3]["url"] = "https://doi.org/10.1000/cited"
    tables = release_tables(3) | {"papers": frame(Paper, papers), "links": frame(Link, links)}
    with not_loaded_back():
        return write_release.write_tables(
            tables, template(folder), manifest(), folder / "release"
        ).folder


def test_each_paper_with_a_doi_has_its_links_as_relations(release: Path) -> None:
    first, second = export_links(release)
    assert first["doi"] == "10.1000/own"
    relations = [
        (relation["relatedIdentifier"], relation["relationType"], relation["resourceTypeGeneral"])
        for relation in first["relatedIdentifiers"]
    ]
    assert relations == [
        ("https://github.com/else/port", "References", "Software"),
        ("https://github.com/lab/sparse-1", "IsSupplementedBy", "Software"),
    ]
    assert second["doi"] == "10.48550/arxiv.2603.00002"
    assert [relation["resourceTypeGeneral"] for relation in second["relatedIdentifiers"]] == [
        "Dataset"
    ]


def test_provenance_names_the_records_and_the_licence(release: Path) -> None:
    first, _ = export_links(release)
    names = {"relatedIdentifier", "relatedIdentifierType", "relationType", "resourceTypeGeneral"}
    assert all(set(relation) == names for relation in first["relatedIdentifiers"])
    assert first["provenance"][1] == {
        "relatedIdentifier": "https://github.com/lab/sparse-1",
        "records": ["papers_page:fedf47de863a:1"],
        "license": "CC0-1.0",
    }


def test_command_prints_a_line_of_json_a_paper(release: Path) -> None:
    done = CliRunner().invoke(
        app, ["export", "links", "--format", "datacite", "--release", str(release)]
    )
    assert done.exit_code == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(export_links(release))
    assert done.stderr.startswith(f"2 papers of {release} printed: those with a DOI")
