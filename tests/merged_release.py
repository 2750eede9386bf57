"""Release what deduplication left, without the steps between: for runs that follow each other."""

from pathlib import Path

from flows import tables
from flows.hashing import hash_file
from flows.paths import StepFolder
from flows.release.layout import TABLES, Config, select_licence, sort_rows
from flows.release.manifest_file import write_manifest
from tests.builders import manifest

RELEASED = ("papers", "origins", "aliases", "rejections", "resolutions")


def release_merged(merged: Path, folder: Path) -> Path:
    """Write what the step left as a release: its tables, and a manifest that names their files."""
    written, files = StepFolder(merged), {}
    for table in RELEASED:
        model = TABLES[table].model
        rows = tables.load(model, tables.list_part_files(written.table(table)))
        for (layer,), some in rows.group_by(select_licence(table).alias("layer")):
            name = f"data/{Config(table, str(layer)).name}/train-00000-of-00001.parquet"
            path = tables.save_part(model, sort_rows(table, some), folder / name)
            files[name] = {"bytes": path.stat().st_size, "sha256": hash_file(path)}
    write_manifest(folder, manifest(files=files))
    return folder
