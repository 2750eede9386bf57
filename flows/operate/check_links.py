"""Check links: ask the links of a release whether they still work, as a flow of its own."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from flows import release, tables
from flows.enrich.links import link_checks
from flows.enrich.links.github import GitHub
from flows.errors import UserError
from flows.http.public_client import Client
from flows.runs.prefect_artifacts import (
    describe_parameters,
    name_flow_run,
    record_flow,
    show_progress,
)
from flows.runs.progress import SPINNER, watch_task
from schemas.link_check import LinkCheck


@watch_task
@task(name="Ask links", cache_policy=NO_CACHE)
def ask_links(folder: Path, out: Path, limit: int | None = None) -> dict[str, int]:
    """Ask the links of a release and write the day's observations; count them by status.

    The token of GitHub, if there is one, is read from the environment, so that it is no parameter
    of the run, which Prefect would keep. Raises `UserError` where there is no release.
    """
    if not (folder / "manifest.json").is_file():
        raise UserError(f"{folder} holds no release: make one with `open-papers refresh`.")
    token = os.environ.get("GITHUB_TOKEN")
    show = show_progress("Links that were asked", key="links")

    def report_progress(done: int, total: int) -> None:
        show(done, total)
        SPINNER.show(f"{done:,} of {total:,}")

    web = link_checks.make_link_client()
    github = GitHub(web, token) if token else None
    today = datetime.now(UTC).date()
    return observe_release(folder, out, web, today, limit, github, report_progress=report_progress)


def observe_release(  # noqa: PLR0913, PLR0917  # whom to ask, when, how much, and who listens
    folder: Path,
    out: Path,
    web: Client,
    today: date,
    limit: int | None = None,
    github: GitHub | None = None,
    *,
    report_progress: Callable[[int, int], None] = lambda _, __: None,
) -> dict[str, int]:
    """Ask what is due and write ``<day>.parquet`` (see `LinkCheck`); count its rows by status.

    A run that was stopped goes on from its journal; what was asked on the day is not asked again.
    ``report_progress`` is called with how many links were asked, and of how many.
    """
    out.mkdir(parents=True, exist_ok=True)
    journal, target = out / f"{today}.jsonl", out / f"{today}.parquet"
    earlier = tables.load(
        # The day's own file is written again below, so it must not count as an earlier one.
        LinkCheck,
        [path for path in link_checks.list_check_files(out) if path != target],
    )
    # A run that was stopped left the answers of today in the journal.
    done = link_checks.read_journal(journal)
    urls = release.read_table(folder, "links")["url"]
    left = urls.filter(~urls.is_in([check.url for check in done]))
    due, answered = link_checks.choose_due_links(left, earlier, limit), []
    answers = link_checks.check_all_links(
        due, web, lambda check: link_checks.write_journal_line(check, journal), github
    )
    # The generator keeps connections open until it is closed, also where a write fails.
    with closing(answers):
        for check in answers:
            answered.append(check)
            report_progress(len(answered), len(due))
    checks = link_checks.build_check_table([*done, *answered], earlier, today)
    tables.save(LinkCheck, checks, target)
    return dict(sorted(Counter(checks["status"]).items()))


@flow(
    name="check-links",
    flow_run_name=name_flow_run,
    description="Ask the links of a release whether they still work.",
)
@describe_parameters
def check_links(
    release: Annotated[Path, Field(description="Folder of the release.")],
    out: Annotated[Path, Field(description="Folder of the observations, one file per day.")],
    limit: Annotated[int | None, Field(description="Ask so many links at most.")] = None,
) -> list[str]:
    """Ask, write, and say how many links are in which state."""
    with record_flow(release) as run:
        counts = ask_links(release, out, limit)
        run.counts |= {f"links {status}": count for status, count in counts.items()}
    return [f"{count:8,}  {status}" for status, count in counts.items()]
