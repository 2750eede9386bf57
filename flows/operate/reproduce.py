"""Reproduce: build a release again from the raw files its manifest names, and compare hashes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from flows.deduplicate.resolve import ResolveOptions, digest_index
from flows.deduplicate.resolve.task import resolve_records
from flows.deduplicate.task import deduplicate
from flows.enrich.links import link_checks
from flows.enrich.task import enrich
from flows.enrich.topics import taxonomy_version
from flows.hashing import hash_file
from flows.operate.reproducible import Unreproducible, read_release_manifest
from flows.parse.task import parse
from flows.paths import RunFolder
from flows.publish import hub
from flows.publish.task import Publication, describe_observations, write_release
from flows.raw.discovery import find_files
from flows.raw.raw_file import RawFile
from flows.release import read_manifest
from flows.release.kept_releases import find_kept, hold_release
from flows.release.manifest_file import hash_manifest
from flows.validate import validate
from schemas.vocabulary import Source

SOURCES = {source.value: source for source in Source}
"""A source by its value, as manifests hold it."""

OTHERS = "card and charts"
"""What the files outside the configs are called."""


@dataclass(frozen=True)
class Reproduction:
    """Whether a release that was built again has the bytes of its manifest."""

    same: dict[str, bool]
    """By config, whether every file has the hash that the manifest holds."""
    versions: list[str]
    """A sentence for each version that is another one here than in the manifest."""

    @property
    def is_same(self) -> bool:
        """Whether every file has the hash that the manifest holds."""
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
class Observations:
    """The folders that a run reads besides its raw files; None where it reads none."""

    index: Path | None = None
    answers: Path | None = None
    link_checks: Path | None = None

    def resolve_options(self, used: Mapping[str, Any]) -> ResolveOptions | None:
        """Return how the titles of a manifest's release were resolved, to repeat it offline.

        Raises `Unreproducible` where the index or the answers are not there.
        """
        answers = used.get("answers")
        if "index" in used and (not self.index or digest_index(self.index) != used["index"]):
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
        # With a day, the kept answers of that day count and nobody is asked.
        day = date.fromisoformat(answers["day"]) if answers else date.min
        return (
            ResolveOptions(index, self.answers if "answers" in used else None, day)
            if used
            else None
        )

    def checks(self, listed: Sequence[Mapping[str, str]]) -> list[Path]:
        """Find the observations of links that a manifest names. Raises `Unreproducible`."""
        checks_by_hash = {
            hash_file(path): path
            for path in link_checks.list_check_files(self.link_checks or Path())
        }
        if missing := [file["file"] for file in listed if file["sha256"] not in checks_by_hash]:
            raise Unreproducible(
                f"The observations of links in {', '.join(missing)} are not in "
                f"{self.link_checks}: name their folder with --link-checks FOLDER."
            )
        return [checks_by_hash[file["sha256"]] for file in listed]


def reproduce_release(
    manifest: Path, raw: Path, previous: str | None, cache: Path, seen: Observations | None = None
) -> Reproduction:
    """Build the release of a manifest again in a temporary folder, from the files below ``raw``.

    ``previous`` is the release before it, by its folder or as OWNER/NAME@REVISION, which is
    downloaded below ``cache``; without it, the one that is kept beside the release. ``seen`` says
    where everything else is that the run had read. Raises `Unreproducible` when an input, that
    release or something else is missing.
    """
    expected, seen = read_release_manifest(manifest), seen or Observations()
    with TemporaryDirectory(prefix="open-papers-") as temporary:
        folder = Path(temporary)
        place = (
            hub.locate_release(previous, cache)
            if previous
            else find_previous(expected, manifest.parent)
        )
        # Its folder may be replaced, and what is kept be deleted, by a run that goes on meanwhile.
        held = RunFolder(folder).previous
        previous_folder = hold_release(place, held) if place else held
        # Before anything is built: another predecessor gives other ids, after all the work.
        require_previous(expected, previous_folder)
        inputs = find_inputs(expected["inputs"], raw, folder / "raw")
        resolve_options = seen.resolve_options(expected.get("resolution") or {})
        checks = seen.checks(expected.get("link_checks") or [])
        build_from_files(
            inputs, previous_folder, folder, expected.get("allowed") or {}, resolve_options, checks
        )
        rebuilt = read_manifest(folder / "release")
        versions = compare_versions(expected, rebuilt)
        return Reproduction(compare_files(expected["files"], rebuilt["files"]), versions)


def find_previous(expected: Mapping[str, Any], folder: Path) -> Path | None:
    """Find the release before one among those that are kept beside it; None where it is not."""
    digest = expected.get("previous_release")
    # A kept release is in a folder of such; the current one is beside that folder.
    neighbours = (folder, folder.parent)
    kept_folders = (find_kept(place, digest) for place in neighbours if digest)
    return next(filter(None, kept_folders), None)


def build_from_files(  # noqa: PLR0913, PLR0917  # everything that decides about the bytes
    inputs: Sequence[RawFile],
    previous: Path,
    folder: Path,
    allowed: Mapping[str, str],
    resolve_options: ResolveOptions | None = None,
    checks: Sequence[Path] = (),
) -> Publication:
    """Make the release of some raw files in ``folder/release``, as `refresh` does.

    The steps are called as the functions they are: no run is recorded, no server is needed.
    """
    steps = RunFolder(folder)
    parsed = [parse.fn(file, folder, skip_refused=True) for file in inputs]
    resolved = resolve_records.fn(parsed, previous, steps.resolved.folder, resolve_options)
    merged = deduplicate.fn(parsed, previous, steps.merged.folder, resolved.table)
    validated = validate.fn(merged, parsed, steps.validated.folder)
    enriched = enrich.fn(validated, steps.enriched.folder, previous, checks)
    observed = describe_observations(resolved.used, checks, taxonomy_version())
    return write_release.fn(
        enriched, inputs, folder / "release", previous, allowed=allowed, observed=observed
    )


def require_previous(expected: Mapping[str, Any], previous: Path) -> None:
    """Raise `Unreproducible` unless a release is the one that the manifest was made after."""
    expected_hash, actual_hash = expected.get("previous_release"), hash_manifest(previous)
    if expected_hash == actual_hash:
        return
    if expected_hash is None:
        raise Unreproducible(
            "The manifest is that of a first release, which has no release before it. Leave out "
            "--previous."
        )
    raise Unreproducible(
        f"The release was made after another one, whose manifest has the digest {expected_hash}; "
        f"{'none' if actual_hash is None else f'one with {actual_hash}'} was named. Its ids come "
        "from there: name it with --previous FOLDER or --previous OWNER/NAME@REVISION."
    )


def find_inputs(inputs: Sequence[Mapping[str, Any]], raw: Path, links: Path) -> list[RawFile]:
    """Find the inputs of a manifest below a folder, by their sha256.

    ``named`` gets a link to each under the name it had then, which is part of the tables. Raises
    `Unreproducible`, naming every input that is not there.
    """
    paths_by_hash = {file.sha256: file.path for file in find_files([raw])}
    missing = {
        f"{entry['file']} of {entry['source']}, {entry['snapshot']}, sha256 {entry['sha256']}"
        for entry in inputs
        if entry["sha256"] not in paths_by_hash
    }
    if missing:
        raise Unreproducible(
            f"Not below {raw}, whatever its name:\n  " + "\n  ".join(sorted(missing)) + "\nPut "
            "what is missing there, or name another folder with --raw."
        )
    return [_link_input(entry, paths_by_hash[entry["sha256"]], links) for entry in inputs]


def _link_input(entry: Mapping[str, Any], path: Path, links: Path) -> RawFile:
    # A folder for each digest, since two inputs may have had the same name.
    link = links / entry["sha256"] / Path(entry["file"]).name
    # The file's name is part of the tables, and the file here may have another.
    link.parent.mkdir(parents=True, exist_ok=True)
    # Two members of one archive are two inputs with the same file.
    if not link.is_symlink():
        link.symlink_to(path.resolve())
    return RawFile(
        path=link,
        source=SOURCES[entry["source"]],
        snapshot=date.fromisoformat(entry["snapshot"]),
        sha256=entry["sha256"],
        member=entry.get("member"),
        member_index=entry.get("member_index"),
    )


def compare_versions(expected: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Say what decides the bytes and is another version here than in the manifest."""
    then, now = (dict(_list_versions(content)) for content in (expected, here))
    return [
        f"{name} is {now.get(name, 'missing')} here and {then.get(name, 'missing')} there"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]


def _list_versions(manifest: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, version in manifest["packages"].items():
        yield f"package {name}", version
    for name, version in manifest["code"].items():
        yield f"code ({name})", version
    for name in ("schema_version", "taxonomy", "curation", "models", "resolution", "card"):
        yield name, manifest.get(name)
    for figure in manifest.get("accuracy") or ():
        yield f"accuracy of {figure['part']}, {figure['metric']} on {figure['set']}", figure


def compare_files(
    expected: Mapping[str, Mapping[str, Any]], rebuilt: Mapping[str, Mapping[str, Any]]
) -> dict[str, bool]:
    """Say for each config whether its files are the same in two manifests."""
    then, now = _group_by_config(expected), _group_by_config(rebuilt)
    return {name: then.get(name) == now.get(name) for name in sorted(then.keys() | now.keys())}


def _group_by_config(files: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    configs: dict[str, dict[str, str]] = {}
    for path, file in files.items():
        parts = path.split("/")
        name = parts[1] if parts[0] == "data" else OTHERS
        configs.setdefault(name, {})[path] = file["sha256"]
    return configs
