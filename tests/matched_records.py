"""Records to match, whether they become one paper, and by which rule."""

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from flows import tables
from flows.deduplicate.match.feature_parts import FeatureParts, prepare_features
from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_cache import MatchState, open_match_cache, read_state
from flows.deduplicate.match.match_incrementally import MatchFolders, match_incrementally
from flows.deduplicate.match.match_records import Matching, match_records
from flows.deduplicate.match.steps import map_on_threads
from flows.deduplicate.part_cache import PartCache
from flows.deduplicate.record_index import RecordParts, index_records
from schemas.record import Record
from schemas.resolution import Resolution
from tests.records import records


def in_parts(parts: Sequence[pl.DataFrame], folder: Path) -> RecordParts:
    """Give records in files, a file for each part."""
    shutil.rmtree(folder, ignore_errors=True)
    files = [
        tables.save_part(Record, part, folder / f"{number:05}.parquet")
        for number, part in enumerate(parts)
    ]
    return index_records(files, PartCache(None), Resolution.empty(), folder / "index")


def describe_parts(parts: Sequence[pl.DataFrame], folder: Path) -> FeatureParts:
    """Describe records in parts, without a cache; their features are in the folder."""
    return prepare_features(
        in_parts(parts, folder / "records"), [], PartCache(None), folder, map_on_threads
    )


def match_parts(
    parts: Sequence[pl.DataFrame],
    folder: Path,
    judgements: pl.DataFrame | None = None,
    *,
    cache: Path | None = None,
) -> Matching:
    """Match records in parts with a cache, that in the folder, and leave it for the next run."""
    room = folder / "room"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    opened = open_match_cache(cache or folder / "release.signatures")
    folders = MatchFolders(opened, room)
    matching = match_incrementally(in_parts(parts, folder / "records"), judgements, folders)
    opened.close()
    return matching


def read_match(folder: Path) -> MatchState | None:
    """Read what `match_parts` left in a folder."""
    return read_state(open_match_cache(folder / "release.signatures"))


def joined(*rows: dict[str, object], judgements: pl.DataFrame | None = None) -> bool:
    """Tell whether the given records are one paper."""
    return match_records(records(*rows), judgements).clusters["cluster"].n_unique() == 1


def rule(*rows: dict[str, object]) -> str:
    """Give the rule by which the last of the given records joined its paper."""
    clusters = match_records(records(*rows)).clusters
    assert clusters["cluster"].n_unique() == 1
    return str(clusters.filter(pl.col("matched_record_id").is_not_null())["rule"][0])


def judgement(left: object, right: object, verdict: str) -> pl.DataFrame:
    row = (str(left), str(right), verdict, "read both", "reviewer", "2026-03-01")
    return pl.DataFrame([row], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def edited(text: str, share: float, seed: int = 0) -> str:
    """Replace a share of the words by others."""
    words, dice = text.split(), random.Random(seed)  # noqa: S311  # edits, not secrets
    for place in dice.sample(range(len(words)), int(len(words) * share)):
        words[place] = f"other{place}"
    return " ".join(words)


BARE: dict[str, object] = {"abstract": None, "authors": []}


PAGE = "papers_page"


DAILY = "daily_papers"
