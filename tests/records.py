"""Builders of records: what a test does not name is what most records say."""

from datetime import date

import polars as pl

from schemas.record import Record

TITLE = "Sparse attention with learned routing for very long documents"
ABSTRACT = (
    "Transformers read long documents slowly because attention grows with the square of the "
    "length. We route every token to a small group of related tokens whose membership is learned "
    "together with the model. On summarization of legal opinions and on question answering over "
    "novels our encoder is three times faster than dense attention at equal quality. Ablations "
    "show that balanced groups matter more than their number, and that routing by content beats "
    "routing by position. Code: https://github.com/example/routing"
)
AUTHORS = ["Ada Byron", "Carl Gauß", "Sofja Kowalewskaja"]

OTHER_ABSTRACT = (
    "Protein folding trajectories are expensive to simulate, so laboratories publish few of them. "
    "This survey collects nineteen public archives, harmonizes their units, and measures how "
    "solvent models bias estimates of barrier heights. Practitioners should prefer replicas with "
    "explicit water, report temperature ladders, and deposit checkpoints beside coordinates."
)


def record(number: int, source: str = "arxiv", **values: object) -> dict[str, object]:
    """Give one row of the `Record` table."""
    row: dict[str, object] = {
        "record_id": f"{source}:0123456789ab:{number}",
        "source": source,
        "snapshot": date(2026, 3, 1),
        "file": "file.json",
        "line": number,
        "title": TITLE,
        "abstract": ABSTRACT,
        "authors": AUTHORS,
        "categories": [],
        "version_days": [],
        "classes": [],
        "keywords": [],
        "urls": [],
        "is_withdrawn": False,
        "is_retracted": False,
        "license": "CC-BY-SA-4.0" if source == "papers_with_code" else "CC0-1.0",
    }
    return row | values


def records(*rows: dict[str, object]) -> pl.DataFrame:
    """Give the `Record` table of the rows; what they leave out is null."""
    dtypes = Record.dtypes()
    full = [dict.fromkeys(dtypes.names()) | row for row in rows]
    return pl.DataFrame(full, schema=dtypes)
