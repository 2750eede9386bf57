"""Links: found in texts and fields, named canonically, told apart by kind."""

from flows.links import moves
from flows.links.extraction import extract
from flows.links.table import code_columns, from_fields, from_texts, links

__all__ = ["code_columns", "extract", "from_fields", "from_texts", "links", "moves"]
