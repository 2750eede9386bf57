"""URLs as polars expressions: their canonical spelling, their host, the repository they name."""

from flows.urls.canonical_url import (
    HTTPS_HOSTS,
    canonical_url,
    host_name,
    is_impossible_repository,
    location_key,
    pages_repository,
    repository_name,
)
from flows.urls.characters import HYPHENS, INVISIBLE

__all__ = [
    "HTTPS_HOSTS",
    "HYPHENS",
    "INVISIBLE",
    "canonical_url",
    "host_name",
    "is_impossible_repository",
    "location_key",
    "pages_repository",
    "repository_name",
]
