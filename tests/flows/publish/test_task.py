"""A release is refused with every gate it fails."""

import polars as pl
import pytest
from prefect.states import Failed

from flows.publish import hub
from flows.publish.task import FailedGates, GateReport, check_gates, is_retriable
from schemas.gates import count_gates
from tests.builders import release_tables


def check(tables: dict[str, pl.DataFrame], *, strict: bool = False) -> GateReport:
    """Check the gates of a first release."""
    rejected = tables["rejections"].height
    return check_gates(count_gates(tables), rejected=rejected, allowed={}, strict=strict)


def clean() -> dict[str, pl.DataFrame]:
    tables = release_tables()
    return tables | {"rejections": tables["rejections"].clear()}


def test_good_release_passes_without_a_warning() -> None:
    assert check(clean(), strict=True).warnings == []


def test_every_failure_is_listed_at_once() -> None:
    tables = clean()
    twice = tables["links"].with_columns(paper_id=pl.lit("arxiv:9999.99999"))
    broken = tables | {"papers": tables["papers"].clear(), "links": twice}
    with pytest.raises(FailedGates) as refused:
        check(broken)
    assert "papers.rows" in str(refused.value)
    assert "links.refers" in str(refused.value)


def test_share_of_rejections_warns() -> None:
    (warning,) = check(release_tables()).warnings
    assert warning.startswith("rejections.rejected is 0.25, above 0.05")


def test_strict_allows_no_rejection() -> None:
    with pytest.raises(FailedGates, match="1 piece of input was rejected, and --strict allows"):
        check(release_tables(), strict=True)


def test_only_failures_of_the_network_are_tried_again() -> None:
    assert is_retriable(None, None, Failed(data=hub.Unreachable("no answer")))
    assert not is_retriable(None, None, Failed(data=hub.Unpublished("no token")))
