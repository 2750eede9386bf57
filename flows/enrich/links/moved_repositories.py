"""Moved repositories: those that were renamed, so that their links lead where they are now."""

import polars as pl

from flows import urls
from flows.urls import rules
from schemas.vocabulary import LinkStatus

MOVES = pl.Schema({"place": pl.String, "moved_to": pl.String})
"""One row per repository that moved: its old `urls.location_key`, the canonical URL it has now."""

MOST = 5
"""Renames followed one after the other; more lead in circles."""


def find_observed_moves(checks: pl.DataFrame) -> pl.DataFrame:
    """Return `MOVES` from the newest `LinkCheck` row of each link.

    A repository has moved where permanent redirects lead to another one that answers. Other pages
    move without being the same thing.
    """
    # A name may be taken by somebody else later: only the last answer counts.
    newest = checks.sort("url", "checked_at").unique("url", keep="last", maintain_order=True)
    moved = newest.filter(pl.col("status") == LinkStatus.ALIVE.value).with_columns(
        moved_to=urls.canonical_url(pl.col("moved_to")), place=urls.location_key(pl.col("url"))
    )
    is_forge = [urls.host_name(pl.col(name)).is_in([*rules.FORGES]) for name in ("url", "moved_to")]
    is_repo = [urls.repository_name(pl.col(name)).is_not_null() for name in ("url", "moved_to")]
    is_other = urls.location_key(pl.col("moved_to")) != pl.col("place")
    renamed = moved.filter(*is_forge, *is_repo, is_other)
    return renamed.select(MOVES.names()).unique("place", keep="last", maintain_order=True)


def list_followed_moves(links: pl.DataFrame) -> pl.DataFrame:
    """Return `MOVES` from the `Link` rows of the previous release: moves stay followed."""
    moved = links.select("moved_from", moved_to="url").explode("moved_from", empty_as_null=False)
    places = moved.select("moved_to", place=urls.location_key(pl.col("moved_from")))
    return places.select(MOVES.names()).sort(MOVES.names()).unique("place", keep="first")


def combine_moves(observed: pl.DataFrame, followed: pl.DataFrame) -> pl.DataFrame:
    """Join both kinds of `MOVES`; where they differ, what was observed counts."""
    # The first one stays, so the order of the two is the rule.
    return pl.concat([observed, followed]).unique("place", keep="first", maintain_order=True)


def follow_moves(mentions: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Replace the URLs of repositories that moved.

    Adds ``moved_from``: the URL before, null where nothing moved.
    """
    if moves.is_empty():
        return mentions.with_columns(moved_from=pl.lit(None, pl.String))
    now = mentions.with_columns(_old=pl.col("url"))
    # A repository may be renamed again and again: each round follows a rename.
    for _ in range(MOST):
        now = (
            now.with_columns(place=urls.location_key(pl.col("url")))
            .join(moves, on="place", how="left", validate="m:1", maintain_order="left")
            .with_columns(url=pl.coalesce("moved_to", "url"))
            .drop("place", "moved_to")
        )
    moved_from = pl.when(pl.col("url") != pl.col("_old")).then("_old")
    return now.with_columns(moved_from=moved_from).drop("_old")
