"""Release: the folder that consumers cite, written as a whole or not at all."""

from flows.release.compare import Diff, TableDiff, compare_releases, scan_tables
from flows.release.diff import list_changes
from flows.release.layout import TABLES, NotARelease
from flows.release.manifest_file import read_manifest
from flows.release.open_release import (
    DamagedRelease,
    OtherVersion,
    Release,
    read_columns,
    read_table,
    read_tables,
)
from flows.release.replace import Busy, NoSpace, delete_retired, lock_folder, repair_release
from flows.release.verify import find_damage, is_intact

__all__ = [
    "TABLES",
    "Busy",
    "DamagedRelease",
    "Diff",
    "NoSpace",
    "NotARelease",
    "OtherVersion",
    "Release",
    "TableDiff",
    "compare_releases",
    "delete_retired",
    "find_damage",
    "is_intact",
    "list_changes",
    "lock_folder",
    "read_columns",
    "read_manifest",
    "read_table",
    "read_tables",
    "repair_release",
    "scan_tables",
]
