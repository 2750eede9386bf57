"""Messages: what a command says on standard error outside of any log."""

import json
import os
from collections.abc import Mapping
from typing import Any

from flows.redact import blank_unprintable, redact_text

LOG_JSON = "OPEN_PAPERS_LOG_JSON"
"""What `flows.runs.logs` reads; that module is not imported, so that --help answers at once."""


def format_message(message: str, *, prefix: str = "open-papers: ", level: str = "error") -> str:
    """Format a message as a line for standard error: as JSON where the log is JSON."""
    message = redact_text(message)
    if os.environ.get(LOG_JSON, "") in {"", "0"}:
        return f"{prefix}{blank_unprintable(message, keep=chr(10))}"
    return json.dumps({"level": level, "logger": "open-papers", "event": message})


def explain_setting_error(error: Any, environment: Mapping[str, str]) -> str | None:
    """Return what to do about a setting of Prefect that it cannot read; None for other errors.

    Its value is not repeated: that of one of them may be a key.

    >>> explain_setting_error(ValueError("a"), {}) is None
    True
    """
    # By names alone: a command that meets no Prefect imports neither it nor pydantic.
    if type(error).__name__ != "ValidationError" or not str(error.title).endswith("Settings"):
        return None
    # A setting that is made of another one is wrong only because that is.
    causes = error.errors(include_url=False)
    faults = [fault for fault in causes if fault["type"] != "default_factory_not_called"]
    # Prefect writes some of them in capitals before it looks at them.
    values = {str(fault.get("input")).casefold() for fault in faults}
    names = sorted(
        name
        for name, value in environment.items()
        if name.startswith("PREFECT_") and value.casefold() in values
    )
    place = ", ".join(names) or "its profile or .env (`prefect config view` shows them)"
    reasons = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in faults if fault["loc"])
    return (
        f"Prefect cannot read a setting, {place}: {reasons}. Correct it or unset it, "
        "then run again."
    )
