"""Learn the weights of roles and kinds of links from sentences that people sorted.

Usage: python -m tests.bench.fit_links DIR TEXTS [--write]. ``DIR`` has a ``gold.jsonl`` whose lines
have a ``function`` and ``links`` with ``kind`` and ``kind_alternatives``. Beside them are learned
the sentences of `WRITTEN`, and from the titles and abstracts of ``TEXTS``, a Parquet file of papers
such as ``train-topics`` reads, which words are alike. Prints the scores of ten folds, once all
mentions of a link in one fold and once all sentences of a paper; with ``--write`` the weights are
written where releases read them.
"""

import sys
from pathlib import Path

import polars as pl

from flows import urls
from flows.enrich.links import extract_links, link_kinds, link_training, roles
from flows.enrich.links.word_vectors import learn_word_vectors
from flows.evaluate import links
from flows.evaluate.link_roles import read_gold_roles
from flows.paths import CURATION

WRITTEN = CURATION / "link_sentences.jsonl"
"""Sentences made up as papers have them: ``text``, and of its first link the ``role`` and the right
``kinds``, the best one first."""


def read_sorted_mentions(folder: Path) -> pl.DataFrame:
    """Read the mentions of a set with their ``role`` and ``right_kinds``, one row per gold link.

    A found link is the marked one where one URL begins with the other, as in `score_roles`.
    """
    marked = _read_marked(folder).with_row_index("link")
    mentions = (
        extract_links.find_links(links.read_abstracts(folder))
        .pipe(link_kinds.add_kinds)
        .with_columns(i=pl.col("record_id").cast(pl.Int64), _found=urls.location_key(pl.col("url")))
        .unique(["i", "url"], keep="first", maintain_order=True)
    )
    begins = pl.col("_found").str.starts_with(pl.col("_marked")) | pl.col(
        "_marked"
    ).str.starts_with(pl.col("_found"))
    return (
        marked.join(mentions, on="i", how="inner", maintain_order="left")
        .filter(begins)
        .unique("link", keep="first", maintain_order=True)
    )


def _read_marked(folder: Path) -> pl.DataFrame:
    roles_of_links = read_gold_roles(folder)
    kinds = (
        pl.read_ndjson(folder / "gold.jsonl", infer_schema_length=None)
        .select("i", "links")
        .explode("links", empty_as_null=False)
        .select(
            "i",
            url=pl.col("links").struct.field("url"),
            right_kinds=pl.concat_list(
                pl.col("links").struct.field("kind"),
                pl.col("links").struct.field("kind_alternatives"),
            ),
        )
    )
    return (
        roles_of_links.join(kinds.unique(["i", "url"]), on=["i", "url"], how="inner")
        .with_columns(_marked=urls.location_key(urls.canonical_url(pl.col("url"))))
        .drop("url")
        .sort("i", "_marked")
    )


def read_written_mentions(path: Path = WRITTEN) -> pl.DataFrame:
    """Read the mentions of `WRITTEN` with their ``role`` and ``right_kinds``, one per line."""
    lines = pl.read_ndjson(path).with_row_index("line")
    mentions = (
        lines.select(
            record_id=pl.col("line").cast(pl.String), field=pl.lit("abstract"), text="text"
        )
        .pipe(extract_links.find_links)
        .unique("record_id", keep="first", maintain_order=True)
        .pipe(link_kinds.add_kinds)
        .with_columns(line=pl.col("record_id").cast(lines.schema["line"]))
    )
    right = lines.select("line", "role", right_kinds="kinds")
    return right.join(mentions, on="line", validate="1:1", maintain_order="left").drop("line")


def number_papers(numbers: pl.Series) -> pl.Series:
    """Number the papers of sentences: those of a paper have numbers without a gap, in order.

    Papers that follow each other without one count as one, which only makes folds stricter.
    """
    is_first = numbers.diff().fill_null(1) > 1
    return is_first.cast(pl.Int64).cum_sum().alias("paper")


if __name__ == "__main__":
    abstracts = pl.read_parquet(sys.argv[2], columns=["title", "abstract"])
    vectors = learn_word_vectors(
        abstracts.select(pl.concat_str(pl.all(), separator=" . ")).to_series()
    )
    sentences, written = read_sorted_mentions(Path(sys.argv[1])), read_written_mentions()
    for groups in (sentences["url"], number_papers(sentences["i"])):
        figures = link_training.cross_validate(sentences, groups, written, vectors)
        print(sentences.height, groups.name, figures)
    if "--write" in sys.argv:
        cues, words = link_training.train_link_weights(sentences, written, vectors)
        link_training.write_weights(cues, roles.WEIGHTS_FILE)
        link_training.write_weights(words, roles.WORDS_FILE, link_training.WORD_DECIMALS)
