"""Carry over: which records of the previous release stay, and which new ones take their place."""

import polars as pl

from schemas.record import Record

SAME_ID = ["source", "source_id"]
"""What a record and its newer copy have in common where the source has ids of its own."""

SAME_TEXT = [*SAME_ID, "title", "abstract"]
"""What they have in common where it has none."""

STATED = ("title", "abstract", "authors", "urls")
"""Columns by which `_list_statements` distinguishes kinds of files."""


def carry_over_records(origins: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Return the records of the previous release that the current ones do not replace.

    A record is replaced by itself, and by copies that are at least as new and together state all
    that it states, see `_list_statements`: those with the same id in the same source, or, where the
    source has no ids, with the same title and abstract. So what one file says of a paper outlives
    another kind of file that is taken later and says less. Columns are those of `Record`.
    """
    absent = origins.select(name for name in origins.columns if name in Record.dtypes())
    absent = absent.join(current, on="record_id", how="anti", maintain_order="left")
    without_id = current.filter(pl.col("source_id").is_null())
    return absent.pipe(_keep_what_only_old_records_say, current, SAME_ID).pipe(
        _keep_what_only_old_records_say, without_id, SAME_TEXT, nulls_equal=True
    )


def map_successors(origins: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Map each new record to the paper that its predecessor belonged to.

    One row per new record, sorted: ``record_id``, ``paper_id``. A predecessor has the record's id
    in its source, or, where the source has no ids, its title and abstract; records without one are
    absent. Where predecessors are of several papers, it is the one that says the same and has the
    same place among those that do, else one that by `_list_statements` is most of its kind. So a
    paper keeps its id when the file that listed it is taken again.
    """
    new = current.select("record_id", *SAME_TEXT).join(origins, on="record_id", how="anti")
    has_id = pl.col("source_id").is_not_null()
    mapped = [
        _find_predecessor_papers(rows.select("record_id", *key), origins, current, key)
        for key, rows in ((SAME_ID, new.filter(has_id)), (SAME_TEXT, new.filter(~has_id)))
    ]
    return pl.concat(mapped).sort("record_id")


def _find_predecessor_papers(
    new: pl.DataFrame, origins: pl.DataFrame, current: pl.DataFrame, key: list[str]
) -> pl.DataFrame:
    """Return for each new record the paper of the nearest old record with the same key."""
    old = origins.select("paper_id", *key).join(new, on=key, how="semi", nulls_equal=True)
    first, is_contested = pl.col("paper_id").min(), pl.col("paper_id").n_unique() > 1
    papers = old.group_by(key).agg(first, is_contested=is_contested)
    paired = new.join(papers, on=key, nulls_equal=True)
    settled = paired.filter(~pl.col("is_contested")).select("record_id", "paper_id")
    contested = paired.filter("is_contested")
    if contested.is_empty():
        return settled
    candidates = origins.join(contested, on=key, how="semi", nulls_equal=True)
    records = current.join(contested, on="record_id", how="semi")
    return pl.concat([settled, _choose_nearest_papers(records, candidates, key)])


def _choose_nearest_papers(
    records: pl.DataFrame, candidates: pl.DataFrame, key: list[str]
) -> pl.DataFrame:
    """Return for each record the paper of the candidate with its key that is most like it."""
    statements = _list_statements(records, candidates)
    new, old = (
        _add_kind_marks(rows, statements).select(name, *key, "text", "statements", "nth")
        for rows, name in ((records, "record_id"), (candidates, "paper_id"))
    )
    pairs = new.join(old, on=key, how="inner", nulls_equal=True)
    unlike = (pl.col("statements") ^ pl.col("statements_right")).bitwise_count_ones()
    is_other, is_elsewhere = (pl.col(name) != pl.col(f"{name}_right") for name in ("text", "nth"))
    nearest = pl.col("paper_id").sort_by(is_other, unlike, is_elsewhere, "paper_id").first()
    return pairs.group_by("record_id").agg(nearest)


def _add_kind_marks(records: pl.DataFrame, statements: dict[str, pl.Expr]) -> pl.DataFrame:
    """Add a hash of the ``text``, the ``statements`` as bits, and the place among equals."""
    bits = [stated.cast(pl.Int64) * 2**place for place, stated in enumerate(statements.values())]
    marked = records.sort("line", "record_id").with_columns(
        text=pl.struct(*SAME_TEXT, "authors").hash(), statements=pl.sum_horizontal(bits)
    )
    return marked.with_columns(nth=pl.int_range(pl.len()).over("text", "statements"))


def _keep_what_only_old_records_say(
    old: pl.DataFrame, current: pl.DataFrame, key: list[str], *, nulls_equal: bool = False
) -> pl.DataFrame:
    """Return old records that state something which no current one of that day or later does."""
    statements = _list_statements(old)
    days = [
        pl.when(stated).then("snapshot").alias(f"newest {name}")
        for name, stated in statements.items()
    ]
    newest = (
        current.select({*key, "snapshot", *STATED})
        .join(old.select(key), on=key, how="semi", nulls_equal=nulls_equal)
        .select(*key, *days)
        .group_by(key)
        .agg(pl.all().max())
    )
    stated = [stated.alias(f"states {name}") for name, stated in statements.items()]
    dated = old.select(*key, "snapshot", *stated).join(
        newest, on=key, how="left", nulls_equal=nulls_equal, maintain_order="left"
    )
    # A statement is lost where the old record makes it and the newest current one that does is
    # older, or there is none, whose day is null.
    is_lost = [
        pl.col(f"states {name}")
        & ~(pl.col("snapshot") <= pl.col(f"newest {name}")).fill_null(value=False)
        for name in statements
    ]
    return old.filter(dated.select(pl.any_horizontal(is_lost)).to_series())


def _list_statements(*records: pl.DataFrame) -> dict[str, pl.Expr]:
    """Distinguish kinds of files by what their records state: per name, whether a record does.

    A listing has no abstracts, a dump of links only those; which URLs there are, the fields say in
    which they are: ``repo_url:is_official`` is a ``repo_url``.
    """
    field = pl.element().struct.field("field").str.extract(r"^([^:]*)")
    texts = {
        "title": pl.col("title").is_not_null(),
        "abstract": pl.col("abstract").is_not_null(),
        "authors": pl.col("authors").list.len() > 0,
    }
    used = [rows.filter(pl.col("urls").list.len() > 0)["urls"].list.eval(field) for rows in records]
    names = pl.concat(used).list.explode().drop_nulls().unique().sort()
    return texts | {name: pl.col("urls").list.eval(field == name).list.any() for name in names}
