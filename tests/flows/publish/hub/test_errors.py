"""Every refusal of the Hub is one message that says what to do, and shows no token."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from flows.publish import hub
from flows.publish.hub import commit
from flows.release import layout
from tests.hub_publications import REPO, TOKEN, publish
from tests.hub_server import Fault, Handler, LocalHub
from tests.processes import open_papers


def test_a_missing_token_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(hub.Unpublished, match=r"hf auth login.*HF_TOKEN"):
        publish(releases[0], server)
    assert server.requests == []


def test_a_read_only_token_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add_user("ada", "hf_reader", role="read")
    monkeypatch.setenv("HF_TOKEN", "hf_reader")
    with pytest.raises(hub.Unpublished, match="can only read"):
        publish(releases[0], server)


def test_an_invalid_token_is_a_clear_error_and_not_shown(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_stolen")
    with pytest.raises(hub.Unpublished, match="token is not valid") as refused:
        publish(releases[0], server)
    assert "hf_stolen" not in str(refused.value)


def test_a_namespace_of_others_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    with pytest.raises(hub.Unpublished, match="may not write there") as refused:
        publish(releases[0], server, repo="someone/open-papers")
    assert not isinstance(refused.value, hub.Unreachable)


def test_a_private_repository_of_others_reads_as_missing(
    server: LocalHub, releases: list[Path]
) -> None:
    server.add_repo("someone/papers", private=True)
    with pytest.raises(hub.Unpublished, match="someone/papers"):
        publish(releases[0], server, repo="someone/papers")


def test_a_gated_repository_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.add_repo("someone/papers", gated=True)
    with pytest.raises(hub.Unpublished, match="restricted to people who asked"):
        publish(releases[0], server, repo="someone/papers")


def test_a_gated_repository_is_not_taken_for_none_by_a_dry_run(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: Handler, *_: str) -> None:
        request.send(403, {}, {"X-Error-Code": "GatedRepo", "X-Error-Message": "gated"})

    monkeypatch.setattr(Handler, "_route", refuse)
    with pytest.raises(hub.Unpublished, match="access is restricted"):
        publish(releases[0], server, dry_run=True)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"X-Error-Message": "Access to this resource is disabled."},
            "has disabled this repository",
        ),
        ({"X-Error-Message": f"no{' x' * 50_000}."}, "may not write there: no x x"),
        ({"X-Error-Message": f"{'x' * 290} secret-token."}, r"xxx \*\*\*\. Use a token"),
    ],
)
def test_what_a_refusal_says_is_bounded_and_holds_no_half_of_a_token(
    headers: dict[str, str],
    message: str,
    server: LocalHub,
    releases: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(request: Handler, *_: str) -> None:
        request.send(403, {}, headers)

    monkeypatch.setenv("HF_TOKEN", "secret-token")
    monkeypatch.setattr(Handler, "_route", refuse)
    with pytest.raises(hub.Unpublished, match=message) as refused:
        publish(releases[0], server)
    assert len(str(refused.value)) < 600
    assert "secret" not in str(refused.value)


def test_a_name_that_is_none_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    with pytest.raises(hub.Unpublished, match="OWNER/NAME"):
        publish(releases[0], server, repo="no spaces/here")


@pytest.mark.parametrize("at", ["https://me:hf_SECRET@hub.co/me/x", "https://me:SECRET@hub.co"])
def test_a_token_in_the_name_of_a_repository_is_not_shown(at: str, tmp_path: Path) -> None:
    with pytest.raises(hub.Unpublished, match="OWNER/NAME") as refused:
        hub.require_repo_name(at)
    assert "SECRET" not in str(refused.value)
    with pytest.raises(layout.NotARelease, match="OWNER/NAME") as unread:
        hub.locate_release(at, tmp_path)
    assert "SECRET" not in str(unread.value)


def test_no_network_is_a_clear_error(releases: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with pytest.raises(hub.Unreachable, match="cannot be reached"):
        hub.push(releases[0], REPO, endpoint="http://127.0.0.1:9")


def test_too_many_requests_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.faults.append(Fault("POST", "/repos/create", 429))
    with pytest.raises(hub.Unreachable, match="Wait five minutes"):
        publish(releases[0], server)


def test_a_full_disk_is_a_clear_error(
    server: LocalHub, releases: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commit, "CommitOperationAdd", full)
    with pytest.raises(hub.Unpublished, match="no space left"):
        publish(releases[0], server)


def test_a_folder_that_is_no_release_is_refused_before_anything_is_sent(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    with pytest.raises(layout.NotARelease, match="is not a release"):
        publish(tmp_path, server)
    half = tmp_path / "half"
    shutil.copytree(releases[0], half)
    (half / "data/links/train-00000-of-00001.parquet").unlink()
    with pytest.raises(layout.NotARelease, match=r"lacks 1 of its files.*data/links"):
        publish(half, server)
    assert server.requests == []


def test_the_token_is_in_no_file_message_or_log(
    server: LocalHub,
    releases: list[Path],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    done = publish(releases[0], server)
    server.faults.append(Fault("POST", "/tag/", 500, times=99))
    with pytest.raises(hub.Unpublished) as refused:
        publish(releases[1], server)
    said = [*capfd.readouterr(), caplog.text, str(done), done.sentence(), str(refused.value)]
    assert not [text for text in said if TOKEN in text]
    assert not [c for c in server.files(REPO).values() if TOKEN.encode() in c]


def test_what_the_hub_refuses_is_a_clear_error(server: LocalHub, releases: list[Path]) -> None:
    server.faults.append(Fault("POST", "/commit/", 400))
    with pytest.raises(hub.Unpublished, match="refused what was sent"):
        publish(releases[0], server)


def test_the_token_is_not_shown_by_the_most_talkative_command(
    server: LocalHub, releases: list[Path], tmp_path: Path
) -> None:
    server.faults.append(Fault("POST", "/tag/", 403))
    done = open_papers(
        *("--debug", "publish", REPO, "--release", releases[0]),
        HF_ENDPOINT=server.url,
        HF_TOKEN=TOKEN,
        HF_HOME=str(tmp_path),
        HF_DEBUG="1",
        HF_HUB_VERBOSITY="debug",
    )
    assert done.returncode == 1
    assert "may not write there" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert not [
        path for path in tmp_path.rglob("*") if path.is_file() and TOKEN in path.read_text()
    ]


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("/commits/", None),
        ("/tree/", 1.5),
        ("/refs", [{}]),
        ("/revision/", {"siblings": [{}]}),
        ("/refs", b"[" * 100_000),
    ],
)
def test_an_answer_of_another_form_is_a_refusal_that_names_the_hub(
    server: LocalHub,
    releases: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    value: object,
) -> None:
    publish(releases[0], server)
    send = Handler.send

    def answer(self: Handler, status: int, right: object = None, *headers: Any) -> None:
        send(self, status, value if part in self.path else right, *headers)

    with monkeypatch.context() as patched:
        patched.setattr(Handler, "send", answer)
        with pytest.raises(hub.Unpublished, match="ada/open-papers: "):
            publish(releases[1], server)
    assert publish(releases[1], server).tag
