"""Release: the folder that consumers cite, written as a whole or not at all."""

from flows.release.comparing import Diff, TableDiff, changes, diff
from flows.release.configs import (
    TABLES,
    NotARelease,
    read,
    read_columns,
    read_manifest,
    read_table,
)
from flows.release.swapping import Busy, NoSpace, locked, repair
from flows.release.writing import Unreadable, Written, is_intact, write

__all__ = [
    "TABLES",
    "Busy",
    "Diff",
    "NoSpace",
    "NotARelease",
    "TableDiff",
    "Unreadable",
    "Written",
    "changes",
    "diff",
    "is_intact",
    "locked",
    "read",
    "read_columns",
    "read_manifest",
    "read_table",
    "repair",
    "write",
]
