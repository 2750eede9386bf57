"""Charts are whole SVG, the same each time, legible on light and dark, whatever the labels."""

from datetime import date
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.publish.card import charts
from flows.publish.card.facts import Facts, count_facts
from schemas.paper import Paper
from tests.builders import frame, paper, release_tables

LIGHT, DARK = "#ffffff", "#0b0f19"
"""The Hub's page in its two themes."""


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def facts(tables: dict[str, pl.DataFrame]) -> Facts:
    return Facts(count_facts(tables), {}, {})


@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_text_and_bars_are_legible_on_both_pages(page: str) -> None:
    assert contrast(charts.TEXT, page) >= 4
    assert contrast(charts.BAR, page) >= 3


def test_a_release_has_three_charts_that_are_xml() -> None:
    drawn = charts.draw_charts(facts(release_tables(3)))
    assert set(drawn) == {"papers_per_month.svg", "links_per_kind.svg", "topics_per_facet.svg"}
    for svg in drawn.values():
        assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own
    assert drawn == charts.draw_charts(facts(release_tables(3)))


def test_empty_tables_have_no_chart() -> None:
    empty = {name: rows.clear() for name, rows in release_tables(1).items()}
    assert charts.draw_charts(facts(empty)) == {}


def test_months_without_papers_are_shown_and_old_ones_are_not() -> None:
    days = [date(1999, 1, 1), date(2025, 12, 31), date(2026, 2, 1), date(2026, 2, 9)]
    papers = frame(Paper, [paper(n, published=day) for n, day in enumerate([*days, None])])
    months = charts.list_months(facts({"papers": papers}).tally("months"))
    assert months[-3:] == [("2025-12", 1), ("2026-01", 0), ("2026-02", 2)]
    assert len(months) == charts.MONTHS


def test_kinds_are_in_the_order_of_their_vocabulary() -> None:
    found = charts.order_counts({"x": 1, "a": 1, "b": 2}, ["b", "c", "a"])
    assert found == [("b", 2), ("a", 1), ("x", 1)]


@given(st.lists(st.tuples(st.text(), st.integers(0, 10**9)), min_size=1, max_size=5))
def test_labels_stay_text_whatever_they_hold(rows: list[tuple[str, int]]) -> None:
    hostile = [("</text><script>alert(1)</script>", 1), *rows]
    for svg in (charts.draw_bars("t", hostile), charts.draw_columns("t", hostile)):
        tags = {one.tag.rpartition("}")[2] for one in ET.fromstring(svg).iter()}  # noqa: S314  # our own
        assert tags <= {"svg", "title", "text", "rect", "path"}
