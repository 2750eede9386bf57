"""URLs as polars expressions: their canonical spelling, their host, the repository they name."""

from flows.urls.canonical_url import (
    HTTPS_HOSTS,
    INVISIBLE,
    canonical_url,
    host_name,
    location_key,
    pages_repository,
    repository_name,
)

__all__ = [
    "HTTPS_HOSTS",
    "INVISIBLE",
    "canonical_url",
    "host_name",
    "location_key",
    "pages_repository",
    "repository_name",
]
