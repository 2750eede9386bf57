"""What the documents say is true: their commands run, their links lead somewhere."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prefect.events.schemas.automations import AutomationCore
from typer.testing import CliRunner

from flows.__main__ import app
from flows.operate import schedule
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


def test_every_file_and_test_that_the_documents_name_exists() -> None:
    history = PROJECT / "CHANGELOG.md"
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS if path != history)
    files = set(re.findall(r"`((?:flows|schemas|tests|data)/[\w/.-]+\.(?:py|csv|json|md))`", texts))
    # What a run writes, and what stands for any module and its test.
    exempt = {"data/release/manifest.json", "data/release/README.md"}
    exempt |= {"flows/x/y.py", "tests/flows/x/test_y.py"}
    assert [name for name in sorted(files - exempt) if not (PROJECT / name).exists()] == []
    tests = "\n".join(path.read_text() for path in (PROJECT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", texts))
    assert named - set(re.findall(r"def (test_\w+)", tests)) == set()


def test_every_file_of_the_map_is_where_it_says() -> None:
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = text[text.index("## You look for") : text.index("## Words")].splitlines()
    files = [re.findall(r"`([\w/.-]+\.(?:py|csv))`", row) for row in rows if row.startswith("|")]
    missing, folder = [], PROJECT
    for name in (name for row in files for name in row):
        # A name without a folder is beside the file before it.
        path = PROJECT / name if "/" in name else folder / name
        folder = path.parent
        missing += [] if path.is_file() else [name]
    assert sum(map(len, files)) > 100
    assert missing == []


def test_every_line_of_the_changelog_is_in_the_section_of_its_part() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = text.split("\n## ")[1].split("\n### ")
    assert len(sections) > 5
    assert "\n- " not in sections[0]
    # Readers look for one thing: the history of a part that nobody has met is no section.
    assert max(section.count("\n- ") for section in sections) <= 25


def test_every_make_command_in_the_documents_is_a_target() -> None:
    targets = set(re.findall(r"^(\w+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    texts = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert set(re.findall(r"(?:^|`)make (\w+)", texts, re.MULTILINE)) <= targets


OPERATIONS = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")


def crons() -> set[str]:
    """Give the times of ``prefect.yaml``."""
    deployments = yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]
    return {schedule["cron"] for one in deployments for schedule in one["schedules"]}


def test_the_lines_for_cron_have_the_times_of_prefect_yaml() -> None:
    lines = re.findall(r"^(\S+ \S+ \S+ \S+ \S+) +cd ", OPERATIONS, re.MULTILINE)
    assert set(lines) == crons()


def test_the_automations_are_of_prefects_shape_and_hear_of_our_runs() -> None:
    found = yaml.safe_load((PROJECT / "docs" / "automations.yaml").read_text())["automations"]
    assert len(found) == 2
    for each in found:
        AutomationCore.model_validate(each)
        heard = each["trigger"]["match_related"]["prefect.resource.id"]
        assert heard == f"prefect.tag.{schedule.TAG}"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd to read units with")
def test_the_units_are_ones_that_systemd_takes(tmp_path: Path) -> None:
    program = Path(sys.executable)
    for unit in re.findall(r"```ini\n(.*?)```", OPERATIONS, re.DOTALL):
        kind = "service" if "[Service]" in unit else "timer"
        here = unit.replace("/srv/open-papers/.venv/bin/open-papers", str(program))
        here = here.replace("User=papers\n", "").replace("/srv/open-papers", str(tmp_path))
        (tmp_path / f"open-papers@daily.{kind}").write_text(here)
    units = sorted(tmp_path.glob("open-papers@daily.*"))
    assert [unit.suffix for unit in units] == [".service", ".timer"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],  # noqa: S607  # wherever it lies
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


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
