"""MatchReport: what a maintainer should look at after records were matched."""

import pandera.polars as pa

from schemas.table import Table, coded
from schemas.vocabulary import Caution


class MatchReport(Table):
    """One row per thing that matching could not do as usual. Not published."""

    kind: str = coded(Caution, "what happened")
    record_id: str = pa.Field(
        description="one of the records concerned; of a judgement or removal that names no record, "
        "its name"
    )
    count: int = pa.Field(ge=1, description="how many records are concerned")
    detail: str = pa.Field(description="what exactly, in a sentence")
