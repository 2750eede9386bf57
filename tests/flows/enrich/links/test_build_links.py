"""Mentions become one row per place, and rows say where a paper has its code."""

import polars as pl
import pytest

from flows.enrich.links import build_code_columns, build_link_table, read_link_fields
from flows.tables import check
from schemas.link import Link
from schemas.vocabulary import License
from tests.link_texts import bare_record, origins_of
from tests.records import records


def test_two_spellings_of_one_repository_are_one_link_with_all_its_evidence():
    frame = records(
        bare_record(1, abstract="Code is available at https://github.com/Own/Repo."),
        bare_record(2, urls=[{"field": "githubRepo", "url": "http://github.com/own/repo.git"}]),
    )
    table = check(Link, build_link_table(frame, origins_of(frame)))
    assert table.height == 1
    assert [m["field"] for m in table["mentions"][0]] == ["abstract", "githubRepo"]
    assert table["is_official"].to_list() == [True]


def test_share_alike_evidence_stays_in_its_own_layer():
    frame = records(
        bare_record(1, abstract="Code is available at https://github.com/a/b."),
        bare_record(
            2, license="CC-BY-SA-4.0", urls=[{"field": "repo_url", "url": "https://github.com/a/b"}]
        ),
        bare_record(
            3, license="CC-BY-SA-4.0", urls=[{"field": "repo_url", "url": "https://github.com/c/d"}]
        ),
    )
    core = build_link_table(frame, origins_of(frame))
    shared = check(Link, build_link_table(frame, origins_of(frame), License.CC_BY_SA))
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
    frame = read_link_fields(records(bare_record(urls=[{"field": "githubRepo", "url": written}])))
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
    frame = read_link_fields(records(bare_record(urls=given)))
    assert frame["repo"].to_list() == found
    assert frame["kind"].to_list() == ["code"] * len(found)
    for start, end, text in frame.select("start", "end", "written").iter_rows():
        assert written[start:end] == text


def test_characters_without_width_are_no_part_of_a_url():
    given = {"field": "code", "url": "\u200bhttps://github.com/a/b\ufeff"}
    assert read_link_fields(records(bare_record(urls=[given])))["url"].to_list() == [
        "https://github.com/a/b"
    ]


def test_an_identifier_in_a_field_leads_to_its_paper():
    given = [{"field": "url", "url": each} for each in ("2312.00752", "10.1145/3292500.3330701")]
    assert read_link_fields(records(bare_record(urls=given)))["url"].to_list() == [
        "https://arxiv.org/abs/2312.00752",
        "https://doi.org/10.1145/3292500.3330701",
    ]


@pytest.mark.parametrize(
    "written",
    ["Not provided", "", "N/A", "N.A.", "e.g.", "javascript:alert(1)", "a@b.org", "Coming soon"],
)
def test_a_field_without_a_url_gives_no_link(written):
    assert read_link_fields(
        records(bare_record(urls=[{"field": "githubRepo", "url": written}]))
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
        records(bare_record(urls=[{"field": field, "url": "https://github.com/a/b"}]))
    )
    assert frame.select("kind", "role", "role_words").rows() == [
        ("code", "own" if is_official else "unknown", field if is_official else None)
    ]


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
def test_a_file_beside_a_paper_is_no_paper(field, name, kind):
    url = f"https://aclanthology.org/attachments/{name}"
    frame = read_link_fields(records(bare_record(urls=[{"field": field, "url": url}])))
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
    frame = read_link_fields(records(bare_record(urls=[{"field": field, "url": url}])))
    assert frame["role"].to_list() == ["own" if is_official else "unknown"]


@pytest.mark.parametrize("field", ["openAccessPdf", "url_abs", "conference_url_pdf", "locations"])
def test_where_a_source_says_that_a_paper_can_be_read_is_no_project(field):
    url = "https://journal.example.org/article/download/17325/17132"
    frame = read_link_fields(records(bare_record(urls=[{"field": field, "url": url}])))
    assert frame.select("kind", "role").rows() == [("paper", "unknown")]


def test_a_text_that_names_data_outweighs_a_field_for_repositories():
    url = "https://github.com/lab/survey-answers"
    given = {"urls": [{"field": "githubRepo", "url": url}]}
    data = bare_record(abstract=f"The dataset is publicly available at {url}", **given)
    page = bare_record(abstract=f"Project page: {url}", **given)
    kinds = [
        build_link_table(frame, origins_of(frame))["kind"][0]
        for frame in (records(data), records(page))
    ]
    assert kinds == ["dataset", "code"]


def test_a_publisher_in_the_comments_is_not_the_authors_own():
    frame = records(
        bare_record(comments="Published by the Institute of Statistics (http://www.imstat.org)")
    )
    assert build_link_table(frame, origins_of(frame)).select("kind", "is_official").rows() == [
        ("other", False)
    ]


def test_a_site_on_github_pages_names_its_repository_and_a_paper_its_identifier():
    text = (
        "Page: https://lab.github.io/tool/ and see https://arxiv.org/abs/2312.00752v2 for proofs."
    )
    frame = records(bare_record(abstract=text))
    found = build_link_table(frame, origins_of(frame)).select("repo", "identifier")
    assert found.rows() == [(None, "arxiv:2312.00752"), ("lab/tool", None)]


def test_the_best_code_is_official_and_promises_are_marked():
    frame = records(
        bare_record(
            abstract="We use https://github.com/x/y. Our code is at https://github.com/a/b."
        )
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
    columns = build_code_columns(build_link_table(frame, origins_of(frame)), papers)
    assert columns["code_url"].to_list() == ["https://github.com/a/b", None, None]
    assert columns["code_availability"].to_list() == ["available", "announced", None]
    assert columns["code_urls"].to_list()[0] == ["https://github.com/a/b"]


def code_columns_of(abstract, **values):
    frame = records(bare_record(abstract=abstract, **values))
    papers = pl.DataFrame({"paper_id": ["arxiv:2312.00752"], "abstract_as_written": [abstract]})
    return build_code_columns(build_link_table(frame, origins_of(frame)), papers).row(0)[1:]


def test_a_repository_called_the_projects_page_is_code():
    url = "https://github.com/lab/tool"
    assert code_columns_of(f"Project page: {url}.") == (url, [url], "available")


def test_an_implementation_that_a_source_lists_comes_after_the_authors_own():
    listed = {"field": "repo_url", "url": "https://github.com/else/port"}
    own, port = "https://github.com/lab/tool", listed["url"]
    assert code_columns_of(f"Our code is at {own}.", urls=[listed])[:2] == (own, [own, port])
    assert code_columns_of("No link.", urls=[listed])[:2] == (None, [port])


def test_code_that_is_said_to_be_there_without_a_link_is_not_available():
    assert code_columns_of("Our code is publicly available at this https URL.") == (None, [], None)


def test_a_paper_without_links_gives_an_empty_table():
    frame = records(bare_record(abstract="Nothing here."))
    assert check(Link, build_link_table(frame, origins_of(frame))).is_empty()
