"""Link: where a paper's code, models, data and pages are, and how that is known."""

import pandera.polars as pa
import polars as pl

from schemas.paper import PAPER_ID_PATTERN
from schemas.table import URL, Table, are_entries_urls, coded, is_lower_case, list_of
from schemas.vocabulary import Availability, License, LinkKind, LinkRole

MENTION = pl.Struct(
    {
        "record_id": pl.String,
        "field": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
        "written": pl.String,
        "sentence": pl.String,
    }
)
"""Where a link is: the record and its field, the characters ``start`` (inclusive) to ``end``
(exclusive) of that field as written, the URL as it is written there, and the sentence around it."""


class Link(Table):
    """One row per paper, URL and licence layer. Key: ``paper_id``, ``url``, ``license``.

    A link that both an open and a share-alike record give has a row in each layer, so that
    neither holds what the other says.
    """

    paper_id: str = pa.Field(str_matches=PAPER_ID_PATTERN, description="the paper")
    url: str = pa.Field(str_matches=URL, description="canonical URL of the link")
    kind: str = coded(LinkKind, "what the link leads to")
    host: str = pa.Field(description="host of the URL, in lower case")
    repo: str = pa.Field(
        nullable=True,
        description="`owner/name` on a code or model host, and of a GitHub Pages site as its "
        "address names it; null elsewhere",
    )
    identifier: str = pa.Field(
        nullable=True,
        str_matches=r"^(?:arxiv|doi|acl|openreview|s2|dblp):\S+$",
        description="the publication that the URL names: `arxiv:`, `doi:`, `acl:`, `openreview:`, "
        "`s2:` or `dblp:` and the identifier; null where it names none",
    )
    availability: str = coded(Availability, "what the text says about it")
    role: str = coded(LinkRole, "whose it is, and why the paper names it")
    role_words: str = pa.Field(
        nullable=True,
        str_length={"min_value": 1},
        description="what decided the role: words around the link, in lower case, or the name of "
        "the source's field; null where no words did",
    )
    is_official: bool = pa.Field(
        description="whether the authors made what it leads to: whether `role` is `own`"
    )
    moved_from: pl.List = list_of(
        pl.String, "canonical URLs it had in the texts before its repository was renamed"
    )
    mentions: pl.List = list_of(MENTION, "every place that holds the link: the evidence")
    license: str = coded(License, "licence of the row")

    class Config:
        """A paper has a URL once in a layer, however often it is written."""

        unique = ["paper_id", "url", "license"]  # noqa: RUF012  # pandera reads a plain list

    @pa.check("host", name="is_lower_case")
    @classmethod
    def _is_host_lower_case(cls, column: pa.PolarsData) -> pl.LazyFrame:
        # Readers count by host: two spellings would be two hosts.
        return is_lower_case(column)

    @pa.check("moved_from", name="entries_are_urls")
    @classmethod
    def _are_former_urls(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return are_entries_urls(column)

    @pa.check("mentions", name="has_a_mention")
    @classmethod
    def _has_mention(cls, column: pa.PolarsData) -> pl.LazyFrame:
        return column.lazyframe.select(pl.col("mentions").list.len() > 0)

    @pa.check("mentions", name="mentions_end_after_their_start")
    @classmethod
    def _are_places(cls, column: pa.PolarsData) -> pl.LazyFrame:
        start, end = (pl.element().struct.field(name) for name in ("start", "end"))
        # What a source keeps in a field of its own has no place in a text: null is fine.
        is_place = (start >= 0) & (start < end)
        return column.lazyframe.select(
            pl.col("mentions").list.eval(is_place.fill_null(value=True)).list.all()
        )
