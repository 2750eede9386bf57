"""Export links: the links of a release as relations between DOIs, as DataCite writes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from flows.release import read_columns
from schemas.vocabulary import LinkKind

RELATIONS = {
    LinkKind.CODE.value: ("IsSupplementedBy", "Software"),
    LinkKind.MODEL.value: ("IsSupplementedBy", "Model"),
    LinkKind.DATASET.value: ("IsSupplementedBy", "Dataset"),
    LinkKind.DEMO.value: ("IsSupplementedBy", "InteractiveResource"),
    LinkKind.PROJECT.value: ("IsDocumentedBy", "Text"),
    LinkKind.VIDEO.value: ("IsSupplementedBy", "Audiovisual"),
}
"""DataCite's relation and general type of resource for each kind of link that the authors give.
`Model` is what it has for models of any sort. Publications and other pages are left out: what a
paper has to do with them is not known."""

REFERENCES = "References"
"""The relation of what the paper only names."""


def export_links(release: Path) -> Iterator[dict[str, Any]]:
    """Return a value of JSON per paper that has a DOI and links: its DOI and its relations.

    The DOI is the paper's own, else the one that DataCite gave to its arXiv id. Its
    `relatedIdentifiers` are as in DataCite's schema 4.6, which allows nothing of ours in them: the
    records that hold each, and its licence, are in `provenance`, in the same order. Sorted by
    paper.
    """
    frames = read_columns(
        release,
        {
            "papers": ["paper_id", "doi", "arxiv_doi"],
            "links": ["paper_id", "url", "kind", "is_official", "mentions", "license"],
        },
    )
    doi = pl.coalesce("doi", "arxiv_doi")
    papers = frames["papers"].select("paper_id", doi=doi).drop_nulls()
    links = (
        frames["links"]
        .filter(pl.col("kind").is_in(list(RELATIONS)))
        .join(papers, on="paper_id", validate="m:1")
        .sort("paper_id", "url", "license")
    )
    # The order is asked for: a partition is free to give its groups in any.
    for rows in links.partition_by("paper_id", maintain_order=True):
        yield {
            "doi": rows["doi"][0],
            "relatedIdentifiers": [describe_relation(row) for row in rows.to_dicts()],
            "provenance": [describe_provenance(row) for row in rows.to_dicts()],
        }


def describe_relation(link: dict[str, Any]) -> dict[str, Any]:
    """Describe one link as a related identifier."""
    relation, resource = RELATIONS[link["kind"]]
    return {
        "relatedIdentifier": link["url"],
        "relatedIdentifierType": "URL",
        "relationType": relation if link["is_official"] else REFERENCES,
        "resourceTypeGeneral": resource,
    }


def describe_provenance(link: dict[str, Any]) -> dict[str, Any]:
    """Describe where one link is from: its address again, the records that hold it, its licence."""
    return {
        "relatedIdentifier": link["url"],
        "records": sorted({mention["record_id"] for mention in link["mentions"]}),
        "license": link["license"],
    }
