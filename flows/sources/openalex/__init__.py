"""OpenAlex: works of its API and of its snapshot. CC0; abstracts only of works that are open.

Read: title, authors, identifiers, venue, dates and retractions, and of open works the abstract,
which comes as an index of words. Ignored on purpose: concepts and topics (machine-made), counts,
institutions, grants, and related and referenced works.
"""

import re

from flows.sources.openalex.site import EXAMPLE, SITE
from flows.sources.openalex.works import KNOWN, SIDE, is_work, read_work
from flows.sources.shared.json_answers import JsonAnswers
from flows.sources.shared.row_batches import RowReader
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "LICENSES", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.OPENALEX
LICENSE = License.CC0
LICENSES = (LICENSE, License.CC_BY)
"""A row with an abstract has the licence of its abstract."""

VERSION = "7"

STALE_AFTER: int | None = None
"""Never: answers and snapshots are files that somebody downloads when needed."""

ANSWERS = JsonAnswers(
    rows="works of OpenAlex",
    # The id of a work; authors, institutions and sources have other letters.
    signature=re.compile(rb'"id"\s*:\s*"https://openalex\.org/W\d+'),
    reader=RowReader(
        read_work, KNOWN, LICENSE, is_row=is_work, side=SIDE, excerpt_fields=("title", "id")
    ),
    example=EXAMPLE,
    pages=("results",),
)

recognise, fetch, parse = ANSWERS.recognise, ANSWERS.fetch, ANSWERS.parse
