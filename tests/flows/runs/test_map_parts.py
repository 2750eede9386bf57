"""A step is mapped over parts in their order, and shows how far it is."""

from types import SimpleNamespace

import pytest
from prefect import task

from flows.runs import map_parts as mapping
from flows.runs.map_parts import map_parts


@task
def double(part: int, *, more: int) -> SimpleNamespace:
    return SimpleNamespace(value=2 * part + more, records=10)


def test_results_come_in_the_order_of_the_parts_with_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[tuple[int, int, str, int]] = []
    monkeypatch.setattr(mapping, "show_count", lambda *about, **_: shown.append(about))
    results = map_parts(double, range(5), "Parts that are doubled", more=1)
    assert [result.value for result in results] == [1, 3, 5, 7, 9]
    assert shown[-1] == (5, 5, "Parts that are doubled", 50)
