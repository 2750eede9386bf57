"""Cautions: what a maintainer should look at after records were matched."""

import polars as pl

from flows.deduplicate.match.blocking import BLOCK_CAP
from flows.deduplicate.match.clustering import LARGEST, Clusters
from schemas.vocabulary import Caution


def reported(
    ids: pl.Series,
    overflows: pl.DataFrame,
    grouped: Clusters,
    disputed: pl.DataFrame,
    unknown: pl.DataFrame,
) -> pl.DataFrame:
    """List what went past a cap, what was kept apart and which judgements concern nobody.

    ``ids``: the record ids, row by row; ``overflows`` as in `Candidates`; ``disputed`` as in
    `Listings`; ``unknown``: judgements. Gives ``kind``, ``record_id``, ``count``, ``detail``.
    """
    return pl.concat(
        [
            _over(ids, overflows),
            _cut(ids, grouped.cut),
            _disputed(ids, disputed),
            _large(ids, grouped),
            _unknown(unknown),
        ]
    ).sort("kind", "record_id", "detail", "count")


def _rows(
    kind: Caution, record_id: pl.Series, count: pl.Expr | int, detail: pl.Expr
) -> list[pl.Expr]:
    counted = pl.lit(count) if isinstance(count, int) else count
    return [
        pl.lit(kind.value).alias("kind"),
        pl.lit(record_id.cast(pl.String)).alias("record_id"),
        counted.cast(pl.Int64).alias("count"),
        detail.alias("detail"),
    ]


def _over(ids: pl.Series, overflows: pl.DataFrame) -> pl.DataFrame:
    text = (
        f"more than {BLOCK_CAP} records share one key ({{}}): "
        "each was compared with its neighbours only"
    )
    first = ids[overflows["row"]]
    detail = pl.format(text, "kind")
    return overflows.select(_rows(Caution.BLOCK_OVERFLOW, first, pl.col("size"), detail))


def _cut(ids: pl.Series, cut: pl.DataFrame) -> pl.DataFrame:
    left, right = (ids[cut[side]].cast(pl.String) for side in ("left", "right"))
    detail = pl.format("not joined with {} by {}: {}", right, "rule", "why")
    return cut.select(_rows(Caution.SPLIT_CLUSTER, left, 2, detail))


def _disputed(ids: pl.Series, disputed: pl.DataFrame) -> pl.DataFrame:
    text = "not joined by its source's own id, under which there are records of different papers"
    first, detail = ids[disputed["row"]], pl.lit(text)
    return disputed.select(_rows(Caution.SPLIT_CLUSTER, first, pl.col("count"), detail))


def _large(ids: pl.Series, grouped: Clusters) -> pl.DataFrame:
    sizes = pl.Series(grouped.roots).value_counts(name="count").rename({"": "row"})
    large = sizes.filter(pl.col("count") > LARGEST)
    detail = pl.lit(f"more than {LARGEST} records are one paper")
    return large.select(_rows(Caution.LARGE_CLUSTER, ids[large["row"]], pl.col("count"), detail))


def _unknown(unknown: pl.DataFrame) -> pl.DataFrame:
    detail = pl.format("no record for {} or {}", "left", "right")
    return unknown.select(_rows(Caution.UNKNOWN_JUDGEMENT, unknown["left"], 1, detail))
