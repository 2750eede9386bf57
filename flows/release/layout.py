"""Configs: what a release consists of, which rows go where by their licence, and reading them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from flows import tables
from flows.errors import UserError
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.release import SCHEMA_VERSION, Alias, Change, Rejection
from schemas.resolution import Resolution
from schemas.table import Table
from schemas.topic import TopicLabel
from schemas.vocabulary import License, Source

LAYERS = {
    License.CC0.value: "",
    "CC-BY-4.0": "attribution",
    License.CC_BY_SA.value: "sharealike",
    "CC-BY-NC-SA-3.0": "noncommercial",
}
"""What the names of a licence's configs end in. A row lies in the configs of its licence and
nowhere else, so that nobody has to filter before using the open ones."""

SOURCE_LICENSES = {
    Source.ACL_ANTHOLOGY.value: "CC-BY-4.0",
    Source.PAPERS_WITH_CODE.value: License.CC_BY_SA.value,
}
"""Licence of the sources that are not CC0: rejections have no licence column, yet their excerpts
are text of the source."""


class NotARelease(UserError):
    """A folder that holds something else than a release."""


class OtherVersion(NotARelease):
    """A release whose tables have other columns, or columns that mean something else."""


@dataclass(frozen=True)
class Specification:
    """One table of a release: its model, the order of its rows, and what it is, in a sentence."""

    model: type[Table]
    key: tuple[str, ...]
    """The columns by which its rows are sorted; they are its key."""
    about: str


TABLES = {
    "papers": Specification(Paper, ("paper_id",), "one row per paper; this is the default"),
    "links": Specification(
        Link, ("paper_id", "url", "license"), "one row per paper and URL, with evidence"
    ),
    "topics": Specification(
        TopicLabel, ("paper_id", "facet", "topic"), "one row per paper and topic, with evidence"
    ),
    "origins": Specification(
        Origin,
        ("paper_id", "record_id"),
        "one row per record: the paper it became part of, and why",
    ),
    "resolutions": Specification(
        Resolution,
        ("record_id",),
        "one row per record whose title was looked up: the identifier found, or why none",
    ),
    "aliases": Specification(Alias, ("alias_id",), "one row per id that a paper once had"),
    "changes": Specification(
        Change, ("paper_id",), "one row per paper that differs from the previous release"
    ),
    "rejections": Specification(
        Rejection,
        ("source", "snapshot", "file", "member", "line", "reason", "detail"),
        "one row per piece of input that is in no paper, and why",
    ),
}
"""The tables of a release by name, in the order in which the card explains them."""

CONFIG_FOLDER = "data"
"""The folder of a release that has a folder per config."""

ASSETS = "assets"
"""The folder of a release that has the card's charts."""

MANIFEST = "manifest.json"
"""What the release was made from, and every file of it with its sha256."""

CARD = "README.md"
"""The card, under the name by which the Hub finds it."""

DEFAULT = "papers"
"""The config that `load_dataset` gives when none is named."""


@dataclass(frozen=True)
class Config:
    """One config of the published dataset: the rows of a table that have one licence."""

    table: str
    license: str

    @property
    def name(self) -> str:
        """Name the config: the table, and its layer unless that is the open one."""
        layer = LAYERS[self.license]
        return f"{self.table}_{layer}" if layer else self.table

    @property
    def specification(self) -> Specification:
        """Say what the table is."""
        return TABLES[self.table]


def select_licence(table: str) -> pl.Expr:
    """Give the licence of each row of a table. Ids and verdicts of our own are CC0."""
    if table == "rejections":
        return pl.col("source").replace_strict(
            SOURCE_LICENSES, default=License.CC0.value, return_dtype=pl.String
        )
    if "license" in TABLES[table].model.dtypes():
        return pl.col("license")
    return pl.lit(License.CC0.value)


def split_by_licence(frames: Mapping[str, pl.DataFrame]) -> dict[Config, pl.DataFrame]:
    """Split tables into the configs of a release, each sorted by its key; empty ones are left out.

    Raises `KeyError` for a table or a licence that no config is made for.
    """
    configs = {}
    for table in sorted(frames, key=list(TABLES).index):
        licenses = frames[table].with_columns(license=select_licence(table))["license"]
        for license_ in sorted(licenses.unique(), key=list(LAYERS).index):
            rows = frames[table].filter(licenses == license_)
            configs[Config(table, license_)] = sort_rows(table, rows)
    return configs


def sort_rows(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Sort the rows of a table by its key, nulls first."""
    return rows.sort(TABLES[table].key, nulls_last=False, maintain_order=True)


def find_config(name: str) -> Config:
    """Give the config of a name. Raises `KeyError` when no release has such a config."""
    return {
        config.name: config for table in TABLES for config in (Config(table, one) for one in LAYERS)
    }[name]


def require_release_or_nothing(folder: Path) -> None:
    """Raise `NotARelease` when a folder holds files of another kind, which would be deleted."""
    if folder.exists() and not (folder / MANIFEST).is_file() and any(folder.iterdir()):
        raise NotARelease(
            f"{folder} holds files but is not a release (it has no {MANIFEST}), and writing one "
            "there would delete them. Name another folder with --release."
        )


def require_replaceable(folder: Path) -> None:
    """Raise `NotARelease` when a folder cannot be renamed: another takes its place by its name."""
    if folder.is_mount():
        raise NotARelease(
            f"{folder} is where a disk is mounted, so that it cannot be replaced as a whole. Name "
            "a folder on that disk with --release."
        )


def require_files(folder: Path) -> None:
    """Raise `NotARelease` when a release lacks files that its manifest names."""
    if not (folder / MANIFEST).is_file():
        return
    missing = [name for name in read_manifest(folder)["files"] if not (folder / name).is_file()]
    if missing:
        raise NotARelease(
            f"{folder} lacks {len(missing)} of its files, such as {', '.join(missing[:5])}. Put "
            "them back, or move the folder away to start anew: ids would be lost otherwise."
        )


def require_no_strangers(folder: Path) -> None:
    """Raise `NotARelease` when a release folder holds files that writing one would delete."""
    if not (folder / MANIFEST).is_file():
        return
    own = {*read_manifest(folder)["files"], MANIFEST}
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in found)
    strangers = [name for name in names if name not in own and not name.endswith(".DS_Store")]
    if strangers:
        raise NotARelease(
            f"{folder} holds files that are not of the release, such as "
            f"{', '.join(strangers[:5])}, and writing one would delete them. Move them away."
        )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read a release's manifest. Raises `NotARelease` when there is none or it is no JSON."""
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # json knows no types
    except (OSError, ValueError) as error:
        raise NotARelease(
            f"{folder} is not a release: its {MANIFEST} cannot be read ({type(error).__name__}). "
            f"Make one with: open-papers refresh --release {folder}"
        ) from None


def require_version(folder: Path) -> None:
    """Raise `OtherVersion` when the tables of a release are not those of this code."""
    if not (folder / MANIFEST).is_file():
        return
    manifest = read_manifest(folder)
    if (found := manifest.get("schema_version")) != SCHEMA_VERSION:
        maker = (manifest.get("code") or {}).get("open-papers", "of another version")
        raise OtherVersion(
            f"{folder} has version {found} of the tables, and this code reads version "
            f"{SCHEMA_VERSION}. Use open-papers {maker}, which made it. To begin anew, without its "
            "ids, name an empty folder with --release and none with --previous."
        )


def read_tables(folder: Path, names: Iterable[str] = tuple(TABLES)) -> dict[str, pl.DataFrame]:
    """Read tables of a release, its licence layers together; all empty if there is no folder.

    Raises `NotARelease` when the folder holds something else, `OtherVersion` when its tables are
    those of another version, and `tables.SchemaMismatch` for a file that is not as it should be.
    """
    require_release_or_nothing(folder)
    require_files(folder)
    return {table: read_table(folder, table) for table in names}


def read_columns(folder: Path, wanted: Mapping[str, Sequence[str]]) -> dict[str, pl.DataFrame]:
    """Read some columns of tables of a release, by table, their rows in any order.

    Raises as `read_tables` does.
    """
    require_release_or_nothing(folder)
    require_files(folder)
    require_version(folder)
    return {
        table: tables.load(TABLES[table].model, list_table_files(folder, table), columns)
        for table, columns in wanted.items()
    }


def read_table(folder: Path, table: str) -> pl.DataFrame:
    """Read one table of a release, sorted by its key; empty if the release has no such rows.

    Raises as `read_tables` does.
    """
    require_version(folder)
    specification = TABLES[table]
    return tables.load(specification.model, list_table_files(folder, table)).sort(
        specification.key, nulls_last=False, maintain_order=True
    )


def read_column(folder: Path, table: str, column: str) -> pl.Series:
    """Read one column of a table of a release, in any order; empty if it has no such rows.

    Raises as `read_tables` does.
    """
    require_version(folder)
    return tables.load(TABLES[table].model, list_table_files(folder, table), [column])[column]


def list_table_files(folder: Path, table: str) -> list[Path]:
    """Give the files of a table in a release folder, of all its licence layers."""
    configs = [config for config in list_configs(folder) if config.table == table]
    return [path for config in configs for path in list_shards(folder, config)]


def list_configs(folder: Path) -> list[Config]:
    """Give the configs that a release folder holds, in the order of their names.

    Raises `NotARelease` for a config that no release has.
    """
    try:
        return [find_config(path.name) for path in sorted((folder / CONFIG_FOLDER).glob("*/"))]
    except KeyError as error:
        raise NotARelease(
            f"{folder} holds {CONFIG_FOLDER}/{error.args[0]}, which is no config of a release. "
            "It was written by another version or is not ours: name another folder."
        ) from None


def list_shards(folder: Path, config: Config) -> list[Path]:
    """Give the files of a config, in order."""
    return sorted((folder / CONFIG_FOLDER / config.name).glob("train-*.parquet"))


def is_intact(folder: Path) -> bool:
    """Say whether a folder holds a release whose files are those its manifest names."""
    if not (folder / MANIFEST).is_file():
        return False
    files = read_manifest(folder)["files"]
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found == {*files, MANIFEST} and all(
        hashlib.sha256((folder / name).read_bytes()).hexdigest() == file["sha256"]
        for name, file in files.items()
    )
