"""Store: the raw files of a source as they came, each with a sidecar that says where from."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from flows.hashing import hash_file
from flows.http.site_client import Download
from flows.raw.discovery import DAY
from flows.raw.sidecar import SIDECAR, Sidecar, read_sidecar, sidecar_path
from flows.redact import redact_url

PARTIAL = ".partial"
"""Folder of files that are still coming. Hidden, so that nobody reads them."""

_NUMBERED = re.compile(r"(.+)~(\d+)(\.[^.]*)?", re.ASCII)
"""The second file of a name in a snapshot, and those after it: ``2022.acl~2.xml``, ``papers~3``."""


@dataclass(frozen=True)
class StoredFile:
    """A raw file in the store."""

    path: Path
    sidecar: Sidecar
    is_new: bool = False
    """Whether it came just now and is not what was there before."""


@dataclass
class Store:
    """The folder of a source, ``data/raw/<source>``. One process writes to it at a time.

    A name stands for what was asked for, such as a day; it has a file in each snapshot in which
    the answer differed from the one before.
    """

    folder: Path
    _versions: dict[str, list[tuple[str, int, Path]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List the files that are there; delete what a killed run has left unfinished."""
        shutil.rmtree(self.folder / PARTIAL, ignore_errors=True)
        (self.folder / PARTIAL).mkdir(parents=True)
        for path in self.folder.glob(f"????-??-??/*{SIDECAR}"):
            file = path.with_name(path.name.removesuffix(SIDECAR))
            # A run that was killed may leave a sidecar whose file never came.
            if DAY.fullmatch(path.parent.name) and file.is_file():
                self._add_version(file)
        for versions in self._versions.values():
            versions.sort()

    def _add_version(self, file: Path) -> tuple[str, int]:
        name, ordinal = _split_number(file.name)
        self._versions.setdefault(name, []).append((file.parent.name, ordinal, file))
        return name, ordinal

    def list_names(self) -> Iterator[str]:
        """Return the names that have a file."""
        yield from sorted(self._versions)

    def partial_path(self, name: str) -> Path:
        """Name the file that an answer is written to while it comes."""
        return self.folder / PARTIAL / name

    def find_latest(self, name: str) -> StoredFile | None:
        """Return the newest file of a name that is whole and has a sidecar; None if there is none.

        A file that a disk has cut off must not be taken for what the site still has.
        """
        for _, _, path in reversed(self._versions.get(name, [])):
            sidecar = read_sidecar(path)
            if sidecar and path.stat().st_size == sidecar.size:
                return StoredFile(path, sidecar)
        return None

    def find_conditions(self, name: str, url: str) -> Mapping[str, str]:
        """Return the headers by which a site can tell whether its answer at a URL has changed.

        There are none where the newest file of the name is of another URL: that its answer is
        not what another one was says nothing.
        """
        earlier = self.find_latest(name)
        is_of_it = earlier and earlier.sidecar.url == redact_url(url)
        return earlier.sidecar.headers if earlier and is_of_it else {}

    def find_url(self, name: str) -> str | None:
        """Return the URL that the files of a name came from last, without its secrets, if any."""
        sidecars = (read_sidecar(path) for _, _, path in reversed(self._versions.get(name, [])))
        return next((sidecar.url for sidecar in sidecars if sidecar and sidecar.url), None)

    def find_newest_day(self) -> date | None:
        """Return the last day on which the site gave an answer that could be used."""
        files = (self.find_latest(name) for name in self.list_names())
        return max((stored.sidecar.seen for stored in files if stored), default=None)

    def save_answer(
        self,
        name: str,
        answer: Download,
        *,
        next_: str | None = None,
        without: str | None = None,
        is_same: Callable[[Path, Path], bool] = lambda *_: False,
    ) -> StoredFile:
        """Keep an answer under the snapshot of its day, or confirm the file that says the same.

        ``is_same`` tells that where the bytes differ, as by the time at which they were made.
        The sidecar is there before the file: a process that is killed in between leaves a sidecar
        without a file, which nobody reads, and never a file of unknown origin.
        """
        earlier = self.find_latest(name)
        if answer.body is None or (
            earlier
            and (earlier.sidecar.sha256 == answer.sha256 or is_same(earlier.path, answer.body))
        ):
            return self._confirm(name, earlier, answer)
        sidecar = Sidecar(
            url=redact_url(answer.url),
            time=answer.received.isoformat(timespec="seconds"),
            status=answer.status,
            headers=dict(sorted(answer.headers.items())),
            sha256=answer.sha256,
            size=answer.size,
            next=next_,
            without=without,
        )
        return self._move_in(name, answer.body, sidecar, self._choose_day(name, answer))

    def _choose_day(self, name: str, answer: Download) -> date:
        """Return the day of an answer: today, yet never before a version that came sooner.

        A clock that was set back must not make yesterday's answer the newest for ever.
        """
        versions = self._versions.get(name)
        latest = date.fromisoformat(versions[-1][0]) if versions else date.min
        return max(answer.received.date(), latest)

    def save_copy(self, source: Path, day: date, moment: datetime) -> StoredFile:
        """Keep a copy of a file that somebody has, as of the day it was taken from its source."""
        sha256, name = hash_file(source), source.name
        if _NUMBERED.fullmatch(name):
            # Or it would be taken for a later version of another file of ours.
            name = name.replace("~", "-")
        earlier = self.find_latest(name)
        if earlier and earlier.sidecar.sha256 == sha256:
            return earlier
        coming = self.partial_path(name)
        shutil.copyfile(source, coming)
        time, size = moment.isoformat(timespec="seconds"), coming.stat().st_size
        return self._move_in(name, coming, Sidecar(None, time, None, {}, sha256, size), day)

    def _confirm(self, name: str, earlier: StoredFile | None, answer: Download) -> StoredFile:
        if earlier is None:
            raise FileNotFoundError(f"{name} has not changed, but is not there")
        url = redact_url(answer.url)
        if answer.body is None and url != earlier.sidecar.url:
            raise ValueError(f"{name}: {url} has not changed, but the file is of another URL")
        confirmed = answer.received.isoformat(timespec="seconds")
        sidecar = replace(earlier.sidecar, url=url, confirmed=confirmed)
        self._write_sidecar(sidecar_path(earlier.path), sidecar)
        if answer.body is not None:
            answer.body.unlink()
        return StoredFile(earlier.path, sidecar)

    def _move_in(self, name: str, coming: Path, sidecar: Sidecar, day: date) -> StoredFile:
        folder = self.folder / day.isoformat()
        folder.mkdir(exist_ok=True)
        path = _choose_free_path(folder, name)
        _flush_to_disk(coming)
        # In this order: no file is ever there without what says where it is from.
        self._write_sidecar(sidecar_path(path), sidecar)
        coming.rename(path)
        name, _ = self._add_version(path)
        self._versions[name].sort()
        return StoredFile(path, sidecar, is_new=True)

    def _write_sidecar(self, path: Path, sidecar: Sidecar) -> None:
        partial = self.folder / PARTIAL / path.name
        text = json.dumps(asdict(sidecar), indent=1, ensure_ascii=False) + "\n"
        partial.write_text(text, encoding="utf-8")
        _flush_to_disk(partial)
        partial.replace(path)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _choose_free_path(folder: Path, name: str) -> Path:
    """Return a path for a name: a file that is there is never overwritten, but counted on."""
    stem, ending = os.path.splitext(name)  # noqa: PTH122  # of a name that need not be a path
    path, ordinal = folder / name, 1
    while path.exists():
        ordinal += 1
        path = folder / f"{stem}~{ordinal}{ending}"
    return path


def _split_number(name: str) -> tuple[str, int]:
    match = _NUMBERED.fullmatch(name)
    return (match[1] + (match[3] or ""), int(match[2])) if match else (name, 1)
