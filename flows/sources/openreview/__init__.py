"""OpenReview: notes as its API gives them, version 1 or 2. CC BY 4.0, as its terms say of them.

Read: title, authors, abstract, keywords, venue, forum, dates, links that authors gave, and whether
a submission was withdrawn. Ignored on purpose: ids of people (many are addresses), signatures,
readers, reviews and machine-made summaries. Replies in a forum are no papers.
"""

import re

from flows.sources.openreview.notes import (
    KNOWN,
    SIDE,
    find_note_fault,
    is_note,
    list_unknown_of_note,
    read_note,
)
from flows.sources.openreview.site import EXAMPLE, SITE
from flows.sources.shared.json_answers import JsonAnswers
from flows.sources.shared.row_batches import RowReader
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.OPENREVIEW
LICENSE = License.CC_BY
VERSION = "8"

STALE_AFTER: int | None = None
"""Never: a venue's notes are a file that somebody downloads once."""

ANSWERS = JsonAnswers(
    rows="notes of OpenReview",
    # A note says by which invitation it was made.
    signature=re.compile(rb'"(?:invitations?|domain)"\s*:'),
    reader=RowReader(
        read_note,
        KNOWN,
        LICENSE,
        find_note_fault,
        is_row=is_note,
        side=SIDE,
        list_unknown=list_unknown_of_note,
        excerpt_fields=("id",),
    ),
    example=EXAMPLE,
    pages=("notes",),
    names=(b'"content"', b'"forum"'),
)

recognise, fetch, parse = ANSWERS.recognise, ANSWERS.fetch, ANSWERS.parse
