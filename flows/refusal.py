"""Refusal: an error that its reader can act upon."""

import errno

UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS})
"""Errors of a disk that only its owner can mend."""


class Refusal(Exception):
    """Something was refused on purpose. The message says what, where, and what to do next.

    The command line prints it alone and exits with 1; anything else is a fault of the code.
    """


def of_disk(error: BaseException, place: object = "a file") -> Refusal | None:
    """Give the refusal for a disk that is full or closed to us; None for any other error.

    ``place`` is named where the error does not say which file it met.
    """
    if not isinstance(error, OSError) or error.errno not in UNWRITABLE:
        return None
    return Refusal(
        f"{error.filename or place}: {error.strerror}. Make room on that disk, or let this user "
        "read and write there, then run again. What came before is whole, and kept."
    )
