"""Find raw files, recognise_source the source of each, and date them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.raw.archives import Member, open_members
from flows.raw.discovery import InputFile, find_files, find_snapshot_day
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.recognition import Recognition, recognise_source
from flows.sources import SOURCES
from schemas.vocabulary import Source


@dataclass(frozen=True)
class FoundFiles:
    """The raw files of a run, and what was noticed while looking for them."""

    raw: list[RawFile]
    notes: list[str]
    """Files that were given twice, files that were left out."""


@dataclass(frozen=True)
class UnknownFile:
    """A file, or a member of an archive, that no source recognises."""

    place: str
    reason: str


def recognise_files(
    given: Sequence[Path], *, source: Source | None = None, skip_unknown: bool = False
) -> FoundFiles:
    """Find the raw files in files and folders, each recognised by its content.

    ``source`` overrides recognition. Raises `RefusedInput` when there is nothing to read, or
    when a file is of no source and ``skip_unknown`` is false; every such file is listed.
    """
    found = list(find_files(given))
    looked = [
        one for file in found if not file.duplicate_of for one in recognise_members(file, source)
    ]
    unknown = [one for one in looked if isinstance(one, UnknownFile)]
    raw = [one for one in looked if isinstance(one, RawFile)]
    complaints = [f"{one.place}: {one.reason}" for one in unknown]
    if unknown and not skip_unknown:
        raise RefusedInput(
            "No source recognises\n  " + "\n  ".join(complaints) + "\nLeave them out with "
            "--skip-unknown, or name their source with --source (see `open-papers sources`)."
        )
    if not raw:
        raise RefusedInput(
            f"{', '.join(map(str, given))}: nothing to read there. Put files below it, or name "
            "others: open-papers refresh FILE_OR_FOLDER."
        )
    twice = [
        f"{file.path}: the same file as {file.duplicate_of}" for file in found if file.duplicate_of
    ]
    return FoundFiles(raw, twice + [f"left out {complaint}" for complaint in complaints])


def recognise_members(file: InputFile, source: Source | None) -> Iterator[RawFile | UnknownFile]:
    """Give what a file holds: one raw file, or one for each member of an archive."""
    parsers = {name: module.recognise for name, module in SOURCES.items()}
    for member in open_members(file.path):
        if member.name and is_hidden_member(member.name):
            continue
        seen = (
            Recognition(source, "--source says so") if source else recognise_source(member, parsers)
        )
        if seen.source is None:
            yield UnknownFile(describe_place(file.path, member), seen.reason)
        else:
            yield RawFile(
                path=file.path,
                source=seen.source,
                snapshot=find_snapshot_day(file.path),
                sha256=file.sha256,
                member=member.name,
                member_index=member.index,
            )


def is_hidden_member(name: str) -> bool:
    """Tell members that no person put into an archive: hidden files, and what macOS adds."""
    parts = name.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts if part)


def describe_place(path: Path, member: Member) -> str:
    """Name a file, or a member in it, for a person."""
    return f"{path}" if member.name is None else f"{path} ({member.name!r} in it)"
