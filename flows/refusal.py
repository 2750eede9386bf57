"""Refusal: an error that its reader can act upon."""


class Refusal(Exception):
    """Something was refused on purpose. The message says what, where, and what to do next.

    The command line prints it alone and exits with 1; anything else is a fault of the code.
    """
