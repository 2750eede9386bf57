"""Release: the folder that consumers cite, written as a whole or not at all."""

from flows.release.diff import Diff, TableDiff, compare_releases, list_changes
from flows.release.layout import (
    TABLES,
    NotARelease,
    is_intact,
    read_columns,
    read_manifest,
    read_table,
    read_tables,
)
from flows.release.replace import Busy, NoSpace, lock_folder, repair_release

__all__ = [
    "TABLES",
    "Busy",
    "Diff",
    "NoSpace",
    "NotARelease",
    "TableDiff",
    "compare_releases",
    "is_intact",
    "list_changes",
    "lock_folder",
    "read_columns",
    "read_manifest",
    "read_table",
    "read_tables",
    "repair_release",
]
