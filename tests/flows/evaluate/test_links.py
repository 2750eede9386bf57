"""Links are scored against what people marked, beside other finders."""

import json
from pathlib import Path

import pytest

from flows.evaluate import EvaluationSet, evaluate_part, links
from flows.paths import PROJECT

MARKED = PROJECT.parent / "shared/eval/links"

GOLD = [
    {"i": 1, "abstract": "Code: https://github.com/a/b.", "links": [
        {"url": "https://github.com/a/b", "kind": "code", "kind_alternatives": []}]},
    {"i": 2, "abstract": "Data are at github.com/c/d.", "links": [
        {"url": "https://github.com/c/d", "kind": "model", "kind_alternatives": ["dataset"]}]},
    {"i": 3, "abstract": "Code is at this https URL.", "links": []},
]  # fmt: skip


def test_links_are_scored_beside_their_peers_in_one_table(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(each) for each in GOLD)
    (tmp_path / "gold.jsonl").write_text(lines, encoding="utf-8")
    told = list(evaluate_part("links", EvaluationSet(tmp_path, "links"), tmp_path / "out.parquet"))
    scores = {
        line.rsplit(maxsplit=4)[0].strip(): line.split()[-2:]
        for line in told[4 : told.index("", 4)]
    }
    assert told[3].split() == ["finder", "precision", "recall", "f1", "kind_accuracy"]
    assert scores["open-papers"] == ["1.0000", "1.0000"]
    assert scores["plain regex"] == ["0.6667", "-"]
    assert {name.split(" (")[0] for name in scores} >= {"linkify-it-py", "urlextract"}


@pytest.mark.skipif(not MARKED.exists(), reason="the evaluation sets are not here")
def test_links_of_marked_abstracts_are_found():
    scores = links.score(links.predict(MARKED), MARKED)
    assert scores["f1"] >= 0.97
    assert scores["kind_accuracy"] >= 0.90


def test_a_link_that_is_marked_twice_is_right_once(tmp_path: Path) -> None:
    link = {"url": "https://github.com/a/b", "kind": "code"}
    other = {"url": "https://lab.org/x", "kind": "code", "url_alternatives": [link["url"]]}
    rows = [
        {"i": 1, "abstract": "Code: https://github.com/a/b.", "links": [link, link, other]},
        {"i": 2, "abstract": None, "links": []},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    lines = list(evaluate_part("links", EvaluationSet(tmp_path, "links"), tmp_path / "out.parquet"))
    figures = [line.split() for line in lines]
    assert ["open-papers", "1.0000", "0.5000", "0.6667", "1.0000"] in figures
    assert ["url", "precision", "1.0000", "1.0000", "1.0000", "2"] in figures


SORTED = [
    {"i": 1, "abstract": "Our code is available at https://github.com/a/b.", "function": "Produce",
     "links": [{"url": "https://github.com/a/b", "kind": "code"}]},
    {"i": 2, "abstract": "We use the parser at https://lab.org/x/y.", "function": "Use",
     "links": [{"url": "https://lab.org/x", "kind": "code"}]},
    {"i": 3, "abstract": "Our code is where it was.", "function": "Produce",
     "links": [{"url": "https://lab.org/z", "kind": "code"}]},
]  # fmt: skip


def test_roles_are_scored_where_people_sorted_the_links(tmp_path: Path) -> None:
    folder = tmp_path / "citations"
    folder.mkdir()
    lines = "\n".join(json.dumps(row) for row in SORTED)
    (folder / "gold.jsonl").write_text(lines, encoding="utf-8")
    report = list(evaluate_part("links", EvaluationSet(folder, "links"), tmp_path / "out.parquet"))
    start = report.index("roles of links in citations")
    assert [line.split() for line in report[start + 1 : start + 4]] == [
        ["role", "precision", "recall", "links"],
        ["own", "1.0000", "0.5000", "2"],
        ["used", "1.0000", "1.0000", "1"],
    ]
