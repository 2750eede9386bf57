import json
import random

import polars as pl
import pytest

from flows.text.words import list_words
from tests.bench import growing

PAPERS = 400


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> growing.Pool:
    """Papers of words that are as unequally frequent as those of a language."""
    folder, rng = tmp_path_factory.mktemp("pool"), random.Random(0)  # noqa: S311  # no secret
    letters = "abcdefghijklmnopqrstuvwxyz"
    language = ["".join(rng.choices(letters, k=rng.randint(4, 9))) for _ in range(5_000)]

    def text(count: int) -> str:
        chosen = [language[int(len(language) * rng.random() ** 2)] for _ in range(count)]
        return " ".join(chosen).capitalize()

    rows = [
        {
            "id": f"2301.{number:05}",
            "title": text(8),
            "abstract": ". ".join(text(20) for _ in range(5)) + ".",
            "authors_parsed": [[text(1), "Ada", ""], [text(1), "Kurt", ""]],
        }
        for number in range(PAPERS)
    ]
    corpus = folder / "snapshot.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    copies = pl.DataFrame(rows[:20]).with_row_index("record_id").with_columns(source=pl.lit("page"))
    copies.select(
        "record_id", "source", "title", "abstract", authors=pl.lit(["A. B."])
    ).write_parquet(folder / "records.parquet")
    copies.select("record_id", cluster="id").write_parquet(folder / "truth.parquet")
    return growing.pool(corpus, folder)


@pytest.fixture(scope="module")
def records(pool: growing.Pool) -> pl.DataFrame:
    return pl.concat(growing.grown(pool, 2_000))


def test_one_seed_gives_the_same_records(pool: growing.Pool, records: pl.DataFrame) -> None:
    assert pl.concat(growing.grown(pool, 2_000)).equals(records)


def test_as_many_records_as_asked_for_each_under_an_id_of_its_own(records: pl.DataFrame) -> None:
    assert records["record_id"].n_unique() == len(records) == 2_000


def test_every_form_occurs(records: pl.DataFrame) -> None:
    forms = {"original", "notice", "part", "sibling", "copy", "wrapped", "latex", "unicode"}
    assert set(records["form"]) == forms | {"stripped", "edited", "renamed"}


def test_real_copies_are_one_paper_with_the_record_of_the_snapshot(records: pl.DataFrame) -> None:
    papers = records.filter(source="page")["paper"]
    both = records.filter(pl.col("paper").is_in(papers.implode()), source="arxiv")
    assert sorted(both["paper"]) == sorted(papers) == [f"2301.{n:05}" for n in range(20)]


@pytest.mark.parametrize("form", ["copy", "wrapped", "unicode", "stripped"])
def test_a_variant_has_the_words_of_its_paper(records: pl.DataFrame, form: str) -> None:
    first = records.unique("paper", keep="first", maintain_order=True)
    both = records.filter(form=form).join(first, on="paper", suffix="_first")
    assert list_words(both["abstract"]).to_list() == list_words(both["abstract_first"]).to_list()


def test_an_edit_changes_at_most_every_fifth_word(records: pl.DataFrame) -> None:
    first = records.unique("paper", keep="first", maintain_order=True)
    both = records.filter(form="edited").join(first, on="paper", suffix="_first")
    common = [
        len(set(one.split()) & set(other.split())) / len(set(other.split()))
        for one, other in both.select("abstract", "abstract_first").rows()
    ]
    assert min(common) > 0.75
    assert min(common) < 1


def test_a_sibling_is_another_paper_by_the_same_people(records: pl.DataFrame) -> None:
    siblings = records.filter(form="sibling")
    first = siblings.with_columns(pl.col("paper").str.head(-1)).join(
        records.filter(form="part"), on="paper", suffix="_first", validate="1:1"
    )
    assert len(first) == len(siblings)
    assert (first["authors"] == first["authors_first"]).all()
    assert (first["title"] != first["title_first"]).all()


def test_an_id_names_one_paper_and_most_records_show_none(records: pl.DataFrame) -> None:
    shown = records.drop_nulls("arxiv_id")
    assert (shown["arxiv_id"] == shown["paper"]).all()
    assert 0.2 < len(shown) / len(records) < 0.4


def test_no_source_lists_a_paper_twice(records: pl.DataFrame) -> None:
    assert records.select("paper", "source").is_unique().all()


def test_no_sentence_is_in_two_made_papers(pool: growing.Pool) -> None:
    made = pl.concat([growing.made(pool, number) for number in (1, 2)])
    sentences = made["abstract"].str.split(". ").explode().str.strip_chars(".")
    assert sentences.n_unique() == len(sentences) == 2 * 5 * PAPERS


def test_made_papers_of_any_two_rounds_are_strangers(pool: growing.Pool) -> None:
    rounds = [growing.made(pool, number)["abstract"].to_list() for number in (1, 2)]
    texts = [frozenset(text.lower().split()) for one in rounds for text in one[:60]]
    pairs = [(one, two) for place, one in enumerate(texts) for two in texts[:place]]
    assert max(len(one & two) / len(one | two) for one, two in pairs) < 0.5
