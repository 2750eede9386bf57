"""Release: the version of the published tables, and the columns that each version added."""

from collections.abc import Mapping

SCHEMA_VERSION = 3
"""Raised when a column of a published table is added, removed or means something else."""

ADDED_COLUMNS: Mapping[int, Mapping[str, tuple[str, ...]]] = {
    2: {
        "papers": ("pdf_url", "acl_url", "year", "month", "venue_short", "comments"),
        "links": ("role", "role_words"),
    },
    3: {
        "papers": ("unnamed_authors", "version_days", "keywords", "votes"),
        "origins": ("unnamed_authors", "version_days"),
    },
}
"""Columns that a version added, by table. A release of an older version is read as if they held
nothing, so that its ids live on; one that lost columns or changed their meaning is refused."""
