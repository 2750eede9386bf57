"""Resolution: find a paper's id by its title, offline in an index or online at services."""

from flows.deduplicate.resolve.offline import RESOLUTIONS, resolve_titles
from flows.deduplicate.resolve.options import (
    RESOLVED,
    ResolveOptions,
    resolve_all,
    resolve_repeatably,
)
from flows.deduplicate.resolve.resolved_records import (
    fill_resolved_ids,
    keep_earlier_resolutions,
    make_resolutions,
    mark_resolved_matches,
    select_unidentified,
)
from flows.deduplicate.resolve.title_index import (
    MissingTitleIndex,
    TitleIndex,
    build_index,
    digest_index,
)
from flows.deduplicate.resolve.titles_input import NoTitles, read_reference, read_titles

__all__ = [
    "RESOLUTIONS",
    "RESOLVED",
    "MissingTitleIndex",
    "NoTitles",
    "ResolveOptions",
    "TitleIndex",
    "build_index",
    "digest_index",
    "fill_resolved_ids",
    "keep_earlier_resolutions",
    "make_resolutions",
    "mark_resolved_matches",
    "read_reference",
    "read_titles",
    "resolve_all",
    "resolve_repeatably",
    "resolve_titles",
    "select_unidentified",
]
