"""Growing: as many records as asked for, of real and of made papers, with known truth.

Real papers come first, in a seeded order: those of an arXiv snapshot and those of a set of records
with truth, which are one paper where they share an arXiv id. Records of the latter are real copies.

When they run out, papers are made in rounds. In each round every sentence of the real abstracts is
dealt once to one made abstract, so that no two of a round have a sentence in common; halves of
titles and single authors are dealt likewise. A sentence comes back in every round, though, and so
would its words. Therefore each round exchanges all but the most common words for words that are
about as frequent, under a permutation of its own: what papers of two rounds have in common is
what any two strangers have, the common words.

Every paper may get variants, records of other sources whose text is known to be the same paper's;
some papers get a sibling, and some are withdrawn notices: see `variants`. The same seed gives the
same records.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tests.bench.variants import with_variants

SEED = 20261124

COMMON = 500
"""Words that stay what they are: the most frequent ones make half of a text."""

BAND = 1_000
"""Words are exchanged within so many neighbours in the order of frequency."""

COLUMNS = ("record_id", "source", "title", "abstract", "authors", "arxiv_id", "paper", "form")
"""Of a grown record; ``paper`` is the truth, ``form`` how the record came about."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Sequences of tokens: those of piece ``i`` are ``tokens[starts[i]:starts[i + 1]]``."""

    tokens: Ints
    starts: Ints

    def dealt(self, rng: np.random.Generator, counts: Ints, words: pa.Array) -> pl.Series:
        """Shuffle the pieces and join them, ``counts`` at a time, into texts of these words."""
        order = rng.permutation(len(self.starts) - 1)[: counts.sum()]
        lengths = np.diff(self.starts)[order]
        ends = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(ends[-1]) + np.repeat(self.starts[order] - ends[:-1], lengths)
        borders = ends[np.concatenate([[0], np.cumsum(counts)])]
        chosen = words.take(pa.array(self.tokens[places]))
        listed = pa.ListArray.from_arrays(pa.array(borders, pa.int32()), chosen)
        joined = pc.binary_join(listed, pa.scalar(" ", chosen.type))
        return pl.Series(joined, dtype=pl.String)


@dataclass(frozen=True)
class Vocabulary:
    """The words of the real texts, the most frequent first."""

    tokens: pl.DataFrame
    """One row per token as written: ``before``, ``core``, ``after``; and ``number``, the place of
    its core in lower case among ``cores``, null where it has none."""
    cores: pl.Series

    def exchanged(self, rng: np.random.Generator) -> pa.Array:
        """Give every token with its core exchanged for one that is about as frequent."""
        band = np.maximum(np.arange(len(self.cores)) - COMMON, -1) // BAND
        order = np.lexsort((rng.random(len(band)), band))
        order[:COMMON] = np.arange(COMMON)
        core = self.cores.gather(order).gather(self.tokens["number"])
        is_capital = self.tokens["core"].str.contains(r"^[A-Z]")
        frame = self.tokens.with_columns(core.alias("new"), is_capital.alias("is_capital"))
        first, rest = pl.col("new").str.slice(0, 1), pl.col("new").str.slice(1)
        cased = pl.when("is_capital").then(first.str.to_uppercase() + rest).otherwise("new")
        made = pl.concat_str("before", pl.coalesce(cased, "core"), "after")
        return pa.array(frame.select(made).to_series(), pa.large_string())


@dataclass(frozen=True)
class Pool:
    """Real papers, and the material of which others are made."""

    papers: pl.DataFrame
    """One row per real record, those of a paper together: ``paper`` (its arXiv id), ``source``,
    ``title``, ``abstract``, ``authors``, and ``has_id``, whether the record may show the id."""
    vocabulary: Vocabulary
    sentences: Pieces
    heads: Pieces
    tails: Pieces
    names: pl.Series
    counts: dict[str, Ints]
    """``sentences`` and ``names`` of each real paper."""


def pool(corpus: Path, dedup: Path) -> Pool:
    """Read the real papers of a snapshot (JSON lines) and of a folder of records with truth."""
    papers = _shuffled(pl.concat([_snapshot(corpus), _real_copies(dedup)]))
    first = papers.unique("paper", keep="first", maintain_order=True)
    words = pl.concat([first["abstract"], first["title"]]).str.extract_all(r"\S+")
    lengths = words.list.len().to_numpy().astype(np.int64)
    flat = words.explode(empty_as_null=False).alias("token")
    written = flat.value_counts(name="count").sort("count", "token", descending=[True, False])
    ids = flat.replace_strict(written["token"], np.arange(len(written))).to_numpy()
    border = lengths[: len(first)].sum()
    sentences, per_abstract = _sentences(ids[:border], lengths[: len(first)], written["token"])
    heads, tails = _halves(ids[border:], lengths[len(first) :])
    names = first["authors"].list.len().to_numpy().astype(np.int64)
    return Pool(
        papers=papers,
        vocabulary=_vocabulary(written),
        sentences=sentences,
        heads=heads,
        tails=tails,
        names=first["authors"].explode(empty_as_null=False),
        counts={"sentences": per_abstract, "names": names},
    )


def _snapshot(corpus: Path) -> pl.DataFrame:
    fields = dict.fromkeys(("id", "title", "abstract"), pl.String)
    rows = pl.read_ndjson(corpus, schema={**fields, "authors_parsed": pl.List(pl.List(pl.String))})
    name = pl.concat_str(
        pl.element().list.get(1), pl.element().list.get(0), separator=" "
    ).str.strip_chars()
    return rows.select(
        pl.col("id").alias("paper"),
        pl.lit("arxiv").alias("source"),
        "title",
        "abstract",
        pl.col("authors_parsed").list.eval(name).alias("authors"),
        pl.lit(value=True).alias("has_id"),
    )


def _real_copies(dedup: Path) -> pl.DataFrame:
    rows = pl.read_parquet(dedup / "records.parquet", glob=False)
    truth = pl.read_parquet(dedup / "truth.parquet", glob=False)
    return rows.join(truth, on="record_id", validate="1:1", maintain_order="left").select(
        pl.col("cluster").alias("paper"),
        "source",
        "title",
        "abstract",
        "authors",
        pl.lit(value=False).alias("has_id"),
    )


def _shuffled(records: pl.DataFrame) -> pl.DataFrame:
    """Put the papers into a seeded order; the records of one stay together."""
    papers = records["paper"].unique().sort()
    place = np.random.default_rng(SEED).permutation(len(papers))
    places = pl.DataFrame({"paper": papers, "place": place})
    return (
        records.join(places, on="paper", validate="m:1", maintain_order="left")
        .sort("place", maintain_order=True)
        .drop("place")
    )


def _sentences(ids: Ints, lengths: Ints, tokens: pl.Series) -> tuple[Pieces, Ints]:
    """Cut abstracts after full stops before a capital, and count the sentences of each."""
    is_end = tokens.str.contains(r"[.?!]\W?$").to_numpy()[ids]
    is_begin = tokens.str.contains(r"^\W?[A-Z]").to_numpy()[ids]
    cut = np.zeros(len(ids) + 1, np.bool_)
    cut[1:-1] = is_end[:-1] & is_begin[1:]
    cut[np.concatenate([[0], np.cumsum(lengths)])] = True
    starts = np.flatnonzero(cut)
    owners = np.repeat(np.arange(len(lengths)), lengths)[starts[:-1]]
    return Pieces(ids, starts), np.bincount(owners, minlength=len(lengths))


def _halves(ids: Ints, lengths: Ints) -> tuple[Pieces, Pieces]:
    """Cut titles in the middle: first halves, second halves."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    middles = starts + (lengths + 1) // 2
    is_head = np.arange(len(ids)) < np.repeat(middles, lengths)
    heads, tails = ids[is_head], ids[~is_head]
    borders = ([0], np.cumsum(middles - starts)), ([0], np.cumsum(ends - middles))
    return Pieces(heads, np.concatenate(borders[0])), Pieces(tails, np.concatenate(borders[1]))


def _vocabulary(written: pl.DataFrame) -> Vocabulary:
    parts = written["token"].str.extract_groups(r"^([^A-Za-z]*)([A-Za-z]?[a-z]{2,})([^A-Za-z]*)$")
    named = parts.struct.rename_fields(["before", "core", "after"]).struct.unnest()
    named = named.with_columns(pl.col("core").str.to_lowercase().alias("lower"), written["count"])
    cores = (
        named.drop_nulls("lower")
        .group_by("lower")
        .agg(pl.col("count").sum())
        .sort("count", "lower", descending=[True, False])["lower"]
    )
    number = named["lower"].replace_strict(cores, np.arange(len(cores)), default=None)
    tokens = pl.DataFrame(
        {
            "before": named["before"].fill_null(""),
            "core": pl.select(
                pl.when(named["core"].is_null()).then(written["token"]).otherwise(named["core"])
            ).to_series(),
            "after": named["after"].fill_null(""),
            "number": number,
        }
    )
    return Vocabulary(tokens, cores)


def made(given: Pool, number: int) -> pl.DataFrame:
    """Make the papers of a round: columns as in ``Pool.papers``, as many as there are real ones."""
    rng = np.random.default_rng([SEED, number])
    words = given.vocabulary.exchanged(rng)
    ones = np.ones(len(given.counts["names"]), np.int64)
    titles = (given.heads.dealt(rng, ones, words), given.tails.dealt(rng, ones, words))
    names = given.names.gather(rng.permutation(len(given.names)))
    borders = np.concatenate([[0], np.cumsum(given.counts["names"])])
    authors = pa.LargeListArray.from_arrays(pa.array(borders), pa.array(names, pa.large_string()))
    return pl.DataFrame(
        {
            "paper": identifiers(number, len(ones)),
            "source": ["arxiv"] * len(ones),
            "title": (titles[0] + " " + titles[1]).str.strip_chars(),
            "abstract": given.sentences.dealt(rng, given.counts["sentences"], words),
            "authors": pl.Series(authors, dtype=pl.List(pl.String)),
            "has_id": [True] * len(ones),
        }
    )


def identifiers(number: int, count: int) -> pl.Series:
    """Give arXiv ids of a time to come: the round is the year."""
    serial = np.arange(count)
    months, days = serial // 90_000 + 1, serial % 90_000 + 1
    frame = pl.DataFrame({"month": months, "serial": days})
    pad = [pl.col(name).cast(pl.String).str.zfill(n) for name, n in (("month", 2), ("serial", 5))]
    return frame.select(pl.format(f"{40 + number}{{}}.{{}}", *pad)).to_series()


def grown(given: Pool, records: int) -> Iterator[pl.DataFrame]:
    """Give so many records round by round: `COLUMNS`, ``record_id`` unique over all rounds."""
    number, missing = 0, records
    words = given.vocabulary.cores[COMMON:]
    while missing:
        papers = made(given, number) if number else given.papers
        rng = np.random.default_rng([SEED, number, 1])
        rows = with_variants(papers, rng, words).head(missing).with_row_index("position", 1)
        name = pl.format(f"{{}}:{number:012x}:{{}}", "source", "position").alias("record_id")
        yield rows.with_columns(name).select(COLUMNS)
        number, missing = number + 1, missing - len(rows)
