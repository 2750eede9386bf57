"""Resolution: find a paper's id by its title, offline in an index or online at services."""

from flows.deduplicate.resolve.offline import RESOLUTIONS, resolve
from flows.deduplicate.resolve.options import RESOLVED, Ways, repeatable, resolve_all
from flows.deduplicate.resolve.resolved_records import (
    carried,
    resolutions,
    unidentified,
    with_resolved,
    with_rule,
)
from flows.deduplicate.resolve.title_index import Index, MissingIndex, build, digest
from flows.deduplicate.resolve.titles_input import NoTitles, read_reference, read_titles

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
