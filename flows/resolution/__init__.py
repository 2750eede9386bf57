"""Resolution: find a paper's id by its title, offline in an index or online at services."""

from flows.resolution.index import Index, MissingIndex, build, digest
from flows.resolution.offline import RESOLUTIONS, resolve
from flows.resolution.records import (
    carried,
    resolutions,
    unidentified,
    with_resolved,
    with_rule,
)
from flows.resolution.references import NoTitles, read_reference, read_titles
from flows.resolution.ways import RESOLVED, Ways, repeatable, resolve_all

__all__ = [
    "RESOLUTIONS",
    "RESOLVED",
    "Index",
    "MissingIndex",
    "NoTitles",
    "Ways",
    "build",
    "carried",
    "digest",
    "read_reference",
    "read_titles",
    "repeatable",
    "resolutions",
    "resolve",
    "resolve_all",
    "unidentified",
    "with_resolved",
    "with_rule",
]
