"""Succession: which records of the previous release live on, and which take the place of others."""

import polars as pl

from schemas.record import Record

SAME_ID = ["source", "source_id"]
"""What a record and its newer copy have in common where the source has ids of its own."""

SAME_TEXT = [*SAME_ID, "title", "abstract"]
"""What they have in common where it has none."""

SAYING = ("title", "abstract", "authors", "urls")
"""Columns by which `_said` tells kinds of files."""


def carried(origins: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Give the records of the previous release that the current ones do not replace.

    A record is replaced by itself, and by copies that are at least as new and together say all
    that `_said` tells kinds of files by: those with the same id in the same source, or, where the
    source has no ids, with the same title and abstract. So what one file says of a paper outlives
    another kind of file that is taken later and says less.
    """
    kept = origins.select(Record.dtypes().names())
    kept = kept.join(current, on="record_id", how="anti", maintain_order="left")
    nameless = current.filter(pl.col("source_id").is_null())
    return kept.pipe(_newer_than, current, SAME_ID).pipe(
        _newer_than, nameless, SAME_TEXT, nulls_equal=True
    )


def successors(origins: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Give the records that stand for records of the previous release, and the papers of these.

    One row per ``record_id`` that the release does not know, with the ``paper_id`` of the record
    that it stands for: one with its id in its source, or, where the source has no ids, with its
    title and abstract. Where these are of several papers, it is the one that says the same and has
    the same place among those that do, else one that by `_said` is most of its kind. So a paper
    keeps its id when the file that listed it is taken anew.
    """
    fresh = current.select("record_id", *SAME_TEXT).join(origins, on="record_id", how="anti")
    is_nameless = pl.col("source_id").is_null()
    both = (SAME_ID, fresh.filter(~is_nameless)), (SAME_TEXT, fresh.filter(is_nameless))
    found = [_stood_for(new.select("record_id", *key), origins, current, key) for key, new in both]
    return pl.concat(found).sort("record_id")


def _stood_for(
    fresh: pl.DataFrame, origins: pl.DataFrame, current: pl.DataFrame, key: list[str]
) -> pl.DataFrame:
    """Give each fresh record the paper of the nearest record with the same key."""
    known = origins.select("paper_id", *key).join(fresh, on=key, how="semi", nulls_equal=True)
    one, several = pl.col("paper_id").min(), pl.col("paper_id").n_unique() > 1
    papers = known.group_by(key).agg(one, is_contested=several)
    found = fresh.join(papers, on=key, nulls_equal=True)
    told = found.filter(~pl.col("is_contested")).select("record_id", "paper_id")
    contested = found.filter("is_contested")
    if contested.is_empty():
        return told
    rivals = origins.join(contested, on=key, how="semi", nulls_equal=True)
    heirs = current.join(contested, on="record_id", how="semi")
    return pl.concat([told, _nearest(heirs, rivals, key)])


def _nearest(heirs: pl.DataFrame, rivals: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Give each record the paper of the one among several with its key that is most like it."""
    said = _said(heirs, rivals)
    ours, theirs = (
        _told_apart(one, said).select(name, *key, "text", "said", "nth")
        for one, name in ((heirs, "record_id"), (rivals, "paper_id"))
    )
    pairs = ours.join(theirs, on=key, how="inner", nulls_equal=True)
    unlike = (pl.col("said") ^ pl.col("said_right")).bitwise_count_ones()
    is_other, is_elsewhere = (pl.col(name) != pl.col(f"{name}_right") for name in ("text", "nth"))
    nearest = pl.col("paper_id").sort_by(is_other, unlike, is_elsewhere, "paper_id").first()
    return pairs.group_by("record_id").agg(nearest)


def _told_apart(records: pl.DataFrame, said: dict[str, pl.Expr]) -> pl.DataFrame:
    """Add a hash of the ``text``, what is ``said`` as bits, and the place among equals, ``nth``."""
    bits = [says.cast(pl.Int64) * 2**place for place, says in enumerate(said.values())]
    told = records.sort("line", "record_id").with_columns(
        text=pl.struct(*SAME_TEXT, "authors").hash(), said=pl.sum_horizontal(bits)
    )
    return told.with_columns(nth=pl.int_range(pl.len()).over("text", "said"))


def _newer_than(
    kept: pl.DataFrame, current: pl.DataFrame, key: list[str], *, nulls_equal: bool = False
) -> pl.DataFrame:
    """Give the records that say something which no current one that is as new says any more."""
    said = _said(kept)
    days = [pl.when(says).then("snapshot").alias(f"newest {name}") for name, says in said.items()]
    newest = (
        current.select({*key, "snapshot", *SAYING})
        .join(kept.select(key), on=key, how="semi", nulls_equal=nulls_equal)
        .select(*key, *days)
        .group_by(key)
        .agg(pl.all().max())
    )
    says = [says.alias(f"says {name}") for name, says in said.items()]
    told = kept.select(*key, "snapshot", *says).join(
        newest, on=key, how="left", nulls_equal=nulls_equal, maintain_order="left"
    )
    is_lost = [
        pl.col(f"says {name}")
        & ~(pl.col("snapshot") <= pl.col(f"newest {name}")).fill_null(value=False)
        for name in said
    ]
    return kept.filter(told.select(pl.any_horizontal(is_lost)).to_series())


def _said(*records: pl.DataFrame) -> dict[str, pl.Expr]:
    """Tell kinds of files apart by what their records say: by name, whether a record says it.

    A listing has no abstracts, a dump of links only those; which URLs there are, the fields say in
    which they stand: ``repo_url:is_official`` is a ``repo_url``.
    """
    field = pl.element().struct.field("field").str.extract(r"^([^:]*)")
    texts = {
        "title": pl.col("title").is_not_null(),
        "abstract": pl.col("abstract").is_not_null(),
        "authors": pl.col("authors").list.len() > 0,
    }
    used = [one.filter(pl.col("urls").list.len() > 0)["urls"].list.eval(field) for one in records]
    names = pl.concat(used).list.explode().drop_nulls().unique().sort()
    return texts | {name: pl.col("urls").list.eval(field == name).list.any() for name in names}
