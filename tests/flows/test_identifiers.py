"""Identifiers: what is recognised, what is refused, and that reading twice changes nothing."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import identifiers


def read(rule, written):
    return pl.select(rule(pl.lit(written, pl.String))).item()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2312.00752", "2312.00752"),
        ("2312.00752v2", "2312.00752"),
        ("\u202a2312.00752\u202c \u200b", "2312.00752"),
        ("[\u20662312.00752\u2069].", "2312.00752"),
        ("arXiv:2312.00752v1 [cs.LG]", "2312.00752"),
        ("http://arxiv.org/pdf/2312.00752v3.pdf", "2312.00752"),
        ("https://arxiv.org/abs/2312.00752?context=cs", "2312.00752"),
        ("https://huggingface.co/papers/2312.00752", "2312.00752"),
        ("10.48550/arXiv.2312.00752", "2312.00752"),
        ("https://doi.org/10.48550/arxiv.2312.00752", "2312.00752"),
        ("ARXIV:2312.00752V2", "2312.00752"),
        ("0704.0001", "0704.0001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136v2", "math/0309136"),
        ("cs.CL/0306049", "cs/0306049"),
        ("cond-mat.str-el/0102003", "cond-mat/0102003"),
        ("arXiv:2312.00752v1 [cs.LG] 1 Dec 2023", "2312.00752"),
        ("arXiv:hep-th/9901001v1 1 Jan 1999", "hep-th/9901001"),
        ("oai:arXiv.org:2312.00752", "2312.00752"),
        ("abs/2312.00752", "2312.00752"),
        ("CoRR, abs/2312.00752", "2312.00752"),
        ("arXiv preprint arXiv:2312.00752", "2312.00752"),
        ("https://arxiv.org/abs/arXiv:2312.00752", "2312.00752"),
        ("http://cn.arxiv.org/pdf/hep-th/9901001v2.pdf#page=3", "hep-th/9901001"),
        ("https://ar5iv.labs.arxiv.org/html/2312.00752", "2312.00752"),
        ("https://www.alphaxiv.org/overview/2312.00752v1", "2312.00752"),
        ("https://api.semanticscholar.org/arXiv:2312.00752", "2312.00752"),
        ("doi:10.48550/arXiv.2312.00752v2.", "2312.00752"),
        ("<2312.00752>", "2312.00752"),
    ],
)
def test_an_arxiv_id_is_read_from_every_form(written, expected):
    assert read(identifiers.arxiv_id, written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "704.001",
        "704.0291",
        "1501.0001200000001",
        "1501.0001",
        "0704.00010",
        "2313.00001",
        "1234",
        "hep-th/9901000",
        "abc/9901001",
        "hep-th/8901001",
        "arXiv",
        "",
        "about 2312.00752 of them",
        "10.1000/2312.00752",
        "2312.00752 2312.00753",
        "https://arxiv.org/abs/2312.00752v1/extra",
        "https://arxiv.org/list/cs.CL/2312",
        "https://example.org/abs/2312.00752",
        "https://alphaarxiv.org/abs/2312.00752",
        "arXiv:2312.00752 and others, 1 Dec 2023",
        "\u0662\u066301.00001",
    ],
)
def test_what_cannot_be_an_arxiv_id_is_refused(written):
    assert read(identifiers.arxiv_id, written) is None


def test_the_version_stands_in_its_own_column():
    assert read(identifiers.arxiv_version, "2312.00752v12") == 12
    assert read(identifiers.arxiv_version, "https://arxiv.org/pdf/hep-th/9901001v2") == 2
    assert read(identifiers.arxiv_version, "2312.00752") is None
    assert read(identifiers.arxiv_version, "junkv2") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("10.1109/CVPR.2016.90", "10.1109/cvpr.2016.90"),
        ("https://doi.org/10.1145/3292500.3330701.", "10.1145/3292500.3330701"),
        ("doi:10.1016/S0370-2693(98)00123-4", "10.1016/s0370-2693(98)00123-4"),
        ("http://dx.doi.org/10.5281/zenodo.15616911", "10.5281/zenodo.15616911"),
        ("www.doi.org/10.5281/zenodo.15616911", "10.5281/zenodo.15616911"),
        ("https://doi.org/ 10.5281%2Fzenodo.15616911", "10.5281/zenodo.15616911"),
        ("urn:doi:10.5281/zenodo.15616911", "10.5281/zenodo.15616911"),
        ("<10.5281/zenodo.15616911>", "10.5281/zenodo.15616911"),
        ("10.1038/ncomms6571)", "10.1038/ncomms6571"),
        ("10.1145/ 3292500.3330701", "10.1145/3292500.3330701"),
        ("10.1145/3292500.\n  3330701", "10.1145/3292500.3330701"),
        ("10.1007/978-3- 030-12345-6_7", "10.1007/978-3-030-12345-6_7"),
        ("10.1007/s11263\u00ad-015-0816-y", "10.1007/s11263-015-0816-y"),
        ("doi:10.1145/3292500.3330701#sec1", "10.1145/3292500.3330701"),
        ("10.1145/3292500.3330701?ref=home", "10.1145/3292500.3330701"),
        ("doi:https://doi.org/doi:10.1145/3292500", "10.1145/3292500"),
        ("10.1016/S0370-2693%2898%2900123-4", "10.1016/s0370-2693(98)00123-4"),
        ("10.1175/1(2000)128&lt;0001:ab&gt;2.0.CO;2", "10.1175/1(2000)128<0001:ab>2.0.co;2"),
        ("10.1101/2020.01.01.123456v2", "10.1101/2020.01.01.123456"),
        ("10.21203/rs.3.rs-1/v1", "10.21203/rs.3.rs-1/v1"),
        ("https://doi.org/10.1000/s18020123/12345", "10.1000/s18020123/12345"),
        ("10.1000/report.pdf", "10.1000/report.pdf"),
        ("10.1000/abc.\n2019", None),
        ("10.1000/182 and 10.1000/183", None),
        ("11.1038/ncomms6571", None),
        ("10.1038", None),
        ("doi", None),
    ],
)
def test_a_doi_is_read_in_lower_case_or_refused(written, expected):
    assert read(identifiers.doi, written) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("dl.acm.org/doi/abs/10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("dl.acm.org/doi/pdf/10.1145/3292500.3330701.pdf?download=true", "10.1145/3292500.3330701"),
        ("dl-acm-org.proxy.lib.edu/doi/10.1145/3292500", "10.1145/3292500"),
        ("dx-doi-org.proxy.lib.edu/10.1145/3292500", "10.1145/3292500"),
        ("doi.acm.org/10.1145/3292500", "10.1145/3292500"),
        ("onlinelibrary.wiley.com/doi/full/10.1002/widm.1249", "10.1002/widm.1249"),
        ("link.springer.com/article/10.1007/s11263-015/fulltext.html", "10.1007/s11263-015"),
        ("link-springer-com.proxy.edu/content/pdf/10.1007/978-3_2.pdf", "10.1007/978-3_2"),
        ("www.frontiersin.org/articles/10.3389/fnins.2020.1/full", "10.3389/fnins.2020.1"),
        ("journals.plos.org/plosone/article?id=10.1371/journal.1&type=print", "10.1371/journal.1"),
        ("www.biorxiv.org/content/10.1101/2020.01.01.12v1.full.pdf", "10.1101/2020.01.01.12"),
        ("academic.oup.com/b/article/doi/10.1093/b/btaa1074/6050702", "10.1093/b/btaa1074"),
        ("direct.mit.edu/article/doi/10.1162/tacl_a_00400/106798/A-Title", "10.1162/tacl_a_00400"),
        # A number may be the work's own: without it the name of a journal is left.
        ("academic.oup.com/b/article/doi/10.1093/imamci/1234567", "10.1093/imamci/1234567"),
        ("a.org/article/doi/10.1088/1742-6596/1234", "10.1088/1742-6596/1234"),
        ("a.org/article/doi/10.1051/0004-6361/201833910", "10.1051/0004-6361/201833910"),
        ("academic.oup.com/b/article/doi/10.1093/bioinformatics", None),
        ("dl.acm.org/doi/suppl/10.1145/3292500", None),
        ("dl.acm.org/doi/proceedings/10.1145/", None),
        ("www.nature.com/articles/s41586-021-03819-2", None),
        ("example.org/?doi=10.1145/3292500", None),
        ("github.com/a/b/tree/doi-10.1145/3292500", None),
    ],
)
def test_a_doi_is_read_from_an_address_that_holds_it(address, expected):
    assert read(identifiers.doi, f"https://{address}") == expected


@pytest.mark.parametrize(
    ("rule", "written", "expected"),
    [
        (identifiers.acl_id, "https://aclanthology.org/2022.acl-long.1v2.pdf", "2022.acl-long.1"),
        (identifiers.acl_id, "https://aclanthology.org/P18-1001.bib", "P18-1001"),
        (identifiers.acl_id, "http://anthology.aclweb.org/P/P14/P14-1001.pdf", "P14-1001"),
        (identifiers.acl_id, "10.3115/v1/P14-1001", "P14-1001"),
        (identifiers.acl_id, "https://aclanthology.org/P18-1001e1.pdf", None),
        (identifiers.acl_id, "https://aclanthology.org/attachments/P18-1001.zip", None),
        (identifiers.openreview_id, "openreview.net/forum?noteId=q1&id=a_B-3xyz12", "a_B-3xyz12"),
        (identifiers.openreview_id, "https://openreview.net/pdf/a_B-3xyz12.pdf", None),
        (identifiers.semantic_scholar_id, "Corpus ID: 13756489", "CorpusID:13756489"),
        (identifiers.semantic_scholar_id, "s2-corpusId:13756489", "CorpusID:13756489"),
        (identifiers.semantic_scholar_id, "https://www.semanticscholar.org/p/13756489", None),
        (identifiers.acl_id, "https://aclanthology.org/2022.acl-long.1.pdf", "2022.acl-long.1"),
        (identifiers.acl_id, "https://www.aclweb.org/anthology/P18-1001/", "P18-1001"),
        (identifiers.acl_id, "10.18653/v1/p18-1001", "P18-1001"),
        (identifiers.acl_id, "P18-10", None),
        (identifiers.openreview_id, "https://openreview.net/pdf?id=rJXMpikCZ", "rJXMpikCZ"),
        (
            identifiers.openreview_id,
            "https://openreview.net/forum?id=a_B-3xyz12&noteId=q1",
            "a_B-3xyz12",
        ),
        (identifiers.openreview_id, "interesting", None),
        (identifiers.openreview_id, "https://openreview.net/forum?id=00257", None),
        (identifiers.openreview_id, "https://openreview.net/group?id=ICLR.cc", None),
        (
            identifiers.semantic_scholar_id,
            "https://www.semanticscholar.org/paper/Attention/204E3073870FAE3D05BCBC2F6A8E263D9B72E776",
            "204e3073870fae3d05bcbc2f6a8e263d9b72e776",
        ),
        (identifiers.semantic_scholar_id, "204e3073", None),
        (
            identifiers.dblp_key,
            "https://dblp.org/rec/conf/acl/DevlinCLT19.html",
            "conf/acl/DevlinCLT19",
        ),
        (identifiers.dblp_key, "DBLP:journals/corr/abs-1706-03762", "journals/corr/abs-1706-03762"),
        (identifiers.dblp_key, "acl/DevlinCLT19", None),
    ],
)
def test_other_identifiers_are_read_or_refused(rule, written, expected):
    assert read(rule, written) == expected


def test_urls_and_dois_are_derived_from_an_arxiv_id():
    assert read(identifiers.arxiv_url, "2312.00752") == "https://arxiv.org/abs/2312.00752"
    assert (
        read(identifiers.hf_paper_url, "2312.00752") == "https://huggingface.co/papers/2312.00752"
    )
    assert read(identifiers.arxiv_doi, "2312.00752") == "10.48550/arxiv.2312.00752"


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("https://arxiv.org/abs/2312.00752", "arxiv:2312.00752"),
        ("https://huggingface.co/papers/2312.00752", "arxiv:2312.00752"),
        ("https://doi.org/10.1214/07-AAP481", "doi:10.1214/07-aap481"),
        ("https://aclanthology.org/P18-1001", "acl:P18-1001"),
        ("https://openreview.net/forum?id=a_B-3xyz12", "openreview:a_B-3xyz12"),
        (f"https://www.semanticscholar.org/paper/{'0f' * 20}", f"s2:{'0f' * 20}"),
        ("https://dblp.org/rec/conf/acl/DevlinCLT19", "dblp:conf/acl/DevlinCLT19"),
        ("https://api.semanticscholar.org/CorpusID:13756489", "s2:CorpusID:13756489"),
        ("https://dl.acm.org/doi/10.1145/3292500.3330701", "doi:10.1145/3292500.3330701"),
        ("https://alphaxiv.org/abs/2312.00752", "arxiv:2312.00752"),
        ("https://github.com/conf/acl", None),
        ("https://example.org/2312.00752", None),
        ("https://huggingface.co/datasets/papers/x", None),
    ],
)
def test_a_url_names_its_publication(url, identifier):
    assert read(identifiers.paper_identifier, url) == identifier


RULES = [
    identifiers.arxiv_id,
    identifiers.doi,
    identifiers.acl_id,
    identifiers.openreview_id,
    identifiers.semantic_scholar_id,
    identifiers.dblp_key,
]
PIECES = st.sampled_from(
    [
        "10.",
        "1145/",
        "arXiv:",
        "2312.",
        "00752",
        "v2",
        "https://",
        "doi.org/",
        "hep-th/",
        "9901001",
        "P18-1001",
        "openreview.net/forum?id=",
        "rJXMpikCZ",
        "conf/acl/X1",
        "CorpusID:",
        "dl.acm.org/doi/abs/",
        ".pdf",
        "?a=",
        "#b",
        "&lt;",
        "%28",
        "\n",
        "é",
        " ",
        ")",
        ".",
        "(",
        "/",
    ]
)
WRITTEN = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=6).map("".join))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@settings(deadline=None)  # the first call starts the threads of polars
@given(written=st.lists(WRITTEN, min_size=1, max_size=20))
def test_reading_an_answer_again_gives_the_same_answer(rule, written):
    once = pl.DataFrame({"x": pl.Series(written, dtype=pl.String)}).select(rule(pl.col("x")))
    twice = once.select(rule(pl.col("x")))
    assert twice.equals(once)


@settings(deadline=None)  # the first call starts the threads of polars
@given(
    year=st.integers(7, 89),
    month=st.integers(1, 12),
    number=st.integers(1, 9999),
    version=st.integers(1, 40),
    lead=st.sampled_from(["", "arXiv:", "https://arxiv.org/abs/", "10.48550/arXiv."]),
)
def test_every_valid_new_id_is_read_back_whole(year, month, number, version, lead):
    identifier = f"{year:02}{month:02}.{number:0{5 if year >= 15 else 4}}"
    is_possible = (year, month) >= (7, 4)
    written = f"{lead}{identifier}v{version}"
    assert read(identifiers.arxiv_id, written) == (identifier if is_possible else None)
