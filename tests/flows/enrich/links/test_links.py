"""Links: found where they stand, told apart by kind, joined per paper."""

from datetime import date

import polars as pl
import pytest

from flows.enrich.links import (
    build_code_columns,
    build_link_table,
    find_links,
    find_links_in_texts,
    read_link_fields,
)
from flows.enrich.links.promises import read_code_promise
from flows.evaluate import links as evaluation
from flows.paths import PROJECT
from flows.tables import check
from schemas.link import Link
from schemas.record import Record
from schemas.vocabulary import License

PAGE = PROJECT / "data/raw/papers_page/2026-11-23/000_fedf47de863a0fac.txt"
SHARED = PROJECT.parent / "shared/eval"


def record(number=1, **values):
    base = dict.fromkeys(Record.dtypes())
    base |= {
        "record_id": f"arxiv:0123456789ab:{number}",
        "source": "arxiv",
        "title": "A title",
        "snapshot": date(2026, 11, 1),
        "file": "x",
        "line": number,
        "is_withdrawn": False,
        "is_retracted": False,
        "license": "CC0-1.0",
    }
    base |= {n: [] for n in ("authors", "categories", "classes", "keywords", "urls")}
    return base | values


def records(*rows):
    return pl.DataFrame(list(rows), schema=Record.dtypes())


def origins(frame, paper="arxiv:2312.00752"):
    return frame.select("record_id", paper_id=pl.lit(paper))


def found(text):
    return find_links(pl.DataFrame({"record_id": ["r"], "field": ["abstract"], "text": [text]}))


SHAPES = [
    ("Code: https://github.com/a/b.", ["https://github.com/a/b"]),
    ("Code (https://github.com/a/b), data", ["https://github.com/a/b"]),
    (r"at \url{https://github.com/a/b/.} and", ["https://github.com/a/b"]),
    (r"\href{https://github.com/a/b}{github.com/a/b}", ["https://github.com/a/b"] * 2),
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
    for start, end, written in found(text).select("start", "end", "written").iter_rows():
        assert text[start:end] == written
    assert found(text).height == 2


def test_the_sentence_is_the_one_around_the_link():
    text = "We do X. Our code is at https://github.com/a/b. It is fast."
    assert found(text)["sentence"].to_list() == ["Our code is at https://github.com/a/b."]


def one(text, **values):
    frame = records(record(abstract=text, **values))
    return build_link_table(frame, origins(frame))


@pytest.fixture(scope="module")
def judged():
    """Give the links of the n-th text of a list; all its texts are read at once."""
    read = {}

    def links_of(texts, number):
        if id(texts) not in read:
            read[id(texts)] = find_links_in_texts(
                records(*(record(n, abstract=text) for n, (text, _) in enumerate(texts)))
            )
        return read[id(texts)].filter(record_id=f"arxiv:0123456789ab:{number}")

    return links_of


KINDS = [
    ("Data is available at https://github.com/a/b.", "dataset"),
    ("Our code and data are at https://github.com/a/b.", "code"),
    ("Weights: https://huggingface.co/a/b", "model"),
    ("See https://huggingface.co/datasets/a/b", "dataset"),
    ("Try https://huggingface.co/spaces/a/b", "demo"),
    ("Project page: https://a.github.io/b/", "project"),
    ("A video is at https://youtu.be/S-wsVDF2HSI", "video"),
    ("as in arXiv:2411.04996", "paper"),
    ("The software is available at http://lab.edu/x", "code"),
    ("The dataset is at https://doi.org/10.5281/zenodo.15616911", "dataset"),
    ("Our dataset is available on GitHub at https://github.com/a/b.", "dataset"),
    ("LoCoBench is released at: https://github.com/a/b.", "dataset"),
    (
        "Tests on six datasets demonstrate the effectiveness of our https://github.com/a/b",
        "code",
    ),
    ("It helps on the BEIR benchmark. https://github.com/a/b", "code"),
    ("The model checkpoints are available at https://github.com/a/b.", "model"),
    ("The project repository is available at https://github.com/a/b.", "code"),
    ("Project page: https://github.com/a/b.", "project"),
    ("It reasons better than other models. https://github.ibm.com/a/b", "code"),
    ("All code is at https://kaggle.com/code/a/b", "code"),
    ("Slides are available at http://lab.org/talks/a.ppt", "other"),
]


@pytest.mark.parametrize("number", range(len(KINDS)), ids=[text for text, _ in KINDS])
def test_the_sentence_and_the_host_tell_the_kind(judged, number):
    assert judged(KINDS, number)["kind"].to_list() == [KINDS[number][1]]


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


@pytest.mark.parametrize("number", range(len(PROMISES)), ids=[text for text, _ in PROMISES])
def test_a_promise_is_not_a_thing(judged, number):
    assert judged(PROMISES, number)["availability"].to_list() == [PROMISES[number][1]]


def test_a_repository_mentioned_in_passing_is_not_the_authors():
    assert one("We build on the library by X (https://github.com/a/b).")[
        "is_official"
    ].to_list() == [False]
    assert one("Our code is at https://github.com/a/b.")["is_official"].to_list() == [True]


def test_two_spellings_of_one_repository_are_one_link_with_all_its_evidence():
    frame = records(
        record(1, abstract="Code is available at https://github.com/Own/Repo."),
        record(2, urls=[{"field": "githubRepo", "url": "http://github.com/own/repo.git"}]),
    )
    table = check(Link, build_link_table(frame, origins(frame)))
    assert table.height == 1
    assert [m["field"] for m in table["mentions"][0]] == ["abstract", "githubRepo"]
    assert table["is_official"].to_list() == [True]


def test_share_alike_evidence_stays_in_its_own_layer():
    frame = records(
        record(1, abstract="Code is available at https://github.com/a/b."),
        record(
            2, license="CC-BY-SA-4.0", urls=[{"field": "repo_url", "url": "https://github.com/a/b"}]
        ),
        record(
            3, license="CC-BY-SA-4.0", urls=[{"field": "repo_url", "url": "https://github.com/c/d"}]
        ),
    )
    core = build_link_table(frame, origins(frame))
    shared = check(Link, build_link_table(frame, origins(frame), License.CC_BY_SA))
    assert core["url"].to_list() == ["https://github.com/a/b"]
    assert [m["record_id"] for m in core["mentions"][0]] == ["arxiv:0123456789ab:1"]
    assert shared["url"].to_list() == ["https://github.com/a/b", "https://github.com/c/d"]
    assert shared["license"].unique().to_list() == ["CC-BY-SA-4.0"]
    assert not shared["is_official"].any()


@pytest.mark.parametrize(
    ("written", "url", "kind"),
    [
        ("https://github.com/a/b/tree/main).", "https://github.com/a/b/tree/main", "code"),
        ("HTTP://GITHUB.com/a/b.git", "https://github.com/a/b", "code"),
        ("github.com/a/b", "https://github.com/a/b", "code"),
        ("https://github.com/openai", "https://github.com/openai", "other"),
    ],
)
def test_a_url_field_is_mended(written, url, kind):
    frame = read_link_fields(records(record(urls=[{"field": "githubRepo", "url": written}])))
    assert frame.select("url", "kind").row(0) == (url, kind)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("https://github.com/a/b, https://github.com/c/d", ["a/b", "c/d"]),
        ("https://github.com/a/b,https://github.com/c/d", ["a/b", "c/d"]),
        ("https://github.com/a/b and https://github.com/c/d", ["a/b", "c/d"]),
        ("[code](https://github.com/a/b)", ["a/b"]),
        ("code: https://github.com/a/b (coming soon)", ["a/b"]),
        ("https:// github.com/a/b", ["a/b"]),
    ],
)
def test_a_field_with_words_around_its_urls_is_read_like_a_text(written, found):
    given = [{"field": "githubRepo", "url": written}, {"field": "githubRepo", "url": "x y z"}]
    frame = read_link_fields(records(record(urls=given)))
    assert frame["repo"].to_list() == found
    assert frame["kind"].to_list() == ["code"] * len(found)
    for start, end, text in frame.select("start", "end", "written").iter_rows():
        assert written[start:end] == text


def test_characters_without_width_are_no_part_of_a_url():
    given = {"field": "code", "url": "\u200bhttps://github.com/a/b\ufeff"}
    assert read_link_fields(records(record(urls=[given])))["url"].to_list() == [
        "https://github.com/a/b"
    ]


def test_an_identifier_in_a_field_leads_to_its_paper():
    given = [{"field": "url", "url": each} for each in ("2312.00752", "10.1145/3292500.3330701")]
    assert read_link_fields(records(record(urls=given)))["url"].to_list() == [
        "https://arxiv.org/abs/2312.00752",
        "https://doi.org/10.1145/3292500.3330701",
    ]


@pytest.mark.parametrize(
    "written",
    ["Not provided", "", "N/A", "N.A.", "e.g.", "javascript:alert(1)", "a@b.org", "Coming soon"],
)
def test_a_field_without_a_url_gives_no_link(written):
    assert read_link_fields(
        records(record(urls=[{"field": "githubRepo", "url": written}]))
    ).is_empty()


@pytest.mark.parametrize(
    ("field", "is_official"),
    [
        ("repo_url", False),
        ("repo_url:is_official", True),
        ("repo_url:is_official:mentioned_in_paper", True),
        ("repo_url:mentioned_in_paper:mentioned_in_github", False),
        ("githubRepo", True),
    ],
)
def test_a_repository_is_official_only_where_its_source_says_so(field, is_official):
    frame = read_link_fields(
        records(record(urls=[{"field": field, "url": "https://github.com/a/b"}]))
    )
    assert frame.select("kind", "is_official").rows() == [("code", is_official)]


@pytest.mark.parametrize(
    ("field", "name", "kind"),
    [
        ("attachment:software", "P18-1001.Software.zip", "code"),
        ("attachment:dataset", "P18-1001.Datasets.zip", "dataset"),
        ("attachment:Poster", "P18-1001.Poster.pdf", "other"),
        ("mediaUrls", "picture.png", "other"),
        ("mediaUrls", "film.mp4", "video"),
        ("mediaUrls", "film.qt", "video"),
    ],
)
def test_what_lies_beside_a_paper_is_no_paper(field, name, kind):
    url = f"https://aclanthology.org/attachments/{name}"
    frame = read_link_fields(records(record(urls=[{"field": field, "url": url}])))
    assert frame["kind"].to_list() == [kind]


@pytest.mark.parametrize(
    ("field", "is_official"),
    [
        ("attachment:software", True),
        ("attachment:Poster", True),
        ("mediaUrls", False),
        ("url", False),
    ],
)
def test_attachments_are_the_authors_own(field, is_official):
    url = "https://aclanthology.org/attachments/P18-1001.zip"
    frame = read_link_fields(records(record(urls=[{"field": field, "url": url}])))
    assert frame["is_official"].to_list() == [is_official]


def test_a_text_that_names_data_outweighs_a_field_for_repositories():
    url = "https://github.com/lab/survey-answers"
    given = {"urls": [{"field": "githubRepo", "url": url}]}
    data = record(abstract=f"The dataset is publicly available at {url}", **given)
    page = record(abstract=f"Project page: {url}", **given)
    kinds = [
        build_link_table(frame, origins(frame))["kind"][0]
        for frame in (records(data), records(page))
    ]
    assert kinds == ["dataset", "code"]


def test_a_publisher_in_the_comments_is_not_the_authors_own():
    frame = records(
        record(comments="Published by the Institute of Statistics (http://www.imstat.org)")
    )
    assert build_link_table(frame, origins(frame)).select("kind", "is_official").rows() == [
        ("other", False)
    ]


def test_a_site_on_github_pages_names_its_repository_and_a_paper_its_identifier():
    text = (
        "Page: https://lab.github.io/tool/ and see https://arxiv.org/abs/2312.00752v2 for proofs."
    )
    frame = records(record(abstract=text))
    found = build_link_table(frame, origins(frame)).select("repo", "identifier")
    assert found.rows() == [(None, "arxiv:2312.00752"), ("lab/tool", None)]


def test_the_best_code_is_official_and_promises_are_marked():
    frame = records(
        record(abstract="We use https://github.com/x/y. Our code is at https://github.com/a/b.")
    )
    papers = pl.DataFrame(
        {
            "paper_id": ["arxiv:2312.00752", "arxiv:2312.00753", "arxiv:2312.00754"],
            "abstract_as_written": [
                frame["abstract"][0],
                "The source code will be released.",
                "Nothing.",
            ],
        }
    )
    columns = build_code_columns(build_link_table(frame, origins(frame)), papers)
    assert columns["code_url"].to_list() == ["https://github.com/a/b", None, None]
    assert columns["code_availability"].to_list() == ["available", "announced", None]
    assert columns["code_urls"].to_list()[0][0] == "https://github.com/a/b"


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


def test_a_text_of_many_links_is_read_in_windows():
    text = "Our code is at https://github.com/a/b and " + "so on, " * 2_000
    whole = text + "see https://github.com/c/d. The end."
    table = find_links(pl.DataFrame({"record_id": "1", "field": "abstract", "text": [whole]}))
    assert table["sentence"].str.len_chars().max() < 4_100
    assert table["url"].to_list() == ["https://github.com/a/b", "https://github.com/c/d"]
    assert [text.find("https"), len(text) + 4] == table["start"].to_list()


def test_a_paper_without_links_gives_an_empty_table():
    frame = records(record(abstract="Nothing here."))
    assert check(Link, build_link_table(frame, origins(frame))).is_empty()


def test_the_bundled_page_has_seventeen_links_in_sixteen_papers():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = pl.DataFrame({"text": lines}).select(
        record_id=pl.int_range(pl.len()).cast(pl.String), field=pl.lit("abstract"), text="text"
    )
    table = find_links(texts)
    assert (table.height, table["record_id"].n_unique()) == (17, 16)


@pytest.mark.skipif(not SHARED.exists(), reason="the evaluation sets are not here")
def test_links_of_marked_abstracts_are_found():
    folder = SHARED / "links"
    scores = evaluation.score(evaluation.predict(folder), folder)
    assert scores["f1"] >= 0.97
    assert scores["kind_accuracy"] >= 0.90
