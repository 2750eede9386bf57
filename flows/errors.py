"""UserError: an error that its reader can act upon."""

import errno
import os
import re
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where a disk is full, or a person's share of it."""

CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
"""What the system says of a file that we may not touch; of a socket too, which has no name."""

UNREACHABLE = frozenset({errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR})
"""What the system says of a name that no file can have where it was looked for."""

LIMITS = {
    errno.EMFILE: "this process may not open more files at once: raise `ulimit -n`",
    errno.ENFILE: "the machine has no room for more open files: end other programs",
    errno.EFBIG: "files may not grow so large here: raise `ulimit -f`, or name another disk",
    errno.EIO: "the disk does not read or write: check it, or name another one",
    errno.ESTALE: "the disk of another machine has gone: mount it again",
}
"""What the system says where a limit is met or a disk fails, and what to do."""

A_FILE = "a file"
"""What is named where nobody says which file an error met."""

FULL_DISK = (
    "No space left on a disk: that of the release, of --interim, or of temporary files (TMPDIR). "
    "Make room there (data/interim can be deleted), then run again."
)

KEPT = "What came before is whole, and kept."

LONGEST_NAME = 200
"""Characters of a file's name that are shown."""

PANIC = "PanicException"
"""What polars raises where it gives up. It is no `Exception`, and no module has it by name."""

SCARCE = (
    "This machine gave no more memory, or no more threads. Raise `ulimit -v` and `ulimit -u`, end "
    "other programs, or run it where there is more, then run again."
)
"""What is said where memory ends."""

OF_SCARCITY = ("start new thread", "spawn thread", "temporarily unavailable", "memory")
"""What Python, polars and the system say where memory or threads end."""

NETWORK = frozenset({"httpcore", "httpcore2", "httpx", "httpx2"})
"""Packages whose errors are of the network, whatever the system said below them."""


class UserError(Exception):
    """Something was refused on purpose. The message says what, where, and what to do next.

    The command line prints it alone and exits with 1; anything else is a fault of the code.
    """

    exit_code = 1


class WrongUsage(UserError):
    """What somebody named cannot be used at all, which is known before any work begins."""

    exit_code = 2


def count_noun(number: int, noun: str, verb: str = "") -> str:
    """Write a number with what it counts, and a verb that agrees with it.

    Both forms of a verb are named, and of a noun that gets no ``s`` at its end.

    >>> count_noun(1, "rejection"), count_noun(1200, "rejection"), count_noun(0, "file")
    ('1 rejection', '1,200 rejections', '0 files')
    >>> count_noun(1, "piece of it/pieces of it", "is/are"), count_noun(2, "title", "has/have")
    ('1 piece of it is', '2 titles have')
    """
    words = [noun if "/" in noun else f"{noun}/{noun}s", *([verb] if verb else [])]
    return " ".join([f"{number:,}", *(word.split("/")[number != 1] for word in words)])


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error, or one that led to it, is that of a full disk."""
    fault = _find_disk_error(error)
    return fault is not None and fault.errno in FULL


def explain_disk_error(error: BaseException, place: object = A_FILE) -> UserError | None:
    """Return the refusal for a disk that is full or closed to us, or a name that no file can have.

    So for a limit that is met, and for a working folder that is gone. None for any other error.

    ``place`` is named where the error does not say which file it met.
    """
    fault = _find_disk_error(error)
    if fault is None:
        return _explain_lost_folder(error)
    if fault.errno in FULL and fault.filename is None and place == A_FILE:
        return UserError(f"{FULL_DISK} {KEPT}")
    name = str(fault.filename or place)
    shown = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
    if fault.errno in LIMITS:
        return UserError(f"{shown}: {LIMITS[fault.errno]}, then run again. {KEPT}")
    cure = ". Make room on that disk (data/interim can be deleted)"
    if fault.errno in CLOSED:
        cure = ": let this user read and write there"
    elif fault.errno in UNREACHABLE:
        cure = ": name another file or folder"
    reason = os.strerror(fault.errno) if fault.errno else fault.strerror
    return UserError(f"{shown}: {reason}{cure}, then run again. {KEPT}")


def explain_scarcity(error: BaseException) -> UserError | None:
    """Return the refusal where memory or threads ended, also those of polars; None otherwise."""
    is_named = isinstance(error, RuntimeError) or type(error).__name__ == PANIC
    is_scarce = isinstance(error, MemoryError) or (
        is_named and any(word in str(error).lower() for word in OF_SCARCITY)
    )
    return UserError(f"{SCARCE} {KEPT}") if is_scarce else None


def _explain_lost_folder(error: BaseException) -> UserError | None:
    """Return the refusal for a working folder that somebody has deleted; None where it is there."""
    if not isinstance(error, FileNotFoundError):
        return None
    try:
        Path.cwd()
    except FileNotFoundError:
        return UserError("The folder in which this was called is gone. Go to one that is there.")
    return None


def _find_disk_error(error: BaseException) -> OSError | None:
    """Find the error of a disk that an error is, or that led to it."""
    now: BaseException | None = error
    while now is not None and not _is_network_error(now):
        fault = _number_error(now) if isinstance(now, OSError) else None
        if fault and (
            fault.errno in FULL | LIMITS.keys()
            or (fault.errno in CLOSED | UNREACHABLE and fault.filename is not None)
        ):
            return fault
        # `raise ... from None` hides what led to an error; what was hidden is not looked at.
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
    return None


def _number_error(error: OSError) -> OSError:
    """Give an error of polars its number, which is in its text only."""
    match = re.search(r"\(os error (\d+)\)", str(error)) if error.errno is None else None
    return OSError(int(match[1]), os.strerror(int(match[1]))) if match else error


def _is_network_error(error: BaseException) -> bool:
    package = type(error).__module__.partition(".")[0]
    return isinstance(error, ConnectionError) or package in NETWORK
