"""What enrichment derives from texts alone, and keeps by a hash of them: see `TextCache`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.enrich import links, topics
from flows.enrich.text_cache import UNNAMED, Derivation, Derive, PartName, TextCache

CURATED = tuple(
    f"data/curation/{name}.csv"
    for name in (
        *("archives", "cues", "fields", "implications", "phrases", "required_topics", "since"),
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


@dataclass(frozen=True)
class Known:
    """What is known to follow from the rows of a piece; without anything, all is derived."""

    part: PartName = UNNAMED
    """How the cache knows the piece."""
    cache: TextCache | None = None
    found: Mapping[Derivation, pl.DataFrame] = field(default_factory=dict)
    """What was derived from all of its rows already."""

    def derive(self, derivation: Derivation, rows: pl.DataFrame) -> pl.DataFrame:
        """Derive from the rows of the piece what is not known of them."""
        if derivation in self.found:
            return self.found[derivation]
        work = DERIVE[derivation]
        return self.cache.derive(derivation, self.part, rows, work) if self.cache else work(rows)
