"""Prefect's run form describes every field of every flow."""

from typing import Any

import pytest
from prefect.utilities.callables import parameter_schema

from flows.fetch import fetch
from flows.operate import routine
from flows.operate.check_links import check_links
from flows.refresh import refresh
from flows.refresh_options import RefreshOptions

FLOWS = [fetch, check_links, routine.run_daily, routine.run_weekly, routine.run_monthly]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_field_of_the_form_is_described(flow: Any) -> None:
    fields = parameter_schema(flow).properties
    assert fields
    assert not [name for name, field in fields.items() if not field.get("description")]


def test_the_options_of_a_refresh_are_described_in_its_form() -> None:
    schema = parameter_schema(refresh)
    fields = schema.definitions["RefreshOptions"]["properties"]
    assert set(fields) == set(RefreshOptions.model_fields)
    assert all(field.get("description") for field in fields.values())


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="mood"):
        RefreshOptions.model_validate({"mood": "good"})
