import shutil
from pathlib import Path

import polars as pl
import pytest

from flows.enrich.topics import InvalidCuration, label_papers, read_taxonomy, taxonomy_version
from flows.enrich.topics.curated import load_knowledge
from flows.enrich.topics.taxonomy import CURATION
from flows.raw.csv_rows import CELL_CHARACTERS

HEADER = "facet,topic,parent,name,definition,aliases\n"
REASONING = "task,reasoning,,Reasoning,Given when inference is the target.,logical reasoning\n"


def csv(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "taxonomy.csv"
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def test_the_shipped_taxonomy_is_valid_and_its_curation_refers_only_to_it() -> None:
    known = load_knowledge()
    assert known.topics.height == 299
    assert known.implications.height > 100
    assert known.venues["weight"].min() > 0


def test_a_topic_is_read_with_its_aliases_and_its_line(tmp_path: Path) -> None:
    topics = read_taxonomy(csv(tmp_path, REASONING, "task,maths,reasoning,Maths,Sums.,a|b\n"))
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
            "line 3: alias 'Logical Reasoning' is a name of 'reasoning' on line 2 too",
        ),
        (
            "task,happy,,Happy,Given.,Reasoning\n",
            "line 3: alias 'Reasoning' is a name of 'reasoning' on line 2 too",
        ),
        ("task,happy,,Reasoning,Given.,\n", "line 3: 'reasoning' is a name of 'reasoning' on"),
        ('task,happy,,Happy,Given.,"joy, glee"\n', "has a comma; separate aliases with |"),
        (
            "task,happy,glad,Happy,Given.,\ntask,glad,happy,Glad,Given.,\n",
            "line 3: following the parents of 'happy' leads back to it",
        ),
        ("task,happy\n", "line 3: it has not 6 cells"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(InvalidCuration, match="Correct them and run again") as caught:
        read_taxonomy(csv(tmp_path, REASONING, row))
    assert fault in str(caught.value)


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidCuration, match="has 2 faults: "):
        read_taxonomy(csv(tmp_path, "task,a,x,A,Given.,\n", "task,b,y,B,Given.,\n"))


def test_a_wrong_header_says_what_the_columns_have_to_be(tmp_path: Path) -> None:
    with pytest.raises(InvalidCuration, match="they have to be 'facet,topic,parent"):
        read_taxonomy(csv(tmp_path, header="facet,topic\n"))


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
    known = load_knowledge(renamed(tmp_path, "|pruning"))
    keys = known.lexicon.filter(pl.col("topic") == "parameter-removal")["key"].cast(pl.String)
    assert {"pruning", "lottery ticket"} <= set(keys)
    assert "parameter-removal" in known.implications["topic"].to_list()


def test_a_topic_renamed_without_an_alias_names_the_lines_that_miss_it(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidCuration, match=r"phrases.csv has .*line \d+: method/pruning is not in"
    ):
        load_knowledge(renamed(tmp_path, ""))


def test_what_spreadsheets_leave_in_a_file_does_no_harm(tmp_path: Path) -> None:
    path = csv(tmp_path, REASONING, ",,,,,\n", "\n", header="\ufeff" + HEADER)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_taxonomy(path)["topic"].to_list() == ["reasoning"]


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = csv(tmp_path, REASONING)
    path.write_bytes(path.read_bytes() + "task,cafe,,Caf\u00e9,Given.,\n".encode("latin-1"))
    with pytest.raises(InvalidCuration, match=r"line 3: it is not UTF-8. Save it as CSV in UTF-8"):
        read_taxonomy(path)


def test_a_quote_without_its_end_is_named_and_so_is_a_file_that_is_gone(tmp_path: Path) -> None:
    # Longer than a cell may be where readers of raw files have raised the bound of the process.
    path = csv(tmp_path, REASONING, 'task,maths,,Maths,"Sums', "." * (CELL_CHARACTERS + 1))
    with pytest.raises(InvalidCuration, match=r"taxonomy.csv line \d+: .*Is a quote missing"):
        read_taxonomy(path)
    path.unlink()
    with pytest.raises(InvalidCuration, match="cannot be read: No such file"):
        read_taxonomy(path)


def test_tables_with_nothing_below_their_headers_say_nothing(tmp_path: Path) -> None:
    for path in CURATION.glob("*.csv"):
        head = next(
            line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"
        )
        (tmp_path / path.name).write_text(f"{head}\n", encoding="utf-8")
    csv(tmp_path, REASONING)
    read = load_knowledge(tmp_path)
    tables = (
        read.implications,
        read.topic_fields,
        read.cues,
        read.required_topics,
        read.venues,
        read.since,
    )
    assert [table.height for table in tables] == [0] * len(tables)


def test_a_file_with_semicolons_is_told_to_have_commas(tmp_path: Path) -> None:
    with pytest.raises(InvalidCuration, match="separated by commas"):
        read_taxonomy(csv(tmp_path, header=HEADER.replace(",", ";")))


@pytest.mark.parametrize(
    ("name", "row", "fault"),
    [
        ("venues", "computer-vision,XYZ,much,why", r"line \d+: weight 'much' is no number"),
        ("archives", "domain,finance,q-fin,lots,why", r"line \d+: weight 'lots' is no number"),
        ("phrases", "task,reasoning,names,,why", r"line \d+: it gives no phrases"),
        ("phrases", "task,reasoning,strong,x,why", r"line \d+: strength 'strong' is none of"),
        (
            "required_topics",
            "task,reasoning,zzz,task/dialogue,why",
            r"line \d+: 'zzz' is no phrase of",
        ),
        ("cues", "maybe,perhaps,why", r"line \d+: kind 'maybe' is none of"),
    ],
)
def test_a_fault_of_another_table_names_its_line(
    tmp_path: Path, name: str, row: str, fault: str
) -> None:
    copy = Path(shutil.copytree(CURATION, tmp_path / "curation"))
    with (copy / f"{name}.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    with pytest.raises(InvalidCuration, match=fault):
        load_knowledge(copy)


def edited(folder: Path, old: str, *new: str) -> Path:
    """Copy the curated files, with one line of the taxonomy replaced."""
    copy = Path(shutil.copytree(CURATION, folder / "curation"))
    text = (copy / "taxonomy.csv").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith(old))
    (copy / "taxonomy.csv").write_text(text.replace(line, "\n".join(new)), "utf-8")
    return copy


def test_an_area_renamed_after_training_labels_papers_still(tmp_path: Path) -> None:
    known = load_knowledge(
        edited(tmp_path, "area,ai-ethics,", "area,fairness,,Fairness,Given.,ai-ethics|social bias")
    )
    labels = label_papers(paper("Social bias of models", ["cs.CY"]), known)
    assert "fairness" in labels["topic"].to_list()


def test_a_topic_split_in_two_is_found_under_both_names(tmp_path: Path) -> None:
    known = load_knowledge(
        edited(
            tmp_path,
            "method,pruning,",
            "method,weight-pruning,,Weight pruning,Given.,pruning",
            "method,head-pruning,,Head pruning,Given.,attention head pruning",
        )
    )
    found = label_papers(paper("Weight pruning and head pruning of language models", []), known)
    assert {"weight-pruning", "head-pruning"} <= set(found["topic"])


def paper(title: str, categories: list[str]) -> pl.DataFrame:
    abstract = f"We propose a new method. We study {title.lower()} and train neural networks."
    return pl.DataFrame(
        {
            "paper_id": ["arxiv:2401.00001"],
            "title": [title],
            "abstract": [abstract],
            "categories": [categories],
            "venue": [None],
        },
        schema_overrides={"categories": pl.List(pl.String), "venue": pl.String},
    )
