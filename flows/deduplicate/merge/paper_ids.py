"""Paper ids: the id of a paper that was never released."""

import hashlib

import polars as pl

from flows.deduplicate.match.author_names import list_surnames
from flows.deduplicate.match.title_series import is_generic
from flows.text.title_key import title_key

KINDS = {"arxiv": "arxiv_id", "doi": "doi", "acl": "acl_id", "openreview": "openreview_id"}
"""Prefixes of ids, the strongest first, and the column that each takes its value from."""

DIGITS = 16
"""Hex digits kept of a hash: among ten million titles two would share one once in 400,000 runs."""


def claim_ids(papers: pl.DataFrame) -> pl.Series:
    """Return the ``paper_id`` that each paper has a claim on, the strongest identifier first.

    ``papers``: the identifiers, ``title_as_written``, ``abstract_as_written``, ``authors``. Without
    an identifier the id is a hash of the title and, because different papers bear one title, of
    what tells them apart: the surnames of the authors, or the abstract where nobody is named and
    the title is one of many ("Rejoinder"). `make_ids_distinct` settles which of several papers
    has an id.
    """
    strongest = pl.coalesce(pl.lit(f"{kind}:") + pl.col(column) for kind, column in KINDS.items())
    ids = papers.select(strongest.alias("paper_id")).to_series()
    nameless = ids.is_null().arg_true()
    return ids.scatter(nameless, _hash_titles(papers[nameless]))


def _hash_titles(papers: pl.DataFrame) -> pl.Series:
    keyed = papers.select(
        title_key(pl.col("title_as_written")).alias("key"),
        list_surnames(papers["authors"]).alias("surnames"),
    )
    # Only for the few of these are abstracts folded: it takes longer than all else here.
    rows = keyed.select((is_generic(pl.col("key")) & (pl.col("surnames") == "")).arg_true())
    abstracts = papers[rows.to_series()].select(
        title_key(pl.col("abstract_as_written")).fill_null("")
    )
    whole = pl.repeat("", len(papers), eager=True).scatter(rows.to_series(), abstracts.to_series())
    texts = keyed.select(pl.concat_str("key", "surnames", whole, separator="\n"))
    return pl.Series([hash_title_id(text) for text in texts.to_series()], dtype=pl.String)


def hash_title_id(text: str) -> str:
    """Hash what tells a paper without identifiers from others."""
    return f"title:{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}"


def make_ids_distinct(papers: pl.DataFrame) -> pl.Series:
    """Return the column ``paper_id`` with each id at one paper only.

    Two papers have a claim on one id when people keep apart what an identifier would join, or when
    they are equal in all that ids are made of. The one whose ``first_record_id`` is smallest has
    it, the others get a hash of the id and their first record.
    """
    is_first = pl.col("first_record_id").rank("ordinal").over("paper_id") == 1
    # Few ids are claimed twice, and to rank the records of all takes most of the memory here.
    claimed_twice = papers["paper_id"].hash().is_duplicated().arg_true()
    late = papers[claimed_twice].with_columns(place=claimed_twice).filter(~is_first)
    claims = late.select("paper_id", pl.col("first_record_id").cast(pl.String))
    again = [hash_title_id(f"{claimed_id}\n{first}") for claimed_id, first in claims.iter_rows()]
    return papers["paper_id"].clone().scatter(late["place"], pl.Series(again, dtype=pl.String))
