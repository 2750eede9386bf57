"""Links: found in texts and fields, named canonically, told apart by kind."""

from flows.enrich.links import moved_repositories
from flows.enrich.links.build_links import code_columns, from_fields, from_texts, links
from flows.enrich.links.extract_links import extract

__all__ = ["code_columns", "extract", "from_fields", "from_texts", "links", "moved_repositories"]
