import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.deduplicate.match.blocking import FEWEST_WORDS, list_band_keys, sketch_abstracts
from flows.deduplicate.match.record_features import ENOUGH, OPENING, take_openings
from flows.deduplicate.match.word_sets import collect_sets, join_sets
from flows.text.words import code_words, list_words, simplify_texts

PIECES = st.sampled_from(
    [
        *("The ", "attention", "Networks", " a ", "x", "42", "-", ".\n", "  ", "\t", "$5\\times$"),
        *("\\'e", '\\"{o}', "\\v{s}", "\\V{S}", "\\O ", "\\aa{}", "\\alpha", "{\\bf x}", "$", "\\"),
        *(
            "é",
            "ß",
            "İ",
            "ﬁ",
            "τ",
            "數學",
            "\u0301",
            "\x00",
            "K",
            "http://a.b/c d",
            "www.x.y",
            " URL",
        ),
    ]
)
TEXT = st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join)


@given(st.lists(st.none() | TEXT, max_size=10))
@settings(max_examples=50, deadline=None)
def test_plain_texts_have_the_codes_of_their_words(texts: list[str | None]) -> None:
    written = pl.Series(texts, dtype=pl.String)
    for one, other in zip(
        code_words(simplify_texts(written)), code_words(list_words(written)), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_words_are_told_apart_by_their_first_eight_bytes() -> None:
    place, code = code_words(pl.Series(["regulariser ab", "", "regularising ba"]))
    assert place.tolist() == [0, 0, 2, 2]
    assert code[0] == code[2]
    assert code[1] != code[3]


def test_codes_are_of_the_texts_of_a_slice_alone() -> None:
    texts = pl.Series(["left out", "kept here", "left out too"])
    assert (
        code_words(texts.slice(1, 1))[1].tolist()
        == code_words(pl.Series(["kept here"]))[1].tolist()
    )


@given(st.lists(TEXT, max_size=12), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_sets_hang_on_the_texts_not_on_how_many_are_read_at_once(
    texts: list[str], at_once: int
) -> None:
    written = pl.Series(texts, dtype=pl.String)
    whole, parts = (
        collect_sets(simplify_texts(written)),
        collect_sets(simplify_texts(written), at_once),
    )
    assert whole.starts.tolist() == parts.starts.tolist()
    assert whole.values.tolist() == parts.values.tolist()


def test_sets_put_in_order_are_those_of_all() -> None:
    texts = pl.Series(["one two", "", "two three four"])
    joined = join_sets([collect_sets(texts[:1]), collect_sets(texts[1:])], np.array([2, 0, 1]))
    expected = collect_sets(texts.gather([2, 0, 1]))
    assert joined.starts.tolist() == expected.starts.tolist()
    assert joined.values.tolist() == expected.values.tolist()


def test_an_opening_is_found_behind_long_formulas_and_urls() -> None:
    words_of_it = "we prove that networks of any depth can learn a sum of waves quickly"
    hidden = "https://example.org/" + "x" * ENOUGH + " $" + "\\\\" * ENOUGH + "$ " + words_of_it
    assert take_openings(pl.Series([hidden, words_of_it])).to_list() == [words_of_it[:OPENING]] * 2


def test_an_abstract_of_a_few_words_has_no_opening() -> None:
    assert take_openings(pl.Series(["Withdrawn.", None])).to_list() == [None, None]


def test_bands_of_an_abstract_are_the_same_among_few_and_among_many() -> None:
    rng = np.random.default_rng(0)
    texts = [
        " ".join(f"w{word}" for word in rng.integers(0, 9_999, FEWEST_WORDS + 9)) for _ in range(50)
    ]
    few = list_band_keys(sketch_abstracts(collect_sets(pl.Series(texts))))
    short = [""] * 1_000
    many = list_band_keys(sketch_abstracts(collect_sets(pl.Series(short + texts))))
    assert few.height > 0
    shifted = many.with_columns(pl.col("row") - len(short)).sort("row", "key")
    assert shifted.equals(few.sort("row", "key"))
