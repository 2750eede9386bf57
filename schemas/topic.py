"""TopicLabel: what a paper is about, in the words of the taxonomy, with the evidence."""

import pandera.polars as pa
import polars as pl

from schemas.paper import PAPER_ID_PATTERN
from schemas.table import Table, coded, list_of
from schemas.vocabulary import Facet, License, Role

EVIDENCE = pl.Struct(
    {
        "field": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
        "phrase": pl.String,
        "weight": pl.Float64,
    }
)
"""Why a label was given: the characters ``start`` (inclusive) to ``end`` (exclusive) of the paper's
``title`` or ``abstract``, the words there, and how much they weighed. Evidence that is not a place
in a text (``field`` is ``categories``, say) has null offsets and names the feature."""


class TopicLabel(Table):
    """One row per paper, facet and topic. Key: those three. Sorted by it."""

    paper_id: str = pa.Field(str_matches=PAPER_ID_PATTERN, description="the paper")
    facet: str = coded(Facet, "the facet of the taxonomy")
    topic: str = pa.Field(description="the topic, as in `data/curation/taxonomy.csv`")
    role: str = coded(Role, "whether it is the paper's own subject")
    score: float = pa.Field(ge=0, le=1, description="probability that the label is right")
    is_assigned: bool = pa.Field(
        description="whether the score reaches the facet's threshold, so that `papers` shows it"
    )
    evidence: pl.List = list_of(EVIDENCE, "the words that earned the label, weightiest first")
    license: str = coded(License, "licence of the row")

    class Config:
        """A paper has a topic of a facet once."""

        unique = ["paper_id", "facet", "topic"]  # noqa: RUF012  # pandera reads a plain list
