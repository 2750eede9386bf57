"""A release is refused with every gate it fails."""

import polars as pl
import pytest
from prefect.states import Failed

from flows.publish import hub
from flows.publish.task import FailedGates, check_gates, is_retriable
from tests.builders import release_tables


def nothing() -> dict[str, pl.DataFrame]:
    """Give the tables of no release at all: the first run has none before it."""
    return {name: frame.clear() for name, frame in release_tables().items()}


def clean() -> dict[str, pl.DataFrame]:
    tables = release_tables()
    return tables | {"rejections": tables["rejections"].clear()}


def test_good_release_passes_without_a_warning() -> None:
    assert check_gates(clean(), nothing(), allowed={}, strict=True).warnings == []


def test_every_failure_is_listed_at_once() -> None:
    tables = clean()
    twice = tables["links"].with_columns(paper_id=pl.lit("arxiv:9999.99999"))
    broken = tables | {"papers": tables["papers"].clear(), "links": twice}
    with pytest.raises(FailedGates) as refused:
        check_gates(broken, nothing(), allowed={}, strict=False)
    assert "papers.rows" in str(refused.value)
    assert "links.refers" in str(refused.value)


def test_share_of_rejections_warns() -> None:
    (warning,) = check_gates(release_tables(), nothing(), allowed={}, strict=False).warnings
    assert warning.startswith("rejections.rejected is 0.25, above 0.05")


def test_strict_allows_no_rejection() -> None:
    with pytest.raises(FailedGates, match="1 pieces of input were rejected, and --strict allows"):
        check_gates(release_tables(), nothing(), allowed={}, strict=True)


def test_only_failures_of_the_network_are_tried_again() -> None:
    assert is_retriable(None, None, Failed(data=hub.Unreachable("no answer")))
    assert not is_retriable(None, None, Failed(data=hub.Unpublished("no token")))
