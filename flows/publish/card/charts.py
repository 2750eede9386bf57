"""Charts: bars as SVG text, legible on light and on dark pages, the same bytes each time."""

import html
from collections.abc import Mapping, Sequence

from flows.publish.card.facts import Facts
from flows.redact import blank_unprintable
from schemas.vocabulary import Facet, LinkKind

WIDTH = 720
"""Width of every chart in pixels: that of a card's text on the Hub."""

TEXT, BAR, LINE = "#7a7a7a", "#3f7fdc", "#7a7a7a"
"""Colours whose contrast is 4 or more, for bars 3 or more, on white and on the Hub's dark page: the
page's theme is a setting of the site, which an image cannot ask for. No colour has more than 4.4 on
both at once."""

MONTHS = 60
"""Months of the chart: five years fit, each still wider than a hairline."""

ROW, LABEL, NUMBER = 26, 190, 80
"""Pixels of a row's height, of the labels' column and of the numbers' column."""

LONGEST = 26
"""Characters of a label that fit in its column."""

COLUMN_HEIGHT, TOP, BOTTOM = 200, 40, 30
"""Pixels of the highest column, and of the space above and below the columns."""


def draw_charts(facts: Facts) -> dict[str, str]:
    """Draw the charts of a release by file name; one without anything to show is left out."""
    months = list_months(facts.tally("months"))
    cut = f", the last {MONTHS} months" if len(months) == MONTHS else ""
    facets: dict[str, int] = {}
    for key, number in facts.tally("topics").items():
        facet = key.partition("\t")[0]
        facets[facet] = facets.get(facet, 0) + number
    kinds = order_counts(facts.tally("kinds"), LinkKind.values())
    drawn = {
        "papers_per_month.svg": draw_columns(f"Papers per month of publication{cut}", months),
        "links_per_kind.svg": draw_bars("Links per kind", kinds),
        "topics_per_facet.svg": draw_bars(
            "Assigned topics per facet", order_counts(facets, Facet.values())
        ),
    }
    return {name: svg for name, svg in drawn.items() if svg}


def list_months(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """List papers by month of publication, the newest `MONTHS`, those without papers as well.

    >>> list_months({"2025-12": 3, "2026-02": 1})
    [('2025-12', 3), ('2026-01', 0), ('2026-02', 1)]
    """
    if not counts:
        return []
    # Months are numbered from year 0, so that years need no care.
    start, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (min(counts), max(counts)))
    months = [f"{n // 12}-{n % 12 + 1:02}" for n in range(max(start, end - MONTHS + 1), end + 1)]
    return [(month, counts.get(month, 0)) for month in months]


def order_counts(counts: Mapping[str, int], order: Sequence[str]) -> list[tuple[str, int]]:
    """Put counts in the order of their vocabulary, unknown ones last by name."""
    names = [*(name for name in order if name in counts), *sorted(counts.keys() - {*order})]
    return [(name, counts[name]) for name in names]


def draw_bars(title: str, rows: Sequence[tuple[str, int]]) -> str:
    """Draw one horizontal bar per row, each with its label and number; empty if no rows."""
    if not rows:
        return ""
    most = max(number for _, number in rows) or 1
    room = WIDTH - LABEL - NUMBER
    drawn = []
    for place, (label, number) in enumerate(rows):
        # One pixel at least: what is rare must not look like what is absent.
        y, width = TOP + place * ROW, max(1, room * number // most)
        drawn += [
            draw_text(LABEL - 10, y + 15, shorten_label(label), anchor="end"),
            draw_rectangle(LABEL, y + 2, width, ROW - 8, f"{label}: {number:,}"),
            draw_text(LABEL + width + 8, y + 15, f"{number:,}"),
        ]
    return draw_picture(title, drawn, TOP + len(rows) * ROW + 6)


def draw_columns(title: str, rows: Sequence[tuple[str, int]]) -> str:
    """Draw one column per row, with the label of every twelfth and the highest number."""
    if not rows:
        return ""
    most = max(number for _, number in rows) or 1
    # Without a bound, the columns of a release of two months would fill the picture.
    step = min(WIDTH // len(rows), 40)
    floor = TOP + COLUMN_HEIGHT
    drawn = [
        f'<path d="M0 {floor + 0.5}H{WIDTH}" stroke="{LINE}"/>',
        f'<path d="M0 {TOP + 0.5}H{WIDTH}" stroke="{LINE}" stroke-dasharray="2 4"/>',
        draw_text(WIDTH, TOP - 6, f"{most:,}", anchor="end"),
    ]
    for place, (label, number) in enumerate(rows):
        height, x = COLUMN_HEIGHT * number // most, place * step
        names = f"{label}: {number:,}"
        drawn.append(draw_rectangle(x, floor - height, max(step - 2, 1), height, names))
        if place % 12 == 0:
            drawn.append(draw_text(x, floor + 18, shorten_label(label)))
    return draw_picture(title, drawn, floor + BOTTOM)


def draw_picture(title: str, drawn: Sequence[str], height: int) -> str:
    """Return an SVG document with a title and what is drawn below it; it has no background."""
    start = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="system-ui, sans-serif" '
        f'font-size="14">'
    )
    heading = [f"<title>{escape_xml(title)}</title>", draw_text(0, 18, title, weight="600")]
    return "\n".join([start, *heading, *drawn, "</svg>\n"])


def draw_rectangle(x: int, y: int, width: int, height: int, named: str = "") -> str:
    """Return a bar, with a name that is shown where a pointer rests on it."""
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{BAR}">'
        f"<title>{escape_xml(named)}</title></rect>"
    )


def draw_text(x: int, y: int, content: str, *, anchor: str = "start", weight: str = "400") -> str:
    """Return a line of text; whatever it holds, it is text."""
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="{TEXT}">{escape_xml(content)}</text>'
    )


def escape_xml(content: str) -> str:
    """Return text that XML accepts and that cannot be markup."""
    return html.escape(blank_unprintable(content))


def shorten_label(label: str) -> str:
    """Cut a label to the room it has."""
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
