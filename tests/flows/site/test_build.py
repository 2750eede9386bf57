"""Building a site: whole, the same each time, and never over somebody's files."""

import hashlib
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.release.layout import NotARelease
from flows.release.manifest_file import read_manifest, write_manifest
from flows.site import NotASite, build_site, is_site_of
from flows.site.build import READER
from flows.site.papers import LOCATED
from tests.builders import write_small, written_release

NO_READER = Path("there-is-none.js")


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    for name in ("one", "two"):
        build_site(release, tmp_path / name, reader=NO_READER)
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(NotASite, match="is not a site"):
        build_site(release, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_a_site_is_replaced_and_known_to_be_that_of_its_release(tmp_path: Path) -> None:
    first, second = written_release(tmp_path / "a", 2), written_release(tmp_path / "b", 3)
    out = tmp_path / "out"
    assert not is_site_of(out, first)
    build_site(first, out, reader=NO_READER)
    assert is_site_of(out, first)
    build_site(second, out, reader=NO_READER)
    assert is_site_of(out, second)
    assert not is_site_of(out, first)
    for damaged in ("", "[1]", '{"manifest": '):
        (out / "site.json").write_text(damaged)
        assert not is_site_of(out, second)


def test_a_release_without_some_tables_has_a_site(tmp_path: Path) -> None:
    release = tmp_path / "release"
    write_small(release)
    described = build_site(release, tmp_path / "out", reader=NO_READER)
    assert described["papers"] == 3
    assert "No topic" not in (tmp_path / "out" / "index.html").read_text()


def rewrite_release(release: Path, name: str, content: bytes) -> None:
    """Put other bytes into a file of a release, whose manifest names them: as strangers can."""
    (release / name).write_bytes(content)
    content_entry = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    described = read_manifest(release)
    write_manifest(release, described | {"files": described["files"] | {name: content_entry}})


@pytest.mark.parametrize("table", LOCATED)
def test_a_table_that_cannot_be_read_is_named(table: str, tmp_path: Path) -> None:
    release, name = written_release(tmp_path / "release"), f"data/{table}/train-00000-of-00001"
    content = bytearray((release / f"{name}.parquet").read_bytes())
    content[4:-8] = bytes(len(content) - 12)
    rewrite_release(release, f"{name}.parquet", bytes(content))
    with pytest.raises(NotARelease, match=f"its table {table} cannot be read"):
        build_site(release, tmp_path / "out", reader=NO_READER)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "topic", ["../../../outside", "/etc/x", "a/b", "", "a\0b", "<b>", "x" * 200]
)
def test_a_topic_that_is_no_name_of_a_file_is_refused(topic: str, tmp_path: Path) -> None:
    release, name = (
        written_release(tmp_path / "release"),
        "data/papers/train-00000-of-00001.parquet",
    )
    papers = pq.read_table(release / name)
    tasks = pa.array([[topic]] * papers.num_rows, papers.schema.field("tasks").type)
    at, content = papers.schema.get_field_index("tasks"), io.BytesIO()
    pq.write_table(papers.set_column(at, papers.schema.field(at), tasks), content)
    rewrite_release(release, name, content.getvalue())
    with pytest.raises(NotARelease, match=r"tasks such as .* no name of a topic"):
        build_site(release, tmp_path / "out", reader=NO_READER)


@pytest.mark.skipif(not READER.is_file(), reason="`make assets` has not made the Parquet reader")
def test_with_a_reader_the_releases_own_files_lie_beside_the_site(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    build_site(release, tmp_path / "out")
    inside = "data/papers/train-00000-of-00001.parquet"
    assert (tmp_path / "out" / "release" / inside).samefile(release / inside)
    assert not (tmp_path / "out" / "data" / "details.bin").exists()
    build_site(release, tmp_path / "hub", data_url="https://huggingface.co/datasets/a/b/resolve/t/")
    assert not (tmp_path / "hub" / "release").exists()
    page = (tmp_path / "hub" / "paper.html").read_text()
    assert "https://*.hf.co" in page
