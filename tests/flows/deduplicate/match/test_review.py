import polars as pl
import pytest

from flows.deduplicate.match.judgements import COLUMNS
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.record_keys import canonicalize_name, name_records
from flows.deduplicate.match.review import UnknownPaper, explain_paper, list_review_pairs
from schemas.alias import Alias
from tests.merge_records import merged
from tests.records import TITLE, record, records

PWC = "papers_with_code"
FRAME = records(
    record(1, title=f"{TITLE}, Part I", arxiv_id="2312.00752"),
    record(2, "daily_papers", title=f"{TITLE}, Part I", arxiv_id="2312.00752"),
    record(3, title=f"{TITLE}, Part II"),
)
FOUND = match_records(FRAME)
_, ORIGINS = merged(FRAME, FOUND.clusters)
NO_ALIASES = pl.DataFrame(schema=Alias.dtypes())


def test_review_puts_both_texts_side_by_side() -> None:
    table = list_review_pairs(FOUND.near, ORIGINS, FRAME)
    assert table.height == 2
    assert {"title_left", "title_right", "abstract_left", "abstract_right"} <= set(table.columns)
    assert table["why"].to_list() == ["their titles name two parts of a series"] * 2


def test_first_columns_of_a_review_are_those_of_a_judgement() -> None:
    table = list_review_pairs(FOUND.near, ORIGINS, FRAME)
    assert tuple(table.columns[:6]) == COLUMNS
    assert table.select(COLUMNS[2:]).unique().rows() == [("", "", "", "")]


def test_review_shows_weak_joins_as_well_and_strong_ones_not() -> None:
    doubtful = ORIGINS.with_columns(score=pl.lit(0.6))
    assert list_review_pairs(FOUND.near.clear(), ORIGINS, FRAME).is_empty()
    joined = list_review_pairs(FOUND.near.clear(), doubtful, FRAME).row(0, named=True)
    assert joined["joined"] == "identifier"
    assert (joined["left"], joined["right"]) == (
        "arxiv:0123456789ab:1",
        "daily_papers:0123456789ab:2",
    )


def test_what_people_decided_is_not_to_be_reviewed() -> None:
    decided = FOUND.near.with_columns(why=pl.lit("judgement"))
    assert list_review_pairs(decided, ORIGINS, FRAME).is_empty()


def test_explain_names_rule_and_match_of_every_record() -> None:
    told = explain_paper("arxiv:2312.00752", ORIGINS, FOUND.near, NO_ALIASES)
    assert told.records["rule"].to_list() == ["single", "identifier"]
    assert told.records["matched_record_id"].to_list() == [None, "arxiv:0123456789ab:1"]


def test_explain_names_what_nearly_joined() -> None:
    told = explain_paper("arxiv:2312.00752", ORIGINS, FOUND.near, NO_ALIASES)
    assert set(told.near["other_record_id"]) == {"arxiv:0123456789ab:3"}
    assert set(told.near["why"]) == {"their titles name two parts of a series"}


def test_an_alias_is_explained_as_the_paper_it_became() -> None:
    row = {"alias_id": "title:old", "paper_id": "arxiv:2312.00752", "since": None}
    aliases = pl.DataFrame([row], schema=Alias.dtypes())
    told = explain_paper("title:old", ORIGINS, FOUND.near, aliases)
    assert told.paper_id == "arxiv:2312.00752"


@pytest.mark.parametrize(
    "name",
    [
        "daily_papers:0123456789ab:2",
        "arxiv:2312.00752v2",
        "2312.00752",
        "https://huggingface.co/papers/2312.00752",
    ],
)
def test_a_paper_is_found_by_whatever_names_one_of_its_records(name: str) -> None:
    assert explain_paper(name, ORIGINS, FOUND.near, NO_ALIASES).paper_id == "arxiv:2312.00752"


def test_a_paper_is_found_by_an_identifier_that_its_id_does_not_name() -> None:
    renamed = ORIGINS.with_columns(paper_id=pl.lit("title:0123456789abcdef"))
    told = explain_paper("arxiv:2312.00752", renamed, FOUND.near, NO_ALIASES)
    assert told.paper_id == "title:0123456789abcdef"


def test_of_a_name_longer_than_any_only_the_beginning_is_said() -> None:
    with pytest.raises(UnknownPaper) as refusal:
        explain_paper("x" * 100_000, ORIGINS, FOUND.near, NO_ALIASES)
    assert len(str(refusal.value)) < 500


def test_an_unknown_id_is_refused_with_examples() -> None:
    with pytest.raises(UnknownPaper, match=r"no paper has the id nonsense.*arxiv:2312.00752"):
        explain_paper("nonsense", ORIGINS, FOUND.near, NO_ALIASES)


def test_review_names_records_by_what_outlives_their_file() -> None:
    pair = FOUND.near.filter(
        pl.col("left").str.ends_with(":1") | pl.col("right").str.ends_with(":1")
    )
    row = list_review_pairs(pair, ORIGINS.clear(), FRAME).row(0, named=True)
    assert "arxiv:2312.00752" in (row["left"], row["right"])
    nameless = name_records(FRAME[2:])[0]
    assert nameless in (row["left"], row["right"])
    assert nameless.startswith("arxiv:text:")


def test_review_names_a_record_by_its_id_at_its_source() -> None:
    pages = records(*(record(n, PWC, title=f"{n}", source_id=f"page/{n}") for n in (1, 2)))
    left, right = pages["record_id"]
    pair = FOUND.near.head(1).with_columns(left=pl.lit(left), right=pl.lit(right))
    row = list_review_pairs(pair, ORIGINS.clear(), pages).row(0, named=True)
    assert (row["left"], row["right"]) == (f"{PWC}:page/1", f"{PWC}:page/2")


def test_every_name_of_a_review_can_be_judged() -> None:
    table = list_review_pairs(FOUND.near, ORIGINS.with_columns(score=pl.lit(0.6)), FRAME)
    names = [*table["left"], *table["right"]]
    assert [canonicalize_name(name) for name in names] == names


def test_review_names_records_that_share_an_identifier_by_their_record_ids() -> None:
    two = FRAME["record_id"][:2].sort()
    pair = FOUND.near.head(1).with_columns(left=pl.lit(two[0]), right=pl.lit(two[1]))
    row = list_review_pairs(pair, ORIGINS.clear(), FRAME).row(0, named=True)
    assert [row["left"], row["right"]] == two.to_list()
