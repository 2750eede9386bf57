"""Wrong usage ends with exit code 2 and what to do instead, before Prefect is even imported."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import typer

from flows.commands.preflight import (
    require_known_inputs,
    require_no_others_folder,
    require_prefect,
)
from flows.errors import UserError, WrongUsage
from flows.refresh_options import RefreshOptions
from tests.processes import PROJECT

WRONG = {
    "refresh missing.json": "missing.json: there is no such file or folder",
    "refresh FILE missing.json": "missing.json: there is no such file or folder",
    "refresh FILE --source nonsense": "'nonsense' is not one of 'arxiv'",
    "refresh FILE --previous missing": "missing is neither the folder of a release nor OWNER/NAME",
    "refresh FILE --previous NOTES": "NOTES is not a release: it has no manifest.json",
    "refresh FILE --resolve offline": "--resolve offline needs --index FOLDER: make one with",
    "refresh FILE --index NOTES": "--index needs --resolve offline or --resolve online",
    "refresh FILE --resolve offline --index missing": "missing: there is no such file or folder",
    "refresh FILE --release NOTES": "manifest.json, and holds other files. Name an empty folder",
    "refresh FILE --release FILE/release": "FILE is a file, not a folder",
    "refresh FILE --interim FILE/interim": "FILE is a file, not a folder",
    "refresh FILE --allow nonsense --because x": "There is no gate nonsense. There are: ",
    "refresh FILE --allow papers.kept.paper_id": "every gate that may fail needs its reason",
    "refresh FILE --publish-to nonsense": "'nonsense' names no dataset: it must look like OWNER/",
    "refresh FILE --publish-to me/it": "Publishing needs a Hugging Face token with write access",
    "refresh FILE --publish-to me/it --branch b --pr": "Give --branch or --pr",
    "refresh FILE --branch staging": "--branch needs --publish-to OWNER/NAME",
    "refresh FILE --pr": "--pr needs --publish-to OWNER/NAME",
    "refresh FILE --private": "--private needs --publish-to OWNER/NAME",
    "refresh FILE --dry-run": "--dry-run needs --publish-to OWNER/NAME",
    # fetch
    "fetch papers_with_code": "papers_with_code comes as whole files: say which, with --url",
    "fetch acl_anthology": "acl_anthology comes as whole files: say which, with --url",
    "fetch arxiv --since 2026-02-01 --until 2026-01-01": "--since 2026-02-01 is after --until",
    "fetch daily_papers --day 2026-02-01 --week 2026-W24": "Give one of --day, --week, --month",
    "fetch daily_papers --day 9999-01-01": "9999-01-01 is yet to come",
    "fetch daily_papers --week nonsense": "'nonsense' is no week: write 2026-W24",
    "fetch daily_papers --month 2026-13": "'2026-13' is no month: write 2026-06",
    "fetch acl_anthology --url https://me:SECRET@a.org/x": "was given with a user or a password",
    "fetch acl_anthology --url https://a.org/x?token=SECRET": "holds a secret, in what is left",
    "fetch acl_anthology --url https://a.org/x?a=1&accessToken=SECRET": "Set OPEN_PAPERS_HEADERS",
    "fetch acl_anthology --url https://a.org/x?id=ghp_SECRET0123456789": "holds a secret, in what",
    "fetch acl_anthology --url https://a.org/x;token=SECRET": "holds a secret, in what is left",
    "fetch acl_anthology --url https://a.org/x?SECRET": "holds a secret, in what is left",
    "fetch acl_anthology --url https://a.org/x#access_token=SECRET": "holds a secret, in what",
    "refresh https://me:SECRET@a.org/x?pin=SECRET": "there is no such file or folder",
    "fetch acl_anthology --url nonsense": "nonsense is no address: it begins with https://",
    "fetch acl_anthology --file missing.xml": "'missing.xml' does not exist",
    "fetch daily_papers --raw FILE/raw": "FILE is a file, not a folder",
    # publish
    "publish me/it --release missing": "missing is not a release: it has no manifest.json",
    "publish me/it --release RELEASE": "Publishing needs a Hugging Face token with write access",
    "publish me/it --release RELEASE --branch b --pr": "Give --branch or --pr",
    "publish nonsense --release RELEASE": "'nonsense' names no dataset",
    # the routine
    "run weekly --release missing": "missing is not a release: it has no manifest.json",
    "run daily --publish-to me/it --release RELEASE": "Publishing needs a Hugging Face token",
    "run monthly --release NOTES": "NOTES is not a release: it has no manifest.json",
    # what answers questions
    "card --release missing": "Make one with: open-papers refresh --release missing",
    "explain arxiv:2312.00752 --release missing": "missing is not a release",
    "explain ' ' --release RELEASE": "name a paper",
    "status --release NOTES": "NOTES is not a release: it has no manifest.json",
    "diff missing RELEASE": "missing is neither the folder of a release nor OWNER/NAME@REVISION",
    "diff 2026.11.28 RELEASE": "nor a tag that `open-papers releases` lists. Check the name",
    "check-links --release missing": "missing is not a release: it has no manifest.json",
    "topics suggest --release missing": "missing is not a release: it has no manifest.json",
    "verify missing": "missing is neither the folder of a release nor OWNER/NAME@REVISION",
    "verify NOTES": "NOTES is not a release: it has no manifest.json",
    "explore --release missing": "missing is not a release: it has no manifest.json",
    "site --out NOTES --release missing": "missing is not a release: it has no manifest.json",
    "feed --release missing": "missing is not a release: it has no manifest.json",
    "export links --format datacite --release missing": "missing is not a release",
    "reproduce missing.json --raw NOTES": "'missing.json' does not exist",
    # files to write
    "review --out FILE/review.csv": "FILE is a file, not a folder",
    "review --out NOTES": "NOTES is a folder: name a file",
    "resolve FILE --out FILE/ids.parquet --online": "FILE is a file, not a folder",
    "resolve FILE --out ids.parquet": "Say where to look: --offline INDEX, --online, or both",
    "resolve FILE --out ids.parquet --offline missing": "missing: there is no such file or folder",
    "resolve FILE --out FILE --online": "FILE is what is read: name another file",
    "index NOTES --out FILE/index": "FILE is a file, not a folder",
    "evaluate dedup NOTES --out FILE/out.parquet": "FILE is a file, not a folder",
}
"""A command and what its message says; FILE, NOTES (a folder of other things) and RELEASE are
there, what is called missing is not."""

SECONDS = 1.0
"""Of the processor: what another process does meanwhile is not counted."""


class Answer(NamedTuple):
    exit_code: int
    output: str
    seconds: float
    has_imported_prefect: bool


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """Give every wrong usage to one process; return its answers by usage."""
    folder = tmp_path_factory.mktemp("usage")
    (folder / "FILE").write_text("[]")
    for name, file in (("NOTES", "notes.txt"), ("RELEASE", "manifest.json")):
        (folder / name).mkdir()
        (folder / name / file).write_text("{}")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "HF_HOME": str(folder / "hf")}
    environment.pop("HF_TOKEN", None)
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("wrong_usage.py")],
        input=json.dumps([shlex.split(usage) for usage in WRONG]),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (Answer(*row) for row in json.loads(done.stdout))
    return dict(zip(WRONG, rows, strict=True))


@pytest.mark.parametrize("usage", WRONG)
def test_wrong_usage_is_refused_with_what_to_do(usage: str, answers: dict[str, Answer]) -> None:
    answer = answers[usage]
    assert (answer.exit_code, WRONG[usage] in answer.output) == (2, True), answer.output
    assert answer.seconds < SECONDS
    assert not answer.has_imported_prefect
    assert "SECRET" not in answer.output


def test_a_prefect_home_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(UserError, match=r"file is a file.*environment variable PREFECT_HOME"):
        require_prefect()


def test_folders_above_the_home_of_prefect_are_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Prefect does not, and its server then fails: so for a user whose home is /nonexistent.
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "nobody" / ".prefect"))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    require_prefect()
    assert (tmp_path / "nobody" / ".prefect").is_dir()


def test_a_prefect_server_that_does_not_answer_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"No Prefect server answers at http://127\.0\.0\.1:9/api"):
        require_prefect()


def test_a_file_of_no_source_is_wrong_usage_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see here")
    options = RefreshOptions(inputs=[tmp_path])
    with pytest.raises(WrongUsage, match=r"notes.txt: is text that begins with") as refusal:
        require_known_inputs(options)
    assert refusal.value.exit_code == 2
    require_known_inputs(options.model_copy(update={"skip_unknown": True}))


def test_a_folder_that_cannot_be_written_may_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    require_no_others_folder(tmp_path / "release")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(typer.BadParameter, match="holds other files"):
        require_no_others_folder(tmp_path)
