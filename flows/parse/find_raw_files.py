"""Find raw files, recognise the source of each, and date them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.hashing import hash_file
from flows.raw.archives import MAX_MEMBERS, Member, open_members
from flows.raw.description import name_document
from flows.raw.discovery import (
    InputFile,
    find_files,
    find_misfit,
    find_snapshot_day,
    format_path,
    is_of_system,
    list_input_files,
)
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


TOO_MANY = (
    f"an archive of more than {MAX_MEMBERS:,} members. Unpack it, and name its files or their "
    "folder, or pack them into several archives"
)
"""What is wrong with a larger one."""


@dataclass(frozen=True)
class UnknownFile:
    """A file, or a member of an archive, that no source recognises."""

    place: str
    reason: str


def recognise_files(
    paths: Sequence[Path],
    *,
    source: Source | None = None,
    skip_unknown: bool = False,
    read_hash: Callable[[Path], str] = hash_file,
) -> FoundFiles:
    """Find the raw files in files and folders, each recognised by its content.

    ``source`` overrides recognition, ``read_hash`` returns the sha256 of a file.

    Raises `RefusedInput` when there is nothing to read, or
    when a file is of no source and ``skip_unknown`` is false; every such file is listed.
    """

    def hash_known(path: Path) -> str:
        # By its beginning: to hash what is left out may take hours, as of a disk's image.
        members = recognise_members(InputFile(path, ""), source)
        return read_hash(path) if any(isinstance(one, RawFile) for one in members) else ""

    hash_wanted = hash_known if skip_unknown else read_hash
    files = list(find_files(paths, hash_wanted, skip_unusable=skip_unknown))
    members = [
        member
        for file in files
        if not file.duplicate_of
        for member in recognise_members(file, source)
    ]
    raw = [member for member in members if isinstance(member, RawFile)]
    unknown = [
        f"{member.place}: {member.reason}" for member in members if isinstance(member, UnknownFile)
    ]
    if unknown and not skip_unknown:
        raise RefusedInput(_describe_unknown(unknown))
    if not raw:
        raise RefusedInput(_describe_nothing(paths, unknown))
    left_out = [f"left out {complaint}" for complaint in unknown]
    return FoundFiles(raw, _describe_duplicates(files) + left_out)


def _describe_duplicates(files: Sequence[InputFile]) -> list[str]:
    return [
        f"{format_path(file.path)}: the same file as {format_path(file.duplicate_of)}"
        for file in files
        if file.duplicate_of
    ]


def require_known_files(paths: Sequence[Path], source: Source | None = None) -> None:
    """Refuse what no source recognises, by how each file begins: nothing is read whole.

    Raises `RefusedInput` as `recognise_files` does, with the same words.
    """
    unknown = [
        f"{member.place}: {member.reason}"
        for path in list_input_files(paths)
        for member in recognise_members(InputFile(path, ""), source)
        if isinstance(member, UnknownFile)
    ]
    if unknown:
        raise RefusedInput(_describe_unknown(unknown))


def _describe_unknown(unknown: Sequence[str]) -> str:
    return (
        "No source recognises\n  " + "\n  ".join(unknown) + "\nLeave them out with "
        "--skip-unknown, or name their source with --source (see `open-papers sources`)."
    )


def _describe_nothing(paths: Sequence[Path], unknown: Sequence[str]) -> str:
    left_out = "".join(f"\n  left out {complaint}" for complaint in unknown)
    return (
        f"{', '.join(map(format_path, paths))}: nothing to read there.{left_out}\nPut files below "
        "it, or name others: open-papers refresh FILE_OR_FOLDER."
    )


def recognise_members(file: InputFile, source: Source | None) -> Iterator[RawFile | UnknownFile]:
    """Recognise what a file holds: one raw file, or one for each member of an archive."""
    parsers = {name: module.recognise for name, module in SOURCES.items()}
    if fault := file.fault or find_misfit(file.path, file.sha256):
        yield UnknownFile(format_path(file.path), fault)
        return
    try:
        day = find_snapshot_day(file.path)
    except RefusedInput as error:
        # The message of a refusal begins with the place and a colon.
        place, _, reason = str(error).partition(": ")
        yield UnknownFile(place, reason)
        return
    found: list[RawFile | UnknownFile] = []
    names: list[str] = []
    for member in open_members(file.path):
        if (member.index or 0) > MAX_MEMBERS:
            # All or nothing: nobody sees which ten thousand of a million were read.
            yield UnknownFile(format_path(file.path), TOO_MANY)
            return
        names += [member.name or ""]
        if member.name and is_hidden_member(member.name):
            continue
        seen = (
            Recognition(source, "--source says so")
            if source
            else recognise_source(file.path, member, parsers)
        )
        if seen.source is None:
            found.append(UnknownFile(describe_place(file.path, member), seen.reason))
        else:
            found.append(
                RawFile(file.path, seen.source, day, file.sha256, member.name, member.index)
            )
    if not found:
        found = [UnknownFile(format_path(file.path), "is an archive without a file to read")]
    elif document := name_document(names):
        found = [UnknownFile(format_path(file.path), document)]
    yield from found


def is_hidden_member(name: str) -> bool:
    r"""Tell members that no person put into an archive: hidden files, and what systems add.

    >>> is_hidden_member("a/.DS_Store"), is_hidden_member("a\\Thumbs.db"), is_hidden_member("a.b")
    (True, True, False)
    """
    # Windows writes its own separator, which the format does not know.
    return any(is_of_system(part) for part in name.replace("\\", "/").split("/") if part)


def describe_place(path: Path, member: Member) -> str:
    """Name a file, or a member in it, for a person."""
    shown = format_path(path)
    return shown if member.name is None else f"{shown} ({member.name!r} in it)"
