"""Errors of sites: what can be wrong with a site, by what is done about it."""

from flows.errors import UserError


class SiteError(UserError):
    """An answer that cannot be used; the next one may be fine."""


class TransientError(SiteError):
    """Trouble that may pass: the same is asked again, later and later."""


class LayoutChanged(SiteError):
    """An answer of another layout than the one that is known; asking again would not help."""


class SiteStopped(SiteError):
    """A site that is asked nothing more in this run."""
