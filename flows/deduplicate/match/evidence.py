"""Evidence: by which pair each record joined its cluster."""

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse as sp
from scipy.sparse import csgraph

from flows.deduplicate.match.clustering import Clustering
from schemas.vocabulary import MatchRule


def trace_evidence(ids: pl.Series, clustering: Clustering) -> pl.DataFrame:
    """Return for each record by which pair it joined, along the best pairs of its cluster.

    ``ids``: the record ids, row by row. One row per record, in their order: ``record_id``,
    ``cluster`` (the smallest record id of it), ``rule``, ``score``, ``matched_record_id`` (null for
    the first record of a cluster).
    """
    parents = _find_parents(clustering)
    rows = np.arange(len(ids))
    left, right = np.minimum(rows, parents), np.maximum(rows, parents)
    joined = pl.DataFrame({"left": left, "right": right, "row": rows}).join(
        clustering.edges.select("left", "right", "rule", "score"),
        on=["left", "right"],
        how="left",
        maintain_order="left",
        validate="m:1",
    )
    return pl.DataFrame(
        {
            "record_id": ids,
            "cluster": ids[clustering.roots],
            "rule": joined["rule"].fill_null(MatchRule.SINGLE.value),
            "score": joined["score"].fill_null(1.0),
        }
    ).with_columns(
        pl.when(pl.Series(parents != rows)).then(ids[parents]).alias("matched_record_id")
    )


def _find_parents(clustering: Clustering) -> npt.NDArray[np.int64]:
    """Return for each row the row it joined by, itself for the first of a cluster."""
    rows = len(clustering.roots)
    edges = clustering.edges.sort(
        "priority", "score", "left", "right", descending=[False, True, False, False]
    )
    first = np.flatnonzero(clustering.roots == np.arange(rows))
    # Each cluster is a tree of its own. One more row, the virtual root, is joined with the first
    # row of every cluster, so that one spanning tree and one walk from that root serve them all.
    ends = (
        np.concatenate([edges["left"].to_numpy(), np.full(len(first), rows)]),
        np.concatenate([edges["right"].to_numpy(), first]),
    )
    # The weight of an edge is its place among all: the least tree then keeps the best pairs, and
    # no two edges weigh the same, so that there is one such tree. Weights begin at 1, because
    # scipy takes 0 for no edge.
    rank = np.arange(1, len(ends[0]) + 1, dtype=np.float64)
    graph = sp.coo_matrix((rank, ends), shape=(rows + 1, rows + 1)).tocsr()
    tree = csgraph.minimum_spanning_tree(graph)
    _, predecessors = csgraph.breadth_first_order(tree, rows, directed=False)
    is_first = predecessors[:rows] == rows
    return np.where(is_first, np.arange(rows), predecessors[:rows]).astype(np.int64)
