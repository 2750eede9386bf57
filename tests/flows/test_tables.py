"""Tables are saved only when valid, whole, and the same bytes each time."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows import tables
from schemas.alias import Alias
from schemas.link import Link
from schemas.link_check import LinkCheck
from schemas.near_miss import NearMiss
from schemas.rejection import Rejection
from schemas.table import Table
from schemas.topic import TopicLabel
from tests.builders import frame, link


def aliases(*alias_ids: str) -> pl.DataFrame:
    rows = [
        {"alias_id": a, "paper_id": "arxiv:2312.00752", "since": date(2026, 11, 23)}
        for a in alias_ids
    ]
    return pl.DataFrame(rows, schema=Alias.dtypes())


def test_saved_table_is_loaded_as_it_was(tmp_path: Path) -> None:
    frame = aliases("title:aa", "title:bb")
    path = tables.save(Alias, frame, tmp_path / "new" / "aliases.parquet")
    assert tables.load(Alias, path).equals(frame)


def test_parts_are_loaded_in_the_order_given(tmp_path: Path) -> None:
    parts = [
        tables.save(Alias, aliases(f"title:{name}"), tmp_path / f"{name}.parquet")
        for name in ("b", "a")
    ]
    assert tables.load(Alias, parts)["alias_id"].to_list() == ["title:b", "title:a"]


def test_brackets_in_the_name_of_a_folder_are_no_pattern(tmp_path: Path) -> None:
    path = tmp_path / "d[1]" / "aliases.parquet"
    path.parent.mkdir()
    tables.save(Alias, aliases("arxiv:1"), path)
    assert tables.read_file_footer(path).rows == 1
    assert tables.load(Alias, path).height == 1


def test_no_parts_are_an_empty_table() -> None:
    assert tables.load(Alias, []).equals(pl.DataFrame(schema=Alias.dtypes()))


def test_selected_columns_are_loaded_alone(tmp_path: Path) -> None:
    path = tables.save(Alias, aliases("title:aa"), tmp_path / "aliases.parquet")
    assert tables.load(Alias, path, columns=["paper_id"]).columns == ["paper_id"]


def test_invalid_frame_is_refused_with_column_count_and_examples(tmp_path: Path) -> None:
    with pytest.raises(
        tables.InvalidTable, match=r"Alias: column alias_id.*2 rows.*'spam', 'eggs'"
    ):
        tables.save(Alias, aliases("title:aa", "spam", "eggs"), tmp_path / "aliases.parquet")


def test_invalid_lazy_frame_is_refused_like_an_eager_one(tmp_path: Path) -> None:
    with pytest.raises(tables.InvalidTable, match="spam"):
        tables.save(Alias, aliases("spam").lazy(), tmp_path / "aliases.parquet")


def test_refused_frame_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(tables.InvalidTable):
        tables.save(Alias, aliases("spam"), tmp_path / "aliases.parquet")
    assert not list(tmp_path.iterdir())


def test_refused_frame_leaves_the_former_file_alone(tmp_path: Path) -> None:
    path = tables.save(Alias, aliases("title:aa"), tmp_path / "aliases.parquet")
    with pytest.raises(tables.InvalidTable):
        tables.save(Alias, aliases("spam"), path)
    assert tables.load(Alias, path)["alias_id"].to_list() == ["title:aa"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: f.drop("since"), "since"),
        (lambda f: f.with_columns(extra=1), "extra"),
        (lambda f: f.with_columns(pl.col("since").cast(pl.String)), "since"),
        (lambda f: f.select("since", "paper_id", "alias_id"), "since|alias_id"),
    ],
    ids=["missing column", "extra column", "other type", "other order"],
)
def test_frame_of_another_shape_is_refused(change: object, named: str, tmp_path: Path) -> None:
    with pytest.raises(tables.InvalidTable, match=named):
        tables.save(Alias, change(aliases("title:aa")), tmp_path / "aliases.parquet")  # type: ignore[operator]  # a function


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (lambda f: f.drop("since"), "lacks since"),
        (lambda f: f.with_columns(extra=1), "has extra, which is not in the table"),
        (lambda f: f.with_columns(pl.lit(1).alias("since")), "has since as Int32 instead of Date"),
        (lambda f: f.select("since", "paper_id", "alias_id"), "columns in another order"),
    ],
    ids=["missing column", "extra column", "other type", "other order"],
)
def test_file_of_another_schema_is_refused_naming_the_difference(
    change: object, difference: str, tmp_path: Path
) -> None:
    path = tmp_path / "aliases.parquet"
    change(aliases("title:aa")).write_parquet(path)  # type: ignore[operator]  # a function
    with pytest.raises(tables.SchemaMismatch, match=f"not a Alias table.*{difference}.*--fresh"):
        tables.load(Alias, path)


def test_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = (
        tables.save(Alias, aliases("title:aa"), tmp_path / name).read_bytes() for name in "ab"
    )
    assert one == two


@pytest.mark.parametrize("cuts", [[], [1], [7_000, 7_001, 14_000], [20_000]])
def test_a_table_in_parts_gives_the_same_bytes_however_it_is_cut(
    tmp_path: Path, cuts: list[int]
) -> None:
    whole = aliases(*(f"title:{n:05}" for n in range(20_000)))
    former = pl.concat_str("alias_id", pl.lit("-once"))
    whole = whole.with_columns(paper_id="alias_id", alias_id=former)
    borders = [0, *cuts, whole.height]
    parts = [whole[start:end] for start, end in pairwise(borders)]
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    tables.save(Alias, whole, one)
    tables.save_table_parts(Alias, iter(parts), other)
    assert one.read_bytes() == other.read_bytes()
    assert pq.read_metadata(one).num_row_groups > 2


def test_a_table_without_parts_is_an_empty_one(tmp_path: Path) -> None:
    assert tables.load(Alias, tables.save_table_parts(Alias, [], tmp_path / "a.parquet")).is_empty()


def test_a_faulty_part_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(tables.InvalidTable, match="alias_id"):
        tables.save_table_parts(
            Alias, [aliases("title:aa"), aliases("no id")], tmp_path / "a.parquet"
        )
    assert not (tmp_path / "a.parquet").exists()


def test_only_columns_whose_values_repeat_have_a_dictionary(tmp_path: Path) -> None:
    table = frame(Link, [link(1), link(2)])
    group = pq.ParquetFile(tables.save(Link, table, tmp_path / "links.parquet")).metadata
    columns = [group.row_group(0).column(n) for n in range(group.num_columns)]
    coded = {one.path_in_schema for one in columns if one.has_dictionary_page}
    assert {"kind", "host", "mentions.list.element.field"} <= coded
    assert coded.isdisjoint({"paper_id", "url", "mentions.list.element.sentence"})


def test_file_holds_plain_arrow_types_and_a_page_index(tmp_path: Path) -> None:
    path = tables.save(Rejection, pl.DataFrame(schema=Rejection.dtypes()), tmp_path / "r.parquet")
    assert pq.read_schema(path).field("reason").type == pa.string()
    path = tables.save(Alias, aliases("title:aa"), tmp_path / "a.parquet")
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).has_offset_index


@pytest.mark.parametrize("model", [Link, LinkCheck, NearMiss, TopicLabel])
def test_a_table_without_its_whole_key_is_refused_by_its_columns(model: type[Table]) -> None:
    key = model.to_schema().unique
    assert key
    row = pl.DataFrame([dict.fromkeys(model.dtypes())], schema=model.dtypes())
    with pytest.raises(tables.InvalidTable, match=f"such as .*{key[0]}.*{key[-1]}"):
        tables.check(model, row.drop(key))
