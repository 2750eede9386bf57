"""Check links: ask the links of a release whether they still work, as a flow of its own."""

import os
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from pydantic import Field

from flows import health, release, tables
from flows.refusal import Refusal
from flows.repositories import GitHub
from flows.web import Client
from schemas.link_check import LinkCheck


@task(name="Ask links")
def ask(folder: Path, out: Path, limit: int | None = None) -> dict[str, int]:
    """Ask the links of a release and write the day's observations; count them by status.

    The token of GitHub, if there is one, is read from the environment, so that it is no parameter
    of the run, which Prefect would keep. Raises `Refusal` where there is no release.
    """
    if not (folder / "manifest.json").is_file():
        raise Refusal(f"{folder} holds no release: make one with `open-papers refresh`.")
    web = health.client()
    github = GitHub(web, token) if (token := os.environ.get("GITHUB_TOKEN")) else None
    return observe_release(folder, out, web, datetime.now(UTC).date(), limit, github)


def observe_release(  # noqa: PLR0913, PLR0917  # whom to ask, when, how much
    folder: Path,
    out: Path,
    web: Client,
    today: date,
    limit: int | None = None,
    github: GitHub | None = None,
) -> dict[str, int]:
    """Ask what is due and write ``<day>.parquet`` (see `LinkCheck`); count its rows by status.

    A run that was stopped goes on from its journal; what was asked on the day is not asked again.
    """
    out.mkdir(parents=True, exist_ok=True)
    journal, target = out / f"{today}.jsonl", out / f"{today}.parquet"
    earlier = tables.load(LinkCheck, [path for path in health.files(out) if path != target])
    done = health.read_lines(journal)
    urls = release.read_table(folder, "links")["url"]
    left = urls.filter(~urls.is_in([each.url for each in done]))
    asked = list(
        health.observe_all(
            health.due(left, earlier, limit),
            web,
            lambda each: health.write_line(each, journal),
            github,
        )
    )
    checks = health.table([*done, *asked], earlier, today)
    tables.save(LinkCheck, checks, target)
    return dict(sorted(Counter(checks["status"]).items()))


@flow(name="check-links", description="Ask the links of a release whether they still work.")
def check_links(
    release: Annotated[Path, Field(description="Folder of the release.")],
    out: Annotated[Path, Field(description="Folder of the observations, one file per day.")],
    limit: Annotated[int | None, Field(description="Ask so many links at most.")] = None,
) -> list[str]:
    """Ask, write, and say how many links are in which state."""
    counts = ask(release, out, limit)
    return [f"{count:8,}  {status}" for status, count in counts.items()]
