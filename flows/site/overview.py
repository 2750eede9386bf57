"""Overview: what the start page and the health page say about a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows.release import read_columns, read_table
from flows.release.layout import ASSETS
from flows.release.source_age import SourceAge, measure_ages

CHARTS = {
    "papers_per_month.svg": "Papers per month of publication",
    "links_per_kind.svg": "Links per kind",
    "topics_per_facet.svg": "Assigned topics per facet",
}
"""Charts of the card that the start page shows, where the release has them."""


@dataclass(frozen=True)
class Overview:
    """Counts and ages of one release."""

    newest: date
    """Newest snapshot."""
    is_first: bool
    """Whether there was no release before."""
    counts: Mapping[str, int]
    """Numbers for the start page, by what they count."""
    changes: Mapping[str, int]
    """Papers by what happened to them since the release before."""
    sources: pl.DataFrame
    """One row per source: `source`, `records`, `papers`."""
    ages: list[SourceAge]
    rejections: pl.DataFrame
    """One row per source and reason: `source`, `reason`, `rows`, `example`."""
    accuracy: list[tuple[str, str, str, str]]
    """Part, metric, value, day."""
    charts: Mapping[str, Path]
    """Files of the charts, by their text."""


def read_overview(release: Path, papers: pl.DataFrame, manifest: Mapping[str, Any]) -> Overview:
    """Read what a release says about itself. ``papers`` are those of the explorer."""
    frames = read_columns(
        release,
        {
            "origins": ["paper_id", "source", "snapshot"],
            "links": ["kind"],
            "topics": ["is_assigned"],
        },
    )
    rejections = read_table(release, "rejections")
    changes = read_columns(release, {"changes": ["change"]})["changes"]
    source_ages = measure_ages([frames["origins"], rejections])
    return Overview(
        newest=max((age.newest for age in source_ages), default=date.min),
        is_first=manifest.get("previous_release") is None,
        counts={
            "papers": papers.height,
            "with code": int(papers["has_code"].sum()),
            "with code by their authors": int(papers["has_own_code"].sum()),
            "links": frames["links"].height,
            "assigned topics": int(frames["topics"]["is_assigned"].sum()),
            "records read": frames["origins"].height,
        },
        changes=dict(changes.group_by("change").len().sort("change").iter_rows()),
        sources=frames["origins"]
        .group_by("source")
        .agg(records=pl.len(), papers=pl.col("paper_id").n_unique())
        .sort("source"),
        ages=source_ages,
        rejections=rejections.group_by("source", "reason")
        .agg(rows=pl.len(), example=pl.col("detail").sort().first())
        .sort(["rows", "source", "reason"], descending=[True, False, False]),
        accuracy=_list_accuracy(manifest),
        charts={
            text: release / ASSETS / name
            for name, text in CHARTS.items()
            if (release / ASSETS / name).is_file()
        },
    )


def _list_accuracy(manifest: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """List the measured figures: what, value with its 95 % interval, set with its kind, day."""
    return [
        (
            f"{figure['part']}: {figure['metric']}",
            f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})",
            f"{figure['set']}, {figure['size']:,}, {figure['kind']}",
            figure["measured"],
        )
        for figure in manifest.get("accuracy") or ()
    ]
