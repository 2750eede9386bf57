"""Schedule: when the routine is due, for Prefect to run it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from pydantic import ValidationError

from flows.errors import UserError
from flows.operate import routine
from schemas.vocabulary import Source

TAG = "open-papers"
"""On every run of ours, so that notifications can be about these alone."""

ALONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
"""A run that is due while the previous one is still at work is cancelled: the next one does what
it would have done."""


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
    serve(*make_deployments(plan))


def make_deployments(plan: Schedule) -> list[RunnerDeployment]:
    """Make the deployments of the three routines, as ``prefect.yaml`` has them."""
    parameters = plan.parameters()
    flows: dict[str, Any] = {
        "daily": routine.run_daily,
        "weekly": routine.run_weekly,
        "monthly": routine.run_monthly,
    }
    return [
        flow.to_deployment(
            name=name,
            schedule=CronSchedule(cron=require_cron(getattr(plan, name)), timezone="UTC"),
            parameters=parameters[name],
            concurrency_limit=ALONE,
            tags=[TAG],
        )
        for name, flow in flows.items()
    ]
