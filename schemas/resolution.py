"""Resolution: which identifier a record's title led to, how that is known, or why to none."""

import pandera.polars as pa
import polars as pl

from schemas.record import RECORD_ID_PATTERN
from schemas.table import Table, coded
from schemas.vocabulary import License, Resolver


class Resolution(Table):
    """One row per record without identifiers that was looked up by its title. Key: ``record_id``.

    The record itself stays as its source wrote it; `origins` says which paper it is part of.
    """

    record_id: str = pa.Field(
        unique=True, str_matches=RECORD_ID_PATTERN, description="the record without identifiers"
    )
    arxiv_id: str = pa.Field(
        nullable=True,
        # As in `papers`: without version, or one paper would have several identifiers.
        str_matches=r"^(?:\d{4}\.\d{4,5}|[a-z-]+/\d{7})$",
        description="arXiv id that was found; null where none is sure",
    )
    doi: str = pa.Field(
        nullable=True, str_matches=r"^10\.\d{4,9}/\S+$", description="DOI that was found"
    )
    resolver: str = coded(Resolver, "what found it; null where nothing was found", nullable=True)
    score: float = pa.Field(ge=0, le=1, description="how alike the titles are, or how probable")
    evidence: str = pa.Field(
        nullable=True, description="the title that was found, also of what was refused"
    )
    shared_authors: float = pa.Field(
        nullable=True, ge=0, le=1, description="share of the shorter author list that both name"
    )
    shared_abstract: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="share of the long words of the shorter abstract that both have",
    )
    answered: pl.Date = pa.Field(
        nullable=True, description="day of the service's answer; null for an index"
    )
    reason: str = pa.Field(
        nullable=True, description="why there is no identifier; null where there is one"
    )
    license: str = coded(License, "licence of the row, which is that of the record")
