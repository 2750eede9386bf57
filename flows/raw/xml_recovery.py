"""XML read past its errors: a broken record is reported and the next one is read.

A strict reader goes over the file. Where it fails, the record in hand is given up, and a new
strict reader begins at the next record, inside the elements that were open around the broken one.
What lies between records (the head of a volume) is repaired by libxml2's recovering reader, so
that the records after it keep their place. Documents that follow one another are all read.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal

from lxml import etree

from flows.raw.xml_chunks import BLANK, Chunk, balance_tags, cut_chunks, find_glued_record
from flows.raw.xml_encoding import decode_declared
from flows.raw.xml_faults import SECTION, XmlFault, feed_reader, is_kept_waiting
from flows.raw.xml_stream import READER_OPTIONS, Event, local_name, refuse_declarations
from flows.raw.xml_tags import name_encoding, write_lead, write_name
from schemas.vocabulary import Reason

RETRY_BYTES = 1 << 22
"""Bytes that are read again after errors, in all: a hostile file cannot make the work quadratic."""

CHUNK_COST = 256
"""Bytes that a chunk counts for at least when it is read again: each costs a call to the reader."""

REPAIRED_TAGS = 20_000
"""Tags between two records that are repaired: the head of a volume has a hundred, and a megabyte of
broken tags would become 300,000 elements."""

EXCERPT_BYTES = 400

RAW_AMPERSAND = re.compile(rb"&(?!#?\w+;)")
"""The beginning of a reference whose semicolon libxml2 waits for, be it to the end of the file."""

MARKER = "end-of-chunk"

SWALLOWED_RECORDS = 4
"""Whole records without an event after which the record around them is taken for unclosed."""

UNCLOSED = "a comment or a reference that does not end"

OPEN_TAG = "a tag, an attribute's value or an & that does not end"

GLUED = "its beginning is broken, and so is the end of the record before it"


@dataclass(frozen=True)
class Damage:
    """A part of a file that was not read."""

    reason: Reason
    detail: str
    excerpt: str = ""
    is_record: bool = False
    """Whether a record was lost; False for what lies between records."""
    unread_bytes: int = 0
    """Bytes of which it is not known what they held; then the reason is `Reason.TRUNCATED`."""


def read_past_errors(
    stream: BinaryIO, file: str, records: frozenset[str]
) -> Iterator[Event | Damage]:
    """Yield the start and the end of each element, and each part that could not be read.

    ``records`` are the local names of the elements that hold a record each; none of them is in
    another. Elements of a broken record may have been yielded before its error was met, but not
    its own end. Raises `RefusedInput` for a document type declaration and an unknown encoding.
    """
    recovery = _Recovery(file, records)
    tail = b""
    for chunk in cut_chunks(decode_declared(stream, file), records):
        tail = (tail + chunk.content)[-EXCERPT_BYTES:]
        yield from recovery.read_chunk(chunk)
    yield from recovery.finish(tail)


@dataclass
class _Recovery:
    """A strict reader and what is open in it."""

    file: str
    records: frozenset[str]
    reader: Any = None
    encoding: str | None = None
    """Encoding of the document; None until its root was read."""
    root: str = ""
    open_elements: list[etree._Element] = field(default_factory=list)
    silent: list[Chunk] = field(default_factory=list)
    """Chunks since the last event: they are in a comment, or the reader waits for a character."""
    half_read: tuple[list[etree._Element], list[Event]] | None = None
    """What was open before the first silent chunk, and the events that it gave before it fell
    silent."""
    retried: int = 0
    is_damaged: bool = False

    def read_chunk(self, chunk: Chunk) -> Iterator[Event | Damage]:
        """Read one chunk, and once more what an error kept from being read."""
        queue = deque([chunk])
        while queue:
            following = queue.popleft() if self.encoding else queue.popleft().strip_lead()
            if not following.content:
                continue
            around = list(self.open_elements)
            events, error = self._feed(following)
            yield from events
            if error is not None:
                answers, again = self._give_up(following, around, events, error)
                yield from answers
                queue.extendleft(reversed(again))

    def finish(self, tail: bytes) -> Iterator[Event | Damage]:
        """Say what is missing at the end of the file, after what a comment without end kept."""
        has_end = bool(self.root) and tail.rstrip(BLANK).endswith(f"</{self.root}>".encode())
        # In a file that is whole, the reader has nothing to wait for.
        while self.silent and (has_end or len(self.silent) > 1 or self._is_in_record()):
            last, around = self.silent.pop(), list(self.open_elements)
            error = XmlFault(Reason.MALFORMED, UNCLOSED)
            answers, again = self._give_up(last, around, [], error)
            yield from answers
            for chunk in again:
                yield from self.read_chunk(chunk)
        if not self.root:
            yield Damage(Reason.TRUNCATED, "the file ends before its XML does: it has no element")
        elif self.open_elements and not (has_end and self.is_damaged):
            place = write_name(self.open_elements[-1])
            detail = f"the file ends before its XML does: inside <{place}>"
            is_record = self._count_outside() < len(self.open_elements)
            yield Damage(Reason.TRUNCATED, detail, is_record=is_record)

    def _feed(self, chunk: Chunk) -> tuple[list[Event], XmlFault | None]:
        """Feed a chunk; return its events, and what is wrong with it, if anything."""
        # After an error, or between documents, there is none.
        if self.reader is None:
            self._start_reader()
        around = list(self.open_elements)
        error = feed_reader(self.reader, chunk.content)
        events: list[Event] = []
        for event, element in self.reader.read_events():
            if event == "start" and self._is_record(element) and self._is_in_record():
                return events, XmlFault(
                    Reason.MALFORMED, "a record that does not end", is_unclosed=True
                )
            self._track(event, element)
            events.append((event, element))
        is_clear = bool(events) or not any(piece.content.strip() for piece in self.silent)
        is_waiting = error is None and is_clear and is_kept_waiting(chunk.content, events)
        # A quote without its partner would have the reader look for one through the whole file.
        if is_waiting and not SECTION.search(chunk.content):
            error = XmlFault(Reason.MALFORMED, OPEN_TAG)
        if events:
            self.silent = [chunk] if is_waiting else []
            self.half_read = (around, events) if is_waiting else None
        else:
            self.silent.append(chunk)
            # A comment that is never closed would keep the rest of the file waiting.
            if error is None and self._has_swallowed():
                error = XmlFault(Reason.MALFORMED, UNCLOSED)
        if error is None and events and RAW_AMPERSAND.search(chunk.content):
            error = self._probe(chunk, around)
        if error is None and self.encoding and not self.open_elements:
            self.reader, self.encoding, self.silent = None, None, []
        return events, error

    def _start_reader(self) -> None:
        """Start a strict reader inside copies of the elements that are open."""
        self.reader = etree.XMLPullParser(events=("start", "end"), **READER_OPTIONS)
        if self.open_elements:
            self.reader.feed(write_lead(self.open_elements, self.encoding))
            self.open_elements = [element for _, element in self.reader.read_events()]

    def _probe(self, chunk: Chunk, around: list[etree._Element]) -> XmlFault | None:
        """Read a chunk alone, with a semicolon behind it that ends every wait for one."""
        reader = etree.XMLPullParser(events=("end",), **READER_OPTIONS)
        return feed_reader(reader, write_lead(around, self.encoding) + chunk.content + b";")

    def _track(self, event: str, element: etree._Element) -> None:
        """Follow which elements are open."""
        if event == "end":
            self.open_elements.pop()
            return
        # The first element is the root, before which a document type would have been declared.
        if self.encoding is None:
            refuse_declarations(element, self.file)
            self.encoding = name_encoding(element)
            self.root = write_name(element)
        self.open_elements.append(element)

    def _is_record(self, element: etree._Element) -> bool:
        return local_name(element) in self.records

    def _has_swallowed(self) -> bool:
        """Return whether whole records lie inside an open one: it has no end where it should."""
        inside = sum(chunk.is_record for chunk in self.silent) if self._is_in_record() else 0
        return inside >= SWALLOWED_RECORDS

    def _is_in_record(self) -> bool:
        return any(map(self._is_record, self.open_elements))

    def _count_outside(self) -> int:
        """Count the open elements that lie around the open record; all of them between records."""
        flags = [self._is_record(element) for element in self.open_elements]
        return flags.index(True) if True in flags else len(flags)

    def _give_up(
        self, chunk: Chunk, around: list[etree._Element], events: list[Event], error: XmlFault
    ) -> tuple[list[Event | Damage], list[Chunk]]:
        """Leave out what is broken; return it, what was repaired, and what is to be read again."""
        self.reader, silent, self.silent = None, [] if events else self.silent, []
        # The first chunk without an answer is the broken one; those after it may be whole.
        waiting = silent if silent and silent[-1] is chunk else [*silent, chunk]
        broken, again = waiting[0], waiting[1:]
        if silent and self.half_read:
            around, events = self.half_read
        self.half_read, self.is_damaged = None, True
        # Records are in no other: a whole one inside an open one shows that the open one is broken.
        is_swallowed = not events and broken.is_record and any(map(self._is_record, around))
        if error.is_unclosed or is_swallowed:
            broken, again = Chunk(b""), [chunk] if error.is_unclosed else waiting
        was_in_record = self._is_in_record() or broken.is_record
        repaired: list[Event | Damage] = []
        # Text without a tag, such as the head of an HTTP answer, holds no record.
        is_accounted = b"<" not in broken.content or broken.is_record
        if broken.is_record:
            self.open_elements = around
        elif self.encoding and broken.content:
            fresh = self._repair(broken, around, events)
            is_accounted = fresh is not None
            repaired += fresh or []
        del self.open_elements[self._count_outside() :]
        excerpt = broken.content[:EXCERPT_BYTES].decode("utf-8", "replace").strip()
        unread = 0 if is_accounted else len(broken.content)
        reason = Reason.TRUNCATED if unread else error.reason
        damage = Damage(reason, error.detail, excerpt, was_in_record, unread)
        # A blank has nothing to report: the reader met the error there, and waited before.
        damages = [damage] if broken.content.strip() or was_in_record else []
        if broken.is_record and (glued := find_glued_record(broken.content)):
            excerpt = glued[:EXCERPT_BYTES].decode("utf-8", "replace").strip()
            damages.append(Damage(error.reason, GLUED, excerpt, is_record=True))
        return [*repaired, *damages, *self._refuse_retries(again)], again

    def _refuse_retries(self, again: list[Chunk]) -> list[Damage]:
        """Empty the list of what is to be read again where that has been too much already."""
        size = sum(len(chunk.content) for chunk in again)
        self.retried += sum(max(CHUNK_COST, len(chunk.content)) for chunk in again)
        if self.retried <= RETRY_BYTES:
            return []
        again.clear()
        detail = f"errors over more than {RETRY_BYTES:,} bytes: what follows this one is left out"
        return [Damage(Reason.TRUNCATED, detail, unread_bytes=size)]

    def _repair(
        self, chunk: Chunk, around: list[etree._Element], events: list[Event]
    ) -> list[Event] | None:
        """Read what lies between records with the recovering reader; return its further events.

        None where that reader does not reach the end of the chunk either, or is not asked to.
        Afterwards the elements that the repaired chunk leaves open are the ones that are open.
        """
        names = [write_name(element) for element in around]
        # Where an end tag of what is around is in it, the records after it are elsewhere.
        has_end = any(f"</{name}".encode() in chunk.content for name in names)
        if not has_end and chunk.content.count(b"<") > REPAIRED_TAGS:
            return None
        content = balance_tags(chunk.content, names)
        marked = write_lead(around, self.encoding) + content + f"<{MARKER}/>".encode()
        root = etree.fromstring(marked, etree.XMLParser(recover=True, **READER_OPTIONS))
        marker = root.find(f".//{{*}}{MARKER}") if root is not None else None
        if marker is None:
            return None
        # What is open at the mark is open at the end of the chunk: its end events are to come.
        left_open = list(marker.iterancestors())[::-1]
        ended_later = set(left_open)
        # Elements around the chunk were begun before it, and some events of it came already.
        passed = {"start": len(around), "end": 0}
        for event, _ in events:
            passed[event] += 1
        fresh: list[Event] = []
        for event, element, is_in_record in self._walk(root):
            if element is marker or (event == "end" and element in ended_later):
                continue
            passed[event] -= 1
            if passed[event] < 0 and not is_in_record:
                fresh.append((event, element))
        self.open_elements = left_open
        return fresh

    def _walk(
        self, root: etree._Element
    ) -> Iterator[tuple[Literal["start", "end"], etree._Element, bool]]:
        """Yield starts and ends of all elements, and whether each is a record or within one."""
        open_records = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            is_record = self._is_record(element)
            open_records += is_record and event == "start"
            yield event, element, open_records > 0
            open_records -= is_record and event == "end"
