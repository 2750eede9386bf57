"""Garbage is looked for rarely while modules are imported, and as usual afterwards."""

import atexit
import gc
from collections.abc import Iterator

import pytest

from flows.commands.garbage_collection import USUAL, expect_imports, settle_imports


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    atexit.unregister(gc.freeze)
    gc.set_threshold(*USUAL)
    gc.unfreeze()


def test_a_run_looks_for_garbage_as_usual_once_all_is_imported() -> None:
    expect_imports()
    assert gc.get_threshold()[0] > 10 * USUAL[0]
    settle_imports()
    assert gc.get_threshold() == USUAL
    assert gc.isenabled()


def test_what_is_made_after_imports_is_still_collected() -> None:
    class Knot:
        gone = False

        def __init__(self) -> None:
            self.self = self

        def __del__(self) -> None:
            Knot.gone = True

    expect_imports()
    settle_imports()
    Knot()
    gc.collect()
    assert Knot.gone
