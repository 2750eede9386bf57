"""Print papers of a release with their topics, to be judged by eye.

    python tests/bench/draw_topics.py RELEASE SEED COUNT SOURCE...

Draws by the seed, equally many papers from each source, none of those the labeller learned from.
"""

import hashlib
import sys
from pathlib import Path

import polars as pl

LEARNED_FROM = Path(__file__).parents[2] / "data" / "curation" / "labelled_papers.jsonl"


def main(release: Path, seed: str, count: int, sources: list[str]) -> None:
    """Draw and print."""
    for number, paper in enumerate(drawn(release, seed, count, sources).iter_rows(named=True), 1):
        print(f"\n[{number}] {paper['paper_id']} {paper['source']} {paper['categories'] or ''}")
        print(f"{paper['title']}\n{paper['abstract'] or '(no abstract)'}")
        for facet, labels in zip(paper["facet"], paper["labels"], strict=True):
            print(f"  {facet}: {'; '.join(labels)}")


def drawn(release: Path, seed: str, count: int, sources: list[str]) -> pl.DataFrame:
    """Give the papers in the order of the draw, each with its labels per ``facet``."""
    labels = (
        pl.read_parquet(release / "data" / "topics*" / "*.parquet")
        .filter("is_assigned")
        .sort("paper_id", "facet", "score", descending=[False, False, True])
        .group_by("paper_id", "facet", maintain_order=True)
        .agg(labels=pl.format("{} ({}, {})", "topic", "role", pl.col("score").round(2)))
        .group_by("paper_id", maintain_order=True)
        .agg("facet", "labels")
    )
    order = pl.col("paper_id").map_elements(
        lambda paper: hashlib.sha256(f"{seed} {paper}".encode()).hexdigest(), pl.String
    )
    return (
        pl.read_parquet(release / "data" / "papers*" / "*.parquet")
        .join(pl.read_ndjson(LEARNED_FROM), on="arxiv_id", how="anti")
        .with_columns(source=pl.col("sources").list.first(), order=order)
        .filter(pl.col("source").is_in(sources))
        .with_columns(turn=pl.col("order").rank().over("source"))
        .sort("turn", "source")
        .head(count)
        .join(labels, on="paper_id", how="left", validate="1:1", maintain_order="left")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:])
