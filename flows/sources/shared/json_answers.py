"""Answers of a service as JSON: how a source of them is recognised, brought and read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from flows.http.site_client import Web
from flows.raw.archives import ContentStream
from flows.raw.batch import Batch
from flows.raw.fetch_request import FetchRequest
from flows.raw.json_head import peek_head
from flows.raw.manual_files import fetch_named
from flows.raw.outcome import Outcome
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.store import Store
from flows.sources.shared.row_batches import RowReader, parse_json_rows

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class JsonAnswers:
    """What tells the answers of a service from others, and how one of their rows is read."""

    rows: str
    """What the rows are, for messages: ``works of OpenAlex``."""
    signature: re.Pattern[bytes]
    """What only these answers hold."""
    reader: RowReader
    example: str
    """An address that could be asked for, for messages."""
    pages: tuple[str, ...] = ()
    """Fields in which a page of the service holds its rows."""
    names: tuple[bytes, ...] = ()
    """What else is in each of them."""

    def recognise(self, head: bytes) -> bool:
        """Return whether a text begins like answers of this service."""
        start = head.removeprefix(BOM).lstrip()
        has_names = all(name in start for name in self.names)
        is_json = start.startswith((b"{", b"["))
        return is_json and has_names and self.signature.search(start) is not None

    def fetch(self, request: FetchRequest, store: Store, web: Web) -> Iterator[Outcome]:
        """Bring answers that are named as files or addresses into the store."""
        return fetch_named(request, store, web, recognise=self.recognise, example=self.example)

    def parse(self, raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
        """Read the rows of a file. Raises `RefusedInput` for anything else."""
        content = ContentStream.wrap(stream)
        head = peek_head(content)
        if not self.recognise(head):
            raise RefusedInput(
                f"{raw.path.name}: holds no {self.rows}. "
                "Give --source the name of its source, or leave that option out."
            )
        yield from parse_json_rows(raw, content.as_binary(), head, self.reader, self.pages)
