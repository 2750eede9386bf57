"""The examples in docstrings give what they show."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from tests.processes import PROJECT

SHOWING = sorted(
    path
    for top in ("flows", "schemas")
    for path in (PROJECT / top).rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_examples_of_a_module_give_what_they_show(path: Path) -> None:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    module = import_module(".".join(parts).removesuffix(".__init__"))
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0, "the difference is printed above"


def test_an_example_that_is_wrong_fails() -> None:
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner(verbose=False).run(wrong, out=lambda _: None).failed == 1
