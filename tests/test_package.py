"""The wheel works from any folder with its tables inside; the image serves as an ordinary user."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.processes import PROJECT

pytestmark = pytest.mark.xdist_group("package")

DOCKERFILE = [
    line.split(maxsplit=1)
    for line in (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
"""Instruction and arguments of each step."""

is_old = int(version("setuptools").split(".")[0]) < 77
needs_builder = pytest.mark.skipif(is_old, reason="setuptools is too old to build the package")


def steps(instruction: str) -> list[str]:
    return [arguments for name, arguments in DOCKERFILE if name == instruction]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do the steps of the Dockerfile: copy what it copies, install it; return where it is."""
    folder = tmp_path_factory.mktemp("image")
    for arguments in steps("COPY"):
        *sources, target = shlex.split(arguments)
        place = folder / target.lstrip("/")
        for source in sources:
            if (PROJECT / source).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(PROJECT / source, place, ignore=skip)
            else:
                copy = place / source if target.endswith("/") else place
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(PROJECT / source, copy)
    # Without the network: what the package needs is here, and so is what builds it.
    offline = ["--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, str(folder / "src")], check=True
    )
    with zipfile.ZipFile(next(folder.glob("open_papers-*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def run_installed(installed: Path, cwd: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-m", "flows", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@needs_builder
def test_the_installed_command_works_from_any_folder(installed: Path, tmp_path: Path) -> None:
    assert re.fullmatch(
        r"open-papers \d+\.\d+\.\d+\n", run_installed(installed, tmp_path, "--version")
    )
    assert "no fault found" in run_installed(installed, tmp_path, "topics", "check")
    shown = run_installed(installed, tmp_path, "status", "--json")
    assert json.loads(shown)["release"] is None


@needs_builder
def test_every_curated_table_is_in_the_wheel(installed: Path) -> None:
    shipped = installed / "flows" / "shipped"
    tables = {path.name for path in (PROJECT / "data" / "curation").iterdir()}
    assert {path.name for path in (shipped / "data" / "curation").iterdir()} == tables
    assert "removals.csv" in tables
    assert (shipped / "dataset_card.md").read_bytes() == (PROJECT / "dataset_card.md").read_bytes()


@needs_builder
def test_an_installed_package_describes_its_releases_as_a_checkout_does(installed: Path) -> None:
    code = (
        "import json, pathlib; from flows.publish.manifest import describe_run; "
        "found = describe_run([], pathlib.Path('none')); "
        "print(json.dumps({name: found[name] for name in ('curation', 'models')}))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(place)},
            cwd=place,
            capture_output=True,
            check=True,
        ).stdout
        for place in (installed, PROJECT)
    ]
    assert answers[0] == answers[1]


def test_the_image_serves_as_an_ordinary_user() -> None:
    order = [name for name, _ in DOCKERFILE]
    assert steps("USER") == ["papers"]
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert [json.loads(text) for text in steps("ENTRYPOINT")] == [["open-papers"]]
    assert [json.loads(text) for text in steps("CMD")] == [["serve"]]
    locked = "--require-hashes --no-deps --requirement /src/requirements.lock"
    assert any(locked in step for step in steps("RUN"))
