"""Lines of arXiv's snapshot, of which a test says only what it is about."""

import json
from typing import Any

PAPER: dict[str, Any] = {
    "id": "2301.00001",
    "submitter": "A. Person",
    "authors": "Ada Lovelace and Neal J. Evans II",
    "title": "A title",
    "comments": None,
    "journal-ref": None,
    "doi": None,
    "report-no": None,
    "categories": "cs.LG stat.ML",
    "license": None,
    "abstract": "  An abstract.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Jan 2023 19:18:42 GMT"}],
    "update_date": "2023-01-05",
    "authors_parsed": [["Lovelace", "Ada", ""], ["Evans", "Neal J.", "II"]],
}


def line(**changes: object) -> bytes:
    return json.dumps(PAPER | changes).encode() + b"\n"


def without(*names: str) -> bytes:
    return json.dumps({key: PAPER[key] for key in PAPER if key not in names}).encode() + b"\n"
