"""Files are found, dated, hashed and recognised before anything in them is parsed."""

import gzip
import hashlib
import io
import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest

from flows.hashing import hash_file
from flows.raw.archives import ContentStream, Fault, Member, open_members
from flows.raw.batch import (
    Batch,
    make_rejection,
    parse_stream,
    tabulate_records,
    tabulate_rejections,
)
from flows.raw.discovery import find_files, find_snapshot_day
from flows.raw.raw_file import RawFile, RefusedInput
from flows.raw.recognition import recognise_source
from flows.raw.sidecar import sidecar_path
from flows.tables import check
from schemas.record import Record
from schemas.rejection import EXCERPT_LENGTH, Rejection
from schemas.vocabulary import License, Reason, Source

RAW = RawFile(Path("some.json"), Source.ARXIV, date(2026, 11, 23), "0123456789abcdef" * 4)


def member_of(content: bytes, fault: Fault | None = None) -> Member:
    def pieces() -> Iterator[bytes]:
        yield content
        if fault:
            raise fault

    return Member(None, None, ContentStream(pieces()))


def test_folders_are_read_recursively_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b/2.json", "b/10.json", "a.json", "c/d/e.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    found = [str(each.path.relative_to(tmp_path)) for each in find_files([tmp_path])]
    assert found == ["a.json", "b/10.json", "b/2.json", "c/d/e.json"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in (".gitkeep", ".DS_Store", ".git/config", "a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert [each.path.name for each in find_files([tmp_path])] == ["a.json"]


def test_a_file_with_the_same_bytes_is_noted_as_a_duplicate(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("same")
    (tmp_path / "b.json").write_text("same")
    first, second = find_files([tmp_path])
    assert first.duplicate_of is None
    assert second.duplicate_of == tmp_path / "a.json"


def test_a_link_back_into_its_own_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "loop").symlink_to(tmp_path)
    with pytest.raises(RefusedInput, match="leads back to"):
        list(find_files([tmp_path]))


def test_folders_within_each_other_have_an_end(tmp_path: Path) -> None:
    (tmp_path / "/".join("d" * 150)).mkdir(parents=True)
    with pytest.raises(RefusedInput, match="more than 100 folders within each other"):
        list(find_files([tmp_path]))


@pytest.mark.parametrize("target", ["self", "nowhere"])
def test_a_link_to_itself_or_nowhere_is_refused(tmp_path: Path, target: str) -> None:
    (tmp_path / "self").symlink_to(tmp_path / target)
    with pytest.raises(RefusedInput, match="leads nowhere or to itself"):
        list(find_files([tmp_path / "self"]))


def test_a_missing_path_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RefusedInput, match=r"absent\.json: No such file"):
        list(find_files([tmp_path / "absent.json"]))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RefusedInput, match="neither a file nor a folder"):
        list(find_files([tmp_path]))


def test_all_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "c")
    with pytest.raises(RefusedInput) as refusal:
        list(find_files([tmp_path]))
    assert [line.split(":")[0][-2:] for line in str(refusal.value).splitlines()] == [
        "/a",
        "/b",
        "/c",
    ]


def test_a_time_that_is_yet_to_come_is_refused_unless_a_folder_says_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("")
    ahead = time.time() + 3 * 86_400
    os.utime(path, (ahead, ahead))
    with pytest.raises(RefusedInput, match=r"a\.json: was last modified on .* yet to come"):
        find_snapshot_day(path)
    within = tmp_path / "2026-11-23" / "a.json"
    within.parent.mkdir()
    assert find_snapshot_day(path.rename(within)) == date(2026, 11, 23)


def test_a_day_that_is_yet_to_come_is_refused_whoever_says_it(tmp_path: Path) -> None:
    day = datetime.now(UTC).date() + timedelta(days=3)
    path = tmp_path / str(day) / "a.json"
    path.parent.mkdir()
    path.write_text("[1]")
    with pytest.raises(
        RefusedInput, match=rf"a\.json: is in a folder named {day}, which is yet to"
    ):
        find_snapshot_day(path)
    fetched = path.rename(tmp_path / "a.json")
    sidecar = {"url": None, "time": f"{day}T10:00:00+00:00", "status": 200, "headers": {}}
    sidecar_path(fetched).write_text(json.dumps(sidecar | {"sha256": "0" * 64, "size": 3}))
    with pytest.raises(RefusedInput, match=rf"was fetched, says its sidecar, on {day}, which is"):
        find_snapshot_day(fetched)


def test_the_hash_is_that_of_the_bytes_on_disk(tmp_path: Path) -> None:
    packed = gzip.compress(b"text", mtime=0)
    (tmp_path / "a.gz").write_bytes(packed)
    assert hash_file(tmp_path / "a.gz") == hashlib.sha256(packed).hexdigest()


def test_the_snapshot_is_the_nearest_folder_that_is_a_day(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-02" / "2024-02-30" / "x" / "a.json"
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert find_snapshot_day(path) == date(2025, 1, 2)


def test_the_snapshot_is_else_the_day_of_the_last_change_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert find_snapshot_day(path) == date(2023, 11, 14)


SOURCES = {
    Source.ARXIV: lambda head: b"arxiv" in head,
    Source.DAILY_PAPERS: lambda head: b"daily" in head,
}


def test_a_text_is_recognised_by_its_content_and_stays_unread() -> None:
    member = member_of(b"arxiv it is")
    assert recognise_source(Path("some.file"), member, SOURCES).source == Source.ARXIV
    assert member.stream.read() == b"arxiv it is"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"arxiv daily", "more than one source: arxiv, daily_papers"),
        (b'{"paperId": "1", "title": "x"}', "is JSON with the fields paperId, title"),
        (b"<?xml version='1.0'?><rss></rss>", "is XML or HTML of <rss>"),
        (b"hello\nworld", "is text that begins with 'hello'"),
        (b"arxi\0\1\2", "another encoding than UTF-8"),
        (gzip.compress(b"arxiv", mtime=0), "an archive inside an archive: unpack it first"),
    ],
)
def test_what_is_not_recognised_has_a_reason(content: bytes, reason: str) -> None:
    found = recognise_source(Path("some.file"), member_of(content), SOURCES)
    assert found.source is None
    assert reason in found.reason


def test_a_member_that_cannot_be_read_says_why() -> None:
    fault = Fault(Reason.MALFORMED, "the archive member is encrypted: decrypt it first")
    assert "encrypted" in recognise_source(Path("some.file"), member_of(b"", fault), SOURCES).reason


def parse_words(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Parse a toy format: one title per line, each with its line feed."""
    for number, line in enumerate(stream.read().splitlines(keepends=True), start=1):
        if line.endswith(b"\n"):
            frame = pl.DataFrame({"line": [number], "title": [line.decode().strip()]})
            yield Batch(records=tabulate_records(raw, frame, License.CC0))
        else:
            row = make_rejection(raw, number, Reason.TRUNCATED, detail="cut", excerpt=line.decode())
            yield Batch(rejections=tabulate_rejections([row]))


def test_a_cut_file_keeps_its_records_and_is_rejected_once() -> None:
    fault = Fault(Reason.TRUNCATED, "the compressed file ends early")
    batches = list(parse_stream(RAW, member_of(b"one\ntwo\nthr", fault).stream, parse_words))
    assert pl.concat([each.records for each in batches])["title"].to_list() == ["one", "two"]
    [row] = pl.concat([each.rejections for each in batches]).to_dicts()
    assert row["reason"] == "truncated"
    assert row["detail"] == "the compressed file ends early"
    assert row["excerpt"] == "thr"
    assert row["line"] == 3


def parse_first_word(raw: RawFile, stream: BinaryIO) -> Iterator[Batch]:
    """Parse a toy format, and give up after four bytes, as a strict reader does."""
    title = stream.read(4).decode().strip()
    frame = pl.DataFrame({"line": [1], "title": [title]})
    yield Batch(records=tabulate_records(raw, frame, License.CC0))


def test_what_a_parser_leaves_is_said_in_bytes() -> None:
    batches = list(parse_stream(RAW, member_of(b"one\ntwo\n\nthree\n\n").stream, parse_first_word))
    assert [each.unread_bytes for each in batches] == [0, 10]
    [row] = batches[1].rejections.to_dicts()
    assert (row["reason"], row["detail"]) == ("truncated", "10 bytes of the file were not read")


def test_white_space_behind_the_last_record_is_no_loss() -> None:
    batches = list(parse_stream(RAW, member_of(b"one\n \n\n").stream, parse_first_word))
    assert [each.unread_bytes for each in batches] == [0]


def test_a_whole_file_gets_no_rejection() -> None:
    batches = list(parse_stream(RAW, member_of(b"one\ntwo\n").stream, parse_words))
    assert sum(each.rejections.height for each in batches) == 0


def test_a_truncated_gzip_of_whole_lines_is_still_reported(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"one\ntwo\n", mtime=0)[:-6])
    found = open_members(path)
    batches = [each for one in found for each in parse_stream(RAW, one.stream, parse_words)]
    assert pl.concat([each.rejections for each in batches])["reason"].to_list() == ["truncated"]


def test_records_fill_what_a_source_does_not_have() -> None:
    frame = pl.DataFrame({"line": [7], "title": ["A title"], "doi": ["10.1/x"]})
    made = check(Record, tabulate_records(RAW, frame, License.CC0))
    [row] = made.to_dicts()
    assert row["record_id"] == "arxiv:0123456789ab:7"
    assert row["doi"] == "10.1/x"
    assert row["abstract"] is None
    assert row["authors"] == []
    assert row["is_withdrawn"] is False


def test_a_record_of_an_archive_member_is_named_after_its_place() -> None:
    raw = RawFile(RAW.path, RAW.source, RAW.snapshot, RAW.sha256, "inner.json", 2)
    frame = pl.DataFrame({"line": [7], "title": ["A title"]})
    [row] = tabulate_records(raw, frame, License.CC0).to_dicts()
    assert row["record_id"] == raw.record_id(7) == "arxiv:0123456789ab:2.7"
    assert row["member"] == "inner.json"


def test_an_excerpt_is_cut_to_its_bound() -> None:
    row = make_rejection(RAW, 1, Reason.MALFORMED, detail="x", excerpt="y" * 10_000)
    made = check(Rejection, tabulate_rejections([row]))
    assert made["excerpt"].str.len_chars().item() == EXCERPT_LENGTH


def test_any_stream_can_be_peeked_into() -> None:
    stream = ContentStream.wrap(io.BytesIO(b"abc"))
    assert stream.peek(2) == b"ab"
    assert ContentStream.wrap(stream.as_binary()) is stream
