"""Find a paper's id by its title at services, each answer verified by titles and authors here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import polars as pl
from rapidfuzz import fuzz

from flows.identifiers import title_key
from flows.resolution.answers import Answers
from flows.resolution.index import readable
from flows.resolution.offline import AGREEING, MIN_WORDS
from flows.resolution.services import SERVICES, NotAnAnswer, Offer, Service, offers
from flows.resolution.verification import agreement, is_sequel
from flows.web import Client, NoAnswer, NotPublic, Pace, TooBusy

ANSWER_BYTES = 2_000_000
"""Twenty papers with abstracts and all their authors stay well below."""

NEAR = 0.9
"""Least similarity of the sorted words of a changed title whose authors agree: one word in ten.
Without authors only an equal title is answered: a service gives no look-alikes to compare with."""

FAILURES = 3
"""Failures in a row after which a service is not asked again in a run."""


@dataclass(frozen=True)
class Verdict:
    """What was found for one title."""

    arxiv_id: str | None = None
    doi: str | None = None
    resolver: str | None = None
    score: float = 0.0
    evidence: str | None = None
    """The title that was found, also of what was refused."""
    reason: str | None = None


@dataclass
class Online:
    """The services, asked in order until one gives an answer that can be verified."""

    answers: Answers
    services: Sequence[Service] = SERVICES
    web: Client | None = None
    _failures: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Pace each host by what its service documents."""
        if self.web is None:
            hosts = {str(urlsplit(s.endpoint).hostname): s.interval for s in self.services}
            self.web = Client(Pace(hosts))

    def resolve(self, title: str, authors: Sequence[str] | None = None) -> Verdict:
        """Ask for one title. Where nothing is sure the verdict says what each service gave."""
        reasons, seen, published = [], None, None
        for service in self.services:
            try:
                verdict = verify(title, authors, self._offers(service, title), service.name)
            except (NoAnswer, NotPublic, NotAnAnswer, TooBusy) as error:
                self._failures[service.name] = self._failures.get(service.name, 0) + 1
                reasons.append(f"{service.name}: {error}")
                continue
            if verdict.arxiv_id:
                return verdict
            published = published or (verdict if verdict.doi else None)
            seen = seen or verdict.evidence
            reasons.append(f"{service.name}: {verdict.reason or 'only a DOI'}")
        return published or Verdict(evidence=seen, reason="; ".join(reasons) or "no service")

    def _offers(self, service: Service, title: str) -> list[Offer]:
        url = service.endpoint + service.path(title)
        if (kept := self.answers.get(url)) is not None:
            return [] if kept[0] in service.absent else offers(service, kept[1])
        if self._failures.get(service.name, 0) >= FAILURES:
            raise NoAnswer(f"not asked after {FAILURES} failures")
        answer = self._client().ask("GET", url, ANSWER_BYTES)
        if answer.is_cut:
            raise NotAnAnswer(f"is larger than {ANSWER_BYTES:,} bytes")
        is_absent = answer.status in service.absent
        if answer.status != 200 and not is_absent:  # noqa: PLR2004  # redirects are not followed
            raise NoAnswer(f"answers {answer.status}")
        found = [] if is_absent else offers(service, answer.body)
        self.answers.keep(url, answer.status, answer.body)
        self._failures[service.name] = 0
        return found

    def _client(self) -> Client:
        if self.web is None:
            raise NoAnswer("no client")
        return self.web


_PAIR = pl.Schema(
    {
        "title": pl.String(),
        "matched_title": pl.String(),
        "authors": pl.List(pl.String),
        "authors_right": pl.List(pl.String),
        "arxiv_id": pl.String(),
        "doi": pl.String(),
    }
)


def verify(
    title: str, authors: Sequence[str] | None, found: Sequence[Offer], resolver: str
) -> Verdict:
    """Judge what a service offers: equal titles, or near ones whose authors agree; never a score.

    A short title needs authors; authors without a name in common refuse any match; two different
    papers that both fit refuse each other.
    """
    if not found:
        return Verdict(reason="absent")
    ours = list(authors) if authors else None
    rows = [(title, o.title, ours, list(o.authors), o.arxiv_id, o.doi) for o in found]
    judged = _compared(pl.DataFrame(rows, schema=_PAIR, orient="row"))
    right = judged.filter("is_right")
    best = judged.row(0, named=True)
    if right.is_empty():
        reason = "other authors" if best["agreement"] == 0 else "look-alike"
        return Verdict(score=best["score"], evidence=best["matched_title"], reason=reason)
    best = right.row(0, named=True)
    if right["arxiv_id"].drop_nulls().n_unique() > 1:
        return Verdict(score=best["score"], evidence=best["matched_title"], reason="ambiguous")
    arxiv = next(iter(right["arxiv_id"].drop_nulls()), None)
    return Verdict(arxiv, best["doi"], resolver, best["score"], best["matched_title"])


def _compared(pairs: pl.DataFrame) -> pl.DataFrame:
    keyed = pairs.with_columns(
        key=title_key(readable(pl.col("title"))),
        key_right=title_key(readable(pl.col("matched_title"))),
        agreement=agreement(),
    )
    near = [
        fuzz.token_sort_ratio(a, b) / 100
        for a, b in keyed.select("key", "key_right").fill_null("").iter_rows()
    ]
    letters = [pl.col(name).str.replace_all(" ", "") for name in ("key", "key_right")]
    is_equal = (letters[0] == letters[1]) & (letters[0] != "")
    has_words = pl.col("key").str.count_matches(" ") + 1 >= MIN_WORDS
    agrees = pl.col("agreement")
    same = is_equal & ((agrees.is_null() & has_words) | (agrees > 0).fill_null(value=False))
    changed = (pl.col("near") >= NEAR) & (agrees >= AGREEING).fill_null(value=False)
    return (
        keyed.with_columns(near=pl.Series(near, dtype=pl.Float64))
        .with_columns(
            is_right=same | (changed & ~is_sequel()),
            score=pl.when(is_equal).then(1.0).otherwise("near"),
        )
        .sort("score", descending=True, maintain_order=True)
    )
