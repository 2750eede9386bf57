"""Imports go down only: one table says what each package may import, and no module is left out."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

SCHEMAS = ("schemas",)
VALUES = (*SCHEMAS, "flows.errors", "flows.paths", "flows.redact", "flows.hashing", "flows.version")
TABLES = (
    *VALUES,
    "flows.id_hashes",
    "flows.parquet_layout",
    "flows.tables",
    "flows.parts",
    "flows.external_sort",
    "flows.curated_csv",
)
TEXTS = ("flows.identifiers", "flows.text", "flows.urls")
GROUND = (*TABLES, *TEXTS, "flows.http", "flows.raw", "flows.release", "flows.runs")
SHARED_SOURCES = ("flows.sources.shared",)
SOURCES = (
    "flows.sources",
    "flows.sources.acl_anthology",
    "flows.sources.arxiv",
    "flows.sources.daily_papers",
    "flows.sources.openalex",
    "flows.sources.openreview",
    "flows.sources.papers_page",
    "flows.sources.papers_with_code",
    "flows.sources.reference_list",
    "flows.sources.semantic_scholar",
    *SHARED_SOURCES,
)
VERBS = (
    "flows.fetch",
    "flows.parse",
    "flows.deduplicate",
    "flows.validate",
    "flows.enrich",
    "flows.publish",
)
REFRESH = ("flows.refresh", "flows.refresh_options", "flows.refresh_summary")
ABOVE = ("flows.operate", "flows.evaluate")
BELOW_VERBS = (*GROUND, *SOURCES)

MAY_IMPORT: Mapping[str, tuple[str, ...]] = {
    "schemas": (),
    "flows": (),
    # ground: knows no verb
    "flows.errors": (),
    "flows.paths": (),
    "flows.redact": (),
    "flows.hashing": (),
    "flows.version": ("flows.paths", "flows.hashing"),
    "flows.curated_csv": VALUES,
    "flows.id_hashes": (),
    "flows.parquet_layout": ("flows.id_hashes",),
    "flows.tables": (*VALUES, "flows.parquet_layout"),
    "flows.parts": (*VALUES, "flows.tables", "flows.id_hashes"),
    "flows.external_sort": (*VALUES, "flows.tables"),
    "flows.identifiers": VALUES,
    "flows.text": (*VALUES, "flows.identifiers"),
    "flows.urls": (*VALUES, "flows.identifiers"),
    "flows.http": VALUES,
    "flows.raw": (*TABLES, *TEXTS, "flows.http"),
    "flows.release": (*TABLES, *TEXTS),
    "flows.runs": (*VALUES, "flows.parts"),
    # sources: no source imports a source
    "flows.sources": BELOW_VERBS,
    **dict.fromkeys(SOURCES[1:], (*GROUND, *SHARED_SOURCES)),
    # verbs: no verb imports a verb
    **dict.fromkeys(VERBS, BELOW_VERBS),
    # what calls the verbs
    **dict.fromkeys(REFRESH, (*BELOW_VERBS, *VERBS, *REFRESH)),
    **dict.fromkeys(ABOVE, (*BELOW_VERBS, *VERBS, *REFRESH)),
    "flows.site": GROUND,
    "flows.commands": ("flows.site", *BELOW_VERBS, *VERBS, *REFRESH, *ABOVE),
    "flows.__main__": ("flows.commands", *BELOW_VERBS),
}
"""What each package may import of ours, besides itself and `flows`, which holds settings only."""

WITH_PREFECT = {
    "flows.fetch",
    "flows.parse.task",
    "flows.deduplicate.task",
    "flows.deduplicate.resolve.task",
    "flows.validate",
    "flows.enrich.task",
    "flows.publish.task",
    "flows.refresh",
    "flows.runs.cluster",
    "flows.runs.map_parts",
    "flows.runs.prefect_artifacts",
    "flows.operate.check_links",
    "flows.operate.routine",
    "flows.operate.schedule",
}
"""Modules that may import Prefect: flows, tasks, and what they leave on its pages."""

LOOSE = 16
"""Modules that lie in ``flows/`` itself: what is more than one idea gets a folder."""


def modules() -> list[Path]:
    return sorted(p for top in ("flows", "schemas") for p in (PROJECT / top).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path) for path in modules()}


def row_of(module: str) -> str | None:
    """Name the row of the table that a module is in: the longest that its name begins with."""
    rows = [row for row in MAY_IMPORT if module == row or module.startswith(f"{row}.")]
    row = max(rows, key=len, default=None)
    return None if row == "flows" and module != "flows" else row


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Name what a module imports: the submodule where it takes one out of its package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in NAMES else node.module for name in members}
    return frozenset(names)


def forbidden_imports_of(path: Path) -> set[str]:
    """Name what a module imports of ours and its row does not allow."""
    row = row_of(name_of(path))
    allowed = {row, "flows", *MAY_IMPORT.get(row or "", ())}
    ours = {name for name in imports_of(path) if name.split(".")[0] in {"flows", "schemas"}}
    return {name for name in ours if row_of(name) not in allowed}


# One test over all modules, not one for each: a thousand tests of a millisecond take seconds.


def test_every_module_is_in_a_row_of_the_table() -> None:
    assert [name for name in NAMES if not row_of(name)] == []


def test_modules_import_only_what_their_row_allows() -> None:
    forbidden = {name_of(path): forbidden_imports_of(path) for path in modules()}
    assert {name: imports for name, imports in forbidden.items() if imports} == {}


def test_only_flows_and_tasks_know_prefect() -> None:
    knowing = {
        name_of(path)
        for path in modules()
        if "prefect" in {name.split(".")[0] for name in imports_of(path)}
    }
    assert knowing <= WITH_PREFECT


def test_no_task_is_answered_from_results_that_prefect_keeps() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in modules()}
    decorated = {
        name: re.findall(r"^@task\b.*?^def", t, re.MULTILINE | re.DOTALL)
        for name, t in texts.items()
    }
    tasks = [(name, head) for name, heads in decorated.items() for head in heads]
    assert len(tasks) > 8
    assert [name for name, head in tasks if "cache_policy=NO_CACHE" not in head] == []


def test_every_row_and_every_exception_names_a_module() -> None:
    assert {*MAY_IMPORT} | WITH_PREFECT <= NAMES


def test_few_modules_lie_loose() -> None:
    loose = [path for path in (PROJECT / "flows").glob("*.py") if path.stem != "__init__"]
    assert len(loose) <= LOOSE


def test_imports_have_no_cycle() -> None:
    names = {name_of(path): imports_of(path) for path in modules()}
    graph = {
        name: {i for i in imported if i in names and i != name} for name, imported in names.items()
    }
    while leaves := {name for name, imported in graph.items() if not imported & graph.keys()}:
        graph = {name: imported for name, imported in graph.items() if name not in leaves}
    assert not graph


DISTRIBUTIONS = {
    "backports": "backports.zstd",
    "huggingface_hub": "huggingface-hub",
    "yaml": "pyyaml",
}
"""Packages that are imported under another name than they are installed by."""


def test_every_package_that_is_imported_is_a_declared_dependency() -> None:
    roots = {name.split(".")[0] for path in modules() for name in imports_of(path)}
    foreign = roots - sys.stdlib_module_names - {"flows", "schemas"}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["sign"]]
    declared = {re.split(r"[\[<>=]", line)[0] for line in lines}
    names = {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in foreign}
    assert names <= declared


@pytest.mark.xdist_group("groups")
def test_tests_that_share_a_server_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """A version of pytest may take groups apart in silence: each worker then starts a server."""
    is_grouping = request.config.getoption("loadgroup", default=False)
    assert not is_grouping or request.node.nodeid.endswith("@groups")
