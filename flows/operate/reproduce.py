"""Reproduce: build a release again from the raw files its manifest names, and compare hashes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from flows.deduplicate.resolve import Ways, digest
from flows.deduplicate.resolve.task import resolve_records
from flows.deduplicate.task import deduplicate
from flows.enrich.links import link_checks
from flows.enrich.task import enrich
from flows.enrich.topics import taxonomy_version
from flows.errors import UserError
from flows.hashing import hash_file
from flows.parse.task import parse
from flows.paths import RunFolder
from flows.publish import hub
from flows.publish import manifest as manifests
from flows.publish.task import Publication, describe_observations, write_release
from flows.raw.discovery import find_files
from flows.raw.raw_file import RawFile
from flows.release import read_manifest
from flows.validate import validate
from schemas.vocabulary import Source

SOURCES = {source.value: source for source in Source}
"""A source by its value, as manifests give it."""

OTHERS = "card and charts"
"""What the files outside the configs are called."""


class Unreproducible(UserError):
    """A manifest whose release cannot be built here: the message says what is missing."""


@dataclass(frozen=True)
class Reproduction:
    """What came of building a release again."""

    same: dict[str, bool]
    """Whether every file of a config has the hash that the manifest gives, by config."""
    versions: list[str]
    """What is another version here than in the manifest, in a sentence each."""

    @property
    def is_same(self) -> bool:
        """Whether every file has the hash that the manifest gives."""
        return all(self.same.values())

    def rendered(self) -> RenderableType:
        """Show it on a terminal."""
        table = Table("config", "bytes", box=None, pad_edge=False, header_style="bold")
        for name, is_same in self.same.items():
            table.add_row(escape(name), "the same" if is_same else "differ")
        return Group(table, "", *(escape(line) for line in (*self.versions, self._verdict())))

    def _verdict(self) -> str:
        if self.is_same:
            return "The release is reproduced: every file has the hash that its manifest gives."
        if self.versions:
            return "The release is not reproduced. Try again with the versions of its manifest."
        return (
            "The release is not reproduced, although code, packages and inputs are the same. "
            "This is a fault of the pipeline: please report it with the manifest."
        )


@dataclass(frozen=True)
class Seen:
    """Where a run finds what it sees besides its raw files."""

    index: Path | None = None
    answers: Path | None = None
    link_checks: Path | None = None

    def ways(self, used: Mapping[str, Any]) -> Ways | None:
        """Give the ways by which a manifest's release was resolved, without asking anybody.

        Raises `Unreproducible` where the index or the answers are not there.
        """
        answers = used.get("answers")
        if "index" in used and (not self.index or digest(self.index) != used["index"]):
            raise Unreproducible(
                f"Titles were looked up in an index with the digest {used['index']}: name it with "
                "--index FOLDER."
            )
        if answers and not (self.answers and self.answers.is_dir()):
            raise Unreproducible(
                "Titles were looked up at services: name the folder of their answers with "
                "--answers FOLDER."
            )
        index = self.index if "index" in used else None
        day = date.fromisoformat(answers["day"]) if answers else date.min
        return Ways(index, self.answers if "answers" in used else None, day) if used else None

    def checks(self, named: Sequence[Mapping[str, str]]) -> list[Path]:
        """Find the observations of links that a manifest names. Raises `Unreproducible`."""
        there = {
            hash_file(path): path
            for path in link_checks.list_check_files(self.link_checks or Path())
        }
        if missing := [one["file"] for one in named if one["sha256"] not in there]:
            raise Unreproducible(
                f"The observations of links in {', '.join(missing)} are not in "
                f"{self.link_checks}: name their folder with --link-checks FOLDER."
            )
        return [there[one["sha256"]] for one in named]


def reproduce(
    manifest: Path, raw: Path, previous: str | None, cache: Path, seen: Seen | None = None
) -> Reproduction:
    """Build the release of a manifest again in a temporary folder, from the files below ``raw``.

    ``previous`` is the release before it, by its folder or as OWNER/NAME@REVISION, which is
    downloaded below ``cache``; ``seen`` is where what else was seen lies. Raises `Unreproducible`
    when an input, that release or something seen is missing.
    """
    expected, seen = read(manifest), seen or Seen()
    with TemporaryDirectory(prefix="open-papers-") as made:
        folder = Path(made)
        before = hub.locate_release(previous, cache) if previous else folder / "none"
        require_previous(expected, before)
        inputs = raw_files(expected["inputs"], raw, folder / "raw")
        ways = seen.ways(expected.get("resolution") or {})
        checks = seen.checks(expected.get("link_checks") or [])
        build(inputs, before, folder, expected.get("allowed") or {}, ways, checks)
        found = read_manifest(folder / "release")
        versions = differing_versions(expected, found)
        return Reproduction(compare(expected["files"], found["files"]), versions)


def build(  # noqa: PLR0913, PLR0917  # everything that decides about the bytes
    inputs: Sequence[RawFile],
    before: Path,
    folder: Path,
    allowed: Mapping[str, str],
    ways: Ways | None = None,
    checks: Sequence[Path] = (),
) -> Publication:
    """Make the release of some raw files in ``folder/release``, as `refresh` does.

    The steps are called as the functions they are: no run is recorded, no server is needed.
    """
    steps = RunFolder(folder)
    parsed = [parse.fn(one, folder) for one in inputs]
    resolved = resolve_records.fn(parsed, before, steps.resolved.folder, ways)
    merged = deduplicate.fn(parsed, before, steps.merged.folder, resolved.table)
    validated = validate.fn(merged, parsed, steps.validated.folder)
    enriched = enrich.fn(validated, steps.enriched.folder, before, checks)
    observed = describe_observations(resolved.used, checks, taxonomy_version())
    return write_release.fn(
        enriched, inputs, folder / "release", before, allowed=allowed, observed=observed
    )


def read(manifest: Path) -> dict[str, Any]:
    """Read a manifest. Raises `Unreproducible` for a file that is none."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
        for one in found["inputs"]:
            _ = SOURCES[one["source"]], date.fromisoformat(one["snapshot"])
            _ = one["sha256"], one["file"]
        _ = found["files"], found["packages"], found["code"]
    except (ValueError, KeyError, TypeError) as error:
        raise Unreproducible(
            f"{manifest} is not the manifest of a release ({type(error).__name__}: {error}). Name "
            "the manifest.json of a release folder."
        ) from None
    return found  # type: ignore[no-any-return]  # json knows no types


def require_previous(expected: Mapping[str, Any], before: Path) -> None:
    """Raise `Unreproducible` unless a release is the one that the manifest was made after."""
    wanted, given = expected.get("previous_release"), manifests.hash_manifest(before)
    if wanted == given:
        return
    if wanted is None:
        raise Unreproducible(
            "The manifest is that of a first release, which has no release before it. Leave out "
            "--previous."
        )
    raise Unreproducible(
        f"The release was made after another one, whose manifest has the digest {wanted}; "
        f"{'none' if given is None else f'one with {given}'} was given. Its ids come from there: "
        "name it with --previous FOLDER or --previous OWNER/NAME@REVISION."
    )


def raw_files(inputs: Sequence[Mapping[str, Any]], raw: Path, named: Path) -> list[RawFile]:
    """Find the inputs of a manifest below a folder, by their sha256.

    ``named`` gets a link to each under the name it had then, which is part of the tables. Raises
    `Unreproducible`, naming every input that is not there.
    """
    known = {file.sha256: file.path for file in find_files([raw])}
    missing = {
        f"{one['file']} of {one['source']}, {one['snapshot']}, sha256 {one['sha256']}"
        for one in inputs
        if one["sha256"] not in known
    }
    if missing:
        raise Unreproducible(
            f"Not below {raw}, whatever its name:\n  " + "\n  ".join(sorted(missing)) + "\nPut "
            "what is missing there, or name another folder with --raw."
        )
    return [_raw_file(one, known[one["sha256"]], named) for one in inputs]


def _raw_file(one: Mapping[str, Any], path: Path, named: Path) -> RawFile:
    link = named / one["sha256"] / Path(one["file"]).name
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(path.resolve())
    return RawFile(
        path=link,
        source=SOURCES[one["source"]],
        snapshot=date.fromisoformat(one["snapshot"]),
        sha256=one["sha256"],
        member=one.get("member"),
        member_index=one.get("member_index"),
    )


def differing_versions(expected: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Say what decides the bytes and is another version here than in the manifest."""
    then, now = (dict(_versions(one)) for one in (expected, here))
    return [
        f"{name} is {now.get(name, 'missing')} here and {then.get(name, 'missing')} there"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]


def _versions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, version in manifest["packages"].items():
        yield f"package {name}", version
    for name, version in manifest["code"].items():
        yield f"code ({name})", version
    for name in ("schema_version", "taxonomy", "curation", "models", "resolution", "card"):
        yield name, manifest.get(name)
    for part, figures in (manifest.get("accuracy") or {}).items():
        for metric, value in figures.items():
            yield f"accuracy of {part}, {metric}", value


def compare(
    expected: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]
) -> dict[str, bool]:
    """Say for each config whether its files are the same in two manifests."""
    then, now = _by_config(expected), _by_config(found)
    return {name: then.get(name) == now.get(name) for name in sorted(then.keys() | now.keys())}


def _by_config(files: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    configs: dict[str, dict[str, str]] = {}
    for path, file in files.items():
        parts = path.split("/")
        name = parts[1] if parts[0] == "data" else OTHERS
        configs.setdefault(name, {})[path] = file["sha256"]
    return configs
