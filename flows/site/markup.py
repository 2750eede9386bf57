"""Markup: HTML whose texts are texts, whatever they hold."""

import html
import re
from collections.abc import Iterable
from typing import TypeAlias
from urllib.parse import quote

from flows.redact import blank_unprintable

EMPTY = frozenset({"br", "img", "input", "link", "meta", "hr"})
"""Elements that have no content and no end."""


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
"""A day, which browsers would break at its hyphens."""


class Markup(str):
    """HTML that was made by `element`: the only text that is not escaped."""

    __slots__ = ()


Content: TypeAlias = "str | int | Iterable[Content] | None"
"""What an element may hold."""


def render(content: Content) -> Markup:
    """Render content as HTML: markup as it is, numbers with commas, text escaped.

    >>> render(["<b>", 1234, element("b", "x")])
    '&lt;b&gt;1,234<b>x</b>'
    """
    if content is None:
        return Markup()
    # Before str: markup is a str as well, and would be escaped a second time.
    if isinstance(content, Markup):
        return content
    if isinstance(content, int):
        return Markup(f"{content:,}")
    # Before iterables: a str is one of strs, and the recursion would never end.
    if isinstance(content, str):
        return Markup(html.escape(blank_unprintable(content, keep="\n")))
    return Markup("".join(render(part) for part in content))


def element(tag: str, /, *content: Content, **attributes: str | bool | None) -> Markup:
    """Make an element. An attribute's ``_`` is a ``-``; None and False leave it out.

    >>> element("a", "1 < 2", href="/?q=a&b", class_="x", hidden=True)
    '<a href="/?q=a&amp;b" class="x" hidden>1 &lt; 2</a>'
    """
    written = "".join(
        # `class` and `for` are words of Python, so that callers write `class_` and `for_`.
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{html.escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    start = f"<{tag}{written}>"
    return Markup(start if tag in EMPTY else f"{start}{render(content)}</{tag}>")


def table(caption: str, header: Iterable[str], rows: Iterable[Iterable[Content]]) -> Markup:
    """Make a table with a caption. Numbers are aligned to the right."""
    head = element("tr", [element("th", name, scope="col") for name in header])
    body = [element("tr", [_cell(value) for value in row]) for row in rows]
    # The caption is as wide as the table, of which a narrow screen shows a part: its text is not.
    text = element("caption", element("span", caption))
    inner = [text, element("thead", head), element("tbody", body)]
    # A wide table scrolls in its own box, which the keyboard must be able to enter.
    return element(
        "div",
        element("table", inner),
        class_="scrolls",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _cell(value: Content) -> Markup:
    if isinstance(value, int):
        return element("td", value, class_="number")
    return element("td", value, class_="together" if _is_day(value) else None)


def _is_day(value: Content) -> bool:
    return isinstance(value, str) and DAY.fullmatch(value) is not None


def path_of(text: str) -> str:
    """Write text as a part of an address.

    >>> path_of("arxiv:hep-th/9901001")
    'arxiv:hep-th%2F9901001'
    """
    return quote(text, safe=":")
