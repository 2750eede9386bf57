"""Garbage collection: rare while modules are imported, which stay until a process ends.

Python's collector looks through all objects each time that their number has grown by a quarter. The
half a million objects of Prefect, pandas and pandera would be looked through again and again while
they are imported: a fifth of the CPU time of the start, and of the end.
"""

import atexit
import gc

USUAL = gc.get_threshold()
"""After how many new objects Python looks for garbage by itself."""

IMPORTING = 100_000
"""The same while modules are imported. Most commands end before so many are made."""


def expect_imports() -> None:
    """Collect rarely from now on, and not at all when the process ends."""
    gc.set_threshold(IMPORTING, *USUAL[1:])
    # All goes with the process: Python would look through everything once more before.
    atexit.register(gc.freeze)


def settle_imports() -> None:
    """Exempt all objects that exist now, and collect those that come later as usual."""
    gc.freeze()
    gc.set_threshold(*USUAL)
