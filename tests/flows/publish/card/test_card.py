import json
import re
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml
from huggingface_hub import DatasetCard
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flows.paths import PROJECT
from flows.publish import card, write_release
from flows.publish.card import blocks, markdown
from flows.publish.card.facts import Counted, Facts, add_counted, count_facts, list_configs
from flows.publish.render_card import render_card
from flows.release import layout
from schemas.change import Change
from schemas.paper import Paper
from schemas.rejection import Rejection
from schemas.vocabulary import Availability, ChangeKind, LinkKind, LinkRole, MatchRule, Reason, Role
from tests.builders import (
    change,
    frame,
    manifest,
    paper,
    rejection,
    release_tables,
    template,
)

pytestmark = pytest.mark.usefixtures("unread")

TEMPLATE = PROJECT / "dataset_card.md"
FRONT = "---\nlanguage: [en]\n---\n"
MIDDLE = paper(3)["paper_id"]
MARKDOWN = MarkdownIt("commonmark").enable("table")


def facts(tables: dict[str, pl.DataFrame], **given: object) -> Facts:
    counted = count_facts(tables)
    return Facts(counted, manifest(**given), {c.name: 1_234 for c in list_configs(counted)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("card") / "release"
    write_release.write_tables(release_tables(3), TEMPLATE, manifest(), made)
    return made


@pytest.fixture(scope="module")
def front(folder: Path) -> dict:
    return DatasetCard.load(folder / "README.md").data.to_dict()


def test_every_block_is_in_the_template_and_filled(folder: Path) -> None:
    asked = set(card.BLOCK.findall(TEMPLATE.read_text()))
    assert asked == set(blocks.BLOCKS)
    assert "block:" not in (folder / "README.md").read_text()


def test_the_short_answers_lead_to_sections_of_the_card() -> None:
    text = TEMPLATE.read_text()
    headings = [line.lstrip("# ") for line in text.splitlines() if line.startswith("#")]
    anchors = {re.sub(r"[^a-z -]", "", name.lower()).replace(" ", "-") for name in headings}
    asked = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert len(asked) > 5
    assert asked <= anchors


def test_the_size_of_a_release_is_said_with_its_open_papers_and_newest_snapshot() -> None:
    tables = release_tables(2)
    papers = frame(Paper, [paper(1), paper(2, license="CC-BY-SA-4.0")])
    sentence = blocks.describe_size(facts(tables | {"papers": papers}))
    assert sentence.startswith(
        "This release has 2 papers, 1 of them CC0, and 2 links, of snapshots"
    )


def test_the_front_matter_names_a_default_config_and_all_others(front: dict) -> None:
    names = [config["config_name"] for config in front["configs"]]
    default, *others = layout.TABLES
    assert names == [default, "all_papers", "all_links", "all_topics", *others]
    assert [c["config_name"] for c in front["configs"] if c.get("default")] == ["papers"]
    assert front["license"] == "cc0-1.0"
    assert front["size_categories"] == ["n<1K"]
    assert front["pretty_name"] == "Open Papers"


def test_dataset_info_agrees_with_the_files(front: dict, folder: Path) -> None:
    for one in front["dataset_info"]:
        files = list((folder / "data" / one["config_name"].removeprefix("all_")).iterdir())
        rows = pl.read_parquet(files)
        assert one["splits"][0]["num_examples"] == rows.height
        assert one["download_size"] == sum(file.stat().st_size for file in files)
        assert [feature["name"] for feature in one["features"]] == rows.columns


def test_a_card_made_from_the_release_is_the_one_in_it(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "copied")
    # What somebody put beside the files of the release is none of them.
    for config in (copied / "data").iterdir():
        (config / "mine.parquet").write_bytes(b"PAR1")
    assert render_card(copied, TEMPLATE) == (folder / "README.md").read_text()


def test_every_column_is_explained_in_the_words_of_its_schema(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    for name, specification in layout.TABLES.items():
        assert f"### `{name}`" in text
        for column, meaning in specification.model.descriptions().items():
            assert f"| `{column}` |" in text
            assert markdown.render_cell(meaning) in text


def test_every_value_of_a_coded_column_is_explained(folder: Path) -> None:
    lines = (folder / "README.md").read_text().splitlines()
    shown = [line for line in lines if line.startswith("| `papers.code_availability`, `links.av")]
    assert shown == [
        "| `papers.code_availability`, `links.availability` | `available` | it is there now |"
    ]
    for vocabulary in (LinkKind, LinkRole, Availability, MatchRule, Role, ChangeKind, Reason):
        for member in vocabulary:
            assert any(line.endswith(f"| `{member}` | {member.meaning} |") for line in lines)


def test_an_unknown_block_is_a_clear_error() -> None:
    with pytest.raises(card.BadCard, match=r"no block 'weather'.*accuracy"):
        card.fill_card(FRONT + "<!-- block: weather -->\n", Counted(), manifest(), {})


def test_a_template_without_front_matter_is_a_clear_error() -> None:
    with pytest.raises(card.BadCard, match="front matter"):
        card.fill_card("# Open Papers\n", Counted(), manifest(), {})


def test_front_matter_that_the_hub_refuses_is_a_clear_error() -> None:
    with pytest.raises(card.BadCard, match="not what the Hub reads"):
        card.require_card("---\n- a list\n---\n# Open Papers\n")


def test_a_folder_without_a_release_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(layout.NotARelease, match="open-papers refresh --release"):
        render_card(tmp_path / "none", template(tmp_path))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (2_800_000, "1M<n<10M")],
)
def test_size_categories_are_those_of_the_hub(rows: int, expected: str) -> None:
    assert card.name_size_category(rows) == expected


HOSTILE = [
    "```\n# Heading\n<script>alert(1)</script>",
    "````json\n---\nlicense: mit\n---\n",
    "| a | b |\n|---|---|\n<!-- block: counts -->",
    "[click](javascript:alert(1)) ![x](https://example.org/x.png) `render_code` **bold**",
    "--- \\ {{ jinja }} {% if %} $x$ ~~~ \u202e \x1b[31m \x00",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_paper_breaks_neither_markdown_nor_yaml(text: str) -> None:
    tables = release_tables(1)
    tables["papers"] = frame(
        Paper, [paper(1, title=text, abstract=text, venue=text, authors=[text, text])]
    )
    body = f"{FRONT}<!-- block: example -->\n\n<!-- block: counts -->\n\n# The end\n"
    counted = count_facts(tables)
    size = card.ConfigSize(1, 2, 3, [{"name": "title", "dtype": "string"}])
    sizes = {config.name: size for config in list_configs(counted)}
    filled = card.fill_card(body, counted, manifest(), sizes)
    assert DatasetCard(filled).data.license == "cc0-1.0"
    tokens = MARKDOWN.parse(DatasetCard(filled).text)
    kinds = [
        token.type for token in tokens if token.level == 0 and not token.type.endswith("close")
    ]
    assert kinds == ["fence", "table_open", "heading_open"]
    assert json.loads(tokens[0].content)["title"].split() == text.split()


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_plain_text_reads_the_same_and_is_nothing_but_text(text: str) -> None:
    printable = "".join(c if c.isprintable() else " " for c in text)
    [_, inline, _] = MARKDOWN.parse(f"x{markdown.escape_markdown(text)}x")
    assert inline.content
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    read = "".join(child.content for child in inline.children)
    assert read == f"x{' '.join(printable.split())}x"


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_plain_text_never_splits_a_table_cell(text: str) -> None:
    tokens = MARKDOWN.parse(
        markdown.render_table(("a", "b"), [(markdown.escape_markdown(text) or "-", "end")])
    )
    cells = [token for token in tokens if token.type == "td_open"]
    assert len(cells) == 2


def test_only_the_open_config_of_papers_is_called_the_default() -> None:
    tables = release_tables(2)
    tables["papers"] = frame(Paper, [paper(1), paper(2, license="CC-BY-SA-4.0")])
    told = blocks.show_configs(facts(tables))
    assert told.count("this is the default") == 1
    assert "`papers` CC0-1.0: 1<br>`papers_sharealike` CC-BY-SA-4.0: 1<br>`all_papers`" in told


def test_what_is_counted_of_parts_adds_up_to_what_is_counted_of_all() -> None:
    names = ("papers", "links", "topics", "origins", "changes")
    tables = {name: release_tables(6)[name] for name in names}
    parts = [
        {name: rows.filter(is_inside) for name, rows in tables.items()}
        for is_inside in (pl.col("paper_id") < MIDDLE, pl.col("paper_id") >= MIDDLE)
    ]
    assert add_counted(map(count_facts, parts)) == count_facts(tables)


def test_the_example_has_code_where_a_paper_has() -> None:
    tables = release_tables(0)
    bare = {"code_url": None, "code_urls": [], "code_availability": None}
    full = paper(1, doi="10.1000/x", venue="ACL", acl_id="P18-1001", upvotes=3, **bare)
    tables["papers"] = frame(Paper, [full, paper(2)])
    assert (
        json.loads(blocks.show_example(facts(tables)).strip("`").removeprefix("json"))["code_url"]
        == paper(2)["code_url"]
    )


def test_the_example_is_the_fullest_open_paper_with_its_texts_cut() -> None:
    tables = release_tables(0)
    tables["papers"] = frame(
        Paper,
        [
            paper(1, abstract=None),
            paper(2, venue="ACL", abstract="long " * 200),
            paper(3, venue="ACL", doi="10.1/x", license="CC-BY-SA-4.0"),
        ],
    )
    shown = json.loads(blocks.show_example(facts(tables)).strip("`").removeprefix("json"))
    assert shown["paper_id"] == paper(2)["paper_id"]
    assert len(shown["abstract"]) < 300


def test_an_overridden_gate_is_shown_with_its_reason() -> None:
    filled = blocks.show_overrides(
        facts(release_tables(1), allowed={"papers.growth": "a | new <source>"})
    )
    assert "a &#124; new &lt;source&gt;" in filled
    assert "papers&#46;growth" in filled


def test_a_measured_figure_is_shown_with_its_set_and_interval_foreign_sets_first() -> None:
    figure = {"part": "merging", "value": 0.9871, "low": 0.98, "high": 0.99, "size": 1200}
    measured = [
        figure | {"metric": "precision", "set": "dedup", "kind": "development"},
        figure | {"metric": "recall", "set": "dblp_scholar", "kind": "foreign"},
    ]
    lines = blocks.show_accuracy(facts(release_tables(1), accuracy=measured)).splitlines()
    assert [word in lines[2] for word in ("recall", "foreign", "0.980 to 0.990")] == [True] * 3
    assert [word in lines[3] for word in ("precision", "1,200")] == [True] * 2
    assert any(line.startswith("- development: ") for line in lines)
    assert "No accuracy was measured" in blocks.show_accuracy(facts(release_tables(1)))


def test_the_version_of_the_taxonomy_is_shown() -> None:
    assert "taxonomy `0123abcd`" in blocks.describe_versions(
        facts(release_tables(1), taxonomy="0123abcd")
    )


def test_news_are_counted_by_kind() -> None:
    tables = release_tables(3)
    tables["changes"] = frame(Change, [change(1), change(2), change(3, change="updated")])
    assert "first release" in blocks.count_changes(facts(tables))
    told = blocks.count_changes(facts(tables, previous_release="f" * 64))
    assert "| `added` | the paper is new | 2 |" in told
    assert "| `updated` | some of its columns changed | 1 |" in told
    tables["changes"] = frame(Change, [])
    assert "No paper was added" in blocks.count_changes(facts(tables, previous_release="f" * 64))


def test_fill_rates_do_not_round_to_all_or_none() -> None:
    assert markdown.format_share(9_999, 10_000) == "99.9\N{NO-BREAK SPACE}%"
    assert markdown.format_share(1, 10_000) == "0.1\N{NO-BREAK SPACE}%"
    assert markdown.format_share(0, 10) == "0\N{NO-BREAK SPACE}%"
    assert markdown.format_share(10, 10) == "100\N{NO-BREAK SPACE}%"


def test_sources_are_listed_with_snapshots_and_licences() -> None:
    tables = release_tables(2)
    tables["rejections"] = frame(Rejection, [rejection(1), rejection(2, snapshot=date(2026, 1, 2))])
    assert "| CC0-1.0 | 2 from 2026-01-02 to 2026-11-23 | 2 | 2 | 2 |" in blocks.describe_sources(
        facts(tables)
    )


def test_a_release_of_papers_alone_still_has_a_whole_card(tmp_path: Path) -> None:
    empty = {name: rows.clear() for name, rows in release_tables(1).items() if name != "papers"}
    papers = {"papers": frame(Paper, [paper(1)])}
    write_release.write_tables(papers | empty, TEMPLATE, manifest(), tmp_path / "release")
    text = (tmp_path / "release" / "README.md").read_text()
    assert "This release has no links." in text
    assert "Nothing was rejected" in text
    assert yaml.safe_load(text.split("---")[1])["dataset_info"][0]["config_name"] == "papers"
