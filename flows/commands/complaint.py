"""Complaints: what a command says on standard error outside of any log."""

import json
import os

from flows.redact import blank_unprintable, redact_text

LOG_JSON = "OPEN_PAPERS_LOG_JSON"
"""What `flows.runs.logs` reads; that module is not imported, so that --help answers at once."""


def format_complaint(message: str, *, prefix: str = "open-papers: ", level: str = "error") -> str:
    """Return a message as a line of standard error: JSON where every line there is."""
    message = redact_text(message)
    if os.environ.get(LOG_JSON, "") in {"", "0"}:
        return f"{prefix}{blank_unprintable(message, keep=chr(10))}"
    return json.dumps({"level": level, "logger": "open-papers", "event": message})
