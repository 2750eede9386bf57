"""Recognition: which source a text is of, told by how its content begins."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flows.raw.archives import Member, name_packing
from schemas.vocabulary import Source

HEAD_BYTES = 1 << 16
"""Bytes by which a file's source is recognised."""

IsOfSource = Callable[[bytes], bool]


@dataclass(frozen=True)
class Recognition:
    """What a text was taken for."""

    source: Source | None
    """None where no source, or more than one, knows it."""
    reason: str
    """Why, in a sentence."""


def recognise_source(member: Member, sources: Mapping[Source, IsOfSource]) -> Recognition:
    """Find the source of a text by its content; nothing of it is consumed."""
    head = member.stream.peek(HEAD_BYTES)
    if unreadable := _describe_unreadable(member, head):
        return Recognition(None, unreadable)
    matches = [source for source, is_of in sources.items() if is_of(head)]
    if len(matches) == 1:
        return Recognition(matches[0], f"its content is that of {matches[0].meaning}")
    if matches:
        return Recognition(None, f"fits more than one source: {', '.join(matches)}. Use --source.")
    return Recognition(None, f"{_describe_content(head)}, yet of none of the known sources")


def _describe_unreadable(member: Member, head: bytes) -> str | None:
    if not head.strip():
        return member.stream.fault.detail if member.stream.fault else "is empty"
    if packing := name_packing(head):
        return f"is {packing}: unpack it first"
    return None


CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Bytes that no text in UTF-8 holds, unless it is damaged."""


def _describe_content(head: bytes) -> str:
    if CONTROL.search(head):
        return "is no text, or text in another encoding than UTF-8"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return f"is JSON with the fields {', '.join(_list_field_names(start)) or 'none'}"
    if start.startswith(b"<"):
        tag = re.search(rb"<([A-Za-z][\w:.-]*)", start)
        return f"is XML or HTML of <{tag[1].decode() if tag else '?'}>"
    first = start.splitlines()[0][:60].decode("utf-8", "replace")
    return f"is text that begins with {first!r}"


def _list_field_names(start: bytes) -> list[str]:
    names = re.findall(rb'"([A-Za-z_][\w-]{0,30})"\s*:', start)
    return [name.decode() for name in dict.fromkeys(names)][:8]
