"""No value of a share-alike source reaches an open config, by whatever way its records go."""

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from datasets import load_dataset
from huggingface_hub import DatasetCard

from flows.operate.reproduce import build_from_files
from flows.parse.find_raw_files import recognise_files
from flows.release import compare_releases, read_tables

pytestmark = [pytest.mark.usefixtures("unread"), pytest.mark.xdist_group("layers")]

MARK = "zyqx"
"""What every text of the share-alike source holds, and no other text."""

SAME = "Sparse attention for long documents and their many readers"
OWN = "A share-alike survey of attention zyqx"
ABSTRACT = "We study sparse attention over long documents, and give a bound on what is lost by it."
BOTH = "https://github.com/lab/sparse"


def arxiv(number: str, title: str, abstract: str) -> dict[str, object]:
    return {
        "id": number,
        "title": title,
        "abstract": abstract,
        "authors": 'Ada Lovelace and Kurt G\\"odel',
        "authors_parsed": [["Lovelace", "Ada", ""], ["Gödel", "Kurt", ""]],
        "categories": "cs.CL cs.LG",
        "versions": [{"version": "v1", "created": "Mon, 2 Jan 2023 10:00:00 GMT"}],
        "update_date": "2023-01-02",
    }


def shared(title: str | None, name: str, **given: object) -> dict[str, object]:
    """Give an entry of Papers with Code all of whose texts are marked, but for the title."""
    return {
        "paper_url": f"https://paperswithcode.com/paper/{name}-{MARK}",
        "title": title,
        "abstract": f"{ABSTRACT} Its readers are {MARK}. Code: https://github.com/{MARK}/text",
        "short_abstract": f"Short {MARK}.",
        "url_abs": f"http://example.org/abs/{MARK}",
        "url_pdf": f"http://example.org/pdf/{MARK}.pdf",
        "proceeding": f"Proceedings of {MARK}",
        "authors": [f"Anna {MARK.title()}", "Ada Lovelace"],
        "tasks": [f"{MARK} detection", "Question Answering"],
        "date": "2023-01-01",
        "methods": [{"name": MARK, "full_name": MARK, "description": MARK}],
    } | given


def repository(title: str, number: str | None, url: str) -> dict[str, object]:
    return {
        "paper_url": f"https://paperswithcode.com/paper/same-{MARK}",
        "paper_title": title,
        "paper_arxiv_id": number,
        "repo_url": url,
        "is_official": True,
        "mentioned_in_paper": True,
        "mentioned_in_github": False,
        "framework": "pytorch",
    }


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give three releases: of the share-alike source, of both, and of the open one again.

    The middle one merges what the first held; the last carries on what no input holds any more.
    """
    folder = tmp_path_factory.mktemp("layers")
    given = {
        "arxiv": {
            "snapshot.jsonl": [
                arxiv("2301.00001", SAME, f"{ABSTRACT} Code: {BOTH}"),
                arxiv(
                    "2301.00002", "Another open paper on dense retrieval of tables", ABSTRACT[:40]
                ),
                arxiv(
                    "2301.00003", "An open paper that the wiki knows by its title alone", ABSTRACT
                ),
            ]
        },
        "papers_with_code": {
            "papers.json": [
                shared(SAME, "same", arxiv_id="2301.00001"),
                shared("An open paper that the wiki knows by its title alone", "title"),
                shared(OWN, "own"),
                shared(None, "untitled"),
                shared(f"How do I call {MARK} Airlines? +1→855→555→0100 now", "spam"),
            ],
            "links.json": [
                repository(SAME, "2301.00001", f"https://github.com/{MARK}/code"),
                repository(SAME, "2301.00001", BOTH),
                repository(OWN, None, f"https://github.com/{MARK}/own"),
            ],
        },
    }
    for source, files in given.items():
        for name, rows in files.items():
            path = folder / "raw" / source / "2026-11-23" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [json.dumps(row) for row in rows]
            text = "\n".join(lines) if name.endswith("jsonl") else f"[{','.join(lines)}]"
            path.write_text(text + "\n")
    made, before = [], folder / "none"
    for n, sources in enumerate((["papers_with_code"], list(given), ["arxiv"])):
        raw = recognise_files([folder / "raw" / source for source in sources]).raw
        build_from_files(raw, before, folder / str(n), {})
        before = folder / str(n) / "release"
        made.append(before)
    return made


def values(value: object) -> Iterator[str]:
    """Give every text of a value, however deep it lies."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from values(one)
    elif isinstance(value, str):
        yield value


def marked(folder: Path) -> set[str]:
    """Name the files of a release that hold a marked value."""
    found = set()
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            rows = pl.read_parquet(path, glob=False).to_dicts()
            texts = values(rows)
        elif path.is_file():
            texts = iter([path.read_text(encoding="utf-8")])
        else:
            continue
        if any(MARK in text.lower() for text in texts):
            found.add(path.relative_to(folder).as_posix())
    return found


def test_the_sources_do_share_papers_and_links(releases: list[Path]) -> None:
    both = read_tables(releases[1])
    sources = dict(both["papers"].select("title", "sources").iter_rows())
    assert sources[SAME] == ["arxiv", "papers_with_code"]
    shared_links = both["links"].filter(pl.col("url") == BOTH)
    assert sorted(shared_links["license"]) == ["CC-BY-SA-4.0", "CC0-1.0"]


def test_a_link_in_two_layers_is_no_difference(releases: list[Path]) -> None:
    assert compare_releases(read_tables(releases[1]), read_tables(releases[1])).is_empty


def test_no_marked_value_is_outside_of_the_share_alike_configs(releases: list[Path]) -> None:
    for folder in releases:
        files = marked(folder)
        assert files
        assert [name for name in files if "_sharealike/" not in name] == []


def test_every_share_alike_config_holds_marked_values(releases: list[Path]) -> None:
    """The search finds what is there: each kind of table that a source writes to has its layer."""
    configs = {name.split("/")[1] for name in marked(releases[1])}
    assert configs == {
        f"{table}_sharealike" for table in ("papers", "links", "origins", "rejections")
    }


def test_no_open_row_depends_on_the_share_alike_source(releases: list[Path]) -> None:
    papers = read_tables(releases[1])["papers"].filter(pl.col("license") == "CC0-1.0")
    (row,) = papers.filter(pl.col("title") == SAME).to_dicts()
    assert row["code_urls"] == [BOTH]
    assert row["authors"] == ["Ada Lovelace", "Kurt Gödel"]
    assert row["venue"] is None


def test_a_release_without_open_papers_has_a_default_config_all_the_same(
    releases: list[Path],
) -> None:
    front = DatasetCard.load(releases[0] / "README.md").data.to_dict()
    defaults = [one["config_name"] for one in front["configs"] if one.get("default")]
    assert defaults == ["papers_sharealike"]
    assert "so none is shown" in (releases[0] / "README.md").read_text(encoding="utf-8")


def test_a_config_over_all_licences_holds_the_rows_of_all_layers(
    releases: list[Path], tmp_path: Path
) -> None:
    for table in ("papers", "links"):
        loaded = load_dataset(
            str(releases[1]), f"all_{table}", split="train", cache_dir=str(tmp_path)
        )
        assert loaded.num_rows == read_tables(releases[1])[table].height
        assert set(loaded["license"]) == {"CC0-1.0", "CC-BY-SA-4.0"}
