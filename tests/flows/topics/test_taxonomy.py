import shutil
from pathlib import Path

import polars as pl
import pytest

from flows.topics import InvalidCuration, taxonomy, taxonomy_version
from flows.topics.knowledge import knowledge
from flows.topics.taxonomy import CURATION

HEADER = "facet,topic,parent,name,definition,aliases\n"
REASONING = "task,reasoning,,Reasoning,Given when inference is the target.,logical reasoning\n"


def csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "taxonomy.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def test_the_shipped_taxonomy_is_valid_and_its_curation_refers_only_to_it() -> None:
    known = knowledge()
    assert known.topics.height == 300
    assert known.implications.height > 100
    assert known.venues["weight"].min() > 0


def test_a_topic_is_read_with_its_aliases_and_its_line(tmp_path: Path) -> None:
    topics = taxonomy(csv(tmp_path, REASONING, "task,maths,reasoning,Maths,Sums.,a|b\n"))
    assert topics["aliases"].to_list() == [["logical reasoning"], ["a", "b"]]
    assert topics["parent"].to_list() == [None, "reasoning"]
    assert topics["line"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("mood,happy,,Happy,Given.,\n", "line 3: facet 'mood' is none of area, task"),
        ("task,Happy Day,,Happy,Given.,\n", "line 3: topic 'Happy Day' is not small letters"),
        ("task,happy,,Happy,,\n", "line 3: topic 'happy' lacks its name or its definition"),
        ("task,reasoning,,Again,Given.,\n", "line 3: task/reasoning is on line 2 already"),
        ("task,happy,joy,Happy,Given.,\n", "line 3: parent 'joy' is no topic of facet task"),
        ("task,happy,happy,Happy,Given.,\n", "line 3: topic 'happy' is its own parent"),
        (
            "task,happy,,Happy,Given.,Logical Reasoning\n",
            "line 3: alias 'Logical Reasoning' is an alias of 'reasoning' on line 2 too",
        ),
        ("task,happy\n", "line 3: it has not 6 cells"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(InvalidCuration, match="Correct them and run again") as caught:
        taxonomy(csv(tmp_path, REASONING, row))
    assert fault in str(caught.value)


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidCuration, match="has 2 faulty lines"):
        taxonomy(csv(tmp_path, "task,a,x,A,Given.,\n", "task,b,y,B,Given.,\n"))


def test_a_wrong_header_says_what_the_columns_have_to_be(tmp_path: Path) -> None:
    with pytest.raises(InvalidCuration, match="they have to be facet,topic,parent"):
        taxonomy(csv(tmp_path, header="facet,topic\n"))


def test_the_version_changes_with_the_file_and_only_with_it(tmp_path: Path) -> None:
    first = taxonomy_version(csv(tmp_path, REASONING))
    assert first == taxonomy_version(csv(tmp_path, REASONING))
    assert first != taxonomy_version(csv(tmp_path, REASONING, "task,a,,A,Given.,\n"))


def renamed(folder: Path, alias: str) -> Path:
    """Copy the curated files, with a topic renamed in the taxonomy alone."""
    copy = Path(shutil.copytree(CURATION, folder / "curation"))
    text = (copy / "taxonomy.csv").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("method,pruning,"))
    new = line.replace("method,pruning,", "method,parameter-removal,") + alias
    (copy / "taxonomy.csv").write_text(text.replace(line, new), "utf-8")
    return copy


def test_a_renamed_topic_is_known_by_its_old_name_in_all_curated_files(tmp_path: Path) -> None:
    known = knowledge(renamed(tmp_path, "|pruning"))
    keys = known.lexicon.filter(pl.col("topic") == "parameter-removal")["key"].cast(pl.String)
    assert {"pruning", "lottery ticket"} <= set(keys)
    assert "parameter-removal" in known.implications["topic"].to_list()


def test_a_topic_renamed_without_an_alias_names_the_lines_that_miss_it(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidCuration, match=r"phrases.csv has .*line \d+: method/pruning is not in"
    ):
        knowledge(renamed(tmp_path, ""))
