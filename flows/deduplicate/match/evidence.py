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
    rows, parents = _find_parents(clustering)
    joined = pl.DataFrame(
        {"left": np.minimum(rows, parents), "right": np.maximum(rows, parents)}
    ).join(
        clustering.edges.select("left", "right", "rule", "score"),
        on=["left", "right"],
        how="left",
        maintain_order="left",
        validate="m:1",
    )
    number, place = len(ids), pl.Series(rows)
    single = pl.repeat(MatchRule.SINGLE.value, number, eager=True)
    nobody = pl.repeat(None, number, dtype=pl.String, eager=True)
    return pl.DataFrame(
        {
            "record_id": ids,
            "cluster": ids[clustering.roots],
            "rule": single.scatter(place, joined["rule"]),
            "score": pl.repeat(1.0, number, eager=True).scatter(place, joined["score"]),
            "matched_record_id": nobody.scatter(place, ids[parents].cast(pl.String)),
        }
    )


def spread_over_all(evidence: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Return what `trace_evidence` would of all records, from that of some and their ``row``.

    ``ids``: the record ids of all, row by row. All others are alone.
    """
    rows, number = evidence["row"], len(ids)
    alone = {
        "record_id": ids,
        "cluster": ids,
        "rule": pl.repeat(MatchRule.SINGLE.value, number, eager=True),
        "score": pl.repeat(1.0, number, eager=True),
        "matched_record_id": pl.repeat(None, number, dtype=pl.String, eager=True),
    }
    return pl.DataFrame(
        {name: column.clone().scatter(rows, evidence[name]) for name, column in alone.items()}
    )


def _find_parents(
    clustering: Clustering,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows that joined another one, sorted, and for each the row it joined by."""
    edges = clustering.edges.sort(
        "priority", "score", "left", "right", descending=[False, True, False, False]
    )
    ends = np.concatenate([edges["left"].to_numpy(), edges["right"].to_numpy()])
    # Most rows are alone: the graph is one of the others, numbered in their order.
    rows, local = np.unique(ends, return_inverse=True)
    number = len(rows)
    first = np.flatnonzero(clustering.roots[rows] == rows)
    # Each cluster is a tree of its own. One more row, the virtual root, is joined with the first
    # row of every cluster, so that one spanning tree and one walk from that root serve them all.
    left = np.concatenate([local[: len(edges)], np.full(len(first), number)])
    right = np.concatenate([local[len(edges) :], first])
    # The weight of an edge is its place among all: the least tree then keeps the best pairs, and
    # no two edges weigh the same, so that there is one such tree. Weights begin at 1, because
    # scipy takes 0 for no edge.
    rank = np.arange(1, len(left) + 1, dtype=np.float64)
    graph = sp.coo_matrix((rank, (left, right)), shape=(number + 1, number + 1)).tocsr()
    tree = csgraph.minimum_spanning_tree(graph)
    _, predecessors = csgraph.breadth_first_order(tree, number, directed=False)
    is_later = predecessors[:number] != number
    return rows[is_later], rows[predecessors[:number][is_later]]
