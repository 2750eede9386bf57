"""Manifest: everything a release was made from, so that anyone can make the same bytes again."""

import platform
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from flows.errors import UserError
from flows.hashing import hash_files
from flows.paths import ACCURACY, CURATION, PROJECT, SHIPPED, TOPIC_MODEL
from flows.raw.raw_file import RawFile
from flows.release.manifest_file import hash_manifest
from flows.release.open_release import Release
from flows.release.tag_names import name_tag
from flows.version import read_own_version
from schemas.release import SCHEMA_VERSION
from schemas.vocabulary import SetKind

PACKAGES = (
    "lxml",
    "numpy",
    "orjson",
    "pandera",
    "polars",
    "pyarrow",
    "pylatexenc",
    "rapidfuzz",
    "scipy",
    "selectolax",
)
"""Packages whose version can change the bytes of a release, by name."""


def describe_run(
    raw: Sequence[RawFile], previous: Path, allowed: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Describe a run: its inputs, the release before it, the code, the packages, the curation.

    ``allowed`` gives the reason for each gate that was overridden. The ``tag`` is what the release
    is called where nobody wants another name, so that its card can say it.
    """
    newest = max((file.snapshot for file in raw), default=None)
    before = Release.open_previous(previous).manifest
    return {
        "schema_version": SCHEMA_VERSION,
        "inputs": [
            {
                "source": file.source.value,
                "file": file.path.name,
                "snapshot": file.snapshot.isoformat(),
                "sha256": file.sha256,
                "member": file.member,
                "member_index": file.member_index,
            }
            # The order of arguments and folders must not change the bytes.
            for file in sorted(raw, key=_input_key)
        ],
        "previous_release": hash_manifest(previous),
        "tag": name_tag(newest, before.get("tag")),
        "allowed": dict(allowed or {}),
        "code": {
            "open-papers": read_own_version(),
            # The version alone does not do: between two of them the code changes, its number not.
            "sha256": hash_files(
                (path for top in ("flows", "schemas") for path in (PROJECT / top).rglob("*.py")),
                PROJECT,
            ),
        },
        # Its tables of Unicode decide about texts, and differ between versions.
        "packages": {"Python": platform.python_version()}
        | {name: version(name) for name in PACKAGES},
        "accuracy": list_figures(),
        "curation": hash_curation(),
        "models": hash_files(
            (path for path in TOPIC_MODEL.parent.rglob("*") if path.is_file()), SHIPPED
        ),
    }


def hash_curation() -> str | None:
    """Hash the tables that people edit."""
    return hash_files(CURATION.rglob("*.csv"), SHIPPED)


class EditedInputs(UserError):
    """Curated tables or the previous release changed while a run was reading them."""


def hash_lasting_inputs(previous: Path) -> dict[Path, str | None]:
    """Hash what steps read all through a run: the curated tables and the ``previous`` release."""
    return {CURATION: hash_curation(), previous: hash_manifest(previous)}


def require_same_inputs(before: Mapping[Path, str | None], previous: Path) -> None:
    """Raise `EditedInputs` unless all that was hashed ``before`` the first step is the same."""
    now = hash_lasting_inputs(previous)
    if changed := [str(path) for path, digest in before.items() if now[path] != digest]:
        raise EditedInputs(
            f"{' and '.join(changed)} changed during the run, so that nobody could say what the "
            "release was made from. No release was written: run again."
        )


GATED_SETS = ("dedup", "links", "topics")
"""The project's own development sets, on which each part has its floor."""


def list_figures(path: Path = ACCURACY) -> list[dict[str, Any]]:
    """Read what `make evaluate` last measured: a figure each, with its set and 95 % interval."""
    return pl.read_csv(path, glob=False).to_dicts()


def read_accuracy_figures(path: Path = ACCURACY) -> pl.DataFrame:
    """Read what gates compare: ``name``, as ``part:metric``, and ``value`` on `GATED_SETS`."""
    metric = pl.col("metric").str.replace_all(" ", "-")
    return (
        pl.read_csv(path, glob=False)
        # Sets of others become development sets, too, once rules were mended on them.
        .filter(pl.col("kind") == SetKind.DEVELOPMENT.value, pl.col("set").is_in(GATED_SETS))
        .select(pl.concat_str("part", metric, separator=":").alias("name"), "value")
    )


def _input_key(file: RawFile) -> tuple[str, date, str, int]:
    return file.source, file.snapshot, file.sha256, file.member_index or 0
