"""Croissant: the description of a release for machines, by MLCommons' Croissant 1.1."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import polars as pl

from flows.release.layout import ALL_LAYERS, CONFIG_FOLDER, TABLES, Config, list_wide_configs
from schemas.vocabulary import License, Source

VOCABULARY = "http://mlcommons.org/croissant/"

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": VOCABULARY,
    "dct": "http://purl.org/dc/terms/",
    "rai": f"{VOCABULARY}RAI/",
    "sc": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract"),
            *("field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray"),
            *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet"),
            *("references", "regex", "repeated", "replace", "samplingRate", "separator"),
            *("source", "subField", "transform"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
}
"""The terms of the vocabulary, as its specification writes them."""

TYPES = {
    "String": "sc:Text",
    "Int64": "cr:Int64",
    "Float64": "cr:Float64",
    "Boolean": "sc:Boolean",
    "Date": "sc:Date",
}
"""Croissant's types of the columns that releases have, by the names of polars."""

ABOUT = (
    "Machine-learning papers with their abstracts, identifiers, code links and topics, as one "
    "versioned table. Every row can be traced to the records it came from, every link and topic "
    "carries its evidence, and every release can be rebuilt from the same inputs byte for byte."
)

RESPONSIBLE = {
    "rai:dataCollection": "Public listings and metadata of papers: "
    + "; ".join(source.meaning for source in Source)
    + ". They are asked at the pace that their sites allow, or read from dumps.",
    "rai:dataCollectionType": ["Secondary Data Analysis", "Web Scraping"],
    "rai:dataPreprocessingProtocol": "Texts are made readable; the texts as written stay beside "
    "them. Records of one paper are merged by rules that the table origins names row by row.",
    "rai:dataAnnotationProtocol": "Topics are given by rules over words, with a probability and "
    "the words that earned them. Links are found in texts and fields, with their places.",
    "rai:machineAnnotationTools": "The project's own rules and taxonomy; no language model.",
    "rai:dataLimitations": "It holds what its sources list and is no census of the field. Copies "
    "of listing pages have lost some LaTeX. An absent topic is weak evidence. A link was in a text "
    "on the day of its snapshot.",
    "rai:dataBiases": "It leans towards papers in English that their authors put on arXiv.",
    "rai:personalSensitiveInformation": "Names of authors, as published on their papers. Names of "
    "people who submitted a paper to a listing, and accounts on any site, are never stored. Anyone "
    "may have a record taken out and need give no reason.",
    "rai:dataReleaseMaintenancePlan": "Every release is one commit and one tag; earlier releases "
    "stay. Ids never change, and those that were given up stay in the table aliases.",
}
"""What Croissant's vocabulary of responsible AI asks for, where it holds here."""


def describe_release(configs: Collection[Config], newest: date | None) -> bytes:
    """Describe a release for machines, from its configs and its newest snapshot.

    The day of making would change the bytes each day; snapshots change with the rows alone.
    """
    licenses = list(dict.fromkeys(config.license for config in configs))
    published = list_published_tables(configs)
    newest = newest or date.min
    description = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": "open-papers",
        "description": ABOUT,
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "url": "https://huggingface.co/datasets?search=open-papers",
        "license": [f"https://spdx.org/licenses/{name}" for name in licenses],
        "creator": {"@type": "sc:Organization", "name": "The Open Papers maintainers"},
        "datePublished": newest.isoformat(),
        "version": f"{newest.year}.{newest.month}.{newest.day}",
        "citeAs": f"@misc{{open_papers, title={{Open Papers}}, year={{{newest.year}}}, "
        "author={{The Open Papers maintainers}}}",
        "keywords": ["papers", "machine learning", "source code", "bibliography", "arxiv"],
        "isLiveDataset": True,
        **RESPONSIBLE,
        "distribution": [_describe_files(table) for table in published],
        "recordSet": [_describe_rows(table) for table in published],
    }
    return orjson.dumps(description, option=orjson.OPT_INDENT_2) + b"\n"


@dataclass(frozen=True)
class PublishedTable:
    """What `load_dataset` loads under one name: a config, or one over all licences."""

    name: str
    table: str
    terms: str
    """The licence of its rows, as a sentence."""
    folders: tuple[str, ...]
    """The configs whose files hold its rows."""


def list_published_tables(configs: Collection[Config]) -> list[PublishedTable]:
    """List the configs, then those over all licences, which share the files of the former."""
    meanings: Mapping[str, str] = {member.value: member.meaning for member in License}
    single = [
        PublishedTable(
            config.name,
            config.table,
            f"{config.license}: {meanings[config.license]}",
            (config.name,),
        )
        for config in configs
    ]
    wide = [
        PublishedTable(
            name, ALL_LAYERS[name], "Rows of every licence, each with its own", tuple(layers)
        )
        for name, layers in list_wide_configs(configs).items()
    ]
    return [*single, *wide]


def _describe_files(published: PublishedTable) -> dict[str, Any]:
    patterns = [f"{CONFIG_FOLDER}/{folder}/train-*.parquet" for folder in published.folders]
    return {
        "@type": "cr:FileSet",
        # Ids are unique in the whole description, and the bare name is that of the records.
        "@id": f"files-of-{published.name}",
        "name": f"files-of-{published.name}",
        "description": f"Parquet files of the config {published.name}.",
        "encodingFormat": "application/x-parquet",
        "includes": patterns[0] if len(patterns) == 1 else patterns,
    }


def _describe_rows(published: PublishedTable) -> dict[str, Any]:
    specification = TABLES[published.table]
    model = specification.model
    texts = model.descriptions()
    key = [{"@id": f"{published.name}/{name}"} for name in specification.key]
    return {
        "@type": "cr:RecordSet",
        "@id": published.name,
        "name": published.name,
        "description": f"{specification.about}. {published.terms}.",
        "key": key[0] if len(key) == 1 else key,
        "field": [
            _describe_field(published, name, dtype, texts[name])
            for name, dtype in model.dtypes().items()
        ],
    }


def _describe_field(
    published: PublishedTable, name: str, dtype: pl.DataType, text: str
) -> dict[str, Any]:
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{published.name}/{name}",
        "name": name,
        "description": text,
    }
    inner = dtype
    if isinstance(dtype, pl.List):
        field |= {"isArray": True, "arrayShape": "-1"}
        inner = dtype.inner  # type: ignore[assignment]  # always an instance here
    if isinstance(inner, pl.Struct):
        # Croissant types the parts of a struct, and has no type for the struct itself.
        parts = [_describe_part(published, name, part) for part in inner.fields]
        return field | {"subField": parts}
    return field | {"dataType": TYPES[str(inner)], "source": _name_source(published, name)}


def _describe_part(published: PublishedTable, column: str, part: pl.Field) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{published.name}/{column}/{part.name}",
        "name": part.name,
        "description": f"{part.name} of each entry of {column}",
        "dataType": TYPES[str(part.dtype)],
        "source": _name_source(published, column) | {"transform": {"jsonPath": part.name}},
    }


def _name_source(published: PublishedTable, column: str) -> dict[str, Any]:
    return {"fileSet": {"@id": f"files-of-{published.name}"}, "extract": {"column": column}}
