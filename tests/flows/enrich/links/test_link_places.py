"""Links are where the long pattern says, however little of a text it is run over."""

import random

import polars as pl

from flows.enrich.links.link_patterns import BOUNDARY, CUE, FORGE, GLUED_LEFT, LINK
from flows.enrich.links.link_places import find_link_places

FRAGMENTS = (
    *("https://github.com/a/b", "www.lab.edu", "www . statmt . org / wmt11", "github.com/ owner/x"),
    *(
        "arXiv:2301.01234",
        "hep-th/9901001",
        "doi: 10.1000/xyz",
        "10. 1000/ab",
        "git@github.com:a/b",
    ),
    *("available at foo.com", "found on the bar.org/x", "for download at", "website (", "\\url{"),
    *("https://a.b.com/foo-", "www.a.edu/\\textasciitilde", "~", "/", ".", "foo-\nbar.github.io"),
    *("of", "and", "that", "with", "we", "this", "our", "which", "by", "at", "the", "is", "code"),
    *(
        "\x1f",
        "\x1e",
        "日本",
        "https://сайт.рф/путь",
        "ac.uk",
        "e.g",
        "3.14",
        ":",
        "\n\n",
        "kaggle.com/",
    ),
)
SEPARATORS = (" ", " ", " ", "", "\n", "  ")


def test_places_are_those_of_the_whole_pattern_in_the_whole_text() -> None:
    draw = random.Random(7)  # noqa: S311  # no secret: the same texts in each run
    texts = [
        "".join(
            draw.choice(FRAGMENTS) + draw.choice(SEPARATORS) for _ in range(draw.randint(1, 20))
        )
        for _ in range(300)
    ]
    frame = pl.DataFrame({"number": range(len(texts)), "text": texts})
    written = pl.element().str.replace(f"^{CUE}", "").str.replace(f"^{BOUNDARY}", "")
    written = written.str.replace(rf"^{GLUED_LEFT}({FORGE})", "$1")
    expected = frame.select(
        "number", written=pl.col("text").str.extract_all(LINK).list.eval(written)
    ).explode("written", empty_as_null=False)
    places = find_link_places(frame)
    assert places.select("number", "written").equals(expected)
    assert expected.height > 300
    ends = places.select(end=pl.col("start") + pl.col("written").str.len_chars()).to_series()
    # The place is that of the words, and links of a text do not overlap.
    assert all(
        text[start:].startswith(link)
        for text, start, link in places.select("text", "start", "written").iter_rows()
    )
    following = places.select(pl.col("start").shift(-1).over("number")).to_series()
    assert (ends <= following).fill_null(value=True).all()


def test_texts_without_links_give_no_row() -> None:
    texts = pl.DataFrame({"text": ["We study graphs of this sort.", "", "e.g. of: that"]})
    assert find_link_places(texts).is_empty()
    assert find_link_places(texts.clear()).columns == ["text", "written", "start"]
