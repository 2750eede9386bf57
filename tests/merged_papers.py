"""Papers that are merged from a few records, and what differs between two of them."""

from datetime import date

import polars as pl

from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.merge.inherit_ids import PreviousIds, inherit_ids
from flows.tables import check
from schemas.alias import Alias
from schemas.origin import Origin
from schemas.paper import Paper
from tests import merge_records
from tests.records import record, records

TODAY = date(2026, 3, 1)


DAILY = "daily_papers"


PWC = "papers_with_code"


NOTHING = PreviousIds(
    pl.DataFrame(schema=Paper.dtypes()),
    pl.DataFrame(schema=Origin.dtypes()),
    pl.DataFrame(schema=Alias.dtypes()),
)


def spaced(text: pl.Expr) -> pl.Expr:
    """Stand in for what makes text readable."""
    return text.str.replace_all(r"\s+", " ").str.strip_chars()


def unchecked(
    *rows: dict[str, object], judged: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    frame = records(*rows)
    clusters = match_records(frame, judged).clusters
    return merge_records.merged(frame, clusters, readable=spaced, readable_name=spaced)


def merged(
    *rows: dict[str, object], judged: pl.DataFrame | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    papers, origins = unchecked(*rows, judged=judged)
    return papers, check(Origin, origins)


def paper(*rows: dict[str, object]) -> dict[str, object]:
    papers, _ = merged(*rows)
    assert check(Paper, papers).height == 1
    return papers.row(0, named=True)


def different(left: dict[str, object], right: dict[str, object]) -> pl.DataFrame:
    """Judge two records to be two papers."""
    line = (*sorted(str(row["record_id"]) for row in (left, right)), "different", "", "", "")
    return pl.DataFrame([line], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


ROWS_ALONE = [
    record(1, authors=["Ada Byron", "et al."], categories=["cs.LG"]),
    record(2, DAILY, abstract=None, authors=[], upvotes=7, published=date(2026, 1, 1)),
    record(3, PWC, arxiv_id="2312.00752", doi="10.1000/x", is_withdrawn=True),
    record(4, "acl_anthology", license="CC-BY-4.0", venue="ACL", updated=date(2026, 2, 2)),
    record(5, title="Another title ...", abstract="Withdrawn.", is_retracted=True),
]
"""Records that no rule joins."""


def same(number: int, source: str = "arxiv", **values: object) -> dict[str, object]:
    """Give a record of one and the same paper."""
    return record(number, source, arxiv_id="2312.00752", **values)


def released(
    previous: PreviousIds, *rows: dict[str, object], judged: pl.DataFrame | None = None
) -> PreviousIds:
    papers, origins = unchecked(*rows, judged=judged)
    kept = inherit_ids(papers, origins, previous, TODAY)
    check(Alias, kept.aliases)
    ids = pl.DataFrame({"paper_id": papers["paper_id"], "kept": kept.papers["paper_id"]})
    origins = origins.join(ids, on="paper_id", validate="m:1").with_columns(paper_id="kept")
    origins = origins.sort("record_id").select(Origin.dtypes().names())
    return PreviousIds(
        check(Paper, kept.papers.sort("paper_id")), check(Origin, origins), kept.aliases
    )
