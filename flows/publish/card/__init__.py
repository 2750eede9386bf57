"""Card: the dataset's README, filled from the tables it describes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow.parquet as pq
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from huggingface_hub import DatasetCard, DatasetCardData

from flows.errors import UserError
from flows.publish.card.blocks import BLOCKS
from flows.publish.card.facts import Counted, Facts
from flows.release.layout import CONFIG_FOLDER, DEFAULT, Config, list_wide_configs
from flows.tables import read_file_footer

BLOCK = re.compile(r"^<!-- block: ([a-z_]+) -->$", re.MULTILINE)
"""Where the template wants a generated block."""

EXAMPLE_TAG = "2026.11.23"
"""The tag in the template's recipes, in whose place that of the release comes."""

FRONT_MATTER = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)

SIZE_CATEGORIES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}
"""The Hub's names for numbers of rows below a bound."""

LARGEST = "10M<n<100M"
"""Its name for what is larger than that: arXiv has three million papers."""


FeatureList = list[dict[str, Any]]
"""The columns of a config in the words of `datasets`."""


class BadCard(UserError):
    """A card that the Hub would not accept or that has a block nobody fills."""


@dataclass(frozen=True)
class ConfigSize:
    """What the files of a config hold."""

    rows: int
    bytes: int
    """Of the files."""
    uncompressed: int
    """Of the columns in memory, as Parquet counts it."""
    features: FeatureList
    """The columns in the words of `datasets`."""


def measure_configs(
    shards: Mapping[str, Sequence[Path]],
    features: Mapping[str, FeatureList] = MappingProxyType({}),
) -> dict[str, ConfigSize]:
    """Measure the files of every config of a release, both by its name.

    ``features`` are those of configs of which they are known.
    """
    return {
        name: _measure_shards(paths, features.get(name) or describe_features(paths[0]))
        for name, paths in shards.items()
    }


def describe_features(path: Path) -> FeatureList:
    """Return the columns of a file in the words of `datasets`."""
    from datasets import Features  # noqa: PLC0415  # takes a second

    # Metadata may hold features of its own, which would win over the columns.
    features = Features.from_arrow_schema(pq.read_schema(path).remove_metadata())
    listed: FeatureList = features._to_yaml_list()  # noqa: SLF001  # for a card; none public
    return listed


def _measure_shards(paths: Sequence[Path], features: FeatureList) -> ConfigSize:
    footers = [read_file_footer(path) for path in paths]
    return ConfigSize(
        rows=sum(footer.rows for footer in footers),
        bytes=sum(path.stat().st_size for path in paths),
        uncompressed=sum(footer.unpacked for footer in footers),
        features=features,
    )


def fill_card(
    template: str,
    counted: Counted,
    manifest: Mapping[str, Any],
    sizes: Mapping[str, ConfigSize],
) -> str:
    """Fill a card's front matter and blocks from what was counted of a release.

    Nothing that a source wrote is put in the text other than fenced or escaped. Raises `BadCard`
    for a template without front matter, with an unknown block, or that the Hub's own classes
    refuse.
    """
    front = FRONT_MATTER.match(template)
    if not front:
        raise BadCard("The card's template does not begin with front matter between two `---`.")
    facts = Facts(counted, manifest, {name: size.bytes for name, size in sizes.items()})
    front_data = complete_front_matter(yaml.safe_load(front[1]) or {}, [*facts.configs], sizes)
    # A function, since `re` would read backslashes of a plain text as groups.
    body = BLOCK.sub(lambda block: _find_block(block[1])(facts), template[front.end() :])
    # Only where code loads it: the same date in prose stays as it is.
    body = body.replace(
        f'revision="{EXAMPLE_TAG}"', f'revision="{manifest.get("tag") or EXAMPLE_TAG}"'
    )
    return require_card(f"---\n{front_data.to_yaml()}\n---\n{body}")


def _find_block(name: str) -> Callable[[Facts], str]:
    if name not in BLOCKS:
        raise BadCard(f"The card has no block {name!r}. There are: {', '.join(sorted(BLOCKS))}.")
    return BLOCKS[name]


def complete_front_matter(
    template_data: Mapping[str, Any],
    configs: Sequence[Config],
    sizes: Mapping[str, ConfigSize],
) -> DatasetCardData:
    """Complete the template's front matter with what follows from the files.

    The default config is the first: the papers, under the most open licence there is.
    """
    rows = sum(sizes[config.name].rows for config in configs if config.table == DEFAULT)
    licenses = dict.fromkeys(config.license.lower() for config in configs)
    entries = [_describe_config(config.name, [config.name]) for config in configs]
    wide = list_wide_configs(configs)
    # The alternatives that most people look for come right after the default.
    entries[1:1] = [_describe_config(name, layers) for name, layers in wide.items()]
    infos = [_describe_features(name, size) for name, size in sizes.items()]
    infos[1:1] = [
        _describe_features(name, _add_sizes([sizes[layer] for layer in layers]))
        for name, layers in wide.items()
    ]
    return DatasetCardData(
        **{
            **template_data,
            "license": [*licenses] if len(licenses) > 1 else next(iter(licenses), "cc0-1.0"),
            "size_categories": [name_size_category(rows)],
            "configs": [entries[0] | {"default": True}, *entries[1:]] if entries else [],
            "dataset_info": infos,
        }
    )


def _add_sizes(sizes: Sequence[ConfigSize]) -> ConfigSize:
    return ConfigSize(
        rows=sum(size.rows for size in sizes),
        bytes=sum(size.bytes for size in sizes),
        uncompressed=sum(size.uncompressed for size in sizes),
        features=sizes[0].features,
    )


def name_size_category(rows: int) -> str:
    """Return the Hub's name for a number of rows."""
    return next((name for bound, name in SIZE_CATEGORIES.items() if rows < bound), LARGEST)


def _describe_config(name: str, layers: Sequence[str]) -> dict[str, Any]:
    paths = [f"{CONFIG_FOLDER}/{layer}/train-*.parquet" for layer in layers]
    path = paths[0] if len(paths) == 1 else paths
    return {"config_name": name, "data_files": [{"split": "train", "path": path}]}


def _describe_features(name: str, size: ConfigSize) -> dict[str, Any]:
    split = {"name": "train", "num_bytes": size.uncompressed, "num_examples": size.rows}
    return {
        "config_name": name,
        "features": size.features,
        "splits": [split],
        "download_size": size.bytes,
        "dataset_size": size.uncompressed,
    }


def require_card(content: str) -> str:
    """Return a card if the Hub's own classes read it; raise `BadCard` if not."""
    try:
        DatasetCard(content)
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise BadCard(f"The card's front matter is not what the Hub reads: {error}") from None
    return content
