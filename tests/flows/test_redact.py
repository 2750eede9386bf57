"""Secrets are taken out of addresses, in time that grows with their length."""

import pytest

from flows.redact import redact_text, redact_url


@pytest.mark.parametrize(
    "written",
    ["me:hf_SECRET@a.org", "a:b:hf_SECRET@a.org", "see me:hf_SECRET@a.org", ":SECRET@a.org"],
)
def test_a_password_before_an_address_without_a_scheme_is_left_out(written: str) -> None:
    assert "SECRET" not in redact_text(written)
    assert redact_text(written).endswith("a.org")


@pytest.mark.parametrize(
    "name", ["token", "accessToken", "X-Amz-Signature", "AWSAccessKeyId", "sig"]
)
def test_the_value_of_a_parameter_that_names_a_secret_is_left_out(name: str) -> None:
    assert "SECRET" not in redact_url(f"https://a.org/x?a=1&{name}=SECRET")


@pytest.mark.parametrize(
    "name", ["token[0]", "token_1", "Authorization", "privatekey", "sessionId", "user[password]"]
)
def test_a_name_that_contains_a_secret_is_one(name: str) -> None:
    assert "SECRET" not in redact_url(f"https://a.org/x?a=1&{name}=SECRET")


@pytest.mark.parametrize(
    "written",
    [
        "https://a.org/x?a=1;token=SECRET",
        "https://a.org/x;jsessionid=SECRET?a=1",
        "https://a.org/x?u=https://me:SECRET@b.org/",
        "https://a.org/x?next=https%3A%2F%2Fb.org%3Ftoken%3DSECRET",
        "https://a.org https://me:SECRET@b.org/",
    ],
)
def test_a_secret_within_a_path_a_value_or_a_second_address_is_left_out(written: str) -> None:
    assert "SECRET" not in redact_text(written)
    assert "https://a.org" in redact_text(written)


@pytest.mark.parametrize("url", ["https://a.org/x?resumptionToken=5", "https://a.org/x?a=keys"])
def test_what_is_no_secret_stays(url: str) -> None:
    assert redact_url(url) == url


@pytest.mark.parametrize("unit", ["a-", "a:", "@a"])
def test_a_million_characters_are_looked_at_once(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    # By the square it takes half an hour.
    assert redact_text(text) == text
