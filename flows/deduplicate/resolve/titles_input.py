"""What titles are looked up in, and which titles are looked up: releases, Parquet, plain lists."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows import release
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.errors import UserError
from flows.identifiers import arxiv_id
from flows.raw.archives import open_members

NAMED = pl.Schema(
    {
        "arxiv_id": pl.String(),
        "title": pl.String(),
        "authors": pl.List(pl.String),
        "abstract": pl.String(),
    }
)


class NoTitles(UserError):
    """A file or folder without the columns that titles are read from."""


def read_reference(path: Path) -> pl.DataFrame:
    """Read the papers of a release, or records as Parquet: ``paper, title, authors, codes``.

    ``paper`` is the arXiv id; papers without one cannot be answered and are left out. ``codes`` are
    those of the abstract, which is read part by part: all of them at once need more memory than
    the index. Of several records of one paper the last file's counts. Raises `NoTitles` where there
    is nothing to index.
    """
    reference = pl.concat(_read_reference_rows(rows) for rows in _read_rows(path))
    if reference.is_empty():
        raise NoTitles(f"{path}: holds no title with an arXiv id. Name an arXiv snapshot's parse.")
    return reference.unique("paper", keep="last", maintain_order=True)


def _read_reference_rows(rows: pl.DataFrame) -> pl.DataFrame:
    identified = rows.with_columns(paper=arxiv_id(pl.col("arxiv_id"))).drop_nulls(
        ["paper", "title"]
    )
    return identified.select(
        "paper", "title", "authors", codes=code_long_words(identified["abstract"])
    )


def read_titles(path: Path) -> pl.DataFrame:
    """Read the titles to resolve: ``title, authors, abstract``, in order.

    Of a release these are the papers without an arXiv id; of Parquet every row with a title (the
    others may be missing); of a text, one title per line. Raises `NoTitles`.
    """
    if path.is_file() and path.suffix == ".txt":
        titles = [line.strip() for line in _read_text(path).splitlines() if line.strip()]
        return pl.DataFrame([[title, None, None] for title in titles], schema=_TITLES, orient="row")
    rows = pl.concat(_read_rows(path))
    return rows.filter(pl.col("arxiv_id").is_null()).drop_nulls("title").select(*_TITLES)


def _read_text(path: Path) -> str:
    """Read a text in UTF-8, UTF-16 or UTF-32, packed or not. Raises `NoTitles` for any other."""
    # Held until all is read: what is no longer held closes the file.
    members = open_members(path)
    member = next(members, None)
    if member is None:
        raise NoTitles(f"{path}: is an archive without a file to read. Name a text.")
    stream = member.stream
    content = stream.read()
    if stream.fault:
        raise NoTitles(f"{path}: {stream.fault.detail}. Mend it, or bring it once more.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NoTitles(
            f"{path}: is no text in UTF-8, from byte {error.start} on. Save it as UTF-8, with one "
            "title per line."
        ) from None


_TITLES = pl.Schema({name: NAMED[name] for name in ("title", "authors", "abstract")})


def _read_rows(path: Path) -> Iterator[pl.DataFrame]:
    if (path / "manifest.json").is_file():
        yield release.read_table(path, "papers").select(*NAMED)
        return
    files = [path] if path.is_file() else sorted(path.rglob("*.parquet"))
    titled = [file for file in files if "title" in _read_columns(file)]
    if not titled:
        raise NoTitles(
            f"{path}: neither a release nor Parquet with a column `title`. Name a release, the "
            "folder of a parsed snapshot, or a .txt with one title per line."
        )
    yield from map(_read_titled_rows, titled)


def _read_columns(file: Path) -> pl.Schema:
    try:
        return pl.scan_parquet(file, glob=False).collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise NoTitles(f"{file}: cannot be read as Parquet ({error}). Leave it out.") from None


def _read_titled_rows(file: Path) -> pl.DataFrame:
    columns_there = _read_columns(file)
    wrong = [
        name
        for name, dtype in NAMED.items()
        if columns_there.get(name, dtype) not in {dtype, pl.Null()}
    ]
    if wrong:
        raise NoTitles(
            f"{file}: {', '.join(wrong)} has another type than expected ({dict(NAMED)})."
        )
    columns = [
        (pl.col(name) if name in columns_there else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in NAMED.items()
    ]
    return pl.scan_parquet(file, glob=False).select(columns).collect()
