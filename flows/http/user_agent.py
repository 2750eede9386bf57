"""User agent: who asks, as every request says it."""

import os
import re

from flows.errors import UserError
from flows.version import read_own_version

CONTACT = "OPEN_PAPERS_CONTACT"
"""Environment variable: a mail address or a page by which a site can reach the maintainer."""

_CONTACT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+:/@~-]{2,199}")
"""Characters of mail addresses and URLs that end no header and start no comment."""


def user_agent() -> str:
    """Return the ``User-Agent`` of each request: the project, and its contact if there is one.

    Raises `UserError` for a contact that is neither a mail address nor a URL.
    """
    contact = os.environ.get(CONTACT, "")
    if contact and not _CONTACT.fullmatch(contact):
        raise UserError(
            f"{CONTACT} is no mail address and no URL: set it to one, without blanks, such as "
            "papers@example.org."
        )
    return f"open-papers/{read_own_version()}" + (f" ({contact})" if contact else "")
