"""Row groups of Parquet files: their borders follow from ids, so that new rows move few of them."""

from zlib import crc32

import polars as pl

ROW_GROUP_IDS = 5_000
"""Ids from one border of row groups to the next, on average. `bench_upload` sends more with smaller
ones when every row is seen again, and more with larger ones when papers come in between."""

ROW_GROUP_ROWS = (1_250, 30_000)
"""Fewest and most rows of a row group. The most are about 60 MB of abstracts: the Hub's viewer
wants them well below 100 MB."""


def cut_row_groups(frame: pl.DataFrame) -> list[tuple[int, int]]:
    """Cut rows into row groups whose borders follow from the ids: before some, whatever surrounds.

    So rows that are new or gone move the borders of their own group only, and the bytes of all
    others stay. The id is the ``paper_id`` where there is one, else the first column.
    """
    # The border follows from a hash of the id alone, so that both releases of a pair cut alike.
    ids = frame["paper_id" if "paper_id" in frame.columns else frame.columns[0]].cast(pl.String)
    firsts = ids.ne_missing(ids.shift()).arg_true()
    numbered = zip(firsts, ids.gather(firsts).fill_null(""), strict=True)
    borders = [row for row, value in numbered if crc32(value.encode()) % ROW_GROUP_IDS == 0]
    fewest, most = ROW_GROUP_ROWS
    start, groups = 0, []
    for border in [*borders, frame.height]:
        while border - start > most:
            groups.append((start, start + most))
            start += most
        if border - start >= fewest or border == frame.height:
            groups.append((start, border))
            start = border
    return groups
