"""Imports form a DAG: each module may import only what stands below it."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

STEPS = ("fetch", "parse", "resolve", "deduplicate", "validate", "enrich", "publish")
COMMANDS = {f"flows.commands.{path.stem}" for path in (PROJECT / "flows/commands").glob("*.py")}
LAYERS = [
    {"flows.__main__"},
    COMMANDS,
    {"flows.schedule"},
    {"flows.routine"},
    {"flows.refresh", "flows.reproduce", "flows.check_links", "flows.harvest"},
    {"flows.summary", "flows.recording"},
    {f"flows.{step}" for step in STEPS},
]
"""From the top. Everything else of flows stands below the steps, and schemas below that."""

WITHOUT_PREFECT_FROM = len(LAYERS)


def layer(module: str) -> int:
    if module.startswith("schemas"):
        return WITHOUT_PREFECT_FROM + 1
    return next((n for n, names in enumerate(LAYERS) if module in names), WITHOUT_PREFECT_FROM)


def modules() -> list[Path]:
    return sorted(p for top in ("flows", "schemas") for p in (PROJECT / top).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in modules()}


def imports_of(path: Path) -> set[str]:
    """Name what a module imports: the submodule where it takes one out of its package."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            taken = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in NAMES else node.module for name in taken}
    return found


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_module_imports_only_what_stands_below_it(path: Path) -> None:
    above = {
        name
        for name in imports_of(path)
        if name.startswith(("flows.", "schemas.")) and layer(name) < layer(name_of(path))
    }
    assert not above


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_only_the_top_layers_know_prefect(path: Path) -> None:
    if layer(name_of(path)) >= WITHOUT_PREFECT_FROM:
        assert not {name for name in imports_of(path) if name.split(".")[0] == "prefect"}


def test_imports_have_no_cycle() -> None:
    names = {name_of(path): imports_of(path) for path in modules()}
    graph = {name: {i for i in found if i in names and i != name} for name, found in names.items()}
    while leaves := {name for name, found in graph.items() if not found & graph.keys()}:
        graph = {name: found for name, found in graph.items() if name not in leaves}
    assert not graph


DISTRIBUTIONS = {"huggingface_hub": "huggingface-hub", "yaml": "pyyaml"}
"""Packages that are imported under another name than they are installed by."""


def test_every_package_that_is_imported_is_a_declared_dependency() -> None:
    roots = {name.split(".")[0] for path in modules() for name in imports_of(path)}
    foreign = roots - sys.stdlib_module_names - {"flows", "schemas"}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=]", one)[0] for one in project["dependencies"]}
    names = {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in foreign}
    assert names <= declared


@pytest.mark.xdist_group("groups")
def test_tests_that_share_something_dear_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """A version of pytest may take groups apart in silence: each worker then starts a server."""
    is_grouping = request.config.getoption("loadgroup", default=False)
    assert not is_grouping or request.node.nodeid.endswith("@groups")
