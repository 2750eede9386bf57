"""ACL Anthology: the XML of its collections, edited by people.

Read: title, authors, abstract, URL, DOI, attachments, videos, code, retractions and removals, and
of the volume its title, month and year. Ignored on purpose: pages, keys, revisions, awards, the
venue's other fields and events. Editors are not authors.
"""

from collections.abc import Iterator

from flows.http.site_client import Web
from flows.raw.fetch_request import FetchRequest
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.store import Store
from flows.sources.acl_anthology.parser import LICENSE, parse, recognise
from flows.sources.acl_anthology.site import EXAMPLE, SITE
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "LICENSES", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.ACL_ANTHOLOGY
LICENSES = (LICENSE, License.CC_BY_NC_SA)
"""Volumes of before 2016 are for uses that are not commercial: each record says which it has."""

VERSION = "4"

STALE_AFTER: int | None = 120
"""Days: no four months pass without a conference whose papers it takes in."""


def fetch(request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
    """Bring collections that are named as files or addresses into the store."""
    return fetch_named(request, store, web, recognise=recognise, example=EXAMPLE)
