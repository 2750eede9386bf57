"""Headers of the environment go to the host that they are for, and nowhere else."""

import pytest

from flows.errors import UserError
from flows.http.request_headers import HEADERS, read_request_headers
from schemas.vocabulary import Source
from tests.fetches import harvesting
from tests.loopback import Reply
from tests.source_files import FIXTURES

ACL = FIXTURES / "acl_anthology" / "2022.toy.xml"


def test_a_site_sees_the_header_that_is_for_its_host(tmp_path, monkeypatch, caplog):
    lines = "127.0.0.1 X-Api-Key: hf_SECRET 1\n\napi.example.org Authorization: Bearer hf_OTHER\n"
    monkeypatch.setenv(HEADERS, lines)
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        harvest(urls=[f"{harvest.site.url}/2022.toy.xml"])
    assert harvest.site.asked[0].headers["x-api-key"] == "hf_SECRET 1"
    assert "authorization" not in harvest.site.asked[0].headers
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"hf_" not in files
    assert "hf_" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["https://a.org.evil.org/x", "https://b.a.org/", "http://a.org/", "https://a.org@evil.org/"],
)
def test_another_host_and_an_open_line_see_nothing(url):
    assert read_request_headers(url, {HEADERS: "a.org Authorization: Bearer hf_SECRET"}) == {}


@pytest.mark.parametrize(
    "line",
    ["Authorization: hf_SECRET", "a.org Host: hf_SECRET", "a.org X: hf_SECRET\x00",
     "a.org X hf_SECRET", "a.org X: hf_SECRET\x7f", "a.org X: é_hf_SECRET",
     "a.org If-None-Match: hf_SECRET"],
)  # fmt: skip
def test_a_line_that_could_be_another_header_is_refused_without_its_value(line):
    with pytest.raises(UserError, match="line 2") as refusal:
        read_request_headers("https://a.org", {HEADERS: f"b.org X: 1\n{line}"})
    assert "SECRET" not in str(refusal.value)
