"""Refusal: an error that its reader can act upon."""

import errno

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the system says where a disk is full, or a person's share of it."""

UNWRITABLE = FULL | {errno.EACCES, errno.EPERM, errno.EROFS}
"""Errors of a disk that only its owner can mend."""


class Refusal(Exception):
    """Something was refused on purpose. The message says what, where, and what to do next.

    The command line prints it alone and exits with 1; anything else is a fault of the code.
    """


def is_disk_full(error: BaseException) -> bool:
    """Say whether an error, or one that led to it, is that of a full disk."""
    fault = _fault_of_disk(error)
    return fault is not None and fault.errno in FULL


def of_disk(error: BaseException, place: object = "a file") -> Refusal | None:
    """Give the refusal for a disk that is full or closed to us; None for any other error.

    ``place`` is named where the error does not say which file it met.
    """
    fault = _fault_of_disk(error)
    if fault is None:
        return None
    return Refusal(
        f"{fault.filename or place}: {fault.strerror}. Make room on that disk (data/interim can be "
        "deleted), or let this user read and write there, then run again. What came before is "
        "whole, and kept."
    )


def _fault_of_disk(error: BaseException) -> OSError | None:
    """Find the error of a disk that an error is, or that led to it."""
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return error
    cause = error.__cause__ or error.__context__
    return _fault_of_disk(cause) if cause is not None else None
