"""Scripts of pages: joined from modules, in the order in which they need each other."""

from pathlib import Path

import pytest

from flows.site.build import PAGE
from flows.site.scripts import DECLARED, IMPORT, OUTSIDE, join_modules


def write_modules(folder: Path, **modules: str) -> None:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")


def test_what_a_module_imports_comes_before_it_and_once(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        page="import { b } from './middle.js'\nimport { a } from './base.js'\n\nb(a)\n",
        middle="import { a } from './base.js'\n\nexport async function b() { return a }\n",
        base="export const a = 1\n",
    )
    joined = join_modules("page", tmp_path)
    assert joined == "const a = 1\n\nasync function b() { return a }\n\nb(a)\n"


def test_the_reader_stays_a_file_that_is_imported_first(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        page="import { open } from './rows.js'\nopen()\n",
        real="import { read } from './parquet.js'\nexport const open = read\n",
    )
    joined = join_modules("page", tmp_path, {"rows": "real"})
    assert joined.startswith("import { read } from './parquet.js'\n\nconst open = read\n")


def test_two_modules_that_declare_one_name_are_refused(tmp_path: Path) -> None:
    write_modules(
        tmp_path,
        page="import { a } from './base.js'\nfunction hidden() {}\n",
        base="export const a = 1\nfunction hidden() {}\n",
    )
    with pytest.raises(ValueError, match="declare hidden twice"):
        join_modules("page", tmp_path)


@pytest.mark.parametrize("rows", ["parquet_rows", "copied_rows"])
@pytest.mark.parametrize("page", ["paper", "papers"])
def test_the_pages_own_modules_join_without_a_rest(page: str, rows: str) -> None:
    joined = join_modules(page, PAGE, {"details": rows})
    assert "export " not in joined
    assert {match["name"] for match in IMPORT.finditer(joined)} <= OUTSIDE
    assert len(DECLARED.findall(joined)) > 20
