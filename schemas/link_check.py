"""LinkCheck: what a link answered on a day. An observation, never a property of the link."""

import pandera.polars as pa
import polars as pl

from schemas.table import URL, Table, coded
from schemas.vocabulary import LinkStatus

# Narrower than a link, which may be ftp: only what answers over HTTP has a redirect.
_WEB_URL = r"^https?://[^\s<>\"\x00-\x1f\x7f-\x9f]+$"


class LinkCheck(Table):
    """One row per URL and day. Key: ``url``, ``checked_at``. No link is dropped for its answer."""

    url: str = pa.Field(str_matches=URL, description="the link, as `links` holds it")
    checked_at: pl.Date = pa.Field(description="day on which it was asked, in UTC")
    status: str = coded(LinkStatus, "what came of it")
    http_status: int = pa.Field(
        nullable=True, ge=100, le=999, description="last HTTP status; null where nothing answered"
    )
    moved_to: str = pa.Field(
        nullable=True,
        str_matches=_WEB_URL,
        description="where permanent redirects (301, 308) lead; null where there are none",
    )
    final_url: str = pa.Field(
        nullable=True,
        str_matches=_WEB_URL,
        description="where all redirects lead; null where the link answers itself",
    )
    reason: str = pa.Field(
        nullable=True, description="why there is no usable answer; null where there is one"
    )
    first_seen: pl.Date = pa.Field(
        nullable=True, description="first day on which the link answered; null where never"
    )
    last_seen: pl.Date = pa.Field(
        nullable=True, description="last day on which the link answered; null where never"
    )
    stars: int = pa.Field(
        nullable=True, ge=0, description="stars of the GitHub repository; null where not asked"
    )
    code_license: str = pa.Field(
        nullable=True, description="its licence as GitHub recognises it, by SPDX name"
    )
    language: str = pa.Field(
        nullable=True, description="the programming language that most of it is written in"
    )
    is_archived: bool = pa.Field(
        nullable=True, description="whether its owners have archived it; null where not asked"
    )

    class Config:
        """A URL is asked once a day."""

        unique = ["url", "checked_at"]  # noqa: RUF012  # pandera reads a plain list

    @pa.dataframe_check(name="first_seen_is_not_after_last_seen")
    @classmethod
    def _is_seen_in_order(cls, checks: pa.PolarsData) -> pl.LazyFrame:
        # A link that has never answered has neither day, and its row is sound.
        is_in_order = pl.col("first_seen") <= pl.col("last_seen")
        return checks.lazyframe.select(is_in_order.fill_null(value=True))
