"""Diagnostics: what a maintainer should look at after records were matched."""

import numpy as np
import polars as pl

from flows.deduplicate.match.blocking import BLOCK_CAP
from flows.deduplicate.match.clustering import LARGEST, Clustering
from schemas.vocabulary import Caution


def report_cautions(
    ids: pl.Series,
    overflows: pl.DataFrame,
    grouped: Clustering,
    disputed: pl.DataFrame,
    unknown: pl.DataFrame,
) -> pl.DataFrame:
    """List what went past a cap, what was kept apart and which judgements concern nobody.

    ``ids``: the record ids, row by row; ``overflows`` as in `Blocks`; ``disputed`` as in
    `SourceListings`; ``unknown``: judgements. Returns ``kind``, ``record_id``, ``count`` and
    ``detail``.
    """
    return pl.concat(
        [
            _report_overflows(ids, overflows),
            _report_cut_pairs(ids, grouped.cut),
            _report_disputed_ids(ids, disputed),
            _report_large_clusters(ids, grouped),
            _report_unknown_judgements(unknown),
        ]
    ).sort("kind", "record_id", "detail", "count")


def _make_report(
    kind: Caution, record_id: pl.Series, count: pl.Expr | int, detail: pl.Expr
) -> list[pl.Expr]:
    counted = pl.lit(count) if isinstance(count, int) else count
    return [
        pl.lit(kind.value).alias("kind"),
        pl.lit(record_id.cast(pl.String)).alias("record_id"),
        counted.cast(pl.Int64).alias("count"),
        detail.alias("detail"),
    ]


def _report_overflows(ids: pl.Series, overflows: pl.DataFrame) -> pl.DataFrame:
    text = (
        f"more than {BLOCK_CAP} records share one key ({{}}): "
        "each was compared with its neighbours only"
    )
    first = ids[overflows["row"]]
    detail = pl.format(text, "kind")
    return overflows.select(_make_report(Caution.BLOCK_OVERFLOW, first, pl.col("size"), detail))


def _report_cut_pairs(ids: pl.Series, cut: pl.DataFrame) -> pl.DataFrame:
    left, right = (ids[cut[side]].cast(pl.String) for side in ("left", "right"))
    detail = pl.format("not joined with {} by {}: {}", right, "rule", "why")
    return cut.select(_make_report(Caution.SPLIT_CLUSTER, left, 2, detail))


def _report_disputed_ids(ids: pl.Series, disputed: pl.DataFrame) -> pl.DataFrame:
    text = "not joined by its source's own id, under which there are records of different papers"
    first, detail = ids[disputed["row"]], pl.lit(text)
    return disputed.select(_make_report(Caution.SPLIT_CLUSTER, first, pl.col("count"), detail))


def _report_large_clusters(ids: pl.Series, grouped: Clustering) -> pl.DataFrame:
    sizes = np.bincount(grouped.roots)
    rows = np.flatnonzero(sizes > LARGEST)
    large = pl.DataFrame({"row": rows, "count": sizes[rows]})
    detail = pl.lit(f"more than {LARGEST} records are one paper")
    return large.select(
        _make_report(Caution.LARGE_CLUSTER, ids[large["row"]], pl.col("count"), detail)
    )


def _report_unknown_judgements(unknown: pl.DataFrame) -> pl.DataFrame:
    detail = pl.format("no record for {} or {}", "left", "right")
    return unknown.select(_make_report(Caution.UNKNOWN_JUDGEMENT, unknown["left"], 1, detail))


def report_contradicted(ids: pl.Series, contradicted: pl.DataFrame) -> pl.DataFrame:
    """Report the pairs that share an identifier and were kept apart: columns as `report_cautions`.

    ``contradicted``: ``left``, ``right``, and the ``identifier`` that both have.
    """
    left, right = (ids[contradicted[side]].cast(pl.String) for side in ("left", "right"))
    text = "{} is also that of {}; titles, authors and abstracts are those of two papers"
    detail = pl.format(text, "identifier", right)
    return contradicted.select(_make_report(Caution.CONTRADICTED_IDENTIFIER, left, 2, detail))
