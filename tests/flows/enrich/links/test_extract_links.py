"""Links are found in every shape that people and machines give them, with their place."""

import polars as pl
import pytest

from flows.enrich.links import find_links
from flows.paths import PROJECT
from tests.link_texts import links_of_text

PAGE = PROJECT / "data/raw/papers_page/2026-11-23/000_fedf47de863a0fac.txt"


SHAPES = [
    ("Code: https://github.com/a/b.", ["https://github.com/a/b"]),
    ("Code (https://github.com/a/b), data", ["https://github.com/a/b"]),
    (r"at \url{https://github.com/a/b/.} and", ["https://github.com/a/b"]),
    (r"\href{https://github.com/a/b}{github.com/a/b}", ["https://github.com/a/b"]),
    (r"\href{https://lab.org/a}{\texttt{https://lab.org/A}} x", ["https://lab.org/a"]),
    (r"at \href{here}{https://github.com/a/b}.", ["https://github.com/a/b"]),
    ("at http://lab.org/x.request(v=VS.1).aspx for", ["http://lab.org/x.request(v=VS.1).aspx"]),
    ("until https://lab.org/a/1TcSd,Ig45ZtO, free", ["https://lab.org/a/1TcSd,Ig45ZtO"]),
    ("data from www.lab. org are", ["http://www.lab.org"]),
    ("at http://www.lab.ac. uk and", ["http://www.lab.ac"]),
    ("see http://lab.edu/ ~cj/svm for", ["http://lab.edu/~cj/svm"]),
    ("see http://lab.edu/ \u223c cj/svm/ in", ["http://lab.edu/~cj/svm/"]),
    ("see http://lab.edu/\u02dcnlp/x.", ["http://lab.edu/~nlp/x"]),
    ("(https://lab.edu/ LDC2002T31)", ["https://lab.edu/LDC2002T31"]),
    ("https://github.com/a/b?tab=readme-ov-file#x .", ["https://github.com/a/b"]),
    ("Availability:http://lab.org/x.", ["http://lab.org/x"]),
    ("Availability:https://lab.org/x.Contact:lee@lab.org", ["https://lab.org/x"]),
    ("at https://zenodo.org/record/ 1234567.", ["https://zenodo.org/records/1234567"]),
    ("at https://lab.org/x/ 2024 papers", ["https://lab.org/x/"]),
    ('at <a href="https://lab.org/x">lab.org/x</a>', ["https://lab.org/x"]),
    ("for <b>https://lab.org/x</b>", ["https://lab.org/x"]),
    (r"https://github.com/a/iota\textunderscore two.", ["https://github.com/a/iota_two"]),
    (r"https://github.com/a/iota\string_two.", ["https://github.com/a/iota_two"]),
    (r"https://people.mit.edu/\textasciitilde anna/x", ["https://people.mit.edu/~anna/x"]),
    ("https://github.com/a/\u200bomicron .", ["https://github.com/a/omicron"]),
    ("https://github.com/a/omi\u00adcron2 .", ["https://github.com/a/omicron2"]),
    ("https://m\u00fcller.de/d\u00e9mo.", ["https://xn--mller-kva.de/d%C3%A9mo"]),
    ("in arXiv.math.GR/0512484 (2011)", ["https://arxiv.org/abs/math/0512484"]),
    (r"at https://huggingface.co/a/b\_c.", ["https://huggingface.co/a/b_c"]),
    ("at https://github.\ncom/a/b).", ["https://github.com/a/b"]),
    ("at https: // github.\ncom/ a/b.", ["https://github.com/a/b"]),
    ("at https://lab.org/deep-\nlearning.", ["https://lab.org/deep-learning"]),
    ("at https://lab.org/ and more", ["https://lab.org/"]),
    ("at github.com/a/b.", ["https://github.com/a/b"]),
    ("see www.lab.org), as", ["http://www.lab.org"]),
    ("is available at lab.org.", ["http://lab.org"]),
    ("users of meetup.com in the city", []),
    ("results will be available on github.com.", []),
    ("at http:// http://lab.edu:8122/X/i.html.", ["http://lab.edu:8122/X/i.html"]),
    ("webpage.https://lab.org/x", ["https://lab.org/x"]),
    ("https://lab.org/x,https://lab.org/y", ["https://lab.org/x", "https://lab.org/y"]),
    ("[https://lab.org/x](https://lab.org/x)", ["https://lab.org/x"] * 2),
    (
        "see arXiv:2411.04996; and [arXiv:math.GT/0309136v2]",
        ["https://arxiv.org/abs/2411.04996", "https://arxiv.org/abs/math/0309136"],
    ),
    ("in DOI: 10.1038/ncomms6571.", ["https://doi.org/10.1038/ncomms6571"]),
    (
        "see math.AG/0306195, hep-th/9901001v2; [cond-mat.str-el/0102003] (arXiv 0809.4767)",
        [
            "https://arxiv.org/abs/math/0306195",
            "https://arxiv.org/abs/hep-th/9901001",
            "https://arxiv.org/abs/cond-mat/0102003",
            "https://arxiv.org/abs/0809.4767",
        ],
    ),
    ("pages 12/0102003 of vol/9901001", []),
    ("in arxiv.org/abs/math.AG/0306195.", ["https://arxiv.org/abs/math/0306195"]),
    ("(http://www. univ-\nlab.fr/soft/X/)", ["http://www.univ-lab.fr/soft/X/"]),
    ("at http://ti.lab. de/Projekte.1801.0.html.", ["http://ti.lab.de/Projekte.1801.0.html"]),
    ("available at rl-\nnav.github.io/deploy.", ["https://rl-nav.github.io/deploy"]),
    ("is available atgithub.com/lab/TAM.", ["https://github.com/lab/TAM"]),
    ("available at: github.com/lab/ Diff.", ["https://github.com/lab/Diff"]),
    ("available at https://github.com/lab/ soon.", ["https://github.com/lab"]),
    ("at https://github.com/lab/M.A.O .", ["https://github.com/lab/M.A.O"]),
    ("at https://github.com/lab/LAPA-.", ["https://github.com/lab/LAPA-"]),
    ("at https://doi.org/10.\n57745/DYIVVU,", ["https://doi.org/10.57745/DYIVVU"]),
    ("publicly available at mias.group/DiM upon", ["http://mias.group/DiM"]),
    ("are available to download at brass.sdf.org.", ["http://brass.sdf.org"]),
    ("in a web portal (glyphmachina.com), open", ["http://glyphmachina.com"]),
    ("reviews of a shop (dianping.com), open", []),
    ("in https://lab.org/wiki/Foo_(bar).", ["https://lab.org/wiki/Foo_(bar)"]),
    (r"at https://lab.org/\~{}user/x", ["https://lab.org/~user/x"]),
    ("at https://1drv.ms/u/s!AbC_de.", ["https://1drv.ms/u/s!AbC_de"]),
    ("at https://lab. github.io/tool.", ["https://lab.github.io/tool"]),
    ("at https://lab.org. See foo.com/x", ["https://lab.org", "http://foo.com/x"]),
    ("see https://git- hub.com/a/b.", ["https://github.com/a/b"]),
    ("at github . com / a / b .", ["https://github.com/a/b"]),
    ("at https : / / github . com / a / b .", ["https://github.com/a/b"]),
    ("at www. lab.org, from www.lab .org are", ["http://www.lab.org"] * 2),
    (
        "in http://lab.org/x. html and http://lab.org/y .pdf",
        ["http://lab.org/x.html", "http://lab.org/y.pdf"],
    ),
    ("at https://zenodo.org/\nrecord/1234567.", ["https://zenodo.org/records/1234567"]),
    ("at https://huggingface.co/datasets/lab/ d.", ["https://huggingface.co/datasets/lab/d"]),
    ("at https://github.com/lab/ The next", ["https://github.com/lab"]),
    ("at https://github.com/lab/tool- and", ["https://github.com/lab/tool-"]),
    ("at ttps://github.com/a/b, http;//lab.org/x", ["https://github.com/a/b", "http://lab.org/x"]),
    ("at https:///lab.org/x or http.//lab.org/y", ["https://lab.org/x", "http://lab.org/y"]),
    (r"at http://lab.org/$\tilde{}$lee/x.", ["http://lab.org/~lee/x"]),
    (
        "_https://github.com/a/b_ &lt;https://github.com/a/c&gt;",
        ["https://github.com/a/b", "https://github.com/a/c"],
    ),
    ("at https://lab.org/my\u2011tool.", ["https://lab.org/my-tool"]),
    ("https://lab.org/x\u0964", ["https://lab.org/x"]),
    ("at lab.org:8080/x", ["http://lab.org:8080/x"]),
    ("https://lab.org/x.Results show", ["https://lab.org/x"]),
    (
        "arXiv:2101. 00001, arXiv preprint 2101.00002",
        ["https://arxiv.org/abs/2101.00001", "https://arxiv.org/abs/2101.00002"],
    ),
    ("doi: 10. 1000/xyz1", ["https://doi.org/10.1000/xyz1"]),
    (
        "http: //lab.gov/tests/ ace/doc/plan.v3.pdf.) :",
        ["http://lab.gov/tests/ace/doc/plan.v3.pdf"],
    ),
    ("(https://lab.org/wiki/ Wiki:Requests_for_x)", ["https://lab.org/wiki/Wiki:Requests_for_x"]),
    ("X. https://lab.org/docs/ big-entities) and", ["https://lab.org/docs/big-entities"]),
    ("at https://lab.org/docs/ big-entities and", ["https://lab.org/docs/"]),
    ("(https://lab.org/Niger% E2%80%93Congo)", ["https://lab.org/Niger%E2%80%93Congo"]),
    ("(https://lab.org/nn.html#torch.nn. BigLoss)", ["https://lab.org/nn.html#torch.nn.BigLoss"]),
    ("See https://lab.org/a#results. DeepMind showed", ["https://lab.org/a#results"]),
    ("Code is at this https URL.", []),
    ("Code is at this https\nURL.", []),
    ("mail someone@lab.org for HTTP/2.0", []),
]


@pytest.fixture(scope="module")
def shapes():
    """Read all shapes at once: each reading of texts compiles the long pattern."""
    texts = pl.DataFrame({"text": [text for text, _ in SHAPES]}).with_row_index("record_id")
    return find_links(
        texts.with_columns(pl.col("record_id").cast(pl.String), field=pl.lit("abstract"))
    )


@pytest.mark.parametrize("number", range(len(SHAPES)), ids=[text for text, _ in SHAPES])
def test_a_link_is_found_in_every_shape(shapes, number):
    assert shapes.filter(record_id=str(number))["url"].to_list() == SHAPES[number][1]


def test_offsets_count_characters_of_the_text_as_written():
    text = "Über 5× „schneller“: https://github.com/a/b — naïve. 模型 https://hf.co/c/d。"  # noqa: RUF001  # the point of the test
    for start, end, written in links_of_text(text).select("start", "end", "written").iter_rows():
        assert text[start:end] == written
    assert links_of_text(text).height == 2


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200e"])
def test_a_link_with_invisible_characters_is_whole_and_in_its_place(sign):
    text = f"A{sign}t{sign} https:/{sign}/git{sign}hub.com/{sign}a/b{sign}. Über."
    table = links_of_text(text)
    assert table["url"].to_list() == ["https://github.com/a/b"]
    start, end, written = table.select("start", "end", "written").row(0)
    assert text[start:end] == written == f"https:/{sign}/git{sign}hub.com/{sign}a/b"


def test_the_sentence_is_the_one_around_the_link():
    text = "We do X. Our code is at https://github.com/a/b. It is fast."
    assert links_of_text(text)["sentence"].to_list() == ["Our code is at https://github.com/a/b."]


def test_a_text_of_many_links_is_read_in_windows():
    text = "Our code is at https://github.com/a/b and " + "so on, " * 2_000
    whole = text + "see https://github.com/c/d. The end."
    table = find_links(pl.DataFrame({"record_id": "1", "field": "abstract", "text": [whole]}))
    assert table["sentence"].str.len_chars().max() < 4_100
    assert table["url"].to_list() == ["https://github.com/a/b", "https://github.com/c/d"]
    assert [text.find("https"), len(text) + 4] == table["start"].to_list()


def test_the_bundled_page_has_seventeen_links_in_sixteen_papers():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = pl.DataFrame({"text": lines}).select(
        record_id=pl.int_range(pl.len()).cast(pl.String), field=pl.lit("abstract"), text="text"
    )
    table = find_links(texts)
    assert (table.height, table["record_id"].n_unique()) == (17, 16)
