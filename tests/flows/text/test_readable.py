import re

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.text import make_readable, make_readable_name
from flows.text.latex import convert_latex, render_latex


def made(text: str) -> str:
    return pl.DataFrame({"text": [text]}).select(make_readable(pl.col("text"))).item()


def name(text: str) -> str:
    return pl.DataFrame({"text": [text]}).select(make_readable_name(pl.col("text"))).item()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("  Wrapped\n  over lines ", "Wrapped over lines"),
        (
            "a state-\nof-the-art and short-\nand long-term",
            "a state-of-the-art and short- and long-term",
        ),
        ("models~(LLMs), see Fig.~3, about ~5%", "models (LLMs), see Fig. 3, about ~5%"),
        ("pages 1--3 -- or so --- truly", "pages 1–3 – or so — truly"),  # noqa: RUF001  # these signs are meant
        ("run with --help", "run with --help"),
        ("``real'' and `single' and the models' own", "“real” and ‘single’ and the models' own"),  # noqa: RUF001  # these signs are meant
        (r"87\% of A\&B in a\_b", "87% of A&B in a_b"),
        (r"$\times$ and 3$\times$4 and $10^{-3}$", "× and 3×4 and 10^-3"),  # noqa: RUF001  # these signs are meant
        ("1.83times and 384times384", "1.83times and 384times384"),
        (r"Fra\"\i ss\'e classes", "Fraïssé classes"),
        (r"{B}{E}{R}{T} \& {GPT}, \frac{A}{B}", r"BERT & GPT, \frac{A}{B}"),
        (r"the 2\textsuperscript{nd} \LaTeX\ guide, \S 3", "the 2nd LaTeX guide, § 3"),
        (r"$\texttt{Ladder}$ over $\Q(\sqrt{5})$", "Ladder over ℚ(√(5))"),  # noqa: RUF001  # these signs are meant
        (
            r"any $\eps>0$ in DSPACE[2^o(n)] with $(X,\S)$",
            r"any ϵ>0 in DSPACE[2^o(n)] with $(X,\S)$",
        ),
        (r"\la r^2\ra and $\la r^2\ra^\pi_s$", "⟨ r^2⟩ and ⟨r^2⟩^π_s"),
        (r"a 360^o view, $90^\circ$, 10^other", "a 360° view, 90°, 10^other"),
        (r"\emph{x} and \textbf{y \textit{z}} and {\em w}", "x and y z and w"),
        (r"as in~\cite{foo,bar}", "as in [foo,bar]"),
        (r"\href{https://a.org/x}{our page}", "our page (https://a.org/x)"),
        (r"see \url{https://a.org/a_b}.", "see https://a.org/a_b ."),
        (r"$x_{i+1}^{2k}$ stays", r"$x_{i+1}^{2k}$ stays"),
        (r"$\frac{a+b}{c}$ stays", r"$\frac{a+b}{c}$ stays"),
        (r"\hiformer is unknown", r"\hiformer is unknown"),
        ("it costs $5 and $10", "it costs $5 and $10"),
        (r"it costs \$5 and \$10", "it costs $5 and $10"),
        (r"$O(n \log n)$ in $\mathcal{O}(n)$ over $\mathbb{R}$", "O(n log n) in O(n) over ℝ"),  # noqa: RUF001  # these signs are meant
        ("A &amp; B &lt; C", "A & B < C"),
        (
            r"Schr\"{o}dinger, Poincar\'e, Erd\H{o}s, {\L}ukasz",
            "Schrödinger, Poincaré, Erdős, Łukasz",
        ),
        ("non\u00a0breaking, zero\u200bwidth, con\x00trol", "non breaking, zerowidth, control"),
        ("e\u0301", "é"),
    ],
)
def test_markup_is_resolved_where_it_is_certain(written: str, expected: str) -> None:
    assert made(written) == expected


def test_null_stays_null() -> None:
    frame = pl.DataFrame({"text": ["a\nb", None, r"\%"]}, schema={"text": pl.String})
    assert frame.select(make_readable(pl.col("text")))["text"].to_list() == ["a b", None, "%"]


MARKUP = st.sampled_from(
    [
        *"\\{}$~`'^_%&#-\"<> \n\x00",
        "\\emph{",
        "\\frac",
        "\\url{",
        "\\href{",
        "$$",
        "``",
        "''",  # two kinds of samples
        "--",
        "\\cite{",
        "\\alpha",
        "\\'e",
        "&amp;",
        "&lt;",
        "&#92;",
        "https://a.b/c_d",
        "word",
        "\\begin{x}",
    ]  # one literal reads better whole
)


TEXTS = st.one_of(st.text(max_size=80), st.lists(MARKUP, max_size=25).map("".join))


FORMULAS = ["$x$", "$-x$", "$a^$", "$<$", "$ww.$", "$5 and $", r"$\bar{}$", r"$\frac{1}{2+3}$",
            r"$\{0\}$", r"$\url{q}$", "$", "-", "o", "^", "/", "a", " ", "://"]  # fmt: skip
"""Formulas, and what may be markup together with them."""


@given(st.lists(st.sampled_from(FORMULAS), max_size=9).map("".join))
@settings(max_examples=60, deadline=None)
@example("a-$-x$")
def test_formulas_read_alike_in_texts_that_are_cut_at_dollars_and_in_others(written: str) -> None:
    # A text with a letter beyond ASCII is searched for all markup.
    cut, searched = make_both_readable([f"{written} a", f"{written} é"])
    assert cut[:-1] == searched[:-1]


def make_both_readable(written: list[str]) -> list[str]:
    return pl.select(make_readable(pl.lit(pl.Series(written)))).to_series().to_list()


@given(st.lists(TEXTS, max_size=20))
@settings(max_examples=60, deadline=None)
@example(["&amp;amp;lt;", r"\\\%\\_"])
def test_it_is_idempotent_and_never_raises(texts: list[str]) -> None:
    written = [text.encode(errors="ignore").decode() for text in texts]
    once = pl.DataFrame({"text": written}, schema={"text": pl.String}).select(
        make_readable(pl.col("text"))
    )
    assert once.select(make_readable(pl.col("text"))).equals(once)


PIECES = st.sampled_from(
    [
        *"{}_^ <>-'1ax(,[*~",
        "\\alpha",
        "\\alpha{} ",
        "\\in ",
        "\\in [",
        "\\log{",
        "\\, ",
        "\\left(",
        "\\text{ if }",
        "\\bar{\\alpha}",
        "\\mathfrak{g}",
        "\\mathbb{R}",
        "\\mathcal O",
        "\\hat{x}",
        "\\sqrt{n}",
        "\\frac{1}{n}",
        "\\frac12",
        "\\ref",
        "\\{",
        "\\%",
        "{x}",
        "^{-1}",
        "_{\\beta}",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=300, deadline=None)
@example("\\frac12")
@example("\\ref{x}1")
@example("f''(x)<<1--2")
def test_a_formula_has_the_text_that_pylatexenc_gives_it_as_a_whole(latex: str) -> None:
    assert render_latex(latex) == convert_latex(latex)


@given(
    st.lists(
        st.sampled_from(["alpha", "model", r"\emph{learning}", "$x$", "~", "--", "``deep''", r"\%"])
    )
)
@settings(max_examples=100, deadline=None)
def test_no_word_is_lost(parts: list[str]) -> None:
    text = " ".join(parts)
    words = re.findall("alpha|model|learning|deep", text)
    assert re.findall("alpha|model|learning|deep", made(text)) == words


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/a_b/c--d",
        "https://people.org/~name/x?y=1&z=2%20",
        "http://a.org/$x/`y",
        "https://a.org/a&amp;b",
    ],
)
def test_urls_inside_survive(url: str) -> None:
    address = re.match(r"[^`$]+", url)
    assert address is not None
    assert address.group() in made(f"Code -- at {url} and 5\\% more")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"Bal\'azs", "Balázs"),
        (r"Bal\'{a}zs, C.", "C. Balázs"),
        ("Nadolsky, Pavel M., Jr.", "Pavel M. Nadolsky Jr."),
        ("Jean~Dupont", "Jean Dupont"),
        ("{\\O}rsted, Hans", "Hans Ørsted"),
        ("NVIDIA", "NVIDIA"),
        ("van der Berg ,  Jan", "Jan van der Berg"),
        ("Doe, III", "Doe, III"),
        ("Doe,", "Doe,"),
    ],
)
def test_names_are_first_and_last_with_their_accents(written: str, expected: str) -> None:
    assert name(written) == expected


def test_a_run_of_blanks_is_one_however_long_it_is() -> None:
    assert convert_latex("a" + " " * 200_000 + "b") == "a b"
    assert convert_latex("a" + "\r\n" * 100_000 + "b") == "a\n\nb"
