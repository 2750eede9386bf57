"""Topic labels of the last run, by a hash of what they follow from: a cache, not a state.

Labels follow from a paper's texts, categories and venue, and from the code, the models and the
curated files that read them. A run labels only the papers of which one of these changed. Whatever
does not fit, a damaged file among it, is labelled again: deleting the folder costs time and changes
no row.
"""

import hashlib
import logging
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from flows.paths import PROJECT
from schemas.topic import TopicLabel

logger = logging.getLogger(__name__)

INPUTS = ("title", "abstract", "categories", "venue")
"""Columns of a paper that its labels follow from."""

CODE = (
    "flows/enrich/topics/**/*.py",
    "flows/text/*.py",
    "schemas/topic.py",
    "schemas/vocabulary.py",
    "data/curation/*.csv",
    "data/models/topics/*.csv",
)
"""What decides about labels besides the paper."""

SEEDS = (1, 2)
"""Two hashes of 64 bits: with one, two of three million papers might meet."""

DIGEST_BYTES = 32

Label = Callable[[pl.DataFrame], pl.DataFrame]
"""Makes the `TopicLabel` rows of some papers."""


def beside(release: Path) -> Path:
    """Name the folder of a release's labels. It is no part of the release."""
    return release.with_name(release.name + ".labels")


class LabelCache:
    """The labels of the last run, a file for each part of papers."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which need not exist."""
        self.folder = folder

    def label_papers(self, name: str, papers: pl.DataFrame, label: Label) -> pl.DataFrame:
        """Label a part of papers, looking up those that were labelled before.

        ``name`` is the part's. The labels are the same, row by row, as ``label`` makes of all.
        """
        path = self.folder / f"{zlib.crc32(name.encode()):08x}.labels"
        keyed = papers.select("paper_id", *hash_inputs())
        stored = self._read(path)
        # Two papers of the same text share a row of the file: many to one, not one to one.
        hits = keyed.join(stored, on=["hash1", "hash2"], how="inner", validate="m:1")
        misses = keyed.join(stored, on=["hash1", "hash2"], how="anti")
        fresh = label(papers.join(misses, on="paper_id", how="semi", maintain_order="left"))
        known = hits.explode("labels", empty_as_null=True).drop_nulls("labels").unnest("labels")
        labels = pl.concat([known.select(fresh.columns), fresh]).sort("paper_id", "facet", "topic")
        # Written also where papers left, or the file would grow with every release.
        if misses.height or hits.height != stored.height:
            self._write(path, keyed, labels)
        return labels

    def remove_others(self, names: list[str]) -> None:
        """Delete the files of parts that are no more."""
        current = {f"{zlib.crc32(name.encode()):08x}.labels" for name in names}
        for path in self.folder.glob("*.labels"):
            if path.name not in current:
                path.unlink(missing_ok=True)

    def _read(self, path: Path) -> pl.DataFrame:
        """Read the labels by hash; none where there is no file, or one that does not fit."""
        try:
            content = path.read_bytes()
        except OSError:
            return _NOTHING
        digest, rows = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        # Compared before the rows are read: a torn file may crash the reader of Arrow.
        if digest != _sign(rows):
            logger.warning("labels of %s do not fit and are made again", path.name)
            return _NOTHING
        return pl.read_ipc(BytesIO(rows))

    def _write(self, path: Path, keyed: pl.DataFrame, labels: pl.DataFrame) -> None:
        """Keep the labels of a part, those without any as an empty list."""
        columns = [name for name in labels.columns if name != "paper_id"]
        by_paper = labels.group_by("paper_id", maintain_order=True).agg(labels=pl.struct(columns))
        rows = (
            keyed.join(by_paper, on="paper_id", how="left", validate="1:1", maintain_order="left")
            .select("hash1", "hash2", pl.col("labels").fill_null([]))
            .unique(["hash1", "hash2"], keep="first", maintain_order=True)
            .cast(_NOTHING.schema)
        )
        written = BytesIO()
        rows.write_ipc(written, compression="zstd")
        partial = path.with_suffix(".partial")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(_sign(written.getvalue()) + written.getvalue())
            # Renamed when it is whole: a run that is killed leaves the old file or the new one.
            partial.replace(path)
        except OSError as error:
            logger.warning("labels are not kept, the next run makes them again: %s", error)


def hash_inputs() -> list[pl.Expr]:
    """Hash what a paper's labels follow from: ``hash1`` and ``hash2``."""
    inputs = pl.struct(INPUTS)
    return [inputs.hash(seed).alias(f"hash{seed}") for seed in SEEDS]


@cache
def describe_version() -> bytes:
    """Name all that decides about labels: code, curated files, models, packages, polars' hash."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(PROJECT.glob(pattern)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(PROJECT).as_posix()}\0{content}\n".encode())
    # polars hashes otherwise in other versions and on other machines, so a probe is part of it.
    probe = pl.DataFrame(
        {"title": ["Erdős", None], "abstract": ["b", ""], "categories": [["cs.LG"], []]}
    ).with_columns(venue=pl.lit(None, pl.String))
    hashes = probe.select(hash_inputs()).rows()
    digest.update(repr((pl.__version__, np.__version__, hashes)).encode())
    return digest.digest()


def _sign(rows: bytes) -> bytes:
    """Sign a file's rows with what made them, so that neither damage nor another version passes."""
    return hashlib.sha256(describe_version() + rows).digest()


_NOTHING = pl.DataFrame(
    schema={
        "hash1": pl.UInt64,
        "hash2": pl.UInt64,
        "labels": pl.List(
            pl.Struct({k: v for k, v in TopicLabel.dtypes().items() if k != "paper_id"})
        ),
    }
)
