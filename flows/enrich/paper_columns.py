"""The columns of papers that follow from their records, links and topic labels."""

import polars as pl

from flows import identifiers
from flows.enrich import links
from schemas.link import Link
from schemas.paper import Paper
from schemas.topic import TopicLabel
from schemas.vocabulary import Facet, License

FACET_COLUMNS = {
    Facet.AREA: "areas",
    Facet.TASK: "tasks",
    Facet.METHOD: "methods",
    Facet.DOMAIN: "domains",
    Facet.CONTRIBUTION: "contributions",
    Facet.LANGUAGE: "languages",
}
"""The column of `Paper` that shows a facet's assigned topics."""


def add_license_of_paper(labels: pl.DataFrame, papers: pl.DataFrame) -> pl.DataFrame:
    """Set the licence of labels to that of their paper, whose words they quote as evidence."""
    return (
        labels.drop("license")
        .join(
            papers.select("paper_id", "license"),
            on="paper_id",
            validate="m:1",
            maintain_order="left",
        )
        .select(TopicLabel.dtypes().names())
    )


def add_arxiv_columns(papers: pl.DataFrame, origins: pl.DataFrame) -> pl.DataFrame:
    """Fill what follows from the arXiv id, and its newest version that a record names.

    Only records whose values the paper's row may hold say something about the version.
    """
    identifier = pl.col("arxiv_id")
    versions = (
        origins.select("paper_id", "license", "arxiv_id")
        # Most records name no version, and reading one costs more than seeing that.
        .filter(pl.col("arxiv_id").str.contains("v", literal=True))
        .join(papers.select("paper_id", paper_license="license"), on="paper_id", validate="m:1")
        .filter(
            (pl.col("license") == License.CC0.value)
            | (pl.col("license") == pl.col("paper_license"))
        )
        .group_by("paper_id")
        .agg(arxiv_version=identifiers.arxiv_version(identifier).max())
    )
    return (
        papers.pipe(_set_columns, versions)
        .with_columns(
            arxiv_url=identifiers.arxiv_url(identifier),
            arxiv_doi=identifiers.arxiv_doi(identifier),
            hf_paper_url=identifiers.hf_paper_url(identifier),
        )
        .select(Paper.dtypes().names())
    )


def add_code_columns(
    papers: pl.DataFrame, link_table: pl.DataFrame, promised: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Fill the code columns of papers from links of the core layer and of the paper's own.

    ``promised`` is what `links.list_promises` lists of them, where that is known already.
    """
    open_links = link_table.join(
        papers.select("paper_id", paper_license="license"), on="paper_id", validate="m:1"
    ).filter(
        (pl.col("license") == License.CC0.value) | (pl.col("license") == pl.col("paper_license"))
    )
    columns = links.build_code_columns(open_links.select(Link.dtypes().names()), papers, promised)
    return _set_columns(papers, columns).select(Paper.dtypes().names())


def _set_columns(papers: pl.DataFrame, columns: pl.DataFrame) -> pl.DataFrame:
    """Set columns of papers, by their ``paper_id``; of papers that have no row they are null."""
    # Joined with ids alone: a join copies all columns, and papers are mostly texts.
    values = papers.select("paper_id").join(
        columns, on="paper_id", how="left", validate="1:1", maintain_order="left"
    )
    return papers.with_columns(values.drop("paper_id").get_columns())


def add_topic_columns(papers: pl.DataFrame, labels: pl.DataFrame) -> pl.DataFrame:
    """Fill the topic columns of papers with the assigned labels, the likeliest first."""
    # By name where scores are equal, since polars sorts equals in any order.
    assigned = labels.filter("is_assigned").sort(
        "paper_id", "score", "topic", descending=[False, True, False]
    )
    for facet, column in FACET_COLUMNS.items():
        of_facet = (
            assigned.filter(pl.col("facet") == facet.value)
            .group_by("paper_id", maintain_order=True)
            .agg(pl.col("topic").alias(column))
        )
        papers = _set_columns(papers, of_facet)
    columns = [pl.col(column).fill_null([]) for column in FACET_COLUMNS.values()]
    return papers.with_columns(columns).select(Paper.dtypes().names())
