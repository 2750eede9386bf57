"""Logs: events with their run, source and file, as one line of JSON each where that is asked for.

Modules log with `logging.getLogger(__name__)` and give what an event is about as ``extra``: they
need to know neither Prefect nor the run. Prefect keeps the events on its page of the run.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any

from flows.redact import redact_text
from flows.runs.record import CURRENT, make_plain

AS_JSON = "OPEN_PAPERS_LOG_JSON"
"""The environment variable that asks for lines of JSON, here and in processes started from here."""

OURS = "flows"
"""The logger above all of this project's."""

# Without any handler Python prints warnings by itself: a second time, beside the line for people.
logging.getLogger(OURS).addHandler(logging.NullHandler())

STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime"}
"""What every log record has; the rest was given as ``extra``."""


class JSONLineFormatter(logging.Formatter):
    """An event as one line of JSON: time, level, logger, event, and what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Text from files is quoted by JSON: it cannot begin another line."""
        about: dict[str, Any] = {
            name: make_plain(value) for name, value in vars(record).items() if name not in STANDARD
        }
        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        event = {
            "time": moment,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact_text(record.getMessage()),
            **describe_current_run(),
            **about,
        }
        # With a default: no event may fail for the type of what it is about.
        return json.dumps(event, ensure_ascii=False, default=str)


def describe_current_run() -> dict[str, str]:
    """Name the run that is under way, and its flow."""
    run = CURRENT.get()
    return {"run": run.run, "flow": run.flow} if run else {}


def is_json_logging() -> bool:
    """Return whether lines of JSON are asked for."""
    return os.environ.get(AS_JSON, "") not in {"", "0"}


def start_logging() -> None:
    """Let events pass: as JSON to standard error if asked for, else as Prefect is set."""
    ours = logging.getLogger(OURS)
    if not is_json_logging():
        ours.setLevel(os.environ.get("PREFECT_LOGGING_LEVEL", "INFO"))
        return
    ours.setLevel(logging.INFO)
    # Prefect's handler would print each event a second time, in its own form.
    ours.propagate = False
    # A process may record several runs; each would add its handler otherwise.
    if not any(isinstance(handler.formatter, JSONLineFormatter) for handler in ours.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JSONLineFormatter())
        ours.addHandler(handler)
