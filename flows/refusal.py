"""Refusal: an error that its reader can act upon."""

import errno


class Refusal(Exception):
    """Something was refused on purpose. The message says what, where, and what to do next.

    The command line prints it alone and exits with 1; anything else is a fault of the code.
    """


FULL = {errno.ENOSPC, errno.EDQUOT}
"""What the system says where a disk is full, or a person's share of it."""


def is_disk_full(error: BaseException) -> bool:
    """Say whether an error, or one that led to it, is that of a full disk."""
    cause = error.__cause__ or error.__context__
    if isinstance(error, OSError) and error.errno in FULL:
        return True
    return cause is not None and is_disk_full(cause)
