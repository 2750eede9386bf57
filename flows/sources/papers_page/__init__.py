"""Papers page: a Hugging Face Papers page as a person keeps it: as text, HTML or Markdown.

All kinds exist of listings and of the page of a single paper. Places are lines in texts and
ordinals of the items in saved pages.
"""

from flows.sources.papers_page.parser import parse
from flows.sources.papers_page.recognition import recognise, split_lines
from flows.sources.papers_page.site import SITE, fetch
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise", "split_lines"]

SOURCE = Source.PAPERS_PAGE
LICENSE = License.CC0
VERSION = "7"

STALE_AFTER: int | None = 30
"""Days: pages are brought by hand, where the API lacks what they show."""
