"""Topics: what a paper is about, in the words of the taxonomy, with score and evidence."""

from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.examples import read_examples
from flows.enrich.topics.held_out import load_held_out, write_held_out
from flows.enrich.topics.labels import label_papers
from flows.enrich.topics.model import load_model, write_model
from flows.enrich.topics.records import read_records
from flows.enrich.topics.suggestions import suggest_phrases
from flows.enrich.topics.taxonomy import InvalidCuration, read_taxonomy, taxonomy_version
from flows.enrich.topics.text_model import load_text_model
from flows.enrich.topics.training import train_model

__all__ = [
    "InvalidCuration",
    "label_papers",
    "load_held_out",
    "load_knowledge",
    "load_model",
    "load_text_model",
    "read_examples",
    "read_records",
    "read_taxonomy",
    "suggest_phrases",
    "taxonomy_version",
    "train_model",
    "write_held_out",
    "write_model",
]
