"""Errors of the Hub as one message each, without the token that they may hold."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

import httpx2
from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # not re-exported as such
    validate_repo_id,
)

from flows.errors import UserError, is_disk_full
from flows.publish.hub.client import bound_waiting

TOKEN = re.compile(r"\bhf_\w+|(?<=://)[^/\s@]+(?=@)")
"""What a token or the password in a URL looks like."""

MISREADINGS = (TypeError, AttributeError, LookupError, ValueError, OverflowError, RecursionError)
"""What code raises that is given another value than it expects."""

CLIENT = "huggingface_hub."

LONGEST_REASON = 300
"""Characters that are shown of what an answer or such an error says: it may be of any length."""

TOO_MANY = 429
TEMPORARY = {408, TOO_MANY}
FAULT_OF_THE_HUB = 500
"""The first of the statuses by which a server says that the fault is its own."""


class Unpublished(UserError):
    """The Hub did not take a release. The message says why and what to do."""


class Missing(Unpublished):
    """There is no such repository, branch or tag that the token reaches."""


class Unreachable(Unpublished):
    """The Hub or the way to it failed for now: the same call may succeed later."""


@contextmanager
def translate_errors(repo: str, endpoint: str) -> Iterator[None]:
    """Turn whatever the Hub and the network can answer into `Unpublished`.

    Nothing is waited for without end in between: see `bound_waiting`.
    """
    bound_waiting()
    try:
        yield
    except (HfHubHTTPError, httpx2.HTTPError, HFValidationError, OSError) as error:
        raise classify_error(error)(
            redact_tokens(f"{repo}: {explain_error(error, repo, endpoint)}")
        ) from None
    except MISREADINGS as error:
        if not is_of_client(error):
            raise
        reason = shorten_reason(f"{type(error).__name__}: {error}")
        raise Unpublished(
            redact_tokens(
                f"{repo}: {endpoint} answered in another form than the Hub's ({reason}). See "
                "whether that is its address, and whether something on the way answers in its "
                "place; then run the same command again."
            )
        ) from error


def is_of_client(error: BaseException) -> bool:
    """Return whether an error was met within the Hub's client, which trusts every answer's form."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__", "").startswith(CLIENT) for frame in frames)


def classify_error(error: Exception) -> type[Unpublished]:
    """Return the kind of refusal that an error becomes."""
    if is_temporary(error):
        return Unreachable
    is_missing = isinstance(error, RepositoryNotFoundError | RevisionNotFoundError)
    # A gated repository is an error of the missing kind to the client, yet it is there.
    return Missing if is_missing and not isinstance(error, GatedRepoError) else Unpublished


def is_temporary(error: Exception) -> bool:
    """Return whether an error is one of the network or of a busy Hub."""
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return status in TEMPORARY or status >= FAULT_OF_THE_HUB
    return isinstance(error, httpx2.TransportError)


def shorten_reason(text: str) -> str:
    """Put what the Hub or its client says on one line of bounded length, without its last stop."""
    # Redacted before it is cut: of half a token nobody knows that it is one.
    return redact_tokens(" ".join(text.split()))[:LONGEST_REASON].rstrip(".")


def redact_tokens(text: str) -> str:
    """Take tokens and passwords out of a text."""
    # A token of another kind of Hub need not begin with the letters that the pattern knows.
    token = get_token()
    return TOKEN.sub("***", text.replace(token, "***") if token else text)


def require_repo_name(repo: str) -> None:
    """Raise `Unpublished` unless a repository is named as the Hub wants it: OWNER/NAME."""
    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise Unpublished(redact_tokens(f"{repo!r} {describe_bad_name(error)}")) from None
    # The client accepts names without an owner, as old repositories have them.
    if "/" not in repo:
        raise Unpublished(redact_tokens(f"{repo!r} {describe_bad_name('Its owner is missing.')}"))


def describe_bad_name(why: object) -> str:
    """Say what is wrong with a repository's name."""
    return f"is no name of a repository; it must look like OWNER/NAME. {why}"


def explain_error(error: Exception, repo: str, endpoint: str) -> str:  # noqa: PLR0911  # a table of cases
    """Say what an error means for someone who publishes, and what to do about it."""
    if isinstance(error, HFValidationError):
        return describe_bad_name(error)
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set, so nothing can be sent. Unset it and run again."
    if isinstance(error, GatedRepoError):
        return (
            f"access is restricted to people who asked for it at {endpoint}/datasets/{repo}. "
            "Ask there, or use a token of someone who has it."
        )
    if isinstance(error, RepositoryNotFoundError):
        return (
            f"there is no such dataset on {endpoint}, or it is private and the token (HF_TOKEN or "
            "`hf auth login`) does not reach it."
        )
    if isinstance(error, RevisionNotFoundError):
        return "the branch or tag does not exist. Check its name."
    if isinstance(error, DisabledRepoError):
        return f"the Hub has disabled this repository. See why at {endpoint}/datasets/{repo}."
    if isinstance(error, HfHubHTTPError):
        return explain_status(error, endpoint)
    if is_disk_full(error):
        return "no space left on this machine's disk. Make room, then run again."
    return (
        f"{endpoint} cannot be reached ({type(error).__name__}). Check the network, then run the "
        "same command again: it goes on where this one stopped."
    )


def explain_status(error: HfHubHTTPError, endpoint: str) -> str:
    """Say what an HTTP status of the Hub means."""
    status = error.response.status_code
    reason = shorten_reason(error.server_message or str(error))
    meanings = {
        400: f"the Hub refused what was sent: {reason}",
        401: f"the token is not valid. Make another at {endpoint}/settings/tokens and log in with "
        "`hf auth login`, or set HF_TOKEN.",
        403: f"the token may not write there: {reason}. Use a token with write access from a "
        "member of the namespace.",
        413: f"the Hub found it too large: {reason}",
        TOO_MANY: "too many requests for now. Wait five minutes, then run the same command again.",
    }
    again = "Run the same command again later: it goes on where this one stopped."
    return meanings.get(status, f"the Hub answered with HTTP {status}: {reason}. {again}")


def require_token(api: HfApi) -> None:
    """Raise `Unpublished` when there is no token or it can only read."""
    if get_token() is None:
        raise Unpublished(
            "Publishing needs a Hugging Face token with write access, and none was found. Log in "
            "with `hf auth login`, or set the environment variable HF_TOKEN."
        )
    try:
        role: Any = api.whoami()
    except HfHubHTTPError as error:
        # The Hub limits this question more than a write, which will itself show what it may.
        if error.response.status_code != TOO_MANY:
            raise
        return
    # Whatever form it has: a token that may not write is refused later, too.
    for name in ("auth", "accessToken", "role"):
        role = role.get(name) if isinstance(role, dict) else None
    if role == "read":
        raise Unpublished(
            "The Hugging Face token can only read. Make one with write access at "
            f"{api.endpoint}/settings/tokens, then log in with `hf auth login` or set HF_TOKEN."
        )
