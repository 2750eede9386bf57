"""Answers of services on disk, with their day: a run that stopped goes on where it was.

No answer is replaced: a newer one is kept beside it. So a run of an earlier day can be repeated
with the very answers that it had.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from flows.errors import UserError
from flows.runs.notices import note_damage

DAYS = 30
"""Days after which an answer is asked for again: papers appear on services within weeks."""


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as it was kept."""

    status: int
    body: bytes
    day: date


@dataclass(frozen=True)
class AnswerCache:
    """A folder of answers: one file per URL and day."""

    folder: Path
    day: date
    """The day of the run, in UTC; what was answered later does not exist for it."""
    _read: dict[str, date] = field(default_factory=dict)

    @classmethod
    def of_today(cls, folder: Path) -> Self:
        """Return the answers as a run that begins now sees them."""
        return cls(folder, datetime.now(UTC).date())

    def get(self, url: str) -> StoredAnswer | None:
        """Return the newest answer that is not damaged; None where there is none."""
        for path in sorted(self._folder(url).glob("*.json"), reverse=True):
            if (answer := _read_stored(path, url)) is not None and answer.day <= self.day:
                self._read[path.relative_to(self.folder).as_posix()] = answer.day
                return answer
        return None

    def is_fresh(self, answer: StoredAnswer) -> bool:
        """Return whether an answer is young enough not to be asked for again."""
        return (self.day - answer.day).days <= DAYS

    def keep(self, url: str, status: int, body: bytes) -> StoredAnswer:
        """Keep an answer, whole or not at all. Raises `UserError` if the disk refuses it."""
        path = self._folder(url) / f"{self.day}.json"
        answer = {
            "url": url,
            "retrieved": self.day.isoformat(),
            "status": status,
            "body": base64.b64encode(body).decode(),
        }
        answer["sha256"] = _hash_answer(answer)
        partial = path.with_suffix(".partial")
        try:
            # First beside its place, then into it: a run that stops leaves a whole answer or none.
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(answer), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise UserError(
                f"{path}: cannot keep an answer ({error.strerror}). Name another folder for them."
            ) from None
        return StoredAnswer(status, body, self.day)

    def used(self) -> dict[str, str]:
        """Name what was read so far: ``day`` of the newest answer and ``sha256`` over all of them.

        Empty where nothing was read.
        """
        if not self._read:
            return {}
        digest = hashlib.sha256()
        for name in sorted(self._read):
            content = hashlib.sha256((self.folder / name).read_bytes()).hexdigest()
            digest.update(f"{name}\0{content}\n".encode())
        return {"day": max(self._read.values()).isoformat(), "sha256": digest.hexdigest()}

    def _folder(self, url: str) -> Path:
        digest = hashlib.sha256(url.encode()).hexdigest()
        return self.folder / digest[:2] / digest


def _read_stored(path: Path, url: str) -> StoredAnswer | None:
    """Read a kept answer; a damaged file is no answer, with a notice that says so."""
    try:
        answer = json.loads(path.read_bytes())
        # One flipped bit of a body is another answer, and as good as any to look at.
        if answer.pop("sha256") != _hash_answer(answer) or answer["url"] != url:
            raise ValueError(url)  # noqa: TRY301  # treated as all else that is wrong with it
        body = base64.b64decode(answer["body"], validate=True)
        return StoredAnswer(int(answer["status"]), body, date.fromisoformat(answer["retrieved"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        note_damage("answers of services", path, "as if never asked for")
        return None


def _hash_answer(answer: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(answer, sort_keys=True).encode()).hexdigest()
