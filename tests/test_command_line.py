"""The command line as its users meet it: a process, its output, its exit code."""

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import typer
from typer.testing import CliRunner

from flows.__main__ import app, describe_error
from flows.commands.messages import format_message
from flows.commands.options import CHECK, IMPROVE, MAKE, USE
from tests.processes import PROJECT, in_process, open_papers

COMMANDS = (
    "fetch",
    *("refresh", "publish", "serve", "sources", "card", "explain", "review", "train-topics"),
    *("diff", "reproduce", "index", "resolve", "check-links", "evaluate", "run", "status"),
    *("releases", "verify", "explore", "site", "feed", "export"),
)


def test_help_lists_every_command() -> None:
    done = open_papers("--help")
    assert done.returncode == 0
    assert all(f" {command} " in done.stdout for command in COMMANDS)


def test_the_help_has_every_command_in_a_group() -> None:
    commands = typer.main.get_command(app).commands.values()
    assert {command.rich_help_panel for command in commands} == {MAKE, USE, CHECK, IMPROVE}


def test_help_imports_neither_prefect_nor_polars() -> None:
    code = "import sys, flows.__main__; print({'prefect', 'polars', 'datasets'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = in_process(command, "--help")
    assert done.exit_code == 0
    assert f"Example: open-papers {command}" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["refresh", "--nonsense"],
        ["publish"],
        ["evaluate", "weather", ".", "--out", "x"],
        ["run", "yearly"],
        ["serve", "--require", "weather"],
        ["releases", "--release", "/"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert in_process(*arguments).exit_code == 2


def test_exit_codes_are_those_of_the_process() -> None:
    done = open_papers("run", "yearly")
    assert done.returncode == 2
    assert "Usage: open-papers run" in done.stderr
    assert "'ROUTINE': 'yearly' is not one of" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["publish", "no spaces/here"],
        ["publish", "nobody"],
        ["refresh", "--publish-to", "no spaces/here"],
        ["serve", "--publish-to", "a/b/c"],
    ],
    ids=" ".join,
)
def test_a_name_that_no_repository_has_is_wrong_usage(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert "it must look like OWNER/NAME" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["refresh", ""],
        ["refresh", "--interim", "", "data/raw"],
        ["refresh", "--previous="],
        ["fetch", "arxiv", "--file", ""],
        ["diff", "", "b"],
        ["explore", "--release="],
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert "it is empty, and no path: write . for the current folder" in done.stderr


def test_sources_are_listed_by_precedence_with_their_licence() -> None:
    done = in_process("sources")
    names = re.findall(r"^(\w+)\s+CC", done.stdout, flags=re.MULTILINE)
    assert names[0] == "arxiv"
    assert names[-1] == "papers_with_code"


def test_a_time_that_cron_does_not_know_is_wrong_usage_said_in_a_sentence() -> None:
    done = in_process("serve", "--cron", "nonsense")
    assert done.exit_code == 2
    assert "'nonsense' is no time for cron" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_said_with_what_to_do() -> None:
    error = OSError(28, "No space left on device")
    outer = RuntimeError("cannot write")
    outer.__cause__ = error
    assert "Make room there (data/interim can be deleted)" in describe_error(outer)
    assert "let this user" not in describe_error(outer)
    assert "unexpected RuntimeError" in describe_error(RuntimeError("cannot write"))


def test_a_disk_that_polars_finds_full_is_said_as_well() -> None:
    error = OSError("No space left on device (os error 28)")
    assert error.errno is None
    assert "No space left on a disk: that of the release, of --interim" in describe_error(error)
    assert "unexpected OSError" in describe_error(OSError("something else (os error 99)"))


def test_a_closed_disk_is_said_with_what_to_do() -> None:
    said = describe_error(PermissionError(errno.EACCES, "Permission denied", "data/raw"))
    assert said.startswith("data/raw: Permission denied: let this user read and write there")
    assert "Make room" not in said


def test_a_name_that_no_file_can_have_is_said_in_brief() -> None:
    said = describe_error(OSError(errno.ENAMETOOLONG, "File name too long", "x" * 5_000))
    assert said.startswith("xxx")
    assert "File name too long: name another file or folder" in said
    assert len(said) < 400


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.EMFILE, "raise `ulimit -n`"), (errno.EFBIG, "ulimit -f"), (errno.EIO, "check it")],
)
def test_a_limit_that_is_met_is_said_with_what_to_do(number: int, advice: str) -> None:
    assert advice in describe_error(OSError(number, os.strerror(number), "data/raw/a.json"))


def test_scarce_memory_is_said_also_where_polars_panics(monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object) -> None:
        # As polars does on a machine that gives it no thread.
        raise type("PanicException", (BaseException,), {})("Resource temporarily unavailable")

    assert "gave no more memory" in describe_error(MemoryError())
    monkeypatch.setattr("flows.operate.status.read_status", panic)
    done = in_process("status")
    assert (done.exit_code, "Traceback" in done.stderr) == (1, False)
    assert "ulimit -u" in done.stderr
    other = type("PanicException", (BaseException,), {})("index out of bounds")
    assert describe_error(other).startswith("unexpected PanicException: index out of bounds")


def test_a_working_folder_that_is_gone_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert "unexpected FileNotFoundError" in describe_error(error)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "is gone. Go to one that is there" in describe_error(error)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_opened_to_nowhere(closed: str, tmp_path: Path) -> None:
    code = (
        "import os, sys; from flows.commands.early_stop import open_streams; open_streams();"
        "print('\u0391'); print('\u0391', file=sys.stderr);"
        "file = open(sys.argv[1], 'w'); file.write(str(file.fileno()))"
    )
    command = f'"$0" -c "$1" "$2" {closed}'
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONIOENCODING": "ascii"}
    arguments = ["sh", "-c", command, sys.executable, code, str(tmp_path / "number")]
    ended = subprocess.run(
        arguments, env=environment, capture_output=True, text=True, check=True
    )  # ours
    assert int((tmp_path / "number").read_text()) > 2  # those of the streams
    assert set(ended.stdout + ended.stderr) <= set("\\u0391\n")


def test_a_socket_that_is_refused_is_not_taken_for_the_disk() -> None:
    assert "unexpected PermissionError" in describe_error(PermissionError(errno.EACCES, "denied"))
    sent = httpx2.ConnectError("no way")
    sent.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    reset = ConnectionResetError(errno.ECONNRESET, "reset")
    reset.__context__ = OSError(errno.ENOSPC, "No space left on device")
    assert "unexpected ConnectError" in describe_error(sent)
    assert "unexpected ConnectionResetError" in describe_error(reset)


def test_an_error_that_was_put_aside_is_not_told() -> None:
    other = RuntimeError("another fault")
    other.__context__ = OSError(errno.ENOSPC, "No space left on device")
    assert "Make room" in describe_error(other)
    other.__suppress_context__ = True
    assert "unexpected RuntimeError" in describe_error(other)


@pytest.mark.parametrize("text", ["\x1b[2Jx", "x\u202ey", "a\x00b", "\x07"])
def test_what_was_typed_does_not_act_on_the_terminal(text: str) -> None:
    done = CliRunner().invoke(app, ["refresh", text], env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert not set(text) & set("\x1b\u202e\x00\x07") & set(done.stderr.replace("\x1b[0m", ""))
    assert "\x1b" not in format_message(text)
