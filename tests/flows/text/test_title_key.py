r"""The title key: spellings of one title have one key, and other titles have another."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.text.title_key import make_title_keys, title_key

SPELLINGS = [
    ("naive bayes", [r"Na\"ive Bayes", r"Na{\"i}ve Bayes", r"Na\"{\i}ve Bayes", "Naïve Bayes"]),
    ("naive bayes", ["Nai\u0308ve Bayes", "NAÏVE BAYES", "naïve\u00a0 bayes", "Naïve\nBayes"]),
    ("erdos renyi", [r"Erd\H{o}s-R\'enyi", "Erdős–Rényi", "Erdo\u030bs\u2010Re\u0301nyi"]),  # noqa: RUF001  # the dash of typesetters
    ("godel s theorem", ["Gödel's theorem", "Gödel\u2019s Theorem", r"G{\"o}del`s theorem"]),
    (
        "strassen in strasse",
        ["Strassen in Straße", r"Strassen in Stra{\ss}e", "STRASSEN IN STRAẞE"],
    ),
    ("bjorn in lodz", ["Bjørn in Łódź", r"Bj{\o}rn in {\L}\'od\'z", r"Bj\o{}rn in \L{}ód\'z"]),
    ("aether oeuvre", ["Æther Œuvre", "æther œuvre", r"{\AE}ther {\oe}uvre"]),
    ("efficient field", ["E\ufb03cient \ufb01eld", "Efficient field"]),
    ("soft hyphen", ["so\u00adft hy\u200bphen", "soft hyphen", "\ufeffSoft hyphen"]),
    ("pre training", ["Pre-training", "pre\u2013training", "pre\u2011training", "pre--training"]),
    (
        "a quote b",
        ["A \u201cquote\u201d B", "A ``quote'' B", 'A "quote" B', "A \u00abquote\u00bb B"],
    ),
    ("lr2bench", ["LR${}^{2}$Bench", "LR^2Bench", "LR²Bench", "lr2bench"]),
    ("o n logn", [r"$\mathcal{O}(n \text{log}n)$", "O(n logn)", r"$O(n\ \mathrm{log}n)$"]),
    ("r d of things", ["R&D of things", "R&amp;D of things", r"R\&D of \emph{things}"]),
    ("深度 学习", ["深度 学习", "深度：学习", "深度\u3000学习"]),  # noqa: RUF001  # full width
    ("abc 12", ["ＡＢＣ １２", "abc 12", "\U0001d400\U0001d401\U0001d402 12"]),  # noqa: RUF001  # full width
    ("λογος", ["ΛΟΓΟΣ", "Λόγος", "λόγοσ"]),
    ("が", ["が", "か\u3099"]),
    ("한국어", ["한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165"]),
    ("हिन्दी", ["हिन्दी", " हिन्दी "]),
]


@pytest.mark.parametrize(("key", "titles"), SPELLINGS)
def test_spellings_of_one_title_have_one_key(key: str, titles: list[str]) -> None:
    folded = make_title_keys(pl.Series([key])).item()
    assert make_title_keys(pl.Series(titles)).to_list() == [folded] * len(titles)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Part I", "Part II"),
        ("か", "が"),
        ("कि", "की"),
        ("深度学习", "深度强化学习"),
        ("CAT3D", "CAT4D"),
    ],
)
def test_other_titles_have_another_key(left: str, right: str) -> None:
    assert make_title_keys(pl.Series([left, right])).n_unique() == 2


def test_no_title_has_no_key() -> None:
    frame = pl.DataFrame({"title": pl.Series([None, "", " - "], dtype=pl.String)})
    assert frame.select(title_key(pl.col("title"))).to_series().to_list() == [None, "", ""]


@settings(deadline=None)  # the first call starts the threads of polars
@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
def test_a_key_is_its_own_key(titles: list[str]) -> None:
    keys = make_title_keys(pl.Series(titles, dtype=pl.String))
    assert make_title_keys(keys).to_list() == keys.to_list()
