"""The places of links in texts, by the long pattern, which is run over as little as possible.

To see that a text holds a link takes a hundredth of the time that it takes to see where one begins:
the pattern has many ends that a link may be read backwards from. So a text is cut where no link can
be, and what holds only one sort of link is read by the pattern of that sort.
"""

import polars as pl

from flows.enrich.links.link_patterns import (
    BOUNDARY,
    CUE,
    FORGE,
    GLUED_LEFT,
    LINK,
    LINK_SORTS,
    MARKED,
    NO_LINK,
)

_MARK, _NO_MARK = "\x1f", "\x1e"
"""Where texts are cut, and what stands for it where a text holds it: no pattern has either."""


def find_link_places(texts: pl.DataFrame) -> pl.DataFrame:
    """Find the links of texts: ``written`` and ``start`` beside the text, a row each, in order.

    Columns as in ``texts``, of which each row needs a ``text``.
    """
    snippets = _cut_snippets(texts)
    # Only where a sort of links is alone may its own pattern stand for that of all.
    shown = snippets.select(
        pl.col("snippet").str.contains(sort).alias(str(number))
        for number, sort in enumerate(LINK_SORTS)
    )
    count, sort = pl.sum_horizontal("*"), pl.concat_list(pl.all()).list.arg_max()
    # Together where there are several: a pattern takes longer to compile than to run.
    of_sort = pl.when(count == 1).then(sort.cast(pl.Int64)).otherwise(-1)
    sorts = shown.select(_sort=pl.when(count > 0).then(of_sort))
    read = [
        _read_links(rows, LINK if sort < 0 else LINK_SORTS[sort])
        for (sort,), rows in snippets.hstack(sorts)
        .drop_nulls("_sort")
        .partition_by("_sort", as_dict=True, include_key=False)
        .items()
    ]
    if not read:
        return texts.clear().with_columns(
            written=pl.lit(None, pl.String), start=pl.lit(0, pl.Int64)
        )
    places = pl.concat(read).sort("row", "start").drop("number")
    return (
        texts.with_row_index("row")
        .join(places, on="row", how="inner", validate="1:m", maintain_order="left_right")
        .with_columns(written=pl.col("text").str.slice("start", "length"))
        .select(*texts.columns, "written", "start")
    )


def _cut_snippets(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts where no link can be: a row for each snippet that may hold one.

    ``number``, the ``row`` of its text and the ``offset`` in it, ``snippet``.
    """
    marked = pl.col("text").str.replace_all(_MARK, _NO_MARK, literal=True)
    length = pl.col("snippet").str.len_chars().cast(pl.Int64)
    return (
        texts.select(snippet=marked.str.replace_all(NO_LINK, f"$1{_MARK}$2").str.split(_MARK))
        .with_row_index("row")
        .explode("snippet", empty_as_null=False)
        .with_columns(offset=(length.cum_sum() - length).over("row"))
        .filter(pl.col("snippet").str.contains(MARKED))
        .with_row_index("number")
    )


def _read_links(snippets: pl.DataFrame, pattern: str) -> pl.DataFrame:
    """Read the places that match a pattern: ``number``, ``row``, ``start`` and ``length``."""
    # Polars gives no places of matches, but what lies between them adds up to those. Both come of
    # one search: between marks are a gap and a link by turns, and a gap at last.
    parts = pl.col("snippet").str.replace_all(pattern, f"{_MARK}${{0}}{_MARK}").str.split(_MARK)
    linked = (
        snippets.with_columns(parts=parts)
        .with_columns(
            gap=pl.col("parts").list.gather_every(2),
            link=pl.col("parts").list.gather_every(2, 1),
        )
        .with_columns(pl.col("gap").list.head(pl.col("link").list.len()))
        .drop("parts")
    )
    gap, link = (pl.col(name).str.len_chars().cast(pl.Int64) for name in ("gap", "link"))
    written = pl.col("link").str.replace(f"^{CUE}", "").str.replace(f"^{BOUNDARY}", "")
    written = written.str.replace(rf"^{GLUED_LEFT}({FORGE})", "$1")
    return (
        linked.explode("gap", "link", empty_as_null=False)
        .with_columns(
            end=pl.col("offset") + (gap + link).cum_sum().over("number"),
            length=written.str.len_chars().cast(pl.Int64),
        )
        .select("number", "row", "length", start=pl.col("end") - pl.col("length"))
    )
