"""Malformed gold is refused with its lines before anything is predicted."""

import json
from pathlib import Path

import pytest

from flows.evaluate import EvaluationSet, evaluate_part
from flows.evaluate.gold_rows import InvalidGold, check_gold
from flows.evaluate.topic_gold import read_gold

GOOD = '{"i": 1, "title": "A", "abstract": null, "area": {"primary": ["robotics"]}}'


def write(folder: Path, *lines: str) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("what", "line", "fault"),
    [
        ("topics", '{"i": 2, "title": "B"}', "line 2: `abstract` is missing"),
        ("topics", '{"title": "B", "abstract": ""}', "line 2: `i` is None"),
        ("topics", '{"i": true, "title": "B", "abstract": ""}', "line 2: `i` is True"),
        ("topics", '{"i": 2, "title": 7, "abstract": ""}', "line 2: `title` is 7"),
        ("topics", '{"i": 2, "title": "B", "abstract": "", "area": []}', "line 2: `area` is"),
        (
            "topics",
            '{"i": 2, "title": "B", "abstract": "", "area": {"primary": "robotics"}}',
            "line 2: `area` holds",
        ),
        ("topics", "{", "line 2: it is no JSON"),
        ("topics", GOOD, "line 2: `i` is 1 as in line 1"),
        ("topics", "[" * 100_000, "line 2: it is nested too deeply"),
        ("topics", '{"i": NaN, "title": "B", "abstract": ""}', "NaN is no JSON number"),
        ("topics", '{"i": 9223372036854775808, "title": "B", "abstract": ""}', "`i` is 92233"),
        ("links", '{"i": 2, "abstract": "", "function": 3}', "`function` is 3"),
        (
            "links",
            '{"i": 2, "abstract": "", "links": [{"url": "u", "kind": "code", "optional": "y"}]}',
            "`optional` is 'y'",
        ),
        (
            "links",
            '{"i": 2, "abstract": "", "links": [{"url": "u", "kind": "code", "role": 1}]}',
            "`role` is 1",
        ),
        (
            "links",
            '{"i": 2, "abstract": "", "links": [{"url": "u", "kind": "c", "url_alternatives": 3}]}',
            "`url_alternatives` is 3",
        ),
        ("topics", '{"i": 2, "title": "\\ud800", "abstract": ""}', "line 2: it holds half of"),
        ("topics", '{"i": 2, "title": "", "abstract": "", "n": 1e400}', "1e400 is no JSON number"),
        ("topics", f'{{"i": {"9" * 5000}, "title": ""}}', "is no JSON number that can be read"),
        (
            "topics",
            '{"i": 2, "title": "", "abstract": "", "area": {"primary": ["a"], "ambiguous": ["a"]}}',
            "line 2: `area` calls 'a' both primary and ambiguous",
        ),
        ("topics", '{"area": {"primary": [], "primary": []}}', "the name 'primary' is there twice"),
        ("topics", "[]", "line 2: it is no object but list"),
        ("links", '{"i": 2, "abstract": "", "links": [{"kind": "code"}]}', "has no `url`"),
        ("links", '{"i": 2, "abstract": "", "links": [{"url": "u"}]}', "has no `kind`"),
        ("links", '{"i": 2, "abstract": "", "links": {}}', "`links` is {}"),
    ],
)
def test_a_faulty_line_is_named_with_what_to_do(
    what: str, line: str, fault: str, tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD, line)
    with pytest.raises(InvalidGold) as refused:
        check_gold(what, path)
    assert fault in str(refused.value)
    assert "Correct the lines and run again" in str(refused.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "the whole file"),
        (b"\n \n", "the whole file"),
        (b"\x1f\x8b\x08", "line 1: it is no text in UTF-8"),
    ],
)
def test_files_without_lines_are_refused(content: bytes, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content)
    with pytest.raises(InvalidGold, match=fault):
        check_gold("links", path)


def test_papers_without_an_abstract_or_a_secondary_topic_are_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    gold = read_gold(tmp_path)
    assert gold.texts["abstract"].to_list() == [None]
    assert gold.require_truth().select("facet", "topic").rows() == [("area", "robotics")]


def test_many_faults_are_counted_and_five_are_shown(tmp_path: Path) -> None:
    with pytest.raises(InvalidGold, match=r"9 faults in the gold of topics.*and 4 more"):
        check_gold("topics", write(tmp_path, *["[]"] * 3, *['{"title": "A"}'] * 3))


LONG = "x" * 10_000


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("topics", {"area": LONG}),
        ("topics", {"area": {LONG: ["a"]}}),
        ("topics", {"area": {"primary": LONG}}),
        ("topics", {"area": {"primary": [LONG], "secondary": [LONG]}}),
        ("topics", {"title": [LONG]}),
        ("links", {"links": LONG}),
        ("links", {"links": [LONG]}),
        ("links", {"links": [{"url": LONG}]}),
    ],
)
def test_a_value_of_any_length_is_cut_in_the_message(
    what: str, fields: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(InvalidGold) as refused:
        check_gold(
            what, write(tmp_path, json.dumps({"i": 2, "title": "", "abstract": ""} | fields))
        )
    assert len(str(refused.value)) < 800


def test_good_lines_blank_lines_and_withheld_labels_pass(tmp_path: Path) -> None:
    check_gold("topics", write(tmp_path, GOOD, "", '{"i": 2, "title": "B", "abstract": "b"}'))
    check_gold("dedup", tmp_path / "there is none")


def test_evaluation_stops_at_faulty_gold_and_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, "[]")
    with pytest.raises(InvalidGold, match="no object"):
        list(evaluate_part("topics", EvaluationSet(tmp_path, "broken"), tmp_path / "out.parquet"))
    assert not (tmp_path / "out.parquet").exists()
