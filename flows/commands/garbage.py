"""Garbage: what is imported is not looked through for it.

Modules stay until a process ends. Python looks through all objects each time that their number has
grown by a quarter, so that the half a million of Prefect, pandas and pandera are looked through
again and again while they are imported: a fifth of the CPU time of the start, and of the end.
"""

import atexit
import gc

USUAL = gc.get_threshold()
"""After how many new objects Python looks for garbage by itself."""

IMPORTING = 100_000
"""The same while modules are imported. Most commands end before so many are made."""


def expect_imports() -> None:
    """Look for garbage rarely from now on, and not at all when the process ends."""
    gc.set_threshold(IMPORTING, *USUAL[1:])
    # All goes with the process: Python would look through everything once more before.
    atexit.register(gc.freeze)


def settle_imports() -> None:
    """Leave alone all that there is, and look for garbage among what comes later, as usual."""
    gc.freeze()
    gc.set_threshold(*USUAL)
