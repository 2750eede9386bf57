"""Characters without width: links are looked for without them, and placed among them."""

import re

import polars as pl

from flows import urls

_INVISIBLE = re.compile(
    re.sub(r"\\x\{([0-9A-F]{4})\}", lambda code: f"\\u{code[1]}", urls.INVISIBLE)
)
"""As `urls.INVISIBLE`, in Python's own spelling of characters."""


def strip_invisible(texts: pl.DataFrame) -> pl.DataFrame:
    """Strip characters without width from each ``text``: a copied link may hold them anywhere."""
    return texts.with_columns(pl.col("text").str.replace_all(urls.INVISIBLE, ""))


def restore_places(mentions: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Move ``start``, ``end`` and ``written`` of mentions to the texts before `strip_invisible`.

    Both have the key ``piece``. Mentions come in any order, and as many as before.
    """
    changed = texts.filter(pl.col("text").str.contains(urls.INVISIBLE))
    # Few texts hold such a character, and all others need no look at each of theirs.
    if changed.is_empty():
        return mentions
    is_moved = pl.col("piece").is_in(changed["piece"].to_list())
    moved = mentions.filter(is_moved)
    shown = {
        piece: (text, _list_visible(text)) for piece, text in changed.select("piece", "text").rows()
    }
    places = [
        _find_place(*shown[piece], start, end)
        for piece, start, end in moved.select("piece", "start", "end").iter_rows()
    ]
    schema = {name: mentions.schema[name] for name in ("start", "end", "written")}
    restored = moved.with_columns(pl.DataFrame(places, schema=schema, orient="row"))
    return pl.concat([mentions.filter(~is_moved), restored])


def _list_visible(text: str) -> list[int]:
    """List the places of what `strip_invisible` leaves of a text."""
    return [place for place, sign in enumerate(text) if not _INVISIBLE.match(sign)]


def _find_place(text: str, visible: list[int], start: int, end: int) -> tuple[int, int, str]:
    r"""Find in a text the characters that are ``start`` to ``end`` (exclusive) once it is stripped.

    >>> _find_place("a\u200b b\u00adc", [0, 2, 3, 5], 2, 4)
    (3, 6, 'b\xadc')
    """
    first, last = visible[start], visible[end - 1] + 1
    return first, last, text[first:last]
