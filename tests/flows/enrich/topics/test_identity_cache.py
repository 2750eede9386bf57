"""What follows from tables is made once for the same table, and again for another one."""

import polars as pl

from flows.enrich.topics.identity_cache import CACHE_SIZE, cache_by_identity, cache_with_frame

MADE: list[str] = []


@cache_by_identity
def describe_table(table: pl.DataFrame, name: str) -> str:
    MADE.append(name)
    return f"{name}: {table.height}"


def test_a_result_is_made_once_for_one_table_and_again_for_a_like_one() -> None:
    table, like = pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]})
    MADE.clear()
    assert {describe_table(table, "one") for _ in range(3)} == {"one: 1"}
    assert describe_table(like, "one") == "one: 1"
    assert describe_table(table, "other") == "other: 1"
    assert MADE == ["one", "one", "other"]


def test_tables_that_are_gone_are_never_taken_for_new_ones() -> None:
    # Each frame may get the number of a former one, once nobody holds that.
    heights = [
        describe_table(pl.DataFrame({"a": range(rows)}), "x") for rows in range(CACHE_SIZE * 3)
    ]
    assert heights == [f"x: {rows}" for rows in range(CACHE_SIZE * 3)]


def test_arguments_of_other_names_have_other_results() -> None:
    @cache_by_identity
    def add_up(*, small: int = 0, large: int = 0) -> int:
        return small + 10 * large

    assert (add_up(small=1), add_up(large=1)) == (1, 10)


def test_columns_that_are_coded_alike_share_a_result() -> None:
    made: list[int] = []

    @cache_by_identity
    def build_unit_term_matrix(codes: pl.Enum) -> int:
        made.append(len(codes.categories))
        return len(codes.categories)

    for words in (["a", "b"], ["a", "b"], ["a", "c"], ["a"]):
        assert build_unit_term_matrix(pl.Enum(words)) == len(words)
    assert made == [2, 2, 1]


def test_what_is_cached_with_a_table_goes_with_it() -> None:
    counted: list[int] = []

    @cache_with_frame
    def count_rows(table: pl.DataFrame) -> int:
        counted.append(table.height)
        return table.height

    table = pl.DataFrame({"a": range(5)})
    assert (count_rows(table), count_rows(table)) == (5, 5)
    assert counted == [5]
    # Each frame may get the number of the one before, which is gone.
    assert [count_rows(pl.DataFrame({"a": range(rows)})) for rows in range(9)] == [*range(9)]
