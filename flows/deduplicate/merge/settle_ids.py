"""Settle ids: which paper has which id in the end, for all papers at once, from a few columns.

It is the one step of merging that looks at all papers: who else has a claim on an id is not known
from a part. What was settled goes back into files beside those of the papers and of the records.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from flows import external_sort
from flows.deduplicate.find_rows import Rows, find_equal_rows, hash_values
from flows.deduplicate.merge.inherit_ids import inherit_ids, map_previous_ids
from flows.deduplicate.merge.last_merge import HEADS
from flows.deduplicate.merge.members import Members
from flows.deduplicate.merge.merge_clusters import MemberFile, MergedFile
from flows.deduplicate.merge.paper_ids import make_ids_distinct
from flows.deduplicate.merge.undisputed_ids import find_undisputed, select_disputed
from flows.deduplicate.record_index import CONTENT
from schemas.vocabulary import STRONG_IDENTIFIERS

DECIDED = ("paper_id", "first_seen", *STRONG_IDENTIFIERS)
"""Columns of a paper that are not those of its cluster alone."""

OWNERS = pl.Schema({"record_id": pl.String, "paper_id": pl.String})
"""Which record is in which paper."""

Places = npt.NDArray[np.uint32]

KNOWN_ROWS = 50_000
"""Papers of the last run whose heads are read at a time."""


@dataclass(frozen=True)
class Released:
    """What the previous release says of the papers."""

    ids: Path
    """The folder of the ids of the previous release: see `map_previous_ids`."""
    newest: date
    """The day of the newest snapshot, from which lost ids are aliases."""
    is_of_some_parts: bool = False
    """Whether papers of the release are left out, of which claims on ids have to be listed."""


@dataclass(frozen=True)
class SettledFile:
    """Papers whose ids are settled."""

    number: int
    merged: MergedFile
    settled: Path
    """`DECIDED` as they are in the end, row by row beside the heads."""


@dataclass(frozen=True)
class OwnedFile:
    """Records whose papers are settled."""

    file: MemberFile
    owners: Path
    """Row by row beside the members: ``paper_id``, and ``last_row``, beside the origins of the last
    run, where it wrote the same record; -1 where it did not."""


@dataclass(frozen=True)
class Settlement:
    """What is known once all ids are settled."""

    papers: list[SettledFile]
    records: list[OwnedFile]
    paper_ids: pl.Series
    """All ids, sorted."""
    aliases: pl.DataFrame
    """`Alias`."""
    claimed: pl.Series
    """Ids and identifiers, of any kind, of the papers whose ids were not undisputed; none where all
    papers were there to be compared."""


@dataclass(frozen=True)
class _SettledPapers:
    papers: pl.DataFrame
    aliases: pl.DataFrame
    claimed: pl.Series


def list_known_heads(members: Members, folder: Path) -> list[MergedFile]:
    """Write the heads of the papers that the last run made: `HEADS` and ``cluster``."""
    known, files = members.known.sort("row"), []
    for start in range(0, known.height, KNOWN_ROWS):
        some = known.slice(start, KNOWN_ROWS)
        heads = members.last.papers.gather_beside(some["row"].to_numpy(), HEADS.names())
        target = folder / f"known-{start // KNOWN_ROWS:05}.arrow"
        external_sort.write_part(heads.with_columns(some["cluster"]), target)
        files.append(MergedFile(target, None, some.height))
    return files


def settle_ids(
    merged: Sequence[MergedFile],
    members: Members,
    released: Released,
    folder: Path,
) -> Settlement:
    """Give each paper the id that it keeps, and each record its paper."""
    settlement = _settle_papers(merged, members, released)
    final = settlement.papers
    files, start = [], 0
    for number, file in enumerate(merged):
        height = external_sort.map_part(file.heads, ["cluster"]).height
        rows = final.slice(start, height).select(DECIDED)
        start += height
        settled = external_sort.write_part(rows, folder / f"settled-{number:05}.arrow")
        files.append(SettledFile(number, file, settled))
    owned = _write_owners(final, members, folder)
    paper_ids = final["paper_id"].sort()
    return Settlement(files, owned, paper_ids, settlement.aliases, settlement.claimed)


def _settle_papers(
    merged: Sequence[MergedFile], members: Members, released: Released
) -> _SettledPapers:
    columns = ["cluster", *DECIDED]
    claims = pl.concat(
        external_sort.copy_columns(file.heads, ["paper_id", "first_record_id"]) for file in merged
    )
    distinct = make_ids_distinct(claims)
    # What two papers have a claim on, one of which has a made id in its place.
    late = claims["paper_id"].filter(claims["paper_id"] != distinct)
    del claims
    heads = pl.concat(external_sort.copy_columns(file.heads, columns) for file in merged)
    heads = heads.with_columns(distinct)
    previous = map_previous_ids(released.ids)
    if previous.is_empty():
        nobody = pl.DataFrame(schema=OWNERS)
        inherited = inherit_ids(heads, nobody, previous, released.newest)
        claimed = _list_claimed(late, heads if released.is_of_some_parts else heads.clear())
        return _SettledPapers(inherited.papers, inherited.aliases, claimed)
    place = place_clusters(heads["cluster"], members.count)
    owners = _find_owners(members, place, previous.origins["record_id"])
    own_rows = find_undisputed(heads, owners, previous)
    disputed = pl.Series(own_rows < 0)
    some = heads.filter(disputed)
    origins = _list_owners(members, place, own_rows, heads["paper_id"])
    contested = select_disputed(previous, owners, own_rows)
    inherited = inherit_ids(some, origins, contested, released.newest)
    settled = keep_first_seen(inherited.papers, contested.papers, inherited.aliases)
    papers = _keep_own_first_seen(heads, previous.papers, own_rows)
    del heads
    # Column by column: all of them twice would be half of what is held here.
    for name in DECIDED:
        column = papers[name].clone().scatter(disputed.arg_true(), settled[name])
        papers = papers.with_columns(column)
    frames = [some, settled] if released.is_of_some_parts else []
    return _SettledPapers(papers, inherited.aliases, _list_claimed(late, *frames))


def _list_claimed(late: pl.Series, *papers: pl.DataFrame) -> pl.Series:
    """List what papers claim: their ids, ids they got ``late`` in settling, and identifiers."""
    names = ("paper_id", *STRONG_IDENTIFIERS)
    columns = [late, *(frame[name] for frame in papers for name in names)]
    return pl.concat(column.rename("claimed") for column in columns).drop_nulls().unique()


def _find_owners(members: Members, place: Places, record_ids: pl.Series) -> Rows:
    """Find the paper that each of some records is in: its place; -1 where the run has no such."""
    hashes, clusters = [], []
    for file in members.files:
        rows = external_sort.map_part(file.members, ["record_id", "cluster"])
        hashes.append(hash_values(rows["record_id"]))
        clusters.append(rows["cluster"].to_numpy())
    among = [np.concatenate(of_seed) for of_seed in zip(*hashes, strict=True)]
    rows_now = find_equal_rows(hash_values(record_ids), among)
    owners: Rows = place[np.concatenate(clusters)][rows_now].astype(np.int64)
    owners[rows_now < 0] = -1
    return owners


def _list_owners(
    members: Members, place: Places, own_rows: Rows, paper_ids: pl.Series
) -> pl.DataFrame:
    """Return `OWNERS`: the records of the papers that are disputed."""
    parts = [pl.DataFrame(schema=OWNERS)]
    for file in members.files:
        rows = external_sort.map_part(file.members, ["record_id", "cluster"])
        owners = place[rows["cluster"].to_numpy()]
        chosen = np.flatnonzero(own_rows[owners] < 0)
        record_ids = external_sort.copy_rows(rows.select("record_id")[chosen])
        parts.append(record_ids.with_columns(paper_ids.gather(owners[chosen])))
    return pl.concat(parts)


def _keep_own_first_seen(
    papers: pl.DataFrame, previous: pl.DataFrame, own_rows: Rows
) -> pl.DataFrame:
    """Keep the day on which each undisputed paper was first seen; others are left as they are."""
    if previous.is_empty():
        return papers
    earlier = previous["first_seen"].gather(np.maximum(own_rows, 0))
    is_earlier = pl.Series(own_rows >= 0) & (earlier < papers["first_seen"])
    days = papers["first_seen"].zip_with(~is_earlier.fill_null(value=False), earlier)
    return papers.with_columns(days.alias("first_seen"))


def place_clusters(clusters: pl.Series, count: int) -> Places:
    """Return per number of a cluster its place among ``clusters``."""
    place = np.zeros(count, np.uint32)
    place[clusters.to_numpy()] = np.arange(len(clusters), dtype=np.uint32)
    return place


def _write_owners(final: pl.DataFrame, members: Members, folder: Path) -> list[OwnedFile]:
    place, files, start = place_clusters(final["cluster"], members.count), [], 0
    row = _find_last_records(members)
    for file in members.files:
        clusters = external_sort.copy_columns(file.members, ["cluster"])["cluster"].to_numpy()
        rows = row[start : start + len(clusters)]
        start += len(clusters)
        owners = pl.DataFrame({"paper_id": final["paper_id"].gather(place[clusters])})
        target = folder / f"owners-{file.number:05}.arrow"
        external_sort.write_part(owners.with_columns(last_row=pl.Series(rows)), target)
        files.append(OwnedFile(file, target))
    return files


def _find_last_records(members: Members) -> npt.NDArray[np.int64]:
    """Find each record among the origins of the last run by what it says: its row, else -1."""
    if not members.last.origins.beside:
        return np.full(members.count, -1, np.int64)
    contents = pl.concat(
        external_sort.copy_columns(file.members, CONTENT) for file in members.files
    )
    return members.last.origins.match_hashes(
        [contents[name].to_numpy() for name in CONTENT], CONTENT
    )


def keep_first_seen(
    papers: pl.DataFrame, previous: pl.DataFrame, aliases: pl.DataFrame
) -> pl.DataFrame:
    """Keep the day on which a paper was first seen, under whichever of its ids that was."""
    if previous.is_empty():
        return papers
    earlier = (
        previous.select("paper_id", "first_seen")
        .join(aliases, left_on="paper_id", right_on="alias_id", how="left", validate="1:1")
        .group_by(pl.coalesce("paper_id_right", "paper_id").alias("paper_id"))
        .agg(earlier=pl.col("first_seen").min())
    )
    return (
        papers.join(earlier, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.min_horizontal("first_seen", "earlier").alias("first_seen"))
        .drop("earlier")
    )
