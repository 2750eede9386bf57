"""Early stop: a signal that comes before a command has begun ends it with one line, too.

Until then the modules of all commands are imported, which takes half a second or more. So this
module imports nothing that Python has not imported by itself, and is imported first.
"""

import io
import os
import signal
import sys
from types import FrameType

NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}
"""Signals that end a command, as people know them."""

PROGRAM = "open-papers"

_LOG_JSON = "OPEN_PAPERS_LOG_JSON"

_former: dict[signal.Signals, object] = {}
"""What a signal did before."""


def is_program(name: str) -> bool:
    """Return whether a module of this name is run as the command line, and not imported for a part.

    A process that another one has spawned runs the same module under another name: to it, signals
    come from that one.
    """
    main = getattr(sys.modules.get("__main__"), "__file__", None) or ""
    return name == "__main__" or os.path.basename(main).startswith(PROGRAM)  # noqa: PTH119  # pathlib would have to be imported


def stop_early() -> None:
    """End the process with a line when a signal comes and no command is under way.

    Signals that are ignored, as those of the terminal are in jobs of its background, stay so.
    """
    for number in NAMES:
        if signal.getsignal(number) is not signal.SIG_IGN:
            _former[number] = signal.signal(number, _end_process)


def open_streams() -> None:
    """Open the streams with which the process was started closed, and let none refuse a letter.

    A file or a connection would get the number of one that is closed, and what is printed would be
    written into it. What a terminal in another encoding cannot show is shown as its code.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free, which is this one.
            os.open(os.devnull, os.O_RDWR)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # stays open, without pathlib
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def leave_signals() -> None:
    """Let signals do again what they did before `stop_early`."""
    while _former:
        number, handler = _former.popitem()
        signal.signal(number, handler)  # type: ignore[arg-type]  # as `signal.signal` gave it


def _end_process(number: int, _: FrameType | None) -> None:
    # Any module may be half imported: this line is written without one.
    line = f"stopped by {NAMES[signal.Signals(number)]}."
    is_json = "--log-json" in sys.argv or os.environ.get(_LOG_JSON, "") not in {"", "0"}
    shown = (
        f'{{"level": "error", "logger": "{PROGRAM}", "event": "{line}"}}'
        if is_json
        else f"{PROGRAM}: {line}"
    )
    try:
        os.write(2, f"{shown}\n".encode())
    finally:
        os._exit(128 + number)
