"""Site client: one site asked through one connection, at its pace, again where that may help."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import monotonic
from urllib.parse import urljoin, urlsplit

import httpx2
from tenacity import wait_exponential_jitter

from flows.http.deadline import Deadline
from flows.http.errors import SiteError, SiteStopped, TransientError
from flows.http.exchange import ask_again, make_http_client, open_answer
from flows.http.failures import OFFLINE, Failure, explain_failure
from flows.http.rate_limit import RateLimiter, TooBusy
from flows.http.request_headers import make_conditions, read_request_headers
from flows.http.site import Site
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

LEFT_ALONE = "The site is asked nothing more in this run."

REMEMBERED = 60.0
"""Seconds for which a host that was out of reach is not asked again, by no source."""

_UNREACHABLE: dict[str, tuple[float, Failure]] = {}
"""Until when each host is left alone, and why. A run asks several sources of one host."""

Check = Callable[[Path], None]
"""Looks at a body. Raises `TransientError` for no answer, `LayoutChanged` for another layout."""


@dataclass(frozen=True)
class Download:
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
        # One deadline for all: the connection is kept, and only seen when it is made.
        self._deadline = Deadline(self.site.seconds)
        self._client = make_http_client(self.patience)

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def get(
        self, url: str, into: Path, check: Check, earlier_headers: Mapping[str, str] | None = None
    ) -> Download:
        """Ask for a URL; its body is in the file ``into`` when it has passed the ``check``.

        ``earlier_headers`` are of an earlier answer: the site may say that nothing has changed.
        Raises `SiteError` for an answer that cannot be used, `SiteStopped` where no other will be.
        """
        retrying = ask_again(
            self.attempts,
            TransientError,
            wait=wait_exponential_jitter(initial=1, max=LONGEST_PAUSE, jitter=1),
            sleep=self.pace.sleep,
        )
        try:
            answer: Download = retrying(
                self._get_once, url, into, check, make_conditions(earlier_headers or {})
            )
        except TooBusy as error:
            raise SiteStopped(f"{error}, longer than a run waits. Run again later.") from None
        except TransientError as error:
            raise SiteError(f"{error} Given up after {self.attempts} attempts.") from None
        return answer

    def _get_once(
        self, url: str, into: Path, check: Check, conditions: Mapping[str, str]
    ) -> Download:
        self._require_reachable(url)
        try:
            return self._follow(url, into, check, conditions)
        except TimeoutError:
            raise TransientError(
                f"{self._at(url)}: not done after {self.site.seconds:.0f} s."
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._explain(url, error, explain_failure(error)) from None

    def _explain(self, url: str, error: Exception, failure: Failure) -> SiteError:
        """Say what a failure means for this request, and whether the site is asked again."""
        at = self._at(url)
        if failure is Failure.CERTIFICATE:
            return SiteStopped(
                f"{at}: {failure.value}. Nothing was read from it; check this machine's clock and "
                "certificates."
            )
        if failure in OFFLINE:
            _UNREACHABLE[_host_of(url)] = monotonic() + REMEMBERED, failure
            return SiteStopped(f"{at}: {failure.value}. Is this machine offline? {LEFT_ALONE}")
        if failure is Failure.NOT_HTTP or not isinstance(error, httpx2.HTTPError):
            return SiteStopped(f"{at}: its answer is no HTTP, or leads nowhere.")
        return TransientError(f"{at}: {failure.value}.")

    def _require_reachable(self, url: str) -> None:
        """Raise `SiteStopped` where a host was out of reach a moment ago, for whatever source."""
        until, failure = _UNREACHABLE.get(_host_of(url), (0.0, None))
        if failure and monotonic() < until:
            raise SiteStopped(f"{self._at(url)}: {failure.value}, as before. {LEFT_ALONE}")

    def _follow(
        self, url: str, into: Path, check: Check, conditions: Mapping[str, str]
    ) -> Download:
        at = url
        for _ in range(REDIRECTS + 1):
            if not self.site.may_be_asked(at):
                raise SiteStopped(self._elsewhere(url, at))
            with self._asking(at, conditions) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                # Before a redirect is followed: it may ask for a pause, too.
                self.pace.heed(self.site.name, response.status_code, headers)
                if response.is_redirect and "location" in headers:
                    at = _join_target(at, headers["location"])
                    continue
                return self._answer(url, response, headers, into, check)
        raise SiteStopped(f"{self._at(url)}: more than {REDIRECTS} redirects.")

    @contextmanager
    def _asking(self, url: str, conditions: Mapping[str, str]) -> Iterator[httpx2.Response]:
        """Ask when it is time, and rest from when the answer is over, be it good or not."""
        self.pace.wait(self.site.name)
        headers = {**read_request_headers(url), **conditions}
        try:
            with open_answer(self._client, self._deadline, "GET", url, headers) as response:
                yield response
        finally:
            self.pace.rest(self.site.name)

    def _elsewhere(self, url: str, at: str) -> str:
        if at == url:
            return f"{self._at(url)}: no address of {self.site.name}. It was not asked."
        return (
            f"{self._at(url)}: redirects to {_describe_host(at)}, which "
            f"is not {self.site.name}'s own. It was not followed."
        )

    def _answer(
        self,
        url: str,
        response: httpx2.Response,
        headers: Mapping[str, str],
        into: Path,
        check: Check,
    ) -> Download:
        moment, status = self.now(), response.status_code
        self._require_clock(headers, moment)
        headers_kept = {name: headers[name] for name in HEADERS if name in headers}
        encoding = headers.get("content-encoding", "").strip().lower()
        # Without a condition in the request there is nothing that could be unchanged.
        if status == httpx2.codes.NOT_MODIFIED and CONDITIONS & response.request.headers.keys():
            response.read()  # which leaves the connection open for the next request
            return Download(url, moment, status, headers_kept, "", 0, None)
        if status != httpx2.codes.OK:
            raise self._refused(url, status)
        if encoding not in ENCODINGS:
            raise SiteError(f"{self._at(url)}: answers in an encoding that was not asked for.")
        try:
            sha256, size = self._save(url, response, into)
            check(into)
        # Whatever comes in between, a key press included, no half body may be taken for one.
        except BaseException:
            into.unlink(missing_ok=True)
            raise
        return Download(url, moment, status, headers_kept, sha256, size, into)

    def _refused(self, url: str, status: int) -> SiteError:
        refusal = f"{self._at(url)}: answers {status} ({httpx2.codes.get_reason_phrase(status)})."
        if status in AGAIN or status >= 500:  # noqa: PLR2004  # faults of the server
            return TransientError(refusal)
        if status in NO_SUCH or status < 400:  # noqa: PLR2004  # no refusal, but no answer either
            return SiteError(refusal)
        return SiteStopped(f"{refusal} {LEFT_ALONE}")

    def _save(self, url: str, response: httpx2.Response, into: Path) -> tuple[str, int]:
        digest, size = hashlib.sha256(), 0
        with into.open("wb") as file:
            for piece in response.iter_bytes():
                size += len(piece)
                if size > self.site.limit:
                    raise SiteStopped(f"{self._at(url)}: more than {self.site.limit:,} bytes.")
                digest.update(piece)
                file.write(piece)
        # What was cut off looks whole where the end of the connection is the end of the body.
        if self._deadline.is_over:
            raise TimeoutError
        if size == 0:
            raise TransientError(f"{self._at(url)}: an empty answer.")
        return digest.hexdigest(), size

    def _require_clock(self, headers: Mapping[str, str], moment: datetime) -> None:
        site_time = _read_site_time(headers)
        if site_time is not None and abs(site_time - moment) > CLOCK_SKEW:
            raise SiteStopped(
                f"{self.site.name} says it is {site_time:%Y-%m-%d %H:%M}, this machine says "
                f"{moment:%Y-%m-%d %H:%M} (UTC): snapshots would be dated wrongly. Set the clock."
            )

    def _at(self, url: str) -> str:
        return f"{self.site.name} ({redact_url(url).partition('?')[0][:200]})"


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _read_site_time(headers: Mapping[str, str]) -> datetime | None:
    """Return the site's time: when the answer was made, and how long a cache has held it since."""
    try:
        sent = parsedate_to_datetime(headers["date"])
        # The age is whatever the site writes: bounded, no sum of it leaves the calendar.
        age = timedelta(seconds=min(max(int(headers.get("age", "0")), 0), 10**8))
        return (sent if sent.tzinfo else sent.replace(tzinfo=UTC)) + age
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _describe_host(url: str) -> str:
    """Name the scheme and the host of a URL, of which nothing is believed."""
    try:
        parts = urlsplit(url)
        host = f"{parts.scheme}://{parts.hostname}"
    except ValueError:
        return "no URL"
    return blank_unprintable(host, blank="?")[:200]


def _join_target(at: str, location: str) -> str:
    """Return where a redirect leads; what is no URL leads to no host."""
    try:
        return urljoin(at, location)
    except ValueError:
        return "nowhere:"
