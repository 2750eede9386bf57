"""Release: the folder that consumers cite, written as a whole or not at all."""

from flows.release.diff import Diff, TableDiff, changes, diff
from flows.release.layout import (
    TABLES,
    NotARelease,
    is_intact,
    read,
    read_columns,
    read_manifest,
    read_table,
)
from flows.release.replace import Busy, NoSpace, locked, repair

__all__ = [
    "TABLES",
    "Busy",
    "Diff",
    "NoSpace",
    "NotARelease",
    "TableDiff",
    "changes",
    "diff",
    "is_intact",
    "locked",
    "read",
    "read_columns",
    "read_manifest",
    "read_table",
    "repair",
]
