"""Recognition: which source a text is of, told by how its content begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flows.raw.archives import Member, name_packing
from flows.raw.description import (
    BY_COLUMN,
    REMEDIES,
    describe_content,
    describe_parquet,
    is_by_column,
)
from flows.raw.json_cutter import RECORD_BYTES, explain_unwrap
from flows.raw.json_head import HEAD_BYTES, is_first_value_too_long, peek_head
from flows.raw.parquet_files import PARQUET, list_columns, read_schema_bytes
from schemas.vocabulary import Source

BOM = b"\xef\xbb\xbf"

IsOfSource = Callable[[bytes], bool]


@dataclass(frozen=True)
class Recognition:
    """What a text was taken for."""

    source: Source | None
    """None where no source, or more than one, knows it."""
    reason: str
    """Why, in a sentence."""


def read_head(path: Path, member: Member) -> bytes:
    """Read what a text is recognised by: its beginning, or the columns' names of Parquet.

    Nothing of the member is consumed. Of Parquet that is packed or not whole, only its mark is.
    """
    head = peek_head(member.stream)
    if not head.startswith(PARQUET):
        return head
    return PARQUET + read_schema_bytes(path, HEAD_BYTES - len(PARQUET))


def recognise_source(
    path: Path, member: Member, sources: Mapping[Source, IsOfSource]
) -> Recognition:
    """Find the source of a text by its content; nothing of it is consumed."""
    head = read_head(path, member)
    if unreadable := _describe_unreadable(member, head):
        return Recognition(None, unreadable)
    matches: list[Source] = []
    for source, is_of in sources.items():
        try:
            matches += [source] if is_of(head) else []
        except Exception as error:  # noqa: BLE001  # a reader's fault must name the file, not end the run
            fault = type(error).__name__
            return Recognition(None, f"the reader of {source} fails on it ({fault}): report this")
    if len(matches) == 1:
        return Recognition(matches[0], f"its content is that of {matches[0].meaning}")
    if matches:
        return Recognition(None, f"fits more than one source: {', '.join(matches)}. Use --source.")
    if head.startswith(PARQUET):
        # A footer that is longer than a head is that of a table with thousands of columns.
        columns = list_columns(path) if len(head) < HEAD_BYTES else []
        return Recognition(None, describe_parquet(columns))
    return Recognition(None, _explain_unknown(member, describe_content(head)))


def _explain_unknown(member: Member, description: str) -> str:
    """Say what a content is that no source knows, and what can be done about it."""
    if description.endswith(REMEDIES):
        return description
    if description.startswith("is JSON") and is_first_value_too_long(member.stream):
        unwrap = explain_unwrap(member.stream.peek(HEAD_BYTES))
        return f"{description}; {TOO_LONG}: {unwrap}"
    return f"{description}, yet of none of the known sources"


def _describe_unreadable(member: Member, head: bytes) -> str | None:
    if not head.removeprefix(BOM).strip():
        if len(head) == HEAD_BYTES:
            return f"begins with {HEAD_BYTES:,} blanks: take them out"
        fault = member.stream.fault
        return f"{fault.detail}: nothing of it can be read" if fault else "is empty"
    if packing := name_packing(head):
        return f"is {packing}: unpack it first"
    if head == PARQUET:
        return "is Parquet that is packed or not whole: unpack it, or download it once more"
    # Readers of rows would take all of it for one.
    return BY_COLUMN if is_by_column(head) else None


TOO_LONG = f"its first value has more than {RECORD_BYTES:,} bytes, and no record is so long"
"""What is said of JSON that is one long value."""
