"""The schema of every table, as a text: a change of schema is a visible change of this file."""

import os
from pathlib import Path

import pytest

from schemas.alias import Alias
from schemas.change import Change
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.match_report import MatchReport
from schemas.near_miss import NearMiss
from schemas.origin import Origin
from schemas.paper import Paper
from schemas.record import Record
from schemas.rejection import Rejection
from schemas.resolution import Resolution
from schemas.table import Table
from schemas.topic import TopicLabel

GOLDEN = Path(__file__).parent / "golden"
TABLES = [
    Record,
    Paper,
    Link,
    LinkCheck,
    TopicLabel,
    Origin,
    Resolution,
    Alias,
    Change,
    Rejection,
    NearMiss,
    MatchReport,
]


def described(model: type[Table]) -> str:
    lines = [
        f"{name}: {dtype}{' or null' if name in model.nullable() else ''}\n    {text}"
        for (name, dtype), text in zip(
            model.dtypes().items(), model.descriptions().values(), strict=True
        )
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_schema_is_the_reviewed_one(model: type[Table]) -> None:
    path = GOLDEN / f"{model.__name__}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(described(model), encoding="utf-8")
    assert described(model) == path.read_text(encoding="utf-8"), (
        "The schema changed. If that is meant, run the tests with UPDATE_GOLDEN=1, raise the "
        "version in CHANGELOG.md, and let the difference be reviewed."
    )


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_column_is_described_in_a_sentence(model: type[Table]) -> None:
    assert all(len(text) > 8 for text in model.descriptions().values())


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_empty_table_has_the_declared_types_and_is_valid(model: type[Table]) -> None:
    empty = model.empty()
    assert empty.schema == model.dtypes()
    model.validate(empty)
