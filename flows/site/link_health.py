"""Link health: what the newest check of each link found, for the pages of papers."""

from pathlib import Path

import polars as pl

from flows import tables
from flows.release import read_columns
from schemas.link_check import LinkCheck

FOLDER = "link_checks"
"""Where `open-papers check-links` keeps what it found, beside the release."""

SHOWN_OF_CHECK = ("url", "status", "checked_at", "last_seen")
"""Columns of a check that a page shows."""


def read_link_health(release: Path) -> pl.DataFrame:
    """Read the newest check of each link of a release.

    One row per paper that has a link which was ever asked for: ``paper_id`` and ``checks``, a list
    of structs of `SHOWN_OF_CHECK`, by URL. No row where links were never checked.
    """
    files = sorted(release.with_name(FOLDER).glob("*.parquet"))
    checks = tables.load(LinkCheck, files, SHOWN_OF_CHECK)
    newest = checks.sort("url", "checked_at").unique("url", keep="last", maintain_order=True)
    # A URL that two layers of licence hold is one link to whoever follows it.
    links = read_columns(release, {"links": ["paper_id", "url"]})["links"].unique()
    checked = links.join(newest, on="url", how="inner").sort("paper_id", "url")
    listed = checked.group_by("paper_id", maintain_order=True)
    return listed.agg(checks=pl.struct(SHOWN_OF_CHECK))
