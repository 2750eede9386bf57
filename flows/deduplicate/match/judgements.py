"""Judgements: what people decided about two records; it outranks every rule."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl

from flows import curated_csv
from flows.deduplicate.match.record_keys import canonicalize_name, find_bearers
from flows.errors import UserError, count_noun
from flows.parts import Records

COLUMNS = ("left", "right", "verdict", "reason", "by", "on")
"""Columns of ``data/curation/judgements.csv``; the file says what they hold."""

VERDICTS = ("same", "different")
"""Same paper, or two papers."""

SHOWN = 5
"""Faults that one message lists."""


class BadJudgement(UserError):
    """Lines of the judgements that cannot be followed; the message names each and its fault."""


def read_judgements(path: Path) -> pl.DataFrame:
    """Read judgements: one row per line, columns as in `COLUMNS`, all text.

    ``left`` and ``right`` are canonical names of records: see `canonicalize_name`. Lines that
    begin with ``#`` explain the file. Raises `BadJudgement`.
    """
    lines = curated_csv.read_curated_lines(path, COLUMNS, BadJudgement)
    faults = [(number, fault) for number, cells in lines for fault in _list_faults(cells)]
    rows = [
        (number, _canonicalize_names(cells))
        for number, cells in lines
        if not any(_list_faults(cells))
    ]
    faults += _find_contradictions(rows)
    if faults:
        listed = "; ".join(f"line {number} {fault}" for number, fault in sorted(faults)[:SHOWN])
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise BadJudgement(f"{path}: {listed}{more}. Mend or remove what is named, then run again.")
    schema = dict.fromkeys(COLUMNS, pl.String)
    return pl.DataFrame([cells for _, cells in rows], schema=schema, orient="row")


def _list_faults(cells: list[str]) -> Iterator[str]:
    """Say why the cells of one line cannot be followed."""
    if len(cells) != len(COLUMNS):
        expected = f"{len(COLUMNS)} ({', '.join(COLUMNS)})"
        yield f"has {count_noun(len(cells), 'cell')}; expected {expected}"
        return
    left, right, verdict, reason, by, on = cells
    for name in (left, right):
        if canonicalize_name(name) is None:
            yield (
                f"names {name or 'nothing'} where a record_id or an identifier such as "
                "arxiv:2312.00752 is expected (`open-papers review` writes names that last)"
            )
    if left and canonicalize_name(left) == canonicalize_name(right):
        yield "names one record twice"
    if verdict not in VERDICTS:
        yield f"has the verdict {verdict or 'nothing'}; expected {' or '.join(VERDICTS)}"
    if not reason:
        yield "gives no reason"
    if not by:
        yield "does not say by whom"
    if not _is_day(on):
        yield f"is of {on or 'no day'}; expected a day such as 2026-03-31"


def _canonicalize_names(cells: list[str]) -> list[str]:
    return [str(canonicalize_name(cells[0])), str(canonicalize_name(cells[1])), *cells[2:]]


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _find_contradictions(rows: list[tuple[int, list[str]]]) -> Iterator[tuple[int, str]]:
    """Find lines that judge a pair otherwise than an earlier line did."""
    first: dict[frozenset[str], tuple[int, str]] = {}
    for number, (left, right, verdict, *_) in rows:
        line, earlier = first.setdefault(frozenset((left, right)), (number, verdict))
        if earlier != verdict:
            yield number, f"says {verdict}, and line {line} says {earlier} of the same"


def find_judged_rows(
    judgements: pl.DataFrame,
    records: Records,
    number_ids: Callable[[pl.Series], pl.DataFrame],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the rows that judgements are about.

    ``records`` as in `match_records`; ``number_ids`` returns ``record_id`` and ``row`` of some of
    their ids. Returns the judged
    pairs of rows (``left``, ``right``, ``verdict``, ``reason``) and the judgements that name an
    unknown record. A name that several records bear stands for all of them.
    """
    both_names = pl.concat([judgements["left"], judgements["right"]]).unique()
    bearers = find_bearers(records, both_names)
    rows = number_ids(bearers["record_id"].unique())
    names = bearers.join(rows, on="record_id").select("name", "row")
    joined = (
        judgements.select("left", "right", "verdict", "reason")
        .with_row_index("line")
        .join(names.rename({"row": "left_row"}), left_on="left", right_on="name", how="left")
        .join(names.rename({"row": "right_row"}), left_on="right", right_on="name", how="left")
    )
    resolved = joined.drop_nulls(["left_row", "right_row"]).sort("line", "left_row", "right_row")
    unknown = judgements.with_row_index("line").join(resolved, on="line", how="anti").sort("line")
    rows = resolved.select(
        pl.min_horizontal("left_row", "right_row").alias("left"),
        pl.max_horizontal("left_row", "right_row").alias("right"),
        "verdict",
        "reason",
    )
    return rows.filter(pl.col("left") != pl.col("right")), unknown.drop("line")
