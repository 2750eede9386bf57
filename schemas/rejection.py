"""Rejection: a piece of input that is in no paper, where it was, and why."""

import pandera.polars as pa
import polars as pl

from schemas.table import Table, coded
from schemas.vocabulary import Reason, Source

EXCERPT_LENGTH = 200
"""Characters of the refused text that are kept: enough to find it, too few to carry an attack."""


class Rejection(Table):
    """One row per piece of input that is not in the papers. Key: source, file, member, line."""

    source: str = coded(Source, "the source")
    snapshot: pl.Date = pa.Field(description="the day on which the file was taken from the source")
    file: str = pa.Field(description="name of the file")
    member: str = pa.Field(nullable=True, description="member of the archive; null where none")
    line: int = pa.Field(ge=1, description="1-based place in the file, as in `origins`")
    record_id: str = pa.Field(
        nullable=True, description="the record; null where the piece never became one"
    )
    reason: str = coded(Reason, "why it was refused")
    detail: str = pa.Field(description="what exactly is wrong, in a sentence")
    excerpt: str = pa.Field(
        str_length={"max_value": EXCERPT_LENGTH},
        description=f"the first characters of what was refused, at most {EXCERPT_LENGTH}",
    )
