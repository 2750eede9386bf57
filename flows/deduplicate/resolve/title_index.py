"""The index over the titles of a reference: by key, by letters and by word."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
import pyarrow as pa
from scipy import sparse

from flows.deduplicate.match.author_names import list_surnames
from flows.deduplicate.resolve import abstract_index
from flows.errors import UserError
from flows.hashing import hash_file
from flows.text.title_key import title_key

PAPERS, WORDS = "named-papers.arrow", "named-words.arrow"

SUMS = "sums.json"
"""The file that holds the sha256 of each of the others."""

FORMER = (
    ("papers.parquet", "words.parquet"),
    ("papers.arrow", "words.arrow"),
    ("keyed-papers.arrow", "keyed-words.arrow"),
    (PAPERS, WORDS),
)
"""The frames of an index as they were named while its keys were made otherwise or it had no
surnames, and of one without sums: such an index is not read any more, and `save` may replace it."""

PARTS = ("data", "indices", "indptr")
"""The arrays of the postings, each in a file of its own."""

ARRAYS = (*PARTS, *(f"abstract_{name}" for name in abstract_index.PARTS))
"""All arrays of an index, by the names of their files."""

FILES = (PAPERS, WORDS, *(f"{name}.npy" for name in ARRAYS))
"""The files of an index but that of their sums."""


@dataclass(frozen=True)
class TitleIndex:
    """The titles of a reference, by key, by letters and by word."""

    papers: pl.DataFrame
    """``paper, title, authors, key, letters, surnames``, one row per paper in order of ``paper``;
    ``surnames`` of its authors in alphabetical order, empty where none is known."""
    words: pl.DataFrame
    """``word, frequency, column, weight``: the vocabulary in order, in how many titles each word
    stands, and how rare that makes it: 1 for a word of one title, towards 0 for words of most."""
    postings: sparse.csr_matrix
    """One row per word, one column per paper: the word's weight, where the title has the word."""
    texts: abstract_index.AbstractIndex
    """What is known of the abstracts, by the place of their papers in ``papers``."""

    def save(self, folder: Path) -> Path:
        """Write the index into a folder of its own, whole or not at all.

        Raises `UserError` for a folder that holds anything but an index.
        """
        if folder.exists() and any(folder.iterdir()) and not _is_replaceable(folder):
            raise UserError(f"{folder} holds something else: name a new folder for the index.")
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, frame in ((PAPERS, self.papers), (WORDS, self.words)):
            frame.write_ipc(partial / name, record_batch_size=max(frame.height, 1))
        for name in PARTS:
            np.save(partial / f"{name}.npy", getattr(self.postings, name), allow_pickle=False)
        for name in abstract_index.PARTS:
            array = getattr(self.texts, name)
            np.save(partial / f"abstract_{name}.npy", array, allow_pickle=False)
        sums = {name: hash_file(partial / name) for name in FILES}
        (partial / SUMS).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        return partial.rename(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `save` wrote: all of it stays on disk and is read where it is needed.

        Raises `MissingTitleIndex` where there is none, or one that is not as it was written: a
        flipped bit would lead to another paper, or end the process in the reader of Arrow.
        """
        require_whole_index(folder)
        papers, words = _map_frame(folder / PAPERS), _map_frame(folder / WORDS)
        weights, indices, indptr, *abstracts = (
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS
        )
        shape = (words.height, papers.height)
        postings = sparse.csr_matrix((weights, indices, indptr), shape=shape, copy=False)
        return cls(papers, words, postings, abstract_index.AbstractIndex(*abstracts))


def _map_frame(path: Path) -> pl.DataFrame:
    """Return a frame whose texts are on disk, uncompressed: nothing is unpacked or copied."""
    return pl.DataFrame(pa.ipc.open_file(pa.memory_map(str(path))).read_all())


def require_whole_index(folder: Path) -> None:
    """Raise `MissingTitleIndex` unless a folder holds an index, each file as it was written."""
    if not _is_index(folder):
        raise MissingTitleIndex(
            f"{folder} holds no title index: make one with `open-papers index`."
        )
    try:
        sums = json.loads((folder / SUMS).read_bytes())
        damaged = [name for name in FILES if hash_file(folder / name) != sums[name]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        damaged = [SUMS]
    if damaged:
        raise MissingTitleIndex(
            f"{folder} is damaged: {', '.join(damaged)} is not as it was written. Make the index "
            "again with `open-papers index`."
        )


def _is_index(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (*FILES, SUMS))


def _is_replaceable(folder: Path) -> bool:
    arrays = [f"{name}.npy" for name in PARTS]
    is_former = (all((folder / name).is_file() for name in (*frames, *arrays)) for frames in FORMER)
    return _is_index(folder) or any(is_former)


def digest_index(folder: Path) -> str:
    """Name an index by its content. Raises `MissingTitleIndex` where there is none."""
    if not _is_index(folder):
        raise MissingTitleIndex(
            f"{folder} holds no title index: make one with `open-papers index`."
        )
    # The sums hold what every file holds: their hash names the index without reading it again.
    return hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


LONGEST_TITLE = 2_000
"""Characters of a title that is compared with others: no real one has half of it."""


NAMES = pl.List(pl.String)


class MissingTitleIndex(UserError):
    """A folder without the index that was asked for."""


def build_index(reference: pl.DataFrame) -> TitleIndex:
    """Index a reference: ``paper`` (any id), ``title``, ``authors`` (a list, null or empty).

    Where it has ``codes`` of abstracts (see `code_long_words`), papers are found by them too.
    """
    codes = pl.col("codes") if "codes" in reference.columns else pl.lit(None, abstract_index.CODES)
    papers = (
        reference.select("paper", "title", "authors", codes.alias("codes"))
        .drop_nulls(["paper", "title"])
        .filter(pl.col("title").str.len_chars() <= LONGEST_TITLE)
        .unique("paper", keep="first", maintain_order=True)
        .sort("paper")
        .with_columns(key=title_key(pl.col("title")))
        .with_columns(letters=pl.col("key").str.replace_all(" ", "", literal=True))
    )
    papers = papers.with_columns(surnames=list_surnames(papers["authors"].cast(NAMES)))
    abstracts = abstract_index.index_abstracts(papers["codes"])
    return TitleIndex(*_list_postings(papers.drop("codes")), abstracts)


def _list_postings(papers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, sparse.csr_matrix]:
    pairs = (
        papers.lazy()
        .select(pl.col("key").str.split(" ").list.unique().alias("word"))
        .with_row_index("row")
        .explode("word", empty_as_null=False)
        .filter(pl.col("word").is_not_null() & (pl.col("word") != ""))
        .collect()
    )
    total = max(papers.height, 1)
    words = (
        pairs.group_by("word")
        .len("frequency")
        .sort("word")
        .with_row_index("column")
        .with_columns(weight=_word_rarity(pl.col("frequency"), total))
    )
    coded = pairs.join(
        words.select("word", "column", "weight"), on="word", how="inner", validate="m:1"
    ).select("row", "column", "weight")
    shape = (words.height, papers.height)
    where = (coded["column"].to_numpy(), coded["row"].to_numpy())
    postings = sparse.csr_matrix((coded["weight"].to_numpy(), where), shape=shape)
    return papers, words, postings


def _word_rarity(frequency: pl.Expr, total: int) -> pl.Expr:
    most = float(np.log1p(total))
    return ((total / frequency).log1p() / most).cast(pl.Float32)
