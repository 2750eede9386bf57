"""Records of a previous release are read, also where an older version wrote it."""

import json
from pathlib import Path

import polars as pl

from flows.deduplicate.previous_records import read_carried_over
from flows.hashing import hash_file
from flows.release.manifest_file import write_manifest
from schemas.record import Record
from schemas.release import ADDED_COLUMNS, SCHEMA_VERSION
from tests.builders import written_release


def test_records_of_an_older_release_are_carried_over(tmp_path: Path) -> None:
    folder = written_release(tmp_path / "release")
    [file] = (folder / "data" / "origins").glob("*.parquet")
    older = pl.read_parquet(file).drop(ADDED_COLUMNS[SCHEMA_VERSION]["origins"])
    older.write_parquet(file)
    manifest = json.loads((folder / "manifest.json").read_text())
    entry = {"bytes": file.stat().st_size, "sha256": hash_file(file)}
    manifest["files"][file.relative_to(folder).as_posix()] |= entry
    manifest |= {"schema_version": SCHEMA_VERSION - 1}
    write_manifest(folder, manifest)
    found = pl.concat(read_carried_over(folder, older["record_id"][:2]))
    assert found["record_id"].to_list() == older["record_id"][:2].to_list()
    assert found.schema == Record.dtypes()
