"""Links among characters that do not show are placed in the text as it was written."""

import polars as pl

from flows.enrich.links.invisible_characters import restore_places, strip_invisible


def test_places_go_back_to_the_text_that_holds_the_signs() -> None:
    texts = pl.DataFrame({"piece": ["0", "1"], "text": ["\ufeffab c\u200bd", "ab cd"]})
    assert strip_invisible(texts)["text"].to_list() == ["ab cd"] * 2
    rows = [("0", 3, 5, "cd"), ("1", 3, 5, "cd"), ("0", 0, 2, "ab")]
    mentions = pl.DataFrame(rows, schema=["piece", "start", "end", "written"], orient="row")
    assert restore_places(mentions, texts).sort("piece", "start").rows() == [
        ("0", 1, 3, "ab"),
        ("0", 4, 7, "c\u200bd"),
        ("1", 3, 5, "cd"),
    ]


def test_texts_without_such_signs_are_left_as_they_are() -> None:
    texts = pl.DataFrame({"piece": ["0"], "text": ["ab"]})
    mentions = pl.DataFrame({"piece": ["0"], "start": [0], "end": [2], "written": ["ab"]})
    assert restore_places(mentions, texts).equals(mentions)
