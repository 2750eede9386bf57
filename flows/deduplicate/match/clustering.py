"""Clustering: connected components of verified pairs, kept free of contradictions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import scipy.sparse as sp
from rapidfuzz import fuzz
from scipy.sparse import csgraph

from flows.deduplicate.match.rules import OTHER_IDENTIFIER
from schemas.vocabulary import STRONG_IDENTIFIERS, MatchRule, Objection

LARGEST = 20
"""Records up to which a cluster needs no report: no paper of the known sources has more."""

EDGES = pl.Schema(
    {
        "left": pl.Int64,
        "right": pl.Int64,
        "rule": pl.String,
        "score": pl.Float64,
        "priority": pl.Int64,
    }
)
"""Verified pairs: rows of two records, ``left`` the smaller; the rule and how sure it was; and
``priority``, by which pairs are kept when not all can be: 1 comes first."""


NEAR_LISTED, WITHIN_LISTED = 60, 90
"""Similarity of two titles, and of one with a part of the other, of 100, from which one source may
list both for one paper."""

LONGEST_LISTED = 300
"""Letters of a title that are compared for it."""

TEXT_PRIORITY = len(STRONG_IDENTIFIERS) + 1
"""The priority of what texts say: after identifiers that something else supports."""


@dataclass(frozen=True)
class Clustering:
    """The clusters and the pairs that hold them together."""

    roots: npt.NDArray[np.int64]
    """Per row: the smallest row of its cluster."""
    components: npt.NDArray[np.int64]
    """Per row: the smallest row it is connected with before contradictions were cut."""
    edges: pl.DataFrame
    """The verified pairs that were kept."""
    cut: pl.DataFrame
    """The verified pairs that were given up, with ``why``, an `Objection`."""


def find_components(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], rows: int
) -> npt.NDArray[np.int64]:
    """Return for each row the smallest row that it is connected with.

    >>> find_components(np.array([1, 4]), np.array([3, 3]), 5).tolist()
    [0, 1, 2, 1, 1]
    """
    graph = sp.coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(rows, rows))
    _, label = csgraph.connected_components(graph, directed=False)
    first = np.full(int(label.max(initial=-1)) + 1, rows, np.int64)
    # Components are numbered as scipy finds them; the smallest row names them the same way always.
    np.minimum.at(first, label, np.arange(rows))
    return np.asarray(first[label], np.int64)


def cluster_pairs(records: pl.DataFrame, edges: pl.DataFrame, apart: pl.DataFrame) -> Clustering:
    """Join the rows along verified pairs, the strongest first, and refuse contradictions.

    ``records`` holds the identifiers row by row; ``apart`` the pairs (``left``, ``right``) that are
    two papers, and ``why``: a person declared so, or all but an identifier contradicts. A component
    without contradiction is kept as it is. In the others pairs are taken in the order of their
    priority, and one is cut that would bring into one cluster two different identifiers of a kind,
    two papers that are apart, or two records that one source lists under different titles and that
    are not verified themselves: each such cluster is thereby split at its weakest pairs.
    """
    whole = find_components(edges["left"].to_numpy(), edges["right"].to_numpy(), len(records))
    doubtful = _find_contradictions(records, whole, apart)
    # Pairs are taken one by one, in Python, only where something contradicts.
    is_doubtful = pl.Series(np.isin(whole[edges["left"].to_numpy()], doubtful))
    joined, cut = _join_one_by_one(records, edges.filter(is_doubtful), apart)
    edges = pl.concat([edges.filter(~is_doubtful), joined])
    roots = find_components(edges["left"].to_numpy(), edges["right"].to_numpy(), len(records))
    return Clustering(roots, whole, edges, cut)


def _find_contradictions(
    records: pl.DataFrame, whole: npt.NDArray[np.int64], apart: pl.DataFrame
) -> npt.NDArray[np.int64]:
    """Return the components that hold a contradiction: see `cluster_pairs`."""
    component = pl.Series("component", whole)
    # A record alone contradicts nothing, and most are alone.
    together = component.is_duplicated()
    columns = (*STRONG_IDENTIFIERS, "source", "title")
    labelled = records.select(columns).filter(together).hstack([component.filter(together)])
    many = [
        labelled.filter(pl.col(name).is_not_null())
        .group_by("component")
        .agg(pl.col(name).n_unique().alias("values"))
        .filter(pl.col("values") > 1)["component"]
        .to_numpy()
        for name in STRONG_IDENTIFIERS
    ]
    left, right = whole[apart["left"].to_numpy()], whole[apart["right"].to_numpy()]
    listed_twice = (
        labelled.group_by("component", "source")
        .agg(pl.col("title").n_unique())
        .filter(pl.col("title") > 1)["component"]
        .to_numpy()
    )
    return np.unique(np.concatenate([*many, listed_twice, left[left == right]]))


def _join_one_by_one(
    records: pl.DataFrame, edges: pl.DataFrame, apart: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take the pairs one by one, the strongest first, and tell kept from cut ones."""
    edges = edges.sort("priority", "score", "left", "right", descending=[False, True, False, False])
    groups = _Groups(records, edges, apart)
    why = [groups.join(*pair) for pair in edges.select("left", "right", "rule", "priority").rows()]
    judged = edges.with_columns(pl.Series("why", why, pl.String))
    return judged.filter(pl.col("why").is_null()).drop("why"), judged.drop_nulls("why")


JUDGED, CONTRADICTED = Objection.JUDGEMENT.value, Objection.CONTRADICTED.value


class _Groups:
    """Groups of rows that grow pair by pair; a union-find that knows what may not be joined."""

    def __init__(self, records: pl.DataFrame, edges: pl.DataFrame, apart: pl.DataFrame) -> None:
        rows = pl.concat([edges["left"], edges["right"]]).unique().sort()
        identities = records.select(STRONG_IDENTIFIERS)[rows]
        listed = records.select("source", "title", "is_bare")[rows]
        self._listed = dict(zip(rows, listed.rows(), strict=True))
        self._verified = set(edges.select("left", "right").iter_rows())
        self._members = {row: {row} for row in rows}
        self._group = {row: row for row in rows}
        self._values = {
            row: [set() if value is None else {value} for value in values]
            for row, values in zip(rows, identities.iter_rows(), strict=True)
        }
        self._apart: dict[str, dict[int, set[int]]] = {JUDGED: {}, CONTRADICTED: {}}
        for left, right, why in apart.select("left", "right", "why").iter_rows():
            self._apart[why].setdefault(left, set()).add(right)
            self._apart[why].setdefault(right, set()).add(left)

    def join(self, left: int, right: int, rule: str, priority: int) -> str | None:
        """Join the groups of two rows, or say why they must stay apart."""
        first, second = sorted((self._group[left], self._group[right]))
        if first == second:
            return None
        why = self._objection(first, second, rule, priority)
        if why is None:
            for row in self._members[second]:
                self._group[row] = first
            self._members[first] |= self._members.pop(second)
            for left_values, right_values in zip(
                self._values[first], self._values.pop(second), strict=True
            ):
                left_values.update(right_values)
        return why

    def _objection(self, first: int, second: int, rule: str, priority: int) -> str | None:
        if self._are_apart(first, second, JUDGED):
            return JUDGED
        if rule == MatchRule.JUDGEMENT:
            return None
        if self._are_apart(first, second, CONTRADICTED):
            return CONTRADICTED
        by_identifier = rule == MatchRule.IDENTIFIER
        place = priority if priority < TEXT_PRIORITY else priority - TEXT_PRIORITY
        stronger = STRONG_IDENTIFIERS[: place - 1] if by_identifier else STRONG_IDENTIFIERS
        for name, left_values, right_values in zip(
            stronger, self._values[first], self._values[second], strict=False
        ):
            if left_values and right_values and not left_values & right_values:
                return OTHER_IDENTIFIER[name].value
        by_id = by_identifier or rule == MatchRule.LISTED
        if not by_id and self._is_listed_twice(first, second):
            return Objection.LISTED_TWICE.value
        return None

    def _are_apart(self, first: int, second: int, why: str) -> bool:
        fewer, more = sorted((self._members[first], self._members[second]), key=len)
        return any(not more.isdisjoint(self._apart[why].get(row, ())) for row in fewer)

    def _is_listed_twice(self, first: int, second: int) -> bool:
        by_source: dict[str, list[int]] = {}
        for row in self._members[first]:
            by_source.setdefault(self._listed[row][0], []).append(row)
        return any(
            not _is_same_listing(self._listed[member][1:], self._listed[row][1:])
            and (min(member, row), max(member, row)) not in self._verified
            for row in self._members[second]
            for member in by_source.get(self._listed[row][0], ())
        )


def _is_same_listing(left: tuple[str, bool], right: tuple[str, bool]) -> bool:
    """Return whether one source may list both for one paper: ``title``, ``is_bare`` of each.

    Bibliographies without abstracts have a paper as often as it is cited, each time with other
    remarks around its title.
    """
    first, second = left[0], right[0]
    if first == second:
        return True
    if not (left[1] and right[1]):
        return False
    first, second = (title.replace(" ", "")[:LONGEST_LISTED] for title in (first, second))
    within = fuzz.partial_ratio(first, second)
    return fuzz.ratio(first, second) >= NEAR_LISTED or within >= WITHIN_LISTED
