"""Record keys: how people name a record, so that the name outlives the file in which it stood."""

import hashlib
import re
from collections.abc import Callable
from functools import cache

import polars as pl

from flows.identifiers import acl_id, arxiv_id, doi, openreview_id
from flows.parts import Records, split_records
from flows.text.title_key import title_key
from schemas.record import RECORD_ID_PATTERN
from schemas.vocabulary import STRONG_IDENTIFIERS, Source

PREFIXES = dict(zip(("arxiv", "doi", "acl", "openreview"), STRONG_IDENTIFIERS, strict=True))
"""How an identifier is written where it names a record."""

READERS = dict(zip(PREFIXES, (arxiv_id, doi, acl_id, openreview_id), strict=True))
"""What makes such an identifier canonical: ``arxiv:2312.00752v2`` is ``arxiv:2312.00752``."""

TEXT = "text:"
"""Begins what stands for a source's id of a record where the source has none: a hash of texts."""

TEXT_DIGITS = 16
"""Hex digits of the hash."""

HASHED = rf"({'|'.join(Source.values())}):{TEXT}[0-9a-f]{{{TEXT_DIGITS}}}"
"""A source and such a hash."""

BEARERS = pl.Schema({"name": pl.String, "record_id": pl.String})
"""Which record has which name."""


@cache
def canonicalize_name(name: str) -> str | None:
    """Return a name in the form in which `find_bearers` finds it; None where it is no name.

    A name is an identifier such as ``arxiv:2312.00752``; a source and its own id of the record,
    such as ``papers_with_code:https://paperswithcode.com/paper/x``; a source and a hash of the
    texts, such as ``papers_page:text:0123456789abcdef``, of a record to which its source gives no
    id; or a ``record_id``, which names the record only as long as its file is among the inputs.

    >>> canonicalize_name("arxiv:2312.00752v2")
    'arxiv:2312.00752'
    >>> canonicalize_name("Attention is all you need") is None
    True
    """
    if re.fullmatch(RECORD_ID_PATTERN, name):
        return name
    kind, _, value = name.partition(":")
    if value.startswith(TEXT):
        return name if re.fullmatch(HASHED, name) else None
    if kind in READERS:
        identifier = pl.select(READERS[kind](pl.lit(value))).item()
        return f"{kind}:{identifier}" if identifier else None
    return name if kind in Source.values() and value.strip() else None


def name_records(records: pl.DataFrame) -> pl.Series:
    """Return the name of each record that lasts longest.

    ``records``: ``source``, ``source_id``, ``title``, ``abstract``, ``authors`` and the
    identifiers, canonical or null.
    """
    identifiers = [pl.lit(f"{prefix}:") + pl.col(column) for prefix, column in PREFIXES.items()]
    names = records.select(pl.coalesce(*identifiers, _source_name()).alias("name")).to_series()
    rows = names.is_null().arg_true()
    return names.scatter(rows, _hash_texts(records[rows]))


def find_bearers(records: Records, wanted: pl.Series) -> pl.DataFrame:
    """Find the records that bear one of the wanted names: ``name``, ``record_id``, each pair once.

    ``records`` as in `match_records`; ``wanted``: canonical names.
    """
    if wanted.is_empty():
        return BEARERS.to_frame()
    hashed = wanted.str.extract(f"^{HASHED}$").drop_nulls().unique().to_list()
    found = [
        one
        for part in split_records(records)
        for one in (_list_names(part), _list_text_names(part, hashed))
    ]
    return pl.concat(
        frame.filter(pl.col("name").is_in(wanted.implode())).cast(BEARERS).collect()
        for frame in found
    ).unique(maintain_order=True)


def _list_names(part: pl.LazyFrame) -> pl.LazyFrame:
    """List the names that records bear in one column or two, ``record_id`` by ``record_id``."""
    has_own = "source_id" in part.collect_schema()
    names = [
        pl.col("record_id"),
        *(pl.lit(f"{prefix}:") + pl.col(column) for prefix, column in PREFIXES.items()),
        *([_source_name()] if has_own else []),
    ]
    listed = [part.select(name.alias("name"), "record_id") for name in names]
    return pl.concat(listed)


def _list_text_names(part: pl.LazyFrame, sources: list[str]) -> pl.LazyFrame:
    """List the names by their texts of the records of some sources that have no id there."""
    if not sources or "source_id" not in part.collect_schema():
        return BEARERS.to_frame().lazy()
    chosen = part.filter(pl.col("source").is_in(sources) & _source_name().is_null())
    rows = chosen.select("record_id", "source", "title", "abstract", "authors").collect()
    # A judgement or a removal that somebody wrote under the former key goes on naming its record.
    names = [_hash_texts(rows, key) for key in (title_key, former_title_key)]
    return pl.concat(rows.select(hashed.alias("name"), "record_id") for hashed in names).lazy()


def _source_name() -> pl.Expr:
    """Name a record by its source and its id there; null where that would be no name.

    A source that is called like an identifier has that for its own id, if it is one.
    """
    # What begins like a hash of texts, or has spaces around it, could not be told from another
    # name.
    own = pl.col("source_id").str.strip_chars()
    is_name = (own != "") & (own == pl.col("source_id")) & ~own.str.starts_with(TEXT)
    return pl.when(is_name & ~pl.col("source").is_in(list(READERS))).then(
        pl.col("source") + ":" + own
    )


def _hash_texts(records: pl.DataFrame, key: Callable[[pl.Expr], pl.Expr] = title_key) -> pl.Series:
    """Name records by a hash of title, abstract and authors, of which only the words count."""
    texts = records.select(
        "source",
        pl.concat_str(
            key(pl.col("title")),
            key(pl.col("abstract").fill_null("")),
            key(pl.col("authors").list.join("; ")),
            separator="\n",
        ).alias("text"),
    )
    names = [
        f"{source}:{TEXT}{hashlib.sha256(text.encode()).hexdigest()[:TEXT_DIGITS]}"
        for source, text in texts.iter_rows()
    ]
    return pl.Series(names, dtype=pl.String)


def former_title_key(text: pl.Expr) -> pl.Expr:
    """Return the key by which texts were named until LaTeX and letters like ``ß`` were folded."""
    decomposed = text.str.normalize("NFKD").str.replace_all(r"\p{M}+", "")
    return decomposed.str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
