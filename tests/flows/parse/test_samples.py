"""All shared samples together: one paper per arXiv id, none with two, copies merged."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flows.deduplicate.match.canonical_ids import canonicalize_ids
from flows.deduplicate.task import deduplicate
from flows.parse.task import find_raw_files, parse
from flows.raw.parsed import Parsed
from schemas.vocabulary import Source

pytestmark = pytest.mark.xdist_group("samples")

DAILY = Source.DAILY_PAPERS.value


def parsed(path: Path, folder: Path) -> list[Parsed]:
    """Parse every file of a known source below a path."""
    return [
        parse.fn(one, folder) for one in find_raw_files.fn([path], folder, skip_unknown=True).raw
    ]


@pytest.fixture(scope="module")
def samples(
    shared: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> list[Parsed]:
    return parsed(shared("samples"), tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="module")
def copies(shared: Callable[[str], Path], samples: list[Parsed]) -> pl.DataFrame:
    """Give arXiv's copies of sampled daily papers, found by the ids of the evaluation set."""
    folder = shared("eval/dedup")
    records = pl.read_parquet(folder / "records.parquet", glob=False)
    ids = pl.read_parquet(folder / "truth.parquet", glob=False).rename({"cluster": "id"})
    daily = [part for one in samples for part in one.parts("records") if one.source == DAILY]
    sampled = pl.read_parquet(daily).pipe(canonicalize_ids)["arxiv_id"].unique()
    is_copy = pl.col("source").str.starts_with("arxiv") & pl.col("id").is_in(sampled.implode())
    found = records.join(ids, on="record_id", validate="1:1").filter(is_copy)
    return found.sort("record_id").unique("id", keep="first", maintain_order=True)


@pytest.fixture(scope="module")
def merged(
    samples: list[Parsed], copies: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the folder of what the samples and the copies were merged to."""
    folder = tmp_path_factory.mktemp("merged")
    snapshot = folder / "2026-11-23" / "snapshot.jsonl"
    snapshot.parent.mkdir()
    copies.select(
        "id", pl.col("authors").list.join(", "), "title", "abstract", categories=pl.lit("cs.LG")
    ).write_ndjson(snapshot)
    return deduplicate.fn([*samples, *parsed(snapshot, folder)], folder / "none", folder / "merged")


@pytest.fixture(scope="module")
def papers(merged: Path) -> pl.DataFrame:
    return pl.read_parquet(merged / "papers.parquet", glob=False)


@pytest.fixture(scope="module")
def origins(merged: Path) -> pl.DataFrame:
    """Give the origins with their identifiers in canonical form."""
    return pl.read_parquet(merged / "origins.parquet", glob=False).pipe(canonicalize_ids)


WITHOUT_SAMPLES = {Source.OPENREVIEW, Source.OPENALEX, Source.REFERENCE_LIST}


def test_samples_hold_records_of_every_other_source(origins: pl.DataFrame) -> None:
    assert set(origins["source"]) == set(Source.values()) - WITHOUT_SAMPLES


def test_every_arxiv_id_is_in_exactly_one_paper(
    papers: pl.DataFrame, origins: pl.DataFrame
) -> None:
    known = origins.drop_nulls("arxiv_id").select("arxiv_id", "paper_id").unique()
    assert known["arxiv_id"].is_unique().all()
    assert set(known["arxiv_id"]) == set(papers["arxiv_id"].drop_nulls())


@pytest.mark.parametrize("column", ["arxiv_id", "acl_id", "openreview_id"])
def test_no_paper_holds_two_ids_of_a_kind(column: str, origins: pl.DataFrame) -> None:
    ids = origins.drop_nulls(column).group_by("paper_id").agg(pl.col(column).n_unique())
    assert ids.filter(pl.col(column) > 1).is_empty()


def test_the_page_and_the_daily_copy_of_a_paper_are_one_with_the_authors_of_the_better_one(
    papers: pl.DataFrame, origins: pl.DataFrame
) -> None:
    paper = papers.row(by_predicate=pl.col("arxiv_id") == "2407.13168", named=True)
    copies = origins.filter(pl.col("paper_id") == paper["paper_id"])
    assert paper["sources"] == ["daily_papers", "papers_page"]
    daily = copies.row(by_predicate=pl.col("source") == "daily_papers", named=True)
    assert paper["abstract_as_written"] == daily["abstract"]
    assert len(paper["authors"]) == max(len(names) for names in copies["authors"])


def test_the_daily_and_the_arxiv_copy_of_a_paper_are_one_with_the_text_that_kept_its_urls(
    papers: pl.DataFrame, copies: pl.DataFrame
) -> None:
    found = papers.join(copies, left_on="arxiv_id", right_on="id", suffix="_of_arxiv")
    assert found.height == copies.height > 50
    assert found["sources"].list.contains("daily_papers").all()
    assert found["sources"].list.contains("arxiv").all()
    lost = pl.col("abstract_of_arxiv").str.contains(r"this https? URL")
    restored = found.filter(lost)["abstract_as_written"]
    assert restored.len() > 0
    assert not restored.str.contains(r"this https? URL").any()
    kept = found.filter(~lost & pl.col("abstract_of_arxiv").str.contains("https?://"))
    assert kept["abstract_as_written"].str.contains("https?://").all()
