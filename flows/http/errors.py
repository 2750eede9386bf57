"""Troubles: what can be wrong with a site, by what is done about it."""

from flows.errors import UserError


class Trouble(UserError):
    """An answer that cannot be used; the next one may be fine."""


class Passing(Trouble):
    """Trouble that may pass: the same is asked again, later and later."""


class Changed(Trouble):
    """An answer of another layout than the one that is known; asking again would not help."""


class Stopped(Trouble):
    """A site that is asked nothing more in this run."""
