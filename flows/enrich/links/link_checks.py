"""Link checks: ask each link politely and say what it answered."""

import json
import os
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urljoin, urlsplit

import polars as pl

from flows import urls
from flows.enrich.links.github import GitHub
from flows.http.failures import Failure
from flows.http.public_address import NotPublic
from flows.http.public_client import Answer, Client, NoAnswer, is_web
from flows.http.rate_limit import RateLimiter, TooBusy
from schemas.link_check import LinkCheck
from schemas.vocabulary import LinkStatus

BODY_BYTES = 4_096
"""Bytes read of a page: whether it is there is in the status line."""

REDIRECTS = 5
"""Redirects followed from one link; more lead in circles."""

WORKERS = 8
"""Hosts asked at the same time; each host is asked by one of them, one request after the other."""

HANGS_UP = frozenset({Failure.LOST.value, Failure.NOT_HTTP.value, Failure.CUT.value})
"""What comes of HEAD at servers that do not know it; a host that is not there is asked once."""

STATUSES = {status.value: status for status in LinkStatus}

PERMANENT = frozenset({301, 308})
REDIRECTING = frozenset({301, 302, 303, 307, 308})
NO_SUCH_PAGE = frozenset({404, 410})

PACE = {
    "github.com": 1.0,
    "api.github.com": 0.75,
    "arxiv.org": 3.0,
    "export.arxiv.org": 3.0,
    "huggingface.co": 3.0,
}
"""Seconds between requests: arXiv asks for 3; Hugging Face allows 100 pages in 300 seconds, GitHub
5,000 questions an hour with a token."""


@dataclass(frozen=True)
class Observation:
    """What one link answered."""

    url: str
    status: LinkStatus
    http_status: int | None = None
    moved_to: str | None = None
    final_url: str | None = None
    reason: str | None = None
    stars: int | None = None
    code_license: str | None = None
    language: str | None = None
    is_archived: bool | None = None


def make_link_client() -> Client:
    """Make the client that links are checked with."""
    return Client(RateLimiter(PACE), retries=1)


def check_link(url: str, web: Client) -> Observation:
    """Ask for one link, following redirects; every address on the way is checked."""
    if not is_web(url):
        return Observation(url, LinkStatus.NOT_ASKED, reason="not a URL of the web")
    at, moved_to, is_permanent = url, None, True
    for _ in range(REDIRECTS + 1):
        try:
            answer = _send_head_or_get(at, web)
        except NotPublic:
            return _make_observation(
                url, LinkStatus.NOT_ASKED, at, moved_to, "the address is not public"
            )
        except (NoAnswer, TooBusy) as error:
            return _make_observation(url, LinkStatus.UNREACHABLE, at, moved_to, str(error))
        target = _find_redirect(at, answer)
        if target is None:
            return _judge_answer(url, answer, at, moved_to)
        # One temporary step makes all behind it temporary: only the permanent start has moved.
        is_permanent = is_permanent and answer.status in PERMANENT
        at, moved_to = target, target if is_permanent else moved_to
    reason = f"more than {REDIRECTS} redirects"
    return Observation(url, LinkStatus.BROKEN, answer.status, reason=reason)


def _send_head_or_get(url: str, web: Client) -> Answer:
    """Ask by HEAD; by GET where the server has another answer, or none, for those who only look."""
    try:
        answer = web.ask("HEAD", url, 0)
    except NoAnswer as error:
        if str(error) not in HANGS_UP:
            raise
    else:
        # After "too many requests" a second question would make it worse.
        if answer.status < 400 or answer.status == 429:  # noqa: PLR2004  # refused, too many
            return answer
    return web.ask("GET", url, BODY_BYTES)


def _find_redirect(at: str, answer: Answer) -> str | None:
    """Find where a redirect leads; None for another answer, or one that leads off the web."""
    place = answer.headers.get("location", "")
    if answer.status not in REDIRECTING or not place:
        return None
    try:
        # The fragment is for browsers; sent to a server, it would be a part of the path.
        target = urljoin(at, place).partition("#")[0]
    except ValueError:
        return None
    return target if is_web(target) else None


def _judge_answer(url: str, answer: Answer, at: str, moved_to: str | None) -> Observation:
    code = answer.status
    if 200 <= code < 300:  # noqa: PLR2004  # the classes of HTTP
        return Observation(url, LinkStatus.ALIVE, code, moved_to, at if at != url else None)
    if code in NO_SUCH_PAGE:
        status, reason = LinkStatus.GONE, f"the server answers {code}"
    elif 400 <= code < 500:  # noqa: PLR2004  # the classes of HTTP
        status, reason = LinkStatus.CLOSED, f"the server answers {code}"
    else:
        status, reason = LinkStatus.BROKEN, f"the server answers {code}"
    return _make_observation(url, status, at, moved_to, reason, code)


def _make_observation(  # noqa: PLR0913, PLR0917  # the columns of an observation
    url: str,
    status: LinkStatus,
    at: str,
    moved_to: str | None,
    reason: str,
    code: int | None = None,
) -> Observation:
    final = at if at != url else None
    return Observation(url, status, code, moved_to, final, reason)


def check_all_links(
    links: Iterable[str],
    web: Client,
    keep: Callable[[Observation], None],
    github: GitHub | None = None,
) -> Generator[Observation]:
    """Ask for many links, several hosts at once, each host by itself; ``keep`` gets each answer.

    Yields answers as they come. Closing it ends the asking behind the requests on their way.
    Repositories of GitHub get what ``github`` says of them.
    """
    # One thread per host keeps each site's pace without locks between threads.
    by_host: dict[str, list[str]] = {}
    for url in links:
        by_host.setdefault(_get_host(url), []).append(url)
    lock, stopped = threading.Lock(), threading.Event()
    answers: Queue[Observation | Future[None]] = Queue()

    def ask(group: list[str]) -> None:
        for url in group:
            if stopped.is_set():
                return
            # The journal has an answer before anybody reads it: a stopped run asks nothing twice.
            seen = add_repository_facts(check_link(url, web), github)
            with lock:
                keep(seen)
            answers.put(seen)

    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            for group in by_host.values():
                pool.submit(ask, group).add_done_callback(answers.put)
            yield from _collect_answers(answers, len(by_host))
        finally:
            # Leaving the pool waits for its threads, which would else ask all that is left.
            stopped.set()


def _collect_answers(
    answers: Queue[Observation | Future[None]], groups: int
) -> Iterator[Observation]:
    """Yield answers until each group is done; raises what went wrong in one."""
    while groups:
        match answers.get():
            case Future() as done:
                # An error in a thread is silent until its result is asked for.
                done.result()
                groups -= 1
            case seen:
                yield seen


def add_repository_facts(seen: Observation, github: GitHub | None) -> Observation:
    """Add what GitHub says of a repository that is alive there."""
    at = seen.moved_to or seen.url
    if github is None or seen.status is not LinkStatus.ALIVE or _get_host(at) != "github.com":
        return seen
    repo = pl.select(urls.repository_name(urls.canonical_url(pl.lit(at)))).item()
    return replace(seen, **asdict(github.facts(repo))) if repo else seen


def list_check_files(folder: Path) -> list[Path]:
    """List the observations in a folder, a file per day, in order."""
    return sorted(folder.glob("????-??-??.parquet"))


def _get_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def choose_due_links(
    links: pl.Series, earlier: pl.DataFrame, limit: int | None = None
) -> list[str]:
    """Choose what to ask: links never asked first, then those asked longest ago."""
    last = earlier.group_by("url").agg(pl.col("checked_at").max())
    due = (
        links.alias("url")
        .to_frame()
        .unique()
        .join(last, on="url", how="left", validate="1:1")
        .sort("checked_at", "url", nulls_last=False)
    )
    return due["url"].head(limit if limit is not None else due.height).to_list()


def build_check_table(
    observations: Sequence[Observation], earlier: pl.DataFrame, day: date
) -> pl.DataFrame:
    """Make the `LinkCheck` rows of a day; first and last seen go on from the earlier ones."""
    sightings = earlier.group_by("url").agg(
        first_seen=pl.col("first_seen").min(), last_seen=pl.col("last_seen").max()
    )
    alive = pl.when(pl.col("status") == LinkStatus.ALIVE.value).then(pl.lit(day))
    names = list(Observation.__dataclass_fields__)
    dtypes = {name: LinkCheck.dtypes()[name] for name in names}
    rows = [[getattr(observation, name) for name in names] for observation in observations]
    return (
        pl.DataFrame(rows, schema=dtypes, orient="row")
        .unique("url", keep="last", maintain_order=True)
        .join(sightings, on="url", how="left", validate="1:1")
        .with_columns(
            checked_at=pl.lit(day),
            first_seen=pl.coalesce("first_seen", alive),
            last_seen=pl.coalesce(alive, "last_seen"),
        )
        .select(list(LinkCheck.dtypes()))
        .cast(LinkCheck.dtypes())
        .sort("url")
    )


def write_journal_line(observation: Observation, journal: Path) -> None:
    """Append an observation to the journal of a run, so that a stopped run goes on from there.

    It begins a line of its own, whatever a run that was killed left behind.
    """
    with journal.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        # A line cut off by a kill would swallow the line that is written behind it.
        is_torn = file.read(1) not in {b"", b"\n"}
        file.write(b"\n" * is_torn + json.dumps(asdict(observation)).encode() + b"\n")


def read_journal(journal: Path) -> list[Observation]:
    """Read a journal; a line that was cut off is passed over, its link is asked again."""
    if not journal.exists():
        return []
    lines = journal.read_text(encoding="utf-8", errors="replace").splitlines()
    return [seen for line in lines if (seen := _parse_journal_line(line))]


def _parse_journal_line(line: str) -> Observation | None:
    try:
        fields: dict[str, Any] = json.loads(line)
        return Observation(**{**fields, "status": STATUSES[fields["status"]]})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
