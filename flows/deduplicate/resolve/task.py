"""Resolve: find identifiers for records that have none, by their titles, when a run is asked to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows import release, tables
from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.resolve.options import ResolveOptions, resolve_repeatably
from flows.deduplicate.resolve.resolved_records import (
    keep_earlier_resolutions,
    make_resolutions,
    select_unidentified,
)
from flows.parts import break_seal, seal_step
from flows.paths import StepFolder
from flows.raw.parsed import Parsed, require_whole_parse
from flows.runs.progress import watch_task
from schemas.record import Record
from schemas.resolution import Resolution
from schemas.vocabulary import STRONG_IDENTIFIERS


@dataclass(frozen=True)
class Resolved:
    """Where the `Resolution` table of a run lies, and what it was made from."""

    table: Path
    used: dict[str, object] = field(default_factory=dict)
    """For the manifest: the digests of the index and of the answers; empty where none was used."""


@watch_task
@task(
    name="Resolve",
    task_run_name="Resolve titles to identifiers",
    cache_policy=NO_CACHE,
)
def resolve_records(
    parsed: Sequence[Parsed], previous: Path, resolved: Path, options: ResolveOptions | None = None
) -> Resolved:
    """Look up the records without identifiers; without ``options`` nothing is looked up.

    What the previous release found stays. Nothing that a source wrote is changed.
    """
    earlier = release.read_table(previous, "resolutions")
    resolutions: pl.DataFrame = Resolution.empty()
    used: dict[str, object] = {}
    break_seal(resolved)
    if options:
        for file in parsed:
            require_whole_parse(file)
        columns = ["record_id", "title", "abstract", "authors", "license", *STRONG_IDENTIFIERS]
        parts = [part for file in parsed for part in file.parts("records")]
        looked_up, left_out = select_unidentified(
            tables.load(Record, parts, columns).pipe(canonicalize_ids)
        )
        rows, used = resolve_repeatably(looked_up, options, options.services())
        resolutions = make_resolutions(looked_up, rows, left_out)
    table = StepFolder(resolved).resolutions
    tables.save(Resolution, keep_earlier_resolutions(resolutions, earlier), table)
    seal_step(resolved)
    return Resolved(table, used)
