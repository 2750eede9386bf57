"""What enrichment derives from texts alone, and keeps by a hash of them: see `TextCache`."""

from pathlib import Path

import polars as pl

from flows.enrich import links, topics
from flows.enrich.text_cache import Derivation, Derive, PartName, TextCache

CURATED = tuple(
    f"data/curation/{name}.csv"
    for name in (
        *("archives", "companions", "cues", "fields", "implications", "phrases", "since"),
        *("taxonomy", "venues"),
    )
)
"""The curated files that topics follow from: not judgements and removals, which change often."""

TOPICS = Derivation(
    "topics",
    "paper_id",
    ("title", "abstract", "categories", "venue", "published"),
    (
        *("flows/enrich/topics/**/*.py", "flows/text/*.py", "flows/curated_csv.py"),
        *("schemas/topic.py", "schemas/vocabulary.py"),
        *CURATED,
        "data/models/topics/*.csv",
    ),
)

MENTIONS = Derivation(
    "mentions",
    "record_id",
    ("title", "abstract", "comments", "urls"),
    (
        *("flows/enrich/links/*.py", "flows/urls/*.py", "flows/identifiers.py"),
        *("schemas/vocabulary.py", "data/models/*.csv"),
    ),
)

PROMISES = Derivation(
    "promises",
    "paper_id",
    ("abstract_as_written",),
    ("flows/enrich/links/promises.py", "schemas/vocabulary.py"),
)

DERIVE: dict[Derivation, Derive] = {
    TOPICS: topics.label_papers,
    MENTIONS: links.find_mentions,
    PROMISES: links.list_promises,
}
"""What makes each of them."""


def beside(release: Path) -> Path:
    """Name the folder of what is kept of a release's enrichment. It is no part of the release."""
    return release.with_name(f"{release.name}.enriched")


def derive(
    derivation: Derivation, part: PartName, rows: pl.DataFrame, cache: TextCache | None
) -> pl.DataFrame:
    """Derive from the rows of a part, with what the cache has of it."""
    work = DERIVE[derivation]
    return cache.derive(derivation, part, rows, work) if cache else work(rows)
