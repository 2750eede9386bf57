"""What keeps a strict reader of XML from going on: an error, or a wait for what never comes."""

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from flows.raw.xml_stream import Event, name_reason
from flows.raw.xml_tags import write_name
from schemas.vocabulary import Reason

FATAL = 3
"""libxml2's level of errors after which a text is no XML; less is, say, an undeclared prefix."""

END_TAG = re.compile(rb"</([^<>\"'\s]{1,100})\s*>\Z")

SECTION = re.compile(rb"(?:\A|>)[^<>]*+<!")
"""The beginning of a comment or a section, which is in no tag."""


@dataclass(frozen=True)
class XmlFault:
    """Why a chunk cannot be read."""

    reason: Reason
    detail: str
    is_unclosed: bool = False
    """Whether it is not this chunk that is broken, but the record before it, which has no end."""


def is_kept_waiting(content: bytes, events: list[Event]) -> bool:
    """Return whether bytes end with an end tag whose event did not come.

    The reader is inside a comment or a section, or looks for the end of a tag or of a value.
    """
    tag = END_TAG.search(content)
    if tag is None:
        return False
    last = write_name(events[-1][1]) if events and events[-1][0] == "end" else ""
    return last.encode() != tag[1]


def feed_reader(reader: Any, content: bytes) -> XmlFault | None:
    """Feed a strict reader; return what is wrong with what it has read, if anything."""
    try:
        reader.feed(content)
    except etree.XMLSyntaxError as error:
        reason = name_reason(getattr(error, "code", None))  # lxml's stubs do not know the attribute
        return XmlFault(reason, f"is not well-formed XML: {error.msg}")
    # libxml2 logs some errors that lxml raises only when the file ends.
    for entry in reader.feed_error_log:
        if entry.level >= FATAL:
            return XmlFault(name_reason(entry.type), f"is not well-formed XML: {entry.message!s}")
    return None
