"""Answers of services on disk, with their day: a run that stopped goes on where it was."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flows.refusal import Refusal

DAYS = 30
"""Days after which an answer is asked for again: papers appear on services within weeks."""


@dataclass(frozen=True)
class Answers:
    """A folder of answers, one file per URL."""

    folder: Path
    days: int = DAYS

    def get(self, url: str) -> tuple[int, bytes] | None:
        """Give status and body of a kept answer; None where there is none, or none that counts."""
        try:
            kept = json.loads(self._path(url).read_bytes())
            age = datetime.now(UTC).date() - date.fromisoformat(kept["retrieved"])
            if kept["url"] != url or age.days > self.days:
                return None
            return int(kept["status"]), base64.b64decode(kept["body"], validate=True)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return None  # a damaged file is an answer that must be asked for again

    def keep(self, url: str, status: int, body: bytes) -> None:
        """Keep an answer, whole or not at all. Raises `Refusal` where the disk does not take it."""
        path = self._path(url)
        kept = {
            "url": url,
            "retrieved": datetime.now(UTC).date().isoformat(),
            "status": status,
            "body": base64.b64encode(body).decode(),
        }
        partial = path.with_suffix(".partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(kept), encoding="utf-8")
            partial.replace(path)
        except OSError as error:
            raise Refusal(
                f"{path}: cannot keep an answer ({error.strerror}). Use --cache."
            ) from None

    def _path(self, url: str) -> Path:
        digest = hashlib.sha256(url.encode()).hexdigest()
        return self.folder / digest[:2] / f"{digest}.json"
