"""GitHub: what it says of a repository on a day. An answer is hostile until proven otherwise."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from flows.errors import UserError
from flows.http.public_address import NotPublic
from flows.http.public_client import Client, NoAnswer
from flows.http.rate_limit import TooBusy
from flows.raw.json_stream import Unreadable, parse_value

ENDPOINT = "https://api.github.com"

ANSWER_BYTES = 200_000
"""A repository and its organisation take some 10,000."""

LONGEST_NAME = 60
"""Characters of the longest names of licences and languages, with room."""

TOKEN = re.compile(r"[0-9A-Za-z_.-]{1,255}")
"""What a token is made of; anything else could end the header that it is sent in."""

RENAMED = frozenset({301, 302, 307, 308})


@dataclass(frozen=True)
class RepositoryFacts:
    """What is known of a repository; all null where GitHub says nothing that can be read."""

    stars: int | None = None
    code_license: str | None = None
    """SPDX name of the licence that GitHub recognises."""
    language: str | None = None
    """The programming language that most of it is written in."""
    is_archived: bool | None = None


@dataclass(frozen=True)
class GitHub:
    """GitHub, asked with a token, which is sent to the endpoint alone and written nowhere."""

    web: Client
    token: str
    endpoint: str = ENDPOINT

    def __post_init__(self) -> None:
        """Refuse what cannot be a token. Raises `UserError`, which does not repeat it."""
        if not TOKEN.fullmatch(self.token):
            raise UserError("GITHUB_TOKEN holds something else than a token: set or unset it.")

    def __repr__(self) -> str:
        """Show no token."""
        return f"GitHub({self.endpoint})"

    def facts(self, repo: str) -> RepositoryFacts:
        """Ask about ``owner/name``, following one rename within the endpoint."""
        url = f"{self.endpoint}/repos/{quote(repo, safe='/')}"
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/vnd.github+json",
        }
        try:
            answer = self.web.ask("GET", url, ANSWER_BYTES, headers)
            if answer.status in RENAMED:
                target = urljoin(url, answer.headers.get("location", ""))
                # A redirect elsewhere would carry the token to another host.
                if urlsplit(target)[:2] != urlsplit(self.endpoint)[:2]:
                    return RepositoryFacts()
                answer = self.web.ask("GET", target, ANSWER_BYTES, headers)
        except (NoAnswer, NotPublic, TooBusy, ValueError):
            return RepositoryFacts()
        return parse_repository(answer.body) if answer.status == 200 else RepositoryFacts()  # noqa: PLR2004  # HTTP's OK


def parse_repository(body: bytes) -> RepositoryFacts:
    """Read GitHub's answer about a repository; what has another shape than documented is null."""
    try:
        answer = parse_value(body)
    except Unreadable:
        return RepositoryFacts()
    fields: dict[str, Any] = answer if isinstance(answer, dict) else {}
    stars, archived = fields.get("stargazers_count"), fields.get("archived")
    code_license = fields.get("license")
    return RepositoryFacts(
        # By type, since true is an int as well; no repository has stars beyond the bound.
        stars if type(stars) is int and 0 <= stars < 2**31 else None,
        _read_name(code_license.get("spdx_id")) if isinstance(code_license, dict) else None,
        _read_name(fields.get("language")),
        archived if isinstance(archived, bool) else None,
    )


def _read_name(value: object) -> str | None:
    is_name = isinstance(value, str) and 0 < len(value) <= LONGEST_NAME and value.isprintable()
    return str(value) if is_name else None
