"""What the documents say is true: their commands run, their links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from tests.processes import PROJECT

DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])
COMMAND = re.compile(
    r"(?:^\s*(?:\$ )?|bin/)(open-papers [^#\n|`]+)|`(open-papers [^`]+)`", re.MULTILINE
)
PREFECT = re.compile(r"(?:^|bin/)(prefect [^#\n|`]+)|`(prefect [^`]+)`", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(document: Path) -> list[str]:
    found = COMMAND.findall(document.read_text(encoding="utf-8"))
    return sorted({(one or other).strip() for one, other in found})


def all_commands() -> list[str]:
    return sorted({command for document in DOCUMENTS for command in commands(document)})


HELP = CliRunner(env={"COLUMNS": "100", "TERM": "dumb"})


@pytest.mark.parametrize("command", all_commands())
def test_every_command_in_the_documents_is_one(command: str) -> None:
    """Each command's words are known to the command line; the end-to-end tests run the README's."""
    words = shlex.split(command)[1:]
    name = [word for word in words if not word.startswith("-")][:1]
    done = HELP.invoke(app, [*name, "--help"])
    assert done.exit_code == 0, command
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    assert all(option in done.stdout for option in options - {"--debug", "--log-json"}), command


def test_every_command_of_prefect_in_the_documents_is_one() -> None:
    from prefect.cli._app import _app  # noqa: PLC0415  # takes seconds

    texts = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    found = {(one or other).strip() for one, other in PREFECT.findall(texts)}
    assert any(command.startswith("prefect automation create") for command in found)
    for command in sorted(found):
        _app.parse_args(shlex.split(command)[1:], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_local_link_leads_to_a_file(document: Path) -> None:
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_every_make_command_in_the_documents_is_a_target() -> None:
    targets = set(re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    texts = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert set(re.findall(r"(?:^|`)make (\w+)", texts, re.MULTILINE)) <= targets


def test_every_package_has_its_reason_beside_it() -> None:
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("[project.optional")]
    packages = [line for line in block.splitlines() if line.strip().startswith('"')]
    assert packages
    assert all(re.search(r"#\s+\w+", line) for line in packages)


def test_every_package_is_pinned_in_the_constraints() -> None:
    pinned = {
        re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'^    "([a-z0-9-]+)(?:\[\w+\])?[<>=]', text, re.MULTILINE))
    assert named <= pinned


def test_constraints_hold_names_and_versions_only() -> None:
    for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w.-]+==[\w.+!-]+", line), line
