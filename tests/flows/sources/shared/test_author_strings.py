import time

import pytest

from flows.sources.shared.author_strings import count_unnamed, split_authors


@pytest.mark.parametrize(
    "piece", ["x", "(", "$", "^", "a@", ", ", "a. ", "1 ", " and ", "\\thanks{", "\\a", "a and b, "]
)
def test_a_hostile_text_is_split_in_time_that_its_length_bounds(piece: str) -> None:
    start = time.process_time()
    split_authors(piece * 20_000)
    count_unnamed(piece * 20_000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Smith, J., Jones, B. K., & Wu, C.", ["Smith, J.", "Jones, B. K.", "Wu, C."]),
        ("\u5f20\u4e09\u3001\u674e\u56db", ["\u5f20\u4e09", "\u674e\u56db"]),
        ("ATLAS Collaboration:G. Aad", ["ATLAS Collaboration", "G. Aad"]),
        ("A. B$^1$, C. D$^{2,3}$ and E. F$^\\dagger$", ["A. B", "C. D", "E. F"]),
        ("R\\^ego, M\\'ario and \\~nandu, Li", ["R\\^ego, M\\'ario", "\\~nandu, Li"]),
    ],
)
def test_shapes_that_lists_really_have_are_single_people(written: str, names: list[str]) -> None:
    assert split_authors(written) == names


@pytest.mark.parametrize(
    ("written", "count"),
    [("P. Ade (200 additional authors not shown)", 200), ("A. Berg and 3 others", 3), ("A. B", 0)],
)
def test_authors_that_are_not_named_are_counted(written: str, count: int) -> None:
    assert count_unnamed(written) == count


@pytest.mark.parametrize("run", ["*", "; ", ", ", " ", "\n", ": ", " & "])
def test_a_run_within_a_name_takes_time_by_its_length(run: str) -> None:
    started = time.process_time()
    split_authors(f"Ada Love{run * 30_000}lace, Bo Dahl\nC{run * 30_000} Ek")
    # Sums of squares: a run of 100,000 stars took 17 s.
    assert time.process_time() - started < 1
