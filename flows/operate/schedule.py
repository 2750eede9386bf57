"""Schedule: when the routine is due, for Prefect to run it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from pydantic import ValidationError

from flows.errors import UserError
from flows.operate import routine
from flows.runs.prefect_artifacts import TAG
from flows.runs.progress import CONSOLE
from schemas.vocabulary import Source

ALONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
"""A run that is due while the previous one is still at work is cancelled: the next one does what
it would have done."""


ROUTINES: Mapping[str, Any] = {
    "daily": routine.run_daily,
    "weekly": routine.run_weekly,
    "monthly": routine.run_monthly,
}
"""The flows by the names of their deployments."""

SERVED: list[UUID] = []
"""Deployments that this process serves, for the thread that hears signals."""


class BadCron(UserError):
    """A time that cron does not know."""


def require_cron(cron: str) -> str:
    """Return a cron expression unchanged. Raises `BadCron` for what is none."""
    try:
        CronSchedule(cron=cron, timezone="UTC")
    except ValidationError:
        raise BadCron(
            f"{cron!r} is no time for cron: give minute, hour, day, month and weekday, such as "
            "'30 5 * * *' for half past five every morning, in UTC."
        ) from None
    return cron


@dataclass(frozen=True)
class Schedule:
    """What is done, when, and where. Times are cron expressions, in UTC."""

    daily: str
    weekly: str
    monthly: str
    raw: Path
    release: Path
    interim: Path
    publish_to: str | None = None
    required: Sequence[Source] = ()
    is_fetching: bool = True
    """Whether sites are asked for papers; else the routine reads what is in ``raw``."""

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Return the parameters of each flow, by the name of its deployment."""
        places = {"raw": str(self.raw.absolute()), "release": str(self.release.absolute())}
        every = {**places, "interim": str(self.interim.absolute()), "publish_to": self.publish_to}
        needed = {"required": [source.value for source in self.required]}
        sources: dict[str, Any] = {} if self.is_fetching else {"sources": []}
        return {
            "daily": {**every, **needed, **sources},
            "weekly": {**places, "interim": every["interim"], **needed, **sources},
            "monthly": every,
        }


def serve_schedule(plan: Schedule) -> None:
    """Register the three deployments and run what is due, until the process is ended."""
    # Before they are served: to register a name again does not clear the steps it had.
    take_over_deployments(ROUTINES)
    deployments = make_deployments(plan)
    for name in ROUTINES:
        CONSOLE.print(f"{name:<8} {getattr(plan, name)}", highlight=False)
    CONSOLE.print("What is due by these times, in UTC, is run from here until Ctrl-C.")
    asyncio.run(run_due(deployments))


async def run_due(deployments: Iterable[RunnerDeployment]) -> None:
    """Register deployments and run what is due of them, until the process is ended."""
    runner = StoppedRunner()
    SERVED.extend([await runner.aadd_deployment(deployment) for deployment in deployments])
    await runner.start()


class StoppedRunner(Runner):
    """Prefect's runner, which leaves signals to the thread of `flows.commands.stop`.

    Its own way takes as long as the run that is at work, and ends in a traceback.
    """

    def handle_sigterm(self, *_: object, **__: object) -> None:
        """Do nothing: the thread ends the process."""


def pause_deployments() -> None:
    """Pause what this process serves: runs that fall due while nothing serves would pile up."""
    with get_client(sync_client=True) as client:
        for deployment in SERVED:
            client.pause_deployment(deployment)


def take_over_deployments(names: Iterable[str]) -> None:
    """Remove the deployments of a work pool that are called as ours.

    `prefect deploy` leaves them with steps that fetch code, which what is served must not have:
    Prefect would look for the flow in a folder that there is not, and every run would crash.
    """
    with get_client(sync_client=True) as client:
        for name in names:
            try:
                deployment = client.read_deployment_by_name(f"{name}/{name}")
            except ObjectNotFound:
                continue
            if deployment.work_pool_name or deployment.pull_steps:
                client.delete_deployment(deployment.id)
                CONSOLE.print(f"{name} was deployed to a work pool: it is served from here now.")


def make_deployments(plan: Schedule) -> list[RunnerDeployment]:
    """Make the deployments of the three routines, as ``prefect.yaml`` has them."""
    # Paths are absolute: a run is started in a process whose folder Prefect chooses.
    parameters = plan.parameters()
    return [
        flow.to_deployment(
            name=name,
            schedule=CronSchedule(cron=require_cron(getattr(plan, name)), timezone="UTC"),
            parameters=parameters[name],
            concurrency_limit=ALONE,
            tags=[TAG],
        )
        for name, flow in ROUTINES.items()
    ]
