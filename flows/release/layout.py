"""Layout: the tables and files of a release, and which rows go where by their licence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from flows import paths
from flows.errors import UserError
from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.resolution import Resolution
from schemas.table import Table
from schemas.topic import TopicLabel
from schemas.vocabulary import License, Source

LAYERS = {
    License.CC0.value: "",
    "CC-BY-4.0": "attribution",
    License.ODC_BY.value: "database_attribution",
    License.CC_BY_SA.value: "sharealike",
    "CC-BY-NC-SA-3.0": "noncommercial",
}
"""What the names of a licence's configs end in. A row is in the configs of its licence and
nowhere else, so that nobody has to filter before using the open ones."""

SOURCE_LICENSES = {
    Source.ACL_ANTHOLOGY.value: "CC-BY-4.0",
    Source.OPENREVIEW.value: "CC-BY-4.0",
    Source.SEMANTIC_SCHOLAR.value: License.ODC_BY.value,
    Source.PAPERS_WITH_CODE.value: License.CC_BY_SA.value,
}
"""Licence of the sources that are not CC0: rejections have no licence column, yet their excerpts
are text of the source."""


class NotARelease(UserError):
    """A folder that holds something else than a release."""


@dataclass(frozen=True)
class Specification:
    """One table of a release: its model, the order of its rows, and what it is, in a sentence."""

    model: type[Table]
    key: tuple[str, ...]
    """The columns by which its rows are sorted; they are its key."""
    about: str

    @property
    def id_column(self) -> str:
        """The column by whose values it is read in ranges: the first of the key."""
        return self.key[0]


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

MANIFEST = paths.MANIFEST
"""What the release was made from, and every file of it with its sha256."""

CARD = "README.md"
"""The card, under the name by which the Hub finds it."""

CROISSANT = "croissant.json"
"""The description of the release for machines."""

SIGNATURE = "model.sig"
"""The signature over all other files, the manifest included, which therefore cannot name it."""

FILE_NAME = re.compile(
    rf"{re.escape(CARD)}|{re.escape(CROISSANT)}"
    rf"|{CONFIG_FOLDER}/(?P<config>[a-z_]+)/train-\d{{5}}-of-\d{{5}}\.parquet"
    rf"|{ASSETS}/[a-z_]+\.svg"
)
"""What a file of a release may be called. A manifest that names any other, such as `../x` or
`/etc/hostname`, is refused: its names are paths that are read, compared and deleted."""

ALL_LAYERS = {f"all_{table}": table for table in ("papers", "links", "topics")}
"""Configs that hold a table whatever the licence of its rows, which their column names. They have
no files of their own: those of the layers are theirs."""

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


def list_wide_configs(configs: Iterable[Config]) -> dict[str, list[str]]:
    """List the configs over all licences: by name, the configs whose files they share."""
    layers = {
        name: [config.name for config in configs if config.table == table]
        for name, table in ALL_LAYERS.items()
    }
    return {name: names for name, names in layers.items() if names}


def select_licence(table: str) -> pl.Expr:
    """Return the licence of each row of a table. Ids and verdicts of our own are CC0."""
    if table == "rejections":
        return pl.col("source").replace_strict(
            SOURCE_LICENSES, default=License.CC0.value, return_dtype=pl.String
        )
    if "license" in TABLES[table].model.dtypes():
        return pl.col("license")
    return pl.lit(License.CC0.value)


def sort_rows(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Sort the rows of a table by its key, nulls first."""
    key = TABLES[table].key
    # Sorting copies all columns, and papers mostly come in order.
    if len(key) == 1 and rows[key[0]].is_sorted():
        return rows
    # Rows with one key keep their order, or the bytes of a file differ from run to run.
    return rows.sort(key, nulls_last=False, maintain_order=True)


def find_config(name: str) -> Config:
    """Return the config of a name. Raises `KeyError` when no release has such a config.

    >>> find_config("links_sharealike")
    Config(table='links', license='CC-BY-SA-4.0')
    """
    return {
        config.name: config
        for table in TABLES
        for config in (Config(table, license_) for license_ in LAYERS)
    }[name]
