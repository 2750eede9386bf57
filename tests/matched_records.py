"""Records to match, whether they become one paper, and by which rule."""

import random

import polars as pl

from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_records import match_records
from tests.records import records


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
