"""Links: found in texts and fields, with canonical URLs, by kind."""

from flows.enrich.links import moved_repositories
from flows.enrich.links.build_links import (
    build_link_table,
    find_links_in_texts,
    find_mentions,
    select_linking_records,
)
from flows.enrich.links.code_columns import (
    build_code_columns,
    list_promises,
    select_promising_papers,
)
from flows.enrich.links.extract_links import find_links
from flows.enrich.links.link_fields import read_link_fields

__all__ = [
    "build_code_columns",
    "build_link_table",
    "find_links",
    "find_links_in_texts",
    "find_mentions",
    "list_promises",
    "moved_repositories",
    "read_link_fields",
    "select_linking_records",
    "select_promising_papers",
]
