"""Schedule: when the routine is due, for Prefect to run it."""

from collections.abc import Mapping, Sequence
from typing import Any

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from pydantic import ValidationError

from flows import routine
from flows.refusal import Refusal
from schemas.vocabulary import Source

TAG = "open-papers"

ALONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
"""A run that is due while the one before it is still at work is cancelled: what it would have
done, the next one does."""


class BadCron(Refusal):
    """A time that cron does not know."""


def require_cron(cron: str) -> str:
    """Give a cron expression back. Raises `BadCron` for what is none."""
    try:
        CronSchedule(cron=cron, timezone="UTC")
    except ValidationError:
        raise BadCron(
            f"{cron!r} is no time for cron: give minute, hour, day, month and weekday, such as "
            "'30 5 * * *' for half past five every morning, in UTC."
        ) from None
    return cron


def stay(crons: Mapping[str, str], publish_to: str | None, required: Sequence[Source]) -> None:
    """Register the three deployments and run what is due, until the process is ended."""
    serve(*deployments(crons, publish_to, required))


def deployments(
    crons: Mapping[str, str], publish_to: str | None, required: Sequence[Source]
) -> list[RunnerDeployment]:
    """Make the deployments `daily`, `weekly` and `monthly`, as ``prefect.yaml`` has them."""
    needed = [one.value for one in required]
    parameters: dict[str, dict[str, Any]] = {
        "daily": {"publish_to": publish_to, "required": needed},
        "weekly": {"required": needed},
        "monthly": {"publish_to": publish_to},
    }
    flows: dict[str, Any] = {
        "daily": routine.daily,
        "weekly": routine.weekly,
        "monthly": routine.monthly,
    }
    return [
        flow.to_deployment(
            name=name,
            schedule=CronSchedule(cron=require_cron(crons[name]), timezone="UTC"),
            parameters=parameters[name],
            concurrency_limit=ALONE,
            tags=[TAG],
        )
        for name, flow in flows.items()
    ]
