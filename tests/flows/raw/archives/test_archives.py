"""Whatever a file is packed in, its content comes as one bounded stream."""

import gzip
import io
import lzma
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from itertools import islice
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.archives import Bounds, ContentStream, Member, name_packing, open_members
from flows.raw.archives.content import Budget
from flows.raw.archives.packed_reader import FIRST_BYTES, PackedReader
from schemas.vocabulary import Reason

TEXT = "".join(f'{{"id": "{number}", "word": "{number**3}"}}\n' for number in range(5_000)).encode()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


PACKINGS = {
    "plain": lambda content: content,
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "xz": lzma.compress,
    "zip": lambda content: zipped({"text.json": content}),
}


SUMMED = PACKINGS | {
    "zstd": lambda content: zstd.compress(
        content, options={zstd.CompressionParameter.checksum_flag: 1}
    )
}


def written(folder: Path, content: bytes) -> Path:
    path = folder / "misleading.txt"
    path.write_bytes(content)
    return path


def read_all(path: Path, bounds: Bounds | None = None) -> list[tuple[Member, bytes]]:
    found = open_members(path, bounds) if bounds else open_members(path)
    return [(member, member.stream.read()) for member in found]


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packing_is_recognised_by_its_bytes_not_by_its_name(tmp_path: Path, packing: str) -> None:
    [(member, content)] = read_all(written(tmp_path, PACKINGS[packing](TEXT)))
    assert content == TEXT
    assert member.stream.fault is None


@pytest.mark.parametrize("packing", ["gzip", "zstd", "xz"])
def test_packed_files_that_are_glued_together_are_one_text(tmp_path: Path, packing: str) -> None:
    pack = PACKINGS[packing]
    [(_, content)] = read_all(written(tmp_path, pack(TEXT) + pack(b"more\n")))
    assert content == TEXT + b"more\n"


def test_frames_of_zstd_without_content_come_before_others(tmp_path: Path) -> None:
    skipped = b"\x50\x2a\x4d\x18\x04\x00\x00\x00size"
    packed = skipped + zstd.compress(TEXT) + skipped + zstd.compress(b"more\n")
    [(member, content)] = read_all(written(tmp_path, packed))
    assert (content, member.stream.fault) == (TEXT + b"more\n", None)


@pytest.mark.parametrize("packing", ["gzip", "zstd", "xz", "zip"])
def test_a_truncated_archive_gives_what_is_before_the_cut_and_says_so(
    tmp_path: Path, packing: str
) -> None:
    noise = b"".join(
        zlib.crc32(bytes([i % 256, i // 256])).to_bytes(4, "big") for i in range(65_000)
    )
    packed = PACKINGS[packing](noise)
    [(member, content)] = read_all(written(tmp_path, packed[: len(packed) * 2 // 3]))
    assert content
    assert noise.startswith(content)
    assert member.stream.fault is not None
    assert member.stream.fault.reason == Reason.TRUNCATED


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("packing", ["gzip", "zstd", "xz"])
def test_a_wrong_checksum_loses_nothing_of_what_it_is_of(
    tmp_path: Path, packing: str, copies: int
) -> None:
    text = TEXT * copies
    packed = bytearray(SUMMED[packing](text))
    # The sum of gzip is before its last 4 bytes, that of xz before its index and its footer.
    packed[{"gzip": -6, "zstd": -2, "xz": -30}[packing]] ^= 1
    [(member, content)] = read_all(written(tmp_path, bytes(packed)))
    assert content == text
    assert member.stream.fault is not None
    assert member.stream.fault.reason == Reason.MALFORMED
    if packing == "gzip":
        assert "the checksum of the compressed data is wrong" in member.stream.fault.detail


def test_damaged_data_is_named_as_such(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    [(member, _)] = read_all(written(tmp_path, bytes(packed)))
    assert member.stream.fault is not None
    assert member.stream.fault.reason in {Reason.MALFORMED, Reason.TRUNCATED}


def test_zip_members_come_in_order_with_name_and_place(tmp_path: Path) -> None:
    archive = zipped({"b.json": b"first", "folder/": b"", "folder/a.json": b"second"})
    found = read_all(written(tmp_path, archive))
    assert [(member.name, member.index, content) for member, content in found] == [
        ("b.json", 1, b"first"),
        ("folder/a.json", 2, b"second"),
    ]


def test_a_zip_cut_in_its_second_member_keeps_the_first(tmp_path: Path) -> None:
    archive = zipped({"a.json": TEXT, "b.json": TEXT})
    found = read_all(written(tmp_path, archive[: len(archive) * 3 // 4]))
    assert [member.name for member, _ in found] == ["a.json", "b.json"]
    assert found[0][1] == TEXT
    assert found[0][0].stream.fault is None
    assert found[1][0].stream.fault is not None


def test_a_zip_without_its_directory_is_read_and_reported(tmp_path: Path) -> None:
    archive = zipped({"a.json": TEXT})
    [(member, content)] = read_all(written(tmp_path, archive[: archive.rfind(b"PK\x01\x02")]))
    assert content == TEXT
    assert member.stream.fault is not None
    assert "directory" in member.stream.fault.detail


def test_a_name_that_is_not_in_the_encoding_that_it_claims_costs_no_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä.json", "first")
        archive.writestr("ö.json", "second")
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xe4\xff"))
    members = [(each.name, each.stream.read(), each.stream.fault) for each in open_members(path)]
    assert members == [("Σ\xa0.json", b"first", None), ("ö.json", b"second", None)]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (b"\xef\xbb\xbf\xef\xbb\xbf\xef\xbb\xbf{}", b"\xef\xbb\xbf{}"),
        (b")]}'\n[{}]", b"\n[{}]"),
        (b"\x1e{}\n\x1e{}\n", b" {}\n {}\n"),
        (b"{}\n\x1e{}", b"{}\n\x1e{}"),
    ],
)
@pytest.mark.parametrize("packing", ["plain", "zip"])
def test_what_programs_write_before_a_text_is_left_out(
    tmp_path: Path, written: bytes, text: bytes, packing: str
) -> None:
    path = tmp_path / "a"
    path.write_bytes(written)
    if packing == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.json", written)
    assert [member.stream.read() for member in open_members(path)] == [text]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("packing", ["plain", "gzip", "xz", "zstd", "zip"])
def test_wide_text_comes_out_as_utf8(tmp_path: Path, encoding: str, packing: str) -> None:
    text = '{"title": "Größe 🙂"}\n' * 20_000
    wide = text.encode(encoding)
    packed = zipped({"a.json": wide}) if packing == "zip" else PACKINGS[packing](wide)
    ((_, content),) = read_all(written(tmp_path, packed))
    assert content.decode() == text


def test_wide_text_that_ends_within_a_character_keeps_what_is_before_it(tmp_path: Path) -> None:
    ((member, content),) = read_all(written(tmp_path, "{}\n".encode("utf-16") + b"{"))
    assert content == b"{}\n"
    assert member.stream.fault
    assert member.stream.fault.reason is Reason.TRUNCATED
    assert "breaks off within a character of UTF-16" in member.stream.fault.detail


def test_half_a_character_of_wide_text_is_no_utf8(tmp_path: Path) -> None:
    ((member, content),) = read_all(written(tmp_path, b"\xff\xfea\0\x00\xd8b\0"))
    assert member.stream.fault is None
    assert (content[:1], content[-1:]) == (b"a", b"b")
    with pytest.raises(UnicodeDecodeError):
        content.decode()


def test_a_path_in_a_member_name_leads_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "inner"
    folder.mkdir()
    [(member, content)] = read_all(written(folder, zipped({"../../evil.json": b"x"})))
    assert member.name == "../../evil.json"
    assert content == b"x"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inner", "misleading.txt"]


def test_an_encrypted_member_is_named_and_its_bytes_are_not_guessed(tmp_path: Path) -> None:
    archive = bytearray(zipped({"a.json": TEXT}))
    archive[6] |= 1
    archive[archive.rfind(b"PK\x01\x02") + 8] |= 1
    [(member, content)] = read_all(written(tmp_path, bytes(archive)))
    assert content == b""
    assert member.stream.fault is not None
    assert "encrypted" in member.stream.fault.detail


def test_a_member_packed_in_an_unknown_way_is_a_fault(tmp_path: Path) -> None:
    archive = bytearray(zipped({"a.json": TEXT}))
    for at in (8, archive.rfind(b"PK\x01\x02") + 10):
        archive[at : at + 2] = struct.pack("<H", 97)
    [(member, _)] = read_all(written(tmp_path, bytes(archive)))
    assert member.stream.fault is not None


@pytest.mark.parametrize("packing", ["gzip", "zstd", "xz", "zip"])
def test_a_bomb_stops_at_its_bound(tmp_path: Path, packing: str) -> None:
    bomb = written(tmp_path, PACKINGS[packing](bytes(20_000_000)))
    [(member, content)] = read_all(bomb, Bounds(free_bytes=1 << 20, ratio=250))
    assert len(content) < 12_000_000
    assert member.stream.fault is not None
    assert member.stream.fault.reason == Reason.TOO_LARGE


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_by_bzip2_and_lzma_are_read(tmp_path: Path, method: int) -> None:
    archive = zipped({"a.json": TEXT, "b.json": b"", "c.json": TEXT * 9}, method)
    found = read_all(written(tmp_path, archive))
    assert [content for _, content in found] == [TEXT, b"", TEXT * 9]
    assert [member.stream.fault for member, _ in found] == [None] * 3


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_comes_out_in_pieces_however_well_it_is_packed(
    tmp_path: Path, method: int
) -> None:
    path = written(tmp_path, zipped({"a.json": bytes(30_000_000)}, method))
    tracemalloc.start()
    try:
        assert next(open_members(path)).stream.peek(1_000) == bytes(1_000)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_a_size_that_a_header_claims_widens_no_bound(tmp_path: Path) -> None:
    archive = bytearray(zipped({"a.json": bytes(20_000_000)}))
    at = archive.rfind(b"PK\x01\x02") + 20
    archive[at : at + 4] = struct.pack("<I", 900_000)
    [(member, content)] = read_all(
        written(tmp_path, bytes(archive)), Bounds(free_bytes=1 << 20, ratio=10)
    )
    assert len(content) < 2_000_000
    assert member.stream.fault is not None


def test_a_member_whose_checksum_is_another_is_damaged(tmp_path: Path) -> None:
    archive = bytearray(zipped({"a.json": TEXT}))
    archive[archive.rfind(b"PK\x01\x02") + 16] ^= 1
    [(member, content)] = read_all(written(tmp_path, bytes(archive)))
    assert content == TEXT
    assert member.stream.fault is not None
    assert "checksum" in member.stream.fault.detail


def test_members_share_the_bound_of_their_file(tmp_path: Path) -> None:
    archive = zipped({f"{number}.txt": bytes(300_000) for number in range(10)})
    found = read_all(written(tmp_path, archive), Bounds(total_bytes=1_000_000))
    assert sum(len(content) for _, content in found) < 1_200_000
    assert found[-1][0].stream.fault is not None


@pytest.mark.parametrize("shift", [0, 1])
def test_bytes_that_members_have_in_common_are_read_for_none_but_one(
    tmp_path: Path, shift: int
) -> None:
    archive = bytearray(zipped({"a.json": TEXT, "b.json": TEXT}, zipfile.ZIP_STORED))
    second = archive.rfind(b"PK\x01\x02")
    if shift:
        # The first one claims to go on within the second one.
        first = archive.find(b"PK\x01\x02")
        archive[first + 20 : first + 24] = struct.pack("<I", len(TEXT) + 100)
    else:
        archive[second + 42 : second + 46] = bytes(4)
    contents = read_all(written(tmp_path, bytes(archive)))
    faults = [member.stream.fault for member, _ in contents]
    assert sorted(len(content) for _, content in contents) == [0, len(TEXT)]
    assert ["in common" in fault.detail for fault in faults if fault] == [True]


@pytest.mark.parametrize("packing", ["gzip", "xz"])
def test_zeros_between_packed_files_are_not_the_end(tmp_path: Path, packing: str) -> None:
    packed = PACKINGS[packing](TEXT)
    [(_, content)] = read_all(written(tmp_path, packed + bytes(600_000) + packed + bytes(300_000)))
    assert content == 2 * TEXT


def test_a_file_of_empty_frames_is_refused(tmp_path: Path) -> None:
    empty = b"\x50\x2a\x4d\x18" + bytes(4)
    [(member, content)] = read_all(written(tmp_path, zstd.compress(TEXT[:99]) + empty * 10_001))
    assert content == TEXT[:99]
    assert member.stream.fault is not None
    assert "hardly anything" in member.stream.fault.detail


def test_a_frame_costs_its_own_bytes_and_not_those_after_it() -> None:
    empty = gzip.compress(b"")
    reader = PackedReader(io.BytesIO(empty * 20_000), Budget(Bounds()))
    for _ in range(20_000):
        [piece] = islice(reader.take_growing(), 1)
        assert len(piece) <= FIRST_BYTES
        reader.put_back(len(piece) - len(empty))
    assert reader.is_at_end()


def test_a_zstd_frame_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 30})
    packed = compressor.compress(TEXT) + compressor.flush()
    [(member, content)] = read_all(written(tmp_path, packed))
    assert content == b""
    assert member.stream.fault is not None
    assert "memory" in member.stream.fault.detail.lower()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (gzip.compress(b"x", mtime=0), "an archive inside an archive"),
        (b"BZh91AY", "a bzip2 file"),
        (lzma.compress(b"x", format=lzma.FORMAT_ALONE), "an LZMA file"),
        (bytes(257) + b"ustar", "a tar archive"),
        (b'{"id": 1}', None),
    ],
)
def test_what_is_still_packed_is_named(content: bytes, name: str | None) -> None:
    assert name_packing(content) == name


def test_a_tar_without_magic_is_known_by_its_checksum() -> None:
    info = tarfile.TarInfo("papers.jsonl")
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header[257:265] = bytes(8)
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    assert name_packing(bytes(header)) == "a tar archive"
    header[0] ^= 1
    assert name_packing(bytes(header)) is None


def test_peeking_consumes_nothing() -> None:
    stream = ContentStream(iter([b"ab", b"cd", b"ef"]))
    assert stream.peek(3) == b"abc"
    assert stream.peek(100) == b"abcdef"
    assert stream.read(2) == b"ab"
    assert stream.peek(1) == b"c"
    assert stream.read() == b"cdef"
    assert stream.read(1) == b""


@settings(deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=9), st.lists(st.integers(0, 7), max_size=20))
def test_reading_in_any_steps_gives_the_same_bytes(pieces: list[bytes], steps: list[int]) -> None:
    stream = ContentStream(iter(pieces))
    read = b"".join(stream.read(step) for step in steps) + stream.read()
    assert read == b"".join(pieces)


@settings(deadline=None)
@given(
    content=st.binary(max_size=300),
    magic=st.sampled_from([b"", *[pack(b"")[:6] for pack in PACKINGS.values()]]),
)
def test_any_bytes_end_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, magic: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(magic + content)
    for _, read in read_all(path, Bounds(total_bytes=1 << 20)):
        assert len(read) <= 1 << 21


def test_one_member_of_many_is_opened_without_reading_the_directory_again(tmp_path: Path) -> None:
    path = written(tmp_path, zipped({f"{number}.txt": b"%d" % number for number in range(2_000)}))
    # A file that changed just now might change once more.
    os.utime(path, (1_000_000_000, 1_000_000_000))
    started = time.process_time()
    for index in range(1, 2_001, 5):
        read = [(one.index, one.stream.read()) for one in open_members(path, only=index)]
        assert read == [(index, b"%d" % (index - 1))]
    # Reading it 400 times takes ten seconds.
    assert time.process_time() - started < 2
    os.utime(path, (1_000_000_001, 1_000_000_001))
    path.write_bytes(zipped({"0.txt": b"another"}))
    assert [content for _, content in read_all(path)] == [b"another"]


def test_members_without_a_directory_are_found_without_unpacking_all_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = zipped({f"{number}.txt": b"%d" % number for number in range(300)})
    path = written(tmp_path, whole[: whole.index(b"PK\x01\x02")])
    os.utime(path, (1_000_000_000, 1_000_000_000))
    unpacked, unpack = [], zlib.decompressobj

    def count_and_unpack(*window: int) -> object:
        unpacked.append(window)
        return unpack(*window)

    monkeypatch.setattr("flows.raw.archives.zips.zlib.decompressobj", count_and_unpack)
    read = [
        (one.name, one.stream.read())
        for index in (300, 1, *range(2, 300, 2))
        for one in open_members(path, only=index)
        if one.index == index
    ]
    assert read[:3] == [("299.txt", b"299"), ("0.txt", b"0"), ("1.txt", b"1")]
    # All once, on the way to the last one; then each that was asked for alone.
    assert len(unpacked) == 300 + 150
    path.write_bytes(zipped({"0.txt": b"another"})[:-40])
    os.utime(path, (1_000_000_001, 1_000_000_001))
    assert [content for _, content in read_all(path)] == [b"another"]
