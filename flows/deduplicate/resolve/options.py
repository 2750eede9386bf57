"""Resolve titles by every way that is allowed: the index first, the services for what is left."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import polars as pl

from flows.deduplicate.resolve.answer_cache import AnswerCache
from flows.deduplicate.resolve.offline import resolve_titles
from flows.deduplicate.resolve.online import TitleServices, make_client
from flows.deduplicate.resolve.services import SERVICES
from flows.deduplicate.resolve.title_index import TitleIndex, digest_index
from flows.deduplicate.resolve.verify_answer import Lookup
from flows.errors import UserError
from schemas.vocabulary import Way

RESOLVED = pl.Schema(
    {
        "title": pl.String,
        "arxiv_id": pl.String,
        "doi": pl.String,
        "resolver": pl.String,
        "score": pl.Float64,
        "evidence": pl.String,
        "shared_authors": pl.Float64,
        "shared_abstract": pl.Float64,
        "answered": pl.Date,
        "reason": pl.String,
    }
)
"""One row per title, in order. ``resolver`` is ``index:<rule>`` or a service, null where nothing
was found; ``evidence`` the title found, also of what was refused; ``reason`` why there is no id."""


@dataclass(frozen=True)
class ResolveOptions:
    """By what titles may be resolved."""

    index: Path | None = None
    """Folder of an index."""
    answers: Path | None = None
    """Folder that keeps what services answer; they count only where it is given."""
    day: date | None = None
    """Day of the run whose answers count, to repeat it without asking anybody; None to ask now."""

    @classmethod
    def of(cls, way: Way | None, index: Path | None, answers: Path) -> Self | None:
        """Return the options that somebody chose, None for none; refuse half a choice."""
        if way is None and index:
            raise UserError("--index is of use with --resolve offline or --resolve online only.")
        if way is Way.OFFLINE and not index:
            raise UserError(
                "--resolve offline needs --index FOLDER: make one with `open-papers index`."
            )
        return cls(index, answers if way is Way.ONLINE else None) if way else None

    def services(self) -> TitleServices | None:
        """Return the services as these options allow to ask them; None where they may not count."""
        if self.answers is None:
            return None
        if self.day is not None:
            return TitleServices(AnswerCache(self.answers, self.day))
        return TitleServices(AnswerCache.of_today(self.answers), SERVICES, make_client())


def resolve_all(
    titles: pl.DataFrame, options: ResolveOptions, online: TitleServices | None
) -> pl.DataFrame:
    """Resolve ``title, authors, abstract`` by the index and at services: see `RESOLVED`.

    The network is asked only for what the index leaves open.
    """
    resolved = (
        resolve_by_index(titles, TitleIndex.load(options.index))
        if options.index
        else _leave_unresolved(titles)
    )
    return resolve_by_services(titles, resolved, online) if online else resolved


def resolve_repeatably(
    titles: pl.DataFrame, options: ResolveOptions, online: TitleServices | None
) -> tuple[pl.DataFrame, dict[str, object]]:
    """Resolve so that the index and the kept answers alone decide; name both by their content.

    Services are asked first, and what they answer is kept; what is found then is found in what is
    kept. So whoever has both has the same rows, and a service that fails today changes nothing of
    what an earlier answer says.
    """
    resolved = resolve_all(titles, options, online)
    offline = online.kept() if online else None
    if offline is not None:
        # Once more from what is kept alone: so who has the same answers finds the same.
        resolved = resolve_all(titles, options, offline)
    digests: dict[str, object] = {"index": digest_index(options.index)} if options.index else {}
    return resolved, digests | ({"answers": offline.answers.used()} if offline else {})


def resolve_by_index(titles: pl.DataFrame, index: TitleIndex) -> pl.DataFrame:
    """Resolve titles offline: see `RESOLVED`."""
    is_found = pl.col("paper").is_not_null()
    return (
        resolve_titles(titles, index)
        .select(
            "title",
            arxiv_id="paper",
            doi=pl.lit(None),
            resolver=pl.when(is_found).then(pl.lit("index:") + pl.col("rule")),
            score="score",
            evidence="matched_title",
            shared_authors="agreement",
            shared_abstract="shared",
            answered=pl.lit(None),
            reason=pl.when(~is_found).then(pl.lit("index: ") + pl.col("rule")),
        )
        .cast(RESOLVED)
    )


def resolve_by_services(
    titles: pl.DataFrame, resolved: pl.DataFrame, online: TitleServices
) -> pl.DataFrame:
    """Ask services for the titles that have no id yet; what they say of one replaces its row."""
    rows = []
    for row, lookup in zip(resolved.iter_rows(named=True), _list_lookups(titles), strict=True):
        if row["arxiv_id"] is not None:
            rows.append(row)
            continue
        verdict = online.resolve(lookup)
        answered = row | vars(verdict) if verdict.evidence else dict(row)
        reasons = [row["reason"], verdict.reason] if verdict.reason else []
        rows.append(answered | {"reason": "; ".join(filter(None, reasons)) or None})
    return pl.DataFrame(rows, schema=RESOLVED, orient="row")


def _list_lookups(titles: pl.DataFrame) -> Iterator[Lookup]:
    columns = [name for name in ("authors", "abstract") if name in titles.columns]
    for row in titles.select("title", *columns).iter_rows(named=True):
        yield Lookup(**row)


def _leave_unresolved(titles: pl.DataFrame) -> pl.DataFrame:
    nothing = dict.fromkeys(RESOLVED, None) | {"score": 0.0}
    columns = {name: pl.lit(value, RESOLVED[name]) for name, value in nothing.items()}
    return titles.select("title", **{n: c for n, c in columns.items() if n != "title"})
