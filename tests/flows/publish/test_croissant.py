"""The description for machines is valid Croissant, and the rows it leads to are the release's."""

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from datasets import Dataset, get_dataset_config_names, load_dataset

from flows.publish import write_release
from flows.publish.croissant import describe_release
from flows.release import read_manifest
from flows.release.layout import ALL_LAYERS, CROISSANT, find_config
from schemas.link import Link
from schemas.paper import Paper
from schemas.vocabulary import License
from tests.builders import (
    frame,
    link,
    manifest,
    not_loaded_back,
    paper,
    release_tables,
    template,
)

if TYPE_CHECKING:
    import mlcroissant


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a release with papers and links of three licences."""
    folder = tmp_path_factory.mktemp("croissant")
    licences = [License.CC0.value, "CC-BY-4.0", License.CC_BY_SA.value]
    tables = release_tables(3) | {
        "papers": frame(Paper, [paper(n + 1, license=name) for n, name in enumerate(licences)]),
        "links": frame(Link, [link(n + 1, license=name) for n, name in enumerate(licences)]),
    }
    with not_loaded_back():
        return write_release.write_tables(
            tables, template(folder), manifest(), folder / "release"
        ).folder


@pytest.fixture(scope="module")
def described(release: Path) -> "mlcroissant.Dataset":
    # It takes a second to import, with networkx and rdflib, and every worker imports all tests.
    import mlcroissant  # noqa: PLC0415  # see above

    return mlcroissant.Dataset(str(release / CROISSANT))


def test_description_has_neither_errors_nor_warnings(described: "mlcroissant.Dataset") -> None:
    issues = described.metadata.ctx.issues
    assert issues.errors == set()
    assert issues.warnings == set()


def test_every_config_of_the_release_is_described_and_the_file_is_in_the_manifest(
    described: "mlcroissant.Dataset", release: Path
) -> None:
    folders = {path.name for path in (release / "data").iterdir()}
    described_configs = {record_set.uuid for record_set in described.metadata.record_sets}
    assert described_configs == folders | set(ALL_LAYERS)
    assert described_configs == set(get_dataset_config_names(str(release)))
    assert CROISSANT in read_manifest(release)["files"]


def read_described(described: "mlcroissant.Dataset", config: str) -> Iterator[dict[str, Any]]:
    for row in described.records(config):
        yield {name.partition("/")[2]: simplify(value) for name, value in row.items()}


def simplify(value: Any) -> Any:
    """Write a value as both readers give it: texts as text, days as days, numbers as numbers."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: simplify(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [simplify(inner) for inner in value]
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if isinstance(value, float) and math.isnan(value) else value


def test_rows_are_those_that_datasets_loads(
    described: "mlcroissant.Dataset", release: Path
) -> None:
    for record_set in described.metadata.record_sets:
        loaded = load_dataset(str(release), record_set.uuid, split="train")
        assert isinstance(loaded, Dataset)
        assert list(read_described(described, record_set.uuid)) == loaded.to_list()


def test_a_release_is_as_new_as_its_newest_snapshot() -> None:
    content = describe_release([find_config("origins")], date(2026, 3, 4)).decode()
    assert '"datePublished": "2026-03-04"' in content
    assert '"version": "2026.3.4"' in content
