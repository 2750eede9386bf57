"""What a release folder holds: configs by table and licence, and a manifest that names them."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from flows import release
from flows.publish import write_release
from flows.release import layout
from flows.release.manifest_file import write_manifest
from schemas.origin import Origin
from schemas.release import SCHEMA_VERSION
from tests.builders import (
    frame,
    manifest,
    not_loaded_back,
    origin,
    release_tables,
    template,
)
from tests.written_releases import SHARED, with_share_alike_rows, write


def test_a_manifest_that_is_no_json_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(release.NotARelease, match=r"manifest\.json cannot be read"):
        release.read_manifest(tmp_path)


def test_an_unknown_config_in_a_release_is_a_clear_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "release").folder
    entry = {"bytes": 0, "sha256": "0" * 64}
    files = {"data/leaderboards/train-00000-of-00001.parquet": entry}
    write_manifest(folder, {**release.read_manifest(folder), "files": files})
    with pytest.raises(release.NotARelease, match="data/leaderboards"):
        release.read_tables(folder)


def test_share_alike_rows_lie_in_configs_of_their_own_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    card = "---\nlanguage: [en]\n---\n<!-- block: counts -->\n<!-- block: example -->\n"
    (tmp_path / "card.md").write_text(card)
    write_release.write_tables(with_share_alike_rows(), tmp_path / "card.md", manifest(), folder)
    for path in (folder / "data").rglob("*.parquet"):
        text = pl.read_parquet(path).write_ndjson().lower()
        assert ("secret" in text) == path.parent.name.endswith("_sharealike")
        licence = pq.read_metadata(path).metadata[b"license"].decode()
        assert (licence == SHARED) == path.parent.name.endswith("_sharealike")
    assert "secret" not in (folder / "README.md").read_text().lower()
    assert "- cc-by-sa-4.0" in (folder / "README.md").read_text()


@not_loaded_back()
def test_reading_brings_the_layers_of_a_table_together(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    write_release.write_tables(with_share_alike_rows(), template(tmp_path), manifest(), folder)
    assert release.read_tables(folder)["links"].equals(with_share_alike_rows()["links"])


def test_sources_that_are_not_cc0_are_known_to_the_layers() -> None:
    from flows.sources import SOURCES  # noqa: PLC0415  # only here

    others = {
        source.value: module.LICENSE.value
        for source, module in SOURCES.items()
        if module.LICENSE.value != "CC0-1.0"
    }
    assert others.items() <= layout.SOURCE_LICENSES.items()


def test_a_release_of_another_schema_version_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = write(tmp_path / "release", schema_version=SCHEMA_VERSION + 1).folder
    with pytest.raises(
        release.OtherVersion, match=r"has version 4.*reads version 3.*0\.1\.0.*--release"
    ):
        release.read_tables(folder)


def test_rows_whose_table_has_no_licence_are_open_however_many_they_are() -> None:
    rows = release_tables(3)["changes"].with_columns(license=layout.select_licence("changes"))
    assert rows["license"].to_list() == ["CC0-1.0"] * 3


def test_origins_of_one_paper_lie_together() -> None:
    rows = [origin(n, paper_id=f"arxiv:2603.{n % 2:05}") for n in range(4)]
    assert layout.sort_rows("origins", frame(Origin, rows))["paper_id"].is_sorted()
