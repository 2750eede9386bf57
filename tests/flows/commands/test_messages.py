"""What ends a command is a sentence with what to do."""

from typing import Literal

import pytest
from pydantic import BaseModel, ValidationError

from flows.commands.messages import explain_setting_error


class PortSettings(BaseModel):
    """A setting as Prefect has them."""

    port: int


class Port(BaseModel):
    """What is no setting."""

    port: Literal[1]


def test_a_setting_that_prefect_cannot_read_is_named_without_its_value() -> None:
    environment = {"PREFECT_SERVER_API_PORT": "K3y", "PREFECT_API_URL": "a", "OTHER": "k3y"}
    with pytest.raises(ValidationError) as caught:
        PortSettings.model_validate({"port": "k3y"})
    message = explain_setting_error(caught.value, environment)
    assert message is not None
    assert message.startswith("Prefect cannot read a setting, PREFECT_SERVER_API_PORT: port: ")
    assert "k3y" not in message
    elsewhere = explain_setting_error(caught.value, {})
    assert elsewhere is not None
    assert "prefect config view" in elsewhere


def test_what_is_no_setting_is_not_taken_for_one() -> None:
    with pytest.raises(ValidationError) as caught:
        Port.model_validate({"port": 2})
    assert explain_setting_error(caught.value, {}) is None
