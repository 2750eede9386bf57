import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.deduplicate.match.clustering import EDGES, Clustering, cluster_pairs, find_components
from schemas.vocabulary import STRONG_IDENTIFIERS

ROWS = 12
pairs = st.lists(st.tuples(*[st.integers(0, ROWS - 1)] * 2), max_size=20)


def oracle(edges: list[tuple[int, int]]) -> list[int]:
    """Find components the naive way: relabel everything at each pair."""
    label = list(range(ROWS))
    for left, right in edges:
        low, high = sorted((label[left], label[right]))
        label = [low if old == high else old for old in label]
    return label


@settings(deadline=None)
@given(pairs)
def test_components_are_those_of_a_naive_union(edges: list[tuple[int, int]]) -> None:
    table = pl.DataFrame(edges, schema={"left": pl.Int64, "right": pl.Int64}, orient="row")
    found = find_components(table["left"].to_numpy(), table["right"].to_numpy(), ROWS)
    assert found.tolist() == oracle(edges)


def test_without_pairs_each_row_is_a_component_of_its_own() -> None:
    none = np.zeros(0, np.int64)
    assert find_components(none, none, 3).tolist() == [0, 1, 2]


TEXT = 5
APART = pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "why": pl.String})


def grouped(
    arxiv_ids: list[str | None], edges: list[tuple[int, int, float]], priority: int = TEXT
) -> Clustering:
    """Group rows, each of a source of its own, along edges with a score."""
    table = pl.DataFrame(
        {name: [None] * len(arxiv_ids) for name in STRONG_IDENTIFIERS}, schema_overrides={}
    ).with_columns(
        pl.Series("arxiv_id", arxiv_ids, pl.String),
        source=pl.Series([f"source {row}" for row in range(len(arxiv_ids))], dtype=pl.String),
        title=pl.lit("a title"),
        is_bare=pl.lit(value=False),
    )
    rows = [(*sorted((a, b)), "renamed", score, priority) for a, b, score in edges]
    return cluster_pairs(table, pl.DataFrame(rows, schema=EDGES, orient="row"), APART)


def test_a_chain_between_two_ids_is_cut_at_its_weakest_pair() -> None:
    chain = [(0, 1, 0.9), (1, 2, 0.6), (2, 3, 0.8)]
    found = grouped(["a", None, None, "b"], chain)
    assert found.roots.tolist() == [0, 0, 2, 2]
    assert found.cut.select("left", "right", "why").rows() == [(1, 2, "two-arxiv-ids")]


def test_a_second_way_around_the_weakest_pair_is_cut_as_well() -> None:
    ring = [(0, 1, 0.9), (1, 2, 0.6), (2, 3, 0.8), (0, 3, 0.7)]
    found = grouped(["a", None, None, "b"], ring)
    assert found.roots.tolist() == [0, 0, 2, 2]
    assert found.cut.select("left", "right").rows() == [(0, 3), (1, 2)]


scored = st.lists(
    st.tuples(st.integers(0, ROWS - 1), st.integers(0, ROWS - 1), st.integers(50, 99)), max_size=20
).map(lambda found: [(a, b, score / 100) for a, b, score in found if a != b])
some_ids = st.lists(st.sampled_from([None, None, "a", "b", "c"]), min_size=ROWS, max_size=ROWS)


@settings(deadline=None)
@given(some_ids, scored)
def test_no_cluster_has_two_ids_and_none_is_split_without_need(
    ids: list[str | None], edges: list[tuple[int, int, float]]
) -> None:
    once = list({tuple(sorted(edge[:2])): edge for edge in edges}.values())
    found = grouped(ids, once)
    of_cluster: dict[int, set[str]] = {}
    for root, value in zip(found.roots.tolist(), ids, strict=True):
        of_cluster.setdefault(root, set()).update([value] if value else [])
    assert all(len(values) <= 1 for values in of_cluster.values())
    for left, right in found.cut.select("left", "right").rows():
        assert len(of_cluster[found.roots[left]] | of_cluster[found.roots[right]]) > 1
    assert len(found.cut) + len(found.edges) == len(once)
