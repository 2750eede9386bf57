"""Resolution: find a paper's id by its title, offline in an index or online at services."""

from flows.resolution.index import Index, MissingIndex, build
from flows.resolution.offline import RESOLUTIONS, resolve
from flows.resolution.references import NoTitles, read_reference, read_titles
from flows.resolution.ways import RESOLVED, resolve_all

__all__ = [
    "RESOLUTIONS",
    "RESOLVED",
    "Index",
    "MissingIndex",
    "NoTitles",
    "build",
    "read_reference",
    "read_titles",
    "resolve",
    "resolve_all",
]
