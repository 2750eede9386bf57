"""The sources, best first: the order is the merge precedence and is stated in the card.

A source is a module with these names; there is no base class:

- ``SOURCE: Source`` and ``LICENSE: License``;
- where its rows have several licences, ``LICENSES: tuple[License, ...]``, the usual one first;
- ``VERSION: str``, raised whenever the same bytes would give other records;
- ``STALE_AFTER: int | None``: the days after which its newest snapshot is called stale, and why;
- ``recognise(head: bytes) -> bool``: whether a file whose decompressed content begins with
  ``head`` (64 KiB or the whole of it) is of this source;
- ``parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]``: the records of one file or archive
  member, read from its decompressed ``stream``. Raises `RefusedInput` when nothing in it can be
  read; anything less is a rejection;
- ``SITE: Site`` and ``fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]``:
  brings raw files from the site into the store, and yields each of them, or the `SiteError` that it
  met, and how far it is (`fetch_each` does all of it). Raises `SiteStopped` where the site is to be
  left alone, and `UserError` for what the source does not have.
"""

from collections.abc import Iterator
from typing import BinaryIO, Protocol

from flows.http.site import Site
from flows.http.site_client import Web
from flows.raw.batch import Batch
from flows.raw.fetch_request import FetchRequest
from flows.raw.outcome import Outcome
from flows.raw.raw_file import RawFile
from flows.raw.store import Store
from flows.sources import (
    acl_anthology,
    arxiv,
    daily_papers,
    openalex,
    openreview,
    papers_page,
    papers_with_code,
    reference_list,
    semantic_scholar,
)
from schemas.vocabulary import License, Source


class SourceModule(Protocol):
    """What a module must hold to be a source."""

    SOURCE: Source
    LICENSE: License
    VERSION: str
    STALE_AFTER: int | None
    SITE: Site

    def recognise(self, head: bytes) -> bool:
        """Return whether a content that begins with ``head`` is of this source."""

    def parse(self, raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
        """Read the records of one file or archive member."""

    def fetch(self, request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
        """Bring what is requested from the site into the store."""


SOURCES: dict[Source, SourceModule] = {
    module.SOURCE: module
    for module in (
        arxiv,
        acl_anthology,
        openreview,
        daily_papers,
        papers_page,
        openalex,
        semantic_scholar,
        reference_list,
        papers_with_code,
    )
}
"""One line for each source, in the order of `Source`."""


def list_licenses(source: Source) -> tuple[License, ...]:
    """List the licences that rows of a source may have, the usual one first.

    >>> [license_.value for license_ in list_licenses(Source.ACL_ANTHOLOGY)]
    ['CC-BY-4.0', 'CC-BY-NC-SA-3.0']
    """
    module = SOURCES[source]
    return tuple(getattr(module, "LICENSES", (module.LICENSE,)))
