"""Web: one site asked through one connection, at its pace, again where that may help."""

import hashlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from flows.http.deadline import Deadline
from flows.http.errors import SiteError, SiteStopped, TransientError
from flows.http.rate_limit import RateLimiter, TooBusy
from flows.http.site import Site
from flows.http.user_agent import user_agent
from flows.redact import blank_unprintable, redact_url

ATTEMPTS = 5
"""With pauses of 1, 2, 4 and 8 s and up to as much again: half a minute of trouble is sat out."""

LONGEST_PAUSE = 60.0
LONGEST_WAIT = 600.0
"""Seconds that a site may make us wait: two of Hugging Face's windows."""

REDIRECTS = 5
CLOCK_SKEW = timedelta(days=1)
"""By more than this no day is what it seems: snapshots would be dated wrongly."""

HEADERS = ("content-encoding", "content-type", "content-length", "date", "etag", "last-modified")
"""Headers that are kept. None of them can hold a secret."""

ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})
"""Encodings of a body that are undone. None is asked for, yet some servers choose their own."""

CONDITIONS = frozenset({"if-none-match", "if-modified-since"})
"""Headers of a request that allow the answer that nothing has changed."""

AGAIN = frozenset({408, 425, 429})
"""Refusals that pass; so do all errors of the server's own (5xx)."""

NO_SUCH = frozenset({400, 404, 410, 422})
"""Refusals of this one request; all other 4xx are about us, and end the run."""

Check = Callable[[Path], None]
"""Looks at a body. Raises `TransientError` for no answer, `LayoutChanged` for another layout."""


@dataclass(frozen=True)
class Answer:
    """What a site said, its body in a file."""

    url: str
    received: datetime
    status: int
    headers: Mapping[str, str]
    sha256: str
    size: int
    body: Path | None
    """None where the site says that nothing has changed."""


@dataclass
class Web:
    """A client of one site. Certificates are verified; redirects stay within the site."""

    site: Site
    pace: RateLimiter = field(default_factory=lambda: RateLimiter(longest_wait=LONGEST_WAIT))
    attempts: int = ATTEMPTS
    patience: float = 30.0
    """Seconds without a byte after which an answer is given up."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        """Connect nowhere yet; take a first turn, in case another run has just ended."""
        self.pace.interval = {**self.pace.interval, self.site.name: self.site.interval}
        self.pace.wait(self.site.name)
        self._deadline = Deadline(self.site.seconds)
        self._client = httpx2.Client(
            headers={"User-Agent": user_agent(), "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=self.patience,
            verify=_trusted(),
            limits=httpx2.Limits(max_connections=1, max_keepalive_connections=1),
        )

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def get(
        self, url: str, into: Path, check: Check, known: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for a URL; its body is in the file ``into`` when it has passed the ``check``.

        ``known`` are headers of an earlier answer: the site may say that nothing has changed.
        Raises `SiteError` for an answer that cannot be used, `SiteStopped` where no other will be.
        """
        retrying = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential_jitter(initial=1, max=LONGEST_PAUSE, jitter=1),
            retry=retry_if_exception_type(TransientError),
            sleep=self.pace.sleep,
            reraise=True,
        )
        try:
            return retrying(self._get_once, url, into, check, _conditions(known or {}))
        except TooBusy as error:
            raise SiteStopped(f"{error}, longer than a run waits. Run again later.") from None
        except TransientError as error:
            raise SiteError(f"{error} Given up after {self.attempts} attempts.") from None

    def _get_once(
        self, url: str, into: Path, check: Check, conditions: Mapping[str, str]
    ) -> Answer:
        try:
            return self._follow(url, into, check, conditions)
        except httpx2.TimeoutException:
            raise TransientError(f"{self._at(url)}: no answer in time.") from None
        except httpx2.TransportError as error:
            self._require_in_time(url)
            if _is_certificate(error):
                raise SiteStopped(
                    f"{self._at(url)}: its certificate is not valid. Nothing was read from it; "
                    "check this machine's clock and certificates."
                ) from None
            is_begun = not isinstance(error, httpx2.ConnectError)
            what = "the connection was lost" if is_begun else "no connection could be made"
            raise TransientError(f"{self._at(url)}: {what}.") from None
        except httpx2.DecodingError:
            raise TransientError(f"{self._at(url)}: an answer whose encoding is damaged.") from None
        except (httpx2.InvalidURL, httpx2.HTTPError):
            raise SiteStopped(
                f"{self._at(url)}: its answer is no HTTP, or leads nowhere."
            ) from None

    def _follow(self, url: str, into: Path, check: Check, conditions: Mapping[str, str]) -> Answer:
        at = url
        for _ in range(REDIRECTS + 1):
            if not self.site.may_be_asked(at):
                raise SiteStopped(self._elsewhere(url, at))
            with self._asking(at, conditions) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                self.pace.heed(self.site.name, response.status_code, headers)
                if response.is_redirect and "location" in headers:
                    at = _target(at, headers["location"])
                    continue
                return self._answer(url, response, headers, into, check)
        raise SiteStopped(f"{self._at(url)}: more than {REDIRECTS} redirects.")

    @contextmanager
    def _asking(self, url: str, conditions: Mapping[str, str]) -> Iterator[httpx2.Response]:
        """Ask when it is time, and rest from when the answer is over, be it good or not."""
        self.pace.wait(self.site.name)
        self._client.cookies.clear()
        headers, extensions = dict(conditions), {"trace": self._deadline.trace}
        asking = self._client.stream("GET", url, headers=headers, extensions=extensions)
        try:
            with self._deadline.running(), asking as response:
                yield response
        finally:
            self.pace.rest(self.site.name)

    def _elsewhere(self, url: str, at: str) -> str:
        if at == url:
            return f"{self._at(url)}: no address of {self.site.name}. It was not asked."
        return (
            f"{self._at(url)}: redirects to {_place(at)}, which "
            f"is not {self.site.name}'s own. It was not followed."
        )

    def _answer(
        self,
        url: str,
        response: httpx2.Response,
        headers: Mapping[str, str],
        into: Path,
        check: Check,
    ) -> Answer:
        moment, status = self.now(), response.status_code
        self._require_clock(headers, moment)
        kept = {name: headers[name] for name in HEADERS if name in headers}
        encoding = headers.get("content-encoding", "").strip().lower()
        if status == httpx2.codes.NOT_MODIFIED and CONDITIONS & response.request.headers.keys():
            response.read()  # which leaves the connection open for the next request
            return Answer(url, moment, status, kept, "", 0, None)
        if status != httpx2.codes.OK:
            raise self._refused(url, status)
        if encoding not in ENCODINGS:
            raise SiteError(f"{self._at(url)}: answers in an encoding that was not asked for.")
        try:
            sha256, size = self._save(url, response, into)
            check(into)
        except BaseException:
            into.unlink(missing_ok=True)
            raise
        return Answer(url, moment, status, kept, sha256, size, into)

    def _refused(self, url: str, status: int) -> SiteError:
        said = f"{self._at(url)}: answers {status} ({httpx2.codes.get_reason_phrase(status)})."
        if status in AGAIN or status >= 500:  # noqa: PLR2004  # faults of the server
            return TransientError(said)
        if status in NO_SUCH or status < 400:  # noqa: PLR2004  # no refusal, but no answer either
            return SiteError(said)
        return SiteStopped(f"{said} The site is asked nothing more in this run.")

    def _save(self, url: str, response: httpx2.Response, into: Path) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with into.open("wb") as file:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > self.site.limit:
                    raise SiteStopped(f"{self._at(url)}: more than {self.site.limit:,} bytes.")
                digest.update(piece)
                file.write(piece)
        self._require_in_time(url)
        if size == 0:
            raise TransientError(f"{self._at(url)}: an empty answer.")
        return digest.hexdigest(), size

    def _require_in_time(self, url: str) -> None:
        """Tell an answer that was ended here from one that ended; a body may have no other end."""
        if self._deadline.is_over:
            raise TransientError(f"{self._at(url)}: not done after {self.site.seconds:.0f} s.")

    def _require_clock(self, headers: Mapping[str, str], moment: datetime) -> None:
        theirs = _moment(headers)
        if theirs is not None and abs(theirs - moment) > CLOCK_SKEW:
            raise SiteStopped(
                f"{self.site.name} says it is {theirs:%Y-%m-%d %H:%M}, this machine says "
                f"{moment:%Y-%m-%d %H:%M} (UTC): snapshots would be dated wrongly. Set the clock."
            )

    def _at(self, url: str) -> str:
        return f"{self.site.name} ({redact_url(url).partition('?')[0][:200]})"


@cache
def _trusted() -> ssl.SSLContext:
    """Give the certificates of the authorities that are trusted; reading them takes a while."""
    return httpx2.create_ssl_context()


def _conditions(known: Mapping[str, str]) -> dict[str, str]:
    names = {"etag": "if-none-match", "last-modified": "if-modified-since"}
    return {asked: known[name] for name, asked in names.items() if name in known}


def _moment(headers: Mapping[str, str]) -> datetime | None:
    """Give the site's time: when the answer was made, and how long a cache has held it since."""
    try:
        made = parsedate_to_datetime(headers["date"])
        age = timedelta(seconds=min(max(int(headers.get("age", "0")), 0), 10**8))
        return (made if made.tzinfo else made.replace(tzinfo=UTC)) + age
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _place(url: str) -> str:
    """Name the scheme and the host of a URL, of which nothing is believed."""
    try:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.hostname}"
    except ValueError:
        return "no URL"
    return blank_unprintable(host, blank="?")[:200]


def _target(at: str, location: str) -> str:
    """Give where a redirect leads; what is no URL is nowhere, and nobody's host."""
    try:
        return urljoin(at, location)
    except ValueError:
        return "nowhere:"


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
