"""Topics: what a paper is about, in the words of the taxonomy, with score and evidence."""

from flows.topics.examples import read_examples
from flows.topics.knowledge import knowledge
from flows.topics.labels import label
from flows.topics.model import load, save
from flows.topics.suggestions import suggest
from flows.topics.taxonomy import InvalidCuration, taxonomy, taxonomy_version
from flows.topics.training import train

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
