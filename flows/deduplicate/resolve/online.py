"""Find a paper's id by its title at services; what they answer is verified elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from flows.deduplicate.resolve.answer_cache import AnswerCache, StoredAnswer
from flows.deduplicate.resolve.services import SERVICES, NotAnAnswer, Offer, Service, read_offers
from flows.deduplicate.resolve.verify_answer import Lookup, Verdict, verify_offers
from flows.http.public_address import NotPublic
from flows.http.public_client import Client, NoAnswer
from flows.http.rate_limit import RateLimiter, TooBusy

ANSWER_BYTES = 2_000_000
"""Twenty papers with abstracts and all their authors stay well below."""

FAILURES = 3
"""Failures in a row after which a service is not asked again in a run."""


@dataclass
class TitleServices:
    """The services, asked in order until one gives an answer that can be verified."""

    answers: AnswerCache
    services: Sequence[Service] = SERVICES
    web: Client | None = None
    """Who asks; None where only kept answers count, so that they alone decide what is found."""
    _failures: dict[str, int] = field(default_factory=dict)

    def kept(self) -> "TitleServices":
        """Return the same services by their kept answers alone."""
        return TitleServices(replace(self.answers, _read={}), self.services)

    def resolve(self, lookup: Lookup) -> Verdict:
        """Ask for one paper. Where nothing is sure the verdict says what each service gave."""
        reasons, seen, published = [], None, None
        for service in self.services:
            try:
                offered, day = self._offers(service, lookup.title)
            except (NoAnswer, NotPublic, NotAnAnswer, TooBusy) as error:
                self._failures[service.name] = self._failures.get(service.name, 0) + 1
                reasons.append(f"{service.name.value}: {error}")
                continue
            verdict = replace(verify_offers(lookup, offered, service.name.value), answered=day)
            if verdict.arxiv_id:
                return verdict
            published = published or (verdict if verdict.doi else None)
            seen = seen or (verdict if verdict.evidence else None)
            reasons.append(f"{service.name.value}: {verdict.reason or 'only a DOI'}")
        return published or replace(
            seen or Verdict(), score=0.0, reason="; ".join(reasons) or "no service"
        )

    def _offers(self, service: Service, title: str) -> tuple[list[Offer], date]:
        url = service.endpoint + service.path(title)
        answer = self.answers.get(url)
        if answer is None or (self.web and not self.answers.is_fresh(answer)):
            answer = self._asked(service, url)
        return [] if answer.status in service.absent else read_offers(
            service, answer.body
        ), answer.day

    def _asked(self, service: Service, url: str) -> StoredAnswer:
        if self.web is None:
            raise NoAnswer("no answer is kept")
        if self._failures.get(service.name, 0) >= FAILURES:
            raise NoAnswer(f"not asked after {FAILURES} failures")
        answer = self.web.ask("GET", url, ANSWER_BYTES)
        if answer.is_cut:
            raise NotAnAnswer(f"is larger than {ANSWER_BYTES:,} bytes")
        is_absent = answer.status in service.absent
        if answer.status != 200 and not is_absent:  # noqa: PLR2004  # redirects are not followed
            raise NoAnswer(f"answers {answer.status}")
        if not is_absent:
            # An answer that cannot be read would otherwise be believed for a month.
            read_offers(service, answer.body)  # what cannot be read is not kept
        self._failures[service.name] = 0
        return self.answers.keep(url, answer.status, answer.body)


def make_client() -> Client:
    """Make the client that services are asked with, at the pace that each documents."""
    intervals = {str(urlsplit(service.endpoint).hostname): service.interval for service in SERVICES}
    return Client(RateLimiter(intervals))
