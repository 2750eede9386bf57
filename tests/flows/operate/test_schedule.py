"""What is served and what is deployed to a work pool do not get in each other's way."""

import pytest
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound

from flows.operate import schedule
from tests.prefect_server import asking

pytestmark = pytest.mark.xdist_group("prefect")


def test_what_was_deployed_to_a_work_pool_is_taken_over_by_what_is_served(api: str) -> None:
    with asking(api) as client:
        client.create_work_pool(WorkPoolCreate(name="elsewhere", type="process"))
        flow = client.create_flow_from_name("daily")
        pull = [{"prefect.deployments.steps.set_working_directory": {"directory": "/nowhere"}}]
        client.create_deployment(flow, "daily", work_pool_name="elsewhere", pull_steps=pull)
        schedule.take_over_deployments(schedule.ROUTINES)
        with pytest.raises(ObjectNotFound):
            client.read_deployment_by_name("daily/daily")


def test_what_is_served_already_stays(api: str) -> None:
    with asking(api) as client:
        flow = client.create_flow_from_name("weekly")
        deployment = client.create_deployment(flow, "weekly")
        schedule.take_over_deployments(schedule.ROUTINES)
        assert client.read_deployment_by_name("weekly/weekly").id == deployment
        client.delete_deployment(deployment)
