"""Origin: from which records a paper was made, and why they are one paper."""

import pandera.polars as pa

from schemas.paper import PAPER_ID_PATTERN
from schemas.record import Record
from schemas.table import coded
from schemas.vocabulary import MatchRule


class Origin(Record):
    """One row per record that is part of a paper: the record itself, whole, and why it is there.

    Key: ``record_id``. A release can be merged again from its origins alone.
    """

    paper_id: str = pa.Field(
        str_matches=PAPER_ID_PATTERN, description="the paper that the record is part of"
    )
    rule: str = coded(MatchRule, "the rule by which it joined the paper")
    score: float = pa.Field(
        ge=0, le=1, description="how sure the rule was; 1 for equal identifiers and equal keys"
    )
    matched_record_id: str = pa.Field(
        nullable=True,
        description="the record it was matched with; null for the record that needed no match",
    )
