"""Topics: what a paper is about, in the words of the taxonomy, with score and evidence."""

from flows.enrich.topics.curated import knowledge
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.labels import label
from flows.enrich.topics.model import load, save
from flows.enrich.topics.suggestions import suggest
from flows.enrich.topics.taxonomy import InvalidCuration, taxonomy, taxonomy_version
from flows.enrich.topics.training import train

__all__ = [
    "InvalidCuration",
    "knowledge",
    "label",
    "load",
    "read_examples",
    "save",
    "suggest",
    "taxonomy",
    "taxonomy_version",
    "train",
]
