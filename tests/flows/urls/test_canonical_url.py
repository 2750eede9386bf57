"""Canonical URLs: one spelling per place, and nothing more than that."""

import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows import urls


def read(rule, written):
    return pl.select(rule(pl.lit(written, pl.String))).item()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("http://www.GitHub.com/Owner/Repo.git/", "https://github.com/Owner/Repo"),
        ("https://github.com/a/b/?tab=readme#usage", "https://github.com/a/b"),
        ("https://github.com/a/b/tree/dev/x/", "https://github.com/a/b/tree/dev/x"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("git://github.com/a/b.git", "https://github.com/a/b"),
        ("github.com/a/b", "https://github.com/a/b"),
        ("https: // github.\ncom/ a/b", "https://github.com/a/b"),
        ("https://github$.$com/a/b", "https://github.com/a/b"),
        ("https://hf.co/a/b\\_c/", "https://huggingface.co/a/b_c"),
        ("https://huggingface.co/papers/2312.00752v2", "https://huggingface.co/papers/2312.00752"),
        ("http://arxiv.org/pdf/2312.00752v2.pdf", "https://arxiv.org/abs/2312.00752"),
        ("https://doi.org/10.48550/arXiv.2312.00752", "https://arxiv.org/abs/2312.00752"),
        (
            "http://dx.doi.org/doi:10.1088/0305-4470/27/1/013",
            "https://doi.org/10.1088/0305-4470/27/1/013",
        ),
        ("https://openreview.net/pdf?id=rJXMpikCZ", "https://openreview.net/forum?id=rJXMpikCZ"),
        ("https://www.aclweb.org/anthology/P18-1001.pdf", "https://aclanthology.org/P18-1001"),
        ("https://zenodo.org/record/123/?x=1", "https://zenodo.org/records/123"),
        ("https://gitlab.com/a/b/c.git", "https://gitlab.com/a/b/c"),
        ("https://github.com/a/../b/./c", "https://github.com/b/c"),
        ("https://example.org/../a/%2E%2e/b/.?c=/../", "https://example.org/b/?c=/../"),
        ("https://bitbucket.org/a/b.git/", "https://bitbucket.org/a/b"),
        ("https://hf.co/a/b?library=transformers", "https://huggingface.co/a/b"),
        ("https://huggingface.co/datasets/a/b/#card", "https://huggingface.co/datasets/a/b"),
        ("https://huggingface.co/spaces/a/b?logs=build", "https://huggingface.co/spaces/a/b"),
        (
            "https://huggingface.co/a/b/resolve/main/x.bin?download=true",
            "https://huggingface.co/a/b/resolve/main/x.bin",
        ),
        ("https://ar5iv.labs.arxiv.org/html/2312.00752", "https://arxiv.org/abs/2312.00752"),
        ("http://xxx.lanl.gov/abs/hep-th/9901001v2", "https://arxiv.org/abs/hep-th/9901001"),
        ("https://doi.org/10.1007%2Fs10543-019-1", "https://doi.org/10.1007/s10543-019-1"),
        (
            "https://www.aclweb.org/anthology/papers/P/P18/P18-1001/",
            "https://aclanthology.org/P18-1001",
        ),
        ("http://anthology.aclweb.org/P18-1001", "https://aclanthology.org/P18-1001"),
        (
            "https://zenodo.org/records/12/files/x.zip?download=1",
            "https://zenodo.org/records/12/files/x.zip",
        ),
        (
            "https://www.figshare.com/articles/dataset/Some/123456/?file=1",
            "https://figshare.com/articles/dataset/Some/123456/",
        ),
        ("http://osf.io/ABC12/", "https://osf.io/ABC12"),
        ("https://osf.io/abc12/?view_only=0f", "https://osf.io/abc12/?view_only=0f"),
        ("https://www.kaggle.com/datasets/a/b?x=1", "https://www.kaggle.com/datasets/a/b"),
        ("https://www.kaggle.com/c/titanic#top", "https://www.kaggle.com/c/titanic"),
        (
            "https://colab.research.google.com/drive/1Ab?usp=sharing#scrollTo=x",
            "https://colab.research.google.com/drive/1Ab",
        ),
        ("https://anonymous.4open.science/r/N-12?x#y", "https://anonymous.4open.science/r/N-12"),
        (
            "https://dblp.uni-trier.de/rec/html/conf/acl/D19?view=bibtex",
            "https://dblp.org/rec/conf/acl/D19",
        ),
        (
            "https://www.youtube.com/embed/S-wsVDF2HSI?autoplay=1",
            "https://www.youtube.com/watch?v=S-wsVDF2HSI",
        ),
        ("https://youtu.be/S-wsVDF2HSI?si=abc", "https://youtu.be/S-wsVDF2HSI"),
        (
            "https://youtube.com/watch?v=S-wsVDF2HSI&feature=share",
            "https://www.youtube.com/watch?v=S-wsVDF2HSI",
        ),
        (
            "http:// http://lab.example.edu:8122/X/index.html",
            "http://lab.example.edu:8122/X/index.html",
        ),
        ("https://doi.org/10.1000/abc./", "https://doi.org/10.1000/abc"),
        ("https://github.com/o/n)/", "https://github.com/o/n"),
        ("https://huggingface.co/a/b./", "https://huggingface.co/a/b"),
        ("http://github.com:8080/o/n", "http://github.com:8080/o/n"),
        ("http://github.com:80/o/n", "https://github.com/o/n"),
        ("http://x.org:443/a", "https://x.org/a"),
        ("https://x.org:443/a", "https://x.org/a"),
        ("https://x.org:80/a", "https://x.org:80/a"),
        ("\u200bhttps://github.com/o/n\ufeff", "https://github.com/o/n"),
        ("http://lab.example.edu:80/~x/?utm_source=a&b=1", "http://lab.example.edu/~x/?b=1"),
        ("http://lab.example.edu/$\\sim$x\\%20y", "http://lab.example.edu/~x%20y"),
        ("ftp://Lab.example.edu/Pub/x", "ftp://lab.example.edu/Pub/x"),
        ("https://project.github.io/Page/", "https://project.github.io/Page/"),
        ("https://lab.org/wiki/Foo_(bar)", "https://lab.org/wiki/Foo_(bar)"),
        ("https://lab.org/wiki/Foo).)", "https://lab.org/wiki/Foo"),
        ("Not provided", None),
        ("https://localhost", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_url_is_spelled_canonically_or_refused(written, expected):
    assert read(urls.canonical_url, written) == expected


PIECES = st.sampled_from(
    [
        "https://",
        "http:",
        "//",
        "/",
        "github.com",
        "hf.co",
        "a/b",
        ".git",
        "?",
        "#",
        "&",
        "utm_x=1",
        "doi.org/",
        "doi:",
        "10.1/x",
        "arxiv.org/abs/",
        "2312.00752",
        "v2",
        "\\_",
        "$",
        ".",
        " ",
        "www.",
        "youtube.com/watch?v=",
        "zenodo.org/record/1",
        "X.org",
        "tree/main",
        "git@",
        ":",
        ")",
        "(x)",
        "openreview.net/pdf?id=abcdefgh1",
        "anonymous.4open.science/r/N-1",
        "huggingface.co/datasets/",
        "figshare.com/articles/x/12345",
        "kaggle.com/c/",
        "colab.research.google.com/github/",
        "osf.io/abc12",
        "gitlab.com/",
        "/-/tree/main",
        "dblp.org/rec/html/",
        ".html",
        "aclweb.org/anthology/P/P18/",
        "P18-1001",
        "%2F",
        "10.1000/abc",
        "./",
        ")/",
        ",",
        "models/",
        "x.org:443",
        ":80",
        ":8080/",
        "\u200b",
    ]
)


@settings(deadline=None, max_examples=40)  # the first call starts the threads of polars
@given(written=st.lists(st.lists(PIECES, max_size=9).map("".join), min_size=1, max_size=30))
def test_a_canonical_url_is_its_own_canonical_url(written):
    frame = pl.DataFrame({"x": pl.Series(written, dtype=pl.String)})
    once = frame.select(x=urls.canonical_url(pl.col("x")))
    again = once.select(x=urls.canonical_url(pl.col("x")))
    assert again.equals(once)
    key = urls.location_key(pl.col("x"))
    assert again.select(key).equals(once.select(key))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://github.com/Owner/Repo", "https://github.com/owner/repo/tree/main"),
        ("https://youtu.be/S-wsVDF2HSI", "https://www.youtube.com/watch?v=S-wsVDF2HSI"),
        ("https://youtu.be/S-wsVDF2HSI?t=3", "https://www.youtube.com/shorts/S-wsVDF2HSI"),
        ("https://gitlab.com/a/b/c/-/tree/main", "https://gitlab.com/A/b/c"),
        ("https://bitbucket.org/a/b/src/master", "https://bitbucket.org/a/b"),
        ("https://huggingface.co/a/b/tree/main", "https://huggingface.co/a/B"),
        ("https://doi.org/10.5281/zenodo.12", "https://zenodo.org/records/12"),
        ("https://zenodo.org/doi/10.5281/zenodo.12", "https://zenodo.org/records/12"),
        (
            "https://doi.org/10.6084/m9.figshare.123456.v2",
            "https://figshare.com/articles/dataset/Some/123456/2",
        ),
        ("https://anonymous.4open.science/r/N-12/", "https://anonymous.4open.science/r/N-12"),
        ("https://osf.io/ABC12/overview", "https://osf.io/abc12"),
        ("https://www.kaggle.com/c/titanic", "https://www.kaggle.com/competitions/titanic"),
        ("https://aclanthology.org/p18-1001", "https://aclanthology.org/P18-1001"),
        (
            f"https://www.semanticscholar.org/paper/A-Title/{'0f' * 20}",
            f"https://www.semanticscholar.org/paper/{'0f' * 20}",
        ),
        ("http://www.lab.org/x/", "https://lab.org/x"),
        (
            "https://raw.githubusercontent.com/O/N/main/A.py",
            "https://raw.githubusercontent.com/o/n/main/A.py",
        ),
        ("https://github.com/O/N/blob/main/A.py", "https://github.com/o/n/blob/main/A.py"),
    ],
)
def test_two_spellings_of_one_place_have_one_identity(first, second):
    assert read(urls.location_key, first) == read(urls.location_key, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://lab.org/A", "https://lab.org/a"),
        (
            "https://raw.githubusercontent.com/o/n/main/A.py",
            "https://raw.githubusercontent.com/o/n/main/a.py",
        ),
        ("https://github.com/o/n/blob/main/A.py", "https://github.com/o/n/blob/main/a.py"),
        ("https://gitlab.com/g/s/n/-/tree/Dev", "https://gitlab.com/g/s/n/-/tree/dev"),
        ("https://huggingface.co/a/b/resolve/main/A", "https://huggingface.co/a/b/resolve/main/a"),
    ],
)
def test_case_tells_places_apart_on_unknown_hosts_and_in_paths_of_files(first, second):
    assert read(urls.location_key, first) != read(urls.location_key, second)


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://github.com/a/b/tree/x", "a/b"),
        ("https://huggingface.co/datasets/a/b", "a/b"),
        ("https://huggingface.co/spaces/a/b", "a/b"),
        ("https://gitlab.com/group/sub/name/-/blob/main/x.py", "group/sub/name"),
        ("https://gitlab.com/group/name/tree/main", "group/name"),
        ("https://gitlab.com/group/sub/Package.jl", "group/sub/Package.jl"),
        *(
            (f"https://gitlab.com/o/n/{page}", "o/n")
            for page in (
                "merge_requests/5",
                "commits/master",
                "commit/abc",
                "pipelines",
                "README.md",
            )
        ),
        ("https://bitbucket.org/a/b/src/master", "a/b"),
        ("https://colab.research.google.com/github/a/b/blob/main/x.ipynb", "a/b"),
        ("https://raw.githubusercontent.com/a/b/main/x.py", "a/b"),
        ("https://huggingface.co/a", None),
        ("https://huggingface.co/papers/2312.00752", None),
        ("https://github.com/a", None),
        ("https://github.com/orgs/a", None),
        ("https://github.com/a/..", None),
        ("https://gitlab.com/a/./b", None),
        ("https://github.com/a/b%00c", None),
        ("https://lab.org/a/b", None),
    ],
)
def test_a_repository_is_owner_and_name(url, repo):
    assert read(urls.repository_name, url) == repo


def test_a_github_page_leads_to_its_repository():
    assert read(urls.pages_repository, "https://owner.github.io/name/x") == "owner/name"
    assert read(urls.pages_repository, "https://owner.github.io") == "owner/owner.github.io"
    assert read(urls.pages_repository, "https://lab.org/name") is None


def test_a_deep_path_that_goes_all_the_way_back_takes_time_by_its_length():
    depth = 100_000
    start = time.process_time()
    assert read(urls.canonical_url, f"https://a.org/{'a/' * depth}{'../' * depth}b") == (
        "https://a.org/b"
    )
    # A copy of the path for each step back took ten seconds.
    assert time.process_time() - start < 3
