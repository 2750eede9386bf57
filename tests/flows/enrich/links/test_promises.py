"""A promise, a denial and a thing of others are no thing that is there."""

import polars as pl
import pytest

from flows.enrich.links.promises import find_code_promises, read_code_promise
from tests.link_texts import link_table_of_abstract, links_of_abstracts

PROMISES = [
    ("Code is available at https://github.com/a/b.", "available"),
    ("Code will be made publicly available at https://github.com/a/b.", "announced"),
    ("Code at https://github.com/a/b will be released soon.", "announced"),
    ("The data are available upon request at https://lab.org/x.", "upon-request"),
    ("We will make our code and models available at https://github.com/a/b.", "announced"),
    ("Our code will be at https://github.com/a/b.", "announced"),
    ("The programs are available to the public at https://github.com/a/b.", "available"),
    ("A list at https://github.com/a/b will be continuously updated.", "available"),
    (
        "The code will be released, while the demo can be found at https://lab.org/x.",
        "available",
    ),
    ("In arXiv:2411.04996, to be published by Springer, it is shown.", "available"),
]


@pytest.fixture(scope="module")
def tables():
    return links_of_abstracts([text for text, _ in PROMISES])


@pytest.mark.parametrize("number", range(len(PROMISES)), ids=[text for text, _ in PROMISES])
def test_a_promise_is_not_a_thing(tables, number):
    assert tables[number]["availability"].to_list() == [PROMISES[number][1]]


def test_a_repository_mentioned_in_passing_is_not_the_authors():
    assert link_table_of_abstract("We build on the library by X (https://github.com/a/b).")[
        "is_official"
    ].to_list() == [False]
    assert link_table_of_abstract("Our code is at https://github.com/a/b.")[
        "is_official"
    ].to_list() == [True]


@pytest.mark.parametrize(
    ("text", "promise"),
    [
        ("The code is not publicly available.", None),
        ("No code is released.", None),
        ("We do not release the code.", None),
        ("The code cannot be shared due to the sharing policy of X.", None),
        ("We use the code released by Smith et al.", None),
        ("Compared with methods whose source code is available, ours is faster.", None),
        ("The code is not yet available but will be released.", "announced"),
        ("Code is not publicly available but can be had upon request.", "upon-request"),
        ("We not only release the code but also the data.", "available"),
        ("For lack of publicly available code, we release our implementation.", "available"),
        ("We present X, a toolkit whose source code is publicly available.", "available"),
    ],
)
def test_a_denial_and_the_code_of_others_promise_nothing(text, promise):
    frame = pl.DataFrame({"text": [text]})
    assert frame.select(read_code_promise(pl.col("text"))).item() == promise
    listed = find_code_promises(frame.with_columns(paper_id=pl.lit("a")), "text")
    assert listed["promise"].to_list() == ([promise] if promise else [])
