"""Manual files: files and addresses that a person names, for sources that come as whole files."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flows.errors import UserError
from flows.http.errors import LayoutChanged
from flows.http.site_client import Web
from flows.raw.archives import open_members
from flows.raw.discovery import find_snapshot_day
from flows.raw.fetch_request import FetchRequest
from flows.raw.outcome import Outcome, fetch_each
from flows.raw.recognition import read_head
from flows.raw.store import Store, StoredFile
from flows.redact import redact_url

IsOfSource = Callable[[bytes], bool]

OPTIONS = {
    "since": "--day, --week, --month or --since",
    "until": "--until",
    "ids": "--id",
    "sets": "--set",
    "urls": "--url",
    "files": "--file",
}
"""What people call what is wanted."""


def fetch_named(
    request: FetchRequest, store: Store, web: Web, *, recognise: IsOfSource, example: str
) -> Iterator[Outcome]:
    """Bring files and addresses into the store, each only if it is of the source.

    Raises `UserError` where none is given: such a source has no days, and nothing to guess.
    """
    if not request.urls and not request.files:
        raise UserError(
            f"{web.site.name} comes as whole files: say which, with --url {example} or with "
            "--file FILE."
        )
    refuse_options(request, web, "since", "until", "ids", "sets")

    def check(body: Path) -> None:
        _require_source(body, web, recognise)

    def copy(path: Path) -> Iterator[StoredFile]:
        # Before it is copied: the store holds nothing that is not of its source.
        check(path)
        yield store.save_copy(path, find_snapshot_day(path), web.now())

    yield from fetch_each(request.files, copy)
    yield from fetch_addresses(request, store, web, check)


def fetch_addresses(
    request: FetchRequest, store: Store, web: Web, check: Callable[[Path], None]
) -> Iterator[Outcome]:
    """Bring the addresses that were given into the store, each under a name of its own."""

    def ask(url: str) -> Iterator[StoredFile]:
        name = name_address_file(store, url)
        conditions = store.find_conditions(name, url)
        yield store.save_answer(name, web.get(url, store.partial_path(name), check, conditions))

    yield from fetch_each(request.urls, ask)


def name_address_file(store: Store, url: str) -> str:
    """Name the file of an address by its end, and by all of it where others end in the same.

    Those are an address with a query, and one whose end is the name of another's file already.
    """
    plain, shown = plain_name(url), redact_url(url)
    taken_by = store.find_url(plain)
    if taken_by == shown or not (taken_by or urlsplit(url).query):
        return plain
    stem, ending = os.path.splitext(plain)  # noqa: PTH122  # of a name that need not be a path
    return f"{stem}-{hashlib.sha256(shown.encode()).hexdigest()[:12]}{ending}"


def plain_name(url: str) -> str:
    """Name the file of an address by the last part of its path, as far as that is a plain name."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    # The end of a name says what a file is; file systems allow some 255 bytes.
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip("-.")[-100:].lstrip("-.")
    return plain or "index"


def refuse_options(request: FetchRequest, web: Web, *names: str) -> None:
    """Raise `UserError` where something is wanted that the source does not have."""
    for name in names:
        if getattr(request, name):
            raise UserError(
                f"{web.site.name} cannot be asked by {OPTIONS[name]}: what each source takes is "
                "in `open-papers fetch --help`."
            )


def _require_source(path: Path, web: Web, recognise: IsOfSource) -> None:
    if not any(recognise(read_head(path, member)) for member in open_members(path)):
        raise LayoutChanged(
            f"{web.site.name}: {path.name} is no file of this source, or its layout has changed. "
            "It was not kept."
        )
