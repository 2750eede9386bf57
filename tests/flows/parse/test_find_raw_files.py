"""Files are found in a stable order, recognised by content, and dated by their folder."""

import json
import os
import zipfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.hashing import hash_file
from flows.parse import find_raw_files
from flows.parse.find_raw_files import UnknownFile, recognise_files, recognise_members
from flows.raw.discovery import InputFile
from flows.raw.raw_file import RawFile, RefusedInput
from schemas.vocabulary import Source
from tests.processes import PAGE


def found(path: Path) -> InputFile:
    return InputFile(path, hash_file(path))


def copy_of_page(folder: Path, name: str = "page.txt") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(PAGE.read_bytes())
    return folder / name


def test_page_is_recognised_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    (raw,) = recognise_members(found(copy_of_page(tmp_path, "dump.json.zst")), None)
    assert isinstance(raw, RawFile)
    assert raw.source == Source.PAPERS_PAGE


def test_snapshot_is_the_day_in_the_folder_name(tmp_path: Path) -> None:
    (raw,) = recognise_members(found(copy_of_page(tmp_path / "2026-03-12")), None)
    assert isinstance(raw, RawFile)
    assert raw.snapshot == date(2026, 3, 12)


def test_snapshot_is_else_the_day_of_the_last_change(tmp_path: Path) -> None:
    path = copy_of_page(tmp_path)
    os.utime(path, (0, 86_400 * 366))
    (raw,) = recognise_members(found(path), None)
    assert isinstance(raw, RawFile)
    assert raw.snapshot == date(1971, 1, 2)


def test_given_source_overrides_recognition(tmp_path: Path) -> None:
    (raw,) = recognise_members(found(copy_of_page(tmp_path)), Source.ARXIV)
    assert isinstance(raw, RawFile)
    assert raw.source == Source.ARXIV


def test_each_member_of_an_archive_is_recognised_on_its_own(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.write(PAGE, "page.txt")
        archive.writestr("notes.txt", "Buy milk.")
    page, notes = recognise_members(found(tmp_path / "both.zip"), None)
    assert isinstance(page, RawFile)
    assert (page.member, page.member_index) == ("page.txt", 1)
    assert isinstance(notes, UnknownFile)
    assert "'notes.txt' in it" in notes.place


def test_an_archive_of_too_many_members_is_left_out_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_raw_files, "MAX_MEMBERS", 2)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(3):
            archive.write(PAGE, f"{number}.txt")
    with pytest.raises(RefusedInput, match=r"many\.zip: an archive of more than .* Unpack it"):
        recognise_files([tmp_path])


def test_what_macos_puts_into_an_archive_is_passed_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        archive.write(PAGE, "page.txt")
        archive.writestr("__MACOSX/._page.txt", b"\x00\x05\x16\x07")
        archive.writestr("folder/.DS_Store", b"\x00")
    assert [type(one) for one in recognise_members(found(tmp_path / "mac.zip"), None)] == [RawFile]


@pytest.mark.parametrize("names", [(), ("folder/",), ("__MACOSX/._page.txt",)])
def test_an_archive_without_files_does_not_vanish(tmp_path: Path, names: tuple[str, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    (unknown,) = recognise_members(found(tmp_path / "empty.zip"), None)
    assert isinstance(unknown, UnknownFile)
    assert unknown.reason == "is an archive without a file to read"


def test_every_unrecognised_file_is_listed_with_its_reason(tmp_path: Path) -> None:
    copy_of_page(tmp_path)
    (tmp_path / "a.json").write_text('{"weather": "rain"}')
    (tmp_path / "b.txt").write_text("")
    with pytest.raises(RefusedInput) as refused:
        recognise_files([tmp_path])
    assert "a.json: is JSON with the fields weather" in str(refused.value)
    assert "b.txt: is empty" in str(refused.value)
    assert "--skip-unknown" in str(refused.value)


def test_unrecognised_files_are_left_out_and_noted_when_asked_to(tmp_path: Path) -> None:
    copy_of_page(tmp_path)
    (tmp_path / "b.txt").write_text("")
    fetched = recognise_files([tmp_path], skip_unknown=True)
    assert [raw.path.name for raw in fetched.raw] == ["page.txt"]
    assert fetched.notes == [f"left out {tmp_path / 'b.txt'}: is empty"]


def test_what_is_left_out_is_not_read_to_its_end(tmp_path: Path) -> None:
    copy_of_page(tmp_path)
    with (tmp_path / "disk.img").open("wb") as image:
        image.truncate(1 << 40)
    hashed: list[str] = []

    def read_hash(path: Path) -> str:
        hashed.append(path.name)
        return hash_file(path) if path.name == "page.txt" else "0" * 64

    found_files = recognise_files([tmp_path], skip_unknown=True, read_hash=read_hash)
    assert [raw.path.name for raw in found_files.raw] == hashed == ["page.txt"]
    assert [note.split(": ")[1] for note in found_files.notes] == [
        "is no text, or text in another encoding than UTF-8, yet of none of the known sources"
    ]


def test_file_given_twice_is_read_once_and_noted(tmp_path: Path) -> None:
    one, two = copy_of_page(tmp_path, "one.txt"), copy_of_page(tmp_path, "two.txt")
    fetched = recognise_files([tmp_path])
    assert [raw.path for raw in fetched.raw] == [one]
    assert fetched.notes == [f"{two}: the same file as {one}"]


@pytest.mark.parametrize("fault", ["name", "sidecar"])
def test_a_file_is_read_although_one_with_the_same_bytes_is_refused(
    tmp_path: Path, fault: str
) -> None:
    bad = tmp_path / (os.fsdecode(b"a\xff.txt") if fault == "name" else "a.txt")
    good = tmp_path / "b.txt"
    for path in (bad, good):
        path.write_bytes(PAGE.read_bytes())
    if fault == "sidecar":
        known = {"url": None, "status": None, "headers": {}, "size": 1, "sha256": "0" * 64}
        sidecar = json.dumps(known | {"time": "2026-11-23T00:00:00+00:00"})
        (tmp_path / "a.txt.fetched.json").write_text(sidecar)
    found = recognise_files([tmp_path], skip_unknown=True)
    assert [raw.path for raw in found.raw] == [good]


def test_what_is_no_file_is_left_out_and_noted_when_asked_to(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b").write_bytes(PAGE.read_bytes())
    os.mkfifo(tmp_path / "c")
    found = recognise_files([tmp_path], skip_unknown=True)
    assert [raw.path.name for raw in found.raw] == ["b"]
    assert [note.split(": ")[1].split()[0] for note in found.notes] == ["a", "neither"]


def test_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedInput, match="nothing to read there"):
        recognise_files([tmp_path])


def test_a_name_that_is_no_utf8_is_refused_and_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_bytes(PAGE.read_bytes())
    copy_of_page(tmp_path, "good.txt").write_bytes(PAGE.read_bytes() + b"\n")
    with pytest.raises(RefusedInput, match=r"caf\\xe9.txt: its name is no UTF-8"):
        recognise_files([tmp_path])
    found_files = recognise_files([tmp_path], skip_unknown=True)
    assert [raw.path.name for raw in found_files.raw] == ["good.txt"]
    "\n".join(found_files.notes).encode()


def test_a_time_of_modification_beyond_the_calendar_is_refused_by_name(tmp_path: Path) -> None:
    path = copy_of_page(tmp_path)
    os.utime(path, (0, 300_000_000_000))
    if path.stat().st_mtime < 300_000_000_000:
        pytest.skip("this file system knows no such time")
    with pytest.raises(RefusedInput, match=r"page.txt: was last modified in no year"):
        recognise_files([tmp_path])


def test_where_nothing_is_read_each_file_and_its_reason_are_listed(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(
        RefusedInput, match=r"left out .*a.parquet: is a Parquet file with the columns a,"
    ):
        recognise_files([tmp_path], skip_unknown=True)


@pytest.mark.parametrize(
    ("members", "name"),
    [
        (["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"], "is an Excel workbook: save"),
        (["mimetype", "content.xml", "META-INF/manifest.xml"], "is an OpenDocument file"),
        (["[Content_Types].xml", "word/document.xml"], "is a Word document"),
    ],
)
def test_a_document_is_named_once_and_not_by_its_members(
    tmp_path: Path, members: list[str], name: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        for member in members:
            archive.writestr(member, "<a/>")
    (unknown,) = recognise_members(found(tmp_path / "a.xlsx"), None)
    assert isinstance(unknown, UnknownFile)
    assert unknown.place == str(tmp_path / "a.xlsx")
    assert unknown.reason.startswith(name)


def test_what_windows_and_macos_put_beside_files_is_passed_over(tmp_path: Path) -> None:
    copy_of_page(tmp_path)
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "desktop.ini").write_text("[.ShellClassInfo]")
    copy_of_page(tmp_path / "__MACOSX", "._page.txt")
    assert [raw.path.name for raw in recognise_files([tmp_path]).raw] == ["page.txt"]
