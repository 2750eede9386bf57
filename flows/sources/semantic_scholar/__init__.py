"""Semantic Scholar: answers of its Graph API and its dataset of papers. ODC-By 1.0.

Read: title, authors, identifiers, venue and dates. An abstract is read only where the paper is open
under a licence that lets it be passed on. Ignored on purpose: counts of citations, fields of study
and summaries (machine-made), references, and ids of authors.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.json_head import peek_head
from flows.raw.raw_file import RawFile, RefusedInput
from flows.sources.semantic_scholar.papers import KNOWN, SIDE, is_paper, read_paper
from flows.sources.semantic_scholar.site import EXAMPLE, SITE
from flows.sources.shared.json_answers import JsonAnswers
from flows.sources.shared.row_batches import RowReader
from schemas.vocabulary import License, Source

__all__ = ["LICENSE", "LICENSES", "SITE", "SOURCE", "VERSION", "fetch", "parse", "recognise"]

SOURCE = Source.SEMANTIC_SCHOLAR
LICENSE = License.ODC_BY
LICENSES = (LICENSE, License.CC0, License.CC_BY)
"""A row with an abstract has the licence of its abstract."""

VERSION = "6"

STALE_AFTER: int | None = None
"""Never: answers and datasets are files that somebody downloads when needed."""

ANSWERS = JsonAnswers(
    rows="papers of Semantic Scholar",
    # The id of a paper in the Graph API, and in the datasets.
    signature=re.compile(rb'"(?:paperId|corpusid)"\s*:'),
    reader=RowReader(
        read_paper,
        KNOWN,
        LICENSE,
        is_row=is_paper,
        side=SIDE,
        excerpt_fields=("title", "paperId", "corpusid"),
    ),
    example=EXAMPLE,
    # The last is that of an author's answer.
    pages=("data", "recommendedPapers", "papers"),
)

recognise, fetch = ANSWERS.recognise, ANSWERS.fetch


def parse(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Read papers. Raises `RefusedInput` for anything else, and for datasets without titles."""
    content = ContentStream.wrap(stream)
    head = peek_head(content)
    if b'"corpusid"' in head and b'"title"' not in head:
        raise RefusedInput(
            f"{raw.path.name}: a dataset of Semantic Scholar without titles (abstracts, citations, "
            "authors ...), which is not read: take the dataset `papers`."
        )
    yield from ANSWERS.parse(raw, content.as_binary())
