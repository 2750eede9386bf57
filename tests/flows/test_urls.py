"""Canonical URLs: one spelling per place, and nothing more than that."""

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
        ("https://youtu.be/S-wsVDF2HSI?si=abc", "https://youtu.be/S-wsVDF2HSI"),
        (
            "https://youtube.com/watch?v=S-wsVDF2HSI&feature=share",
            "https://www.youtube.com/watch?v=S-wsVDF2HSI",
        ),
        (
            "http:// http://lab.example.edu:8122/X/index.html",
            "http://lab.example.edu:8122/X/index.html",
        ),
        ("http://lab.example.edu:80/~x/?utm_source=a&b=1", "http://lab.example.edu/~x/?b=1"),
        ("http://lab.example.edu/$\\sim$x\\%20y", "http://lab.example.edu/~x%20y"),
        ("ftp://Lab.example.edu/Pub/x", "ftp://lab.example.edu/Pub/x"),
        ("https://project.github.io/Page/", "https://project.github.io/Page/"),
        ("Not provided", None),
        ("https://localhost", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_url_is_spelled_canonically_or_refused(written, expected):
    assert read(urls.canonical, written) == expected


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
        "openreview.net/pdf?id=abcdefgh1",
    ]
)


@settings(deadline=None)  # the first call starts the threads of polars
@given(written=st.lists(st.lists(PIECES, max_size=9).map("".join), min_size=1, max_size=30))
def test_a_canonical_url_is_its_own_canonical_url(written):
    frame = pl.DataFrame({"x": pl.Series(written, dtype=pl.String)})
    once = frame.select(x=urls.canonical(pl.col("x")))
    assert once.select(x=urls.canonical(pl.col("x"))).equals(once)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://github.com/Owner/Repo", "https://github.com/owner/repo/tree/main"),
        ("https://youtu.be/S-wsVDF2HSI", "https://www.youtube.com/watch?v=S-wsVDF2HSI"),
        ("http://www.lab.org/x/", "https://lab.org/x"),
    ],
)
def test_two_spellings_of_one_place_have_one_identity(first, second):
    assert read(urls.identity, first) == read(urls.identity, second)


def test_case_tells_places_apart_on_unknown_hosts():
    assert read(urls.identity, "https://lab.org/A") != read(urls.identity, "https://lab.org/a")


@pytest.mark.parametrize(
    ("url", "repo"),
    [
        ("https://github.com/a/b/tree/x", "a/b"),
        ("https://huggingface.co/datasets/a/b", "a/b"),
        ("https://huggingface.co/spaces/a/b", "a/b"),
        ("https://huggingface.co/a", None),
        ("https://huggingface.co/papers/2312.00752", None),
        ("https://github.com/a", None),
        ("https://github.com/orgs/a", None),
        ("https://lab.org/a/b", None),
    ],
)
def test_a_repository_is_owner_and_name(url, repo):
    assert read(urls.repo, url) == repo


def test_a_github_page_leads_to_its_repository():
    assert read(urls.pages_repo, "https://owner.github.io/name/x") == "owner/name"
    assert read(urls.pages_repo, "https://owner.github.io") == "owner/owner.github.io"
    assert read(urls.pages_repo, "https://lab.org/name") is None
