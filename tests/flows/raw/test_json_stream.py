"""JSON is cut into whole values, whatever stands between them, in bounded memory."""

import io
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.raw.json_cutter import Slice, cut_lines, refuse_too_large
from flows.raw.json_elements import cut_elements
from flows.raw.json_stream import (
    Unreadable,
    detect_layout,
    list_unknown_fields,
    parse_value,
    read_objects,
)
from schemas.vocabulary import Reason

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=6)


def read(slices: list[Slice]) -> list[tuple[int, dict[str, object]]]:
    return [(position, value) for each in slices for position, _, value in read_objects(each)[0]]


def complaints(slices: list[Slice]) -> list[tuple[int, Reason]]:
    return [(each.position, each.reason) for one in slices for each in read_objects(one)[1]]


@settings(deadline=None)
@given(OBJECTS, st.sampled_from([{}, {"indent": 2}, {"ensure_ascii": False}]), st.integers(1, 64))
def test_an_array_is_read_as_json_reads_it(
    values: list[dict[str, object]], style: dict[str, Any], step: int
) -> None:
    content = json.dumps(values, **style).encode()
    slices = list(cut_elements(Stepwise(content, step), is_array=True))
    assert read(slices) == list(enumerate(json.loads(content), start=1))


@settings(deadline=None)
@given(OBJECTS, st.sampled_from(["", "\n", "\r\n", "\r", " "]), st.integers(1, 64))
def test_objects_one_after_another_are_read(
    values: list[dict[str, object]], between: str, step: int
) -> None:
    content = between.join(json.dumps(each, indent=1) for each in values).encode()
    slices = list(cut_elements(Stepwise(content, step), is_array=False))
    assert read(slices) == list(enumerate(values, start=1))


@settings(deadline=None)
@given(
    st.lists(st.binary(max_size=12).filter(lambda line: b"\n" not in line), max_size=8),
    st.integers(12, 40),
)
def test_lines_keep_their_numbers(pieces: list[bytes], slice_bytes: int) -> None:
    content = b"\n".join(pieces)
    found = [pair for each in cut_lines(io.BytesIO(content), slice_bytes) for pair in each.values()]
    expected = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert found == [(at, line) for at, line in enumerate(expected, start=1) if line.strip()]


class Stepwise(io.BytesIO):
    """A stream that never gives more than some bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self.step = step

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self.step if size else 0)


def test_a_line_beyond_the_bound_is_one_complaint_and_the_next_is_read() -> None:
    content = b'{"a":1}\n{"b":"' + b"x" * 500 + b'"}\n{"c":3}\n'
    slices = list(cut_lines(io.BytesIO(content), slice_bytes=64))
    assert read(slices) == [(1, {"a": 1}), (3, {"c": 3})]
    assert complaints(slices) == [(2, Reason.TOO_LARGE)]
    # An answer of a service may be one object around all its records.
    assert "jq -c '.NAME[]'" in slices[1].complaints[0].detail
    page = refuse_too_large(1, b'{"message": {"items": [{"id": 1', 2)
    assert "jq -c '.message.items[]'" in page.complaints[0].detail
    assert "jq" not in refuse_too_large(1, b'"a', 2).complaints[0].detail


def test_a_value_beyond_the_bound_is_one_complaint_and_the_next_is_read() -> None:
    content = b'[{"a":1},\n{"b":"' + b"x" * 500 + b'"}, {"c":3}]'
    slices = list(cut_elements(Stepwise(content, 32), is_array=True, slice_bytes=64))
    assert read(slices) == [(1, {"a": 1}), (3, {"c": 3})]
    assert complaints(slices) == [(2, Reason.TOO_LARGE)]


def test_ten_million_brackets_are_one_complaint() -> None:
    depth = 10_000_000
    for content in (b"[" * depth, b'{"a":' * (depth // 50)):
        assert len(complaints(list(cut_elements(io.BytesIO(content), is_array=False)))) in {1, 2}
    whole = b'{"a":' + b"[" * 3_000_000 + b"]" * 3_000_000 + b"}\n"
    assert complaints(list(cut_lines(io.BytesIO(whole)))) == [(1, Reason.MALFORMED)]


def test_a_cut_value_is_truncated_and_what_is_before_it_is_kept() -> None:
    slices = list(cut_elements(io.BytesIO(b'[{"a":1},{"b":"x'), is_array=True))
    assert read(slices) == [(1, {"a": 1})]
    assert complaints(slices) == [(2, Reason.TRUNCATED)]
    slices = list(cut_lines(io.BytesIO(b'{"a":1}\n{"b":"x')))
    assert complaints(slices) == [(2, Reason.TRUNCATED)]


@pytest.mark.parametrize("step", [1, 3, 100])
def test_a_string_among_objects_is_a_value(step: int) -> None:
    content = b'["{a}, \\" [b", {"c": ["d"]},"e" ]'
    found = [
        pair
        for each in cut_elements(Stepwise(content, step), is_array=True)
        for pair in each.values()
    ]
    assert found == [(1, b'"{a}, \\" [b"'), (2, b'{"c": ["d"]}'), (3, b'"e"')]


def test_text_between_values_is_no_silence() -> None:
    slices = list(cut_elements(io.BytesIO(b'[{"a":1}, oops, {"b":2}]'), is_array=True))
    assert [value for _, value in read(slices)] == [{"a": 1}, {"b": 2}]
    assert [reason for _, reason in complaints(slices)] == [Reason.MALFORMED]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'{"a": "\xff"}', Reason.ENCODING),
        (b'{"a": "\x00"}', Reason.MALFORMED),
        (b'{"a": undefined}', Reason.MALFORMED),
        (b"[" * 2_000 + b"]" * 2_000, Reason.MALFORMED),
    ],
)
def test_what_json_does_not_allow_has_its_reason(value: bytes, reason: Reason) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_value(value)
    assert caught.value.reason == reason


def test_half_a_character_in_a_string_costs_that_character_alone() -> None:
    value = b'{"a": "x\\ud800", "b": "\\ud83d\\ude00 \\\\ud800", "c": NaN}'
    assert parse_value(value) == {"a": "x\ufffd", "b": "\U0001f600 \\ud800", "c": None}
    content = b'[{"id": 1, "a": {"id": 2, "b": "\\udc00"}}, {"id": 3}]'
    slices = list(cut_elements(io.BytesIO(content), is_array=True))
    assert [parse_value(value)["id"] for one in slices for _, value in one.values()] == [1, 3]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'{"a": 1}\n{"a": 2}\n', "lines"),
        (b'\xef\xbb\xbf{"a": 1}\r\n', "lines"),
        (b'{"a": 1', "objects"),
        (b'{"a": "' + b"x" * 70_000, "lines"),
        (b'{\n "a": 1\n}\n{', "objects"),
        (b'{"a": 1}\r{"a": 2}\r', "objects"),
        (b'{"a": 1}\r{"a": 2}\r\n', "objects"),
        (b'{"a": {"a": 1}}{"a": 2}\n', "objects"),
        (b'{"a": 1}, {"a": 2}\n', "objects"),
        (b" [\r\n {", "array"),
        (b"<feed>", None),
    ],
)
def test_the_shape_is_told_from_the_first_bytes(head: bytes, expected: str | None) -> None:
    assert detect_layout(head) == expected


def test_unseen_fields_have_dotted_names() -> None:
    record = {"id": 1, "new": 2, "versions": [{"version": 1, "size": 2}, {"size": 3}]}
    found = list(list_unknown_fields(record, {"id": None, "versions": {"version": None}}))
    assert found == ["new", "versions.size", "versions.size"]


JSON_BYTES = st.text(alphabet='[]{},:"\\ a1\n', max_size=80).map(str.encode)


@pytest.mark.parametrize("is_array", [True, False])
@settings(deadline=None)
@given(content=st.binary(max_size=200) | JSON_BYTES, step=st.integers(1, 40))
def test_any_bytes_end_without_an_exception(content: bytes, step: int, *, is_array: bool) -> None:
    slices = list(cut_elements(Stepwise(content, step), is_array=is_array, slice_bytes=32))
    positions = [position for position, _ in read(slices)]
    assert positions == sorted(set(positions))


ROW = {"paper_url": "u", "paper_title": "T 7", "framework": "none"}
WHOLE = json.dumps(ROW)


@pytest.mark.parametrize(
    "broken",
    [
        WHOLE[:-1],
        WHOLE.replace('"T 7"', '"T 7'),
        WHOLE.replace('"T 7"', '"T "7"'),
        WHOLE + "}",
        WHOLE + "]",
        WHOLE.replace('"none"', "nan"),
    ],
)
@pytest.mark.parametrize("separator", [",", ",\n"])
@pytest.mark.parametrize("place", [0, 7])
@pytest.mark.parametrize("step", [50, 1 << 20])
def test_one_broken_value_of_an_array_loses_no_other(
    broken: str, separator: str, place: int, step: int
) -> None:
    rows = [WHOLE] * 40
    rows[place] = broken
    content = f"[{separator.join(rows)}]".encode()
    slices = list(cut_elements(Stepwise(content, step), is_array=True))
    assert len(read(slices)) >= 39
    assert len(complaints(slices)) == 1


def test_values_that_begin_like_the_objects_inside_them_are_not_taken_apart() -> None:
    values = [{"id": 1}, {"id": 2, "authors": [{"id": 3}, {"id": 4}]}] * 3
    slices = list(cut_elements(io.BytesIO(json.dumps(values).encode()), is_array=True))
    assert [value for _, value in read(slices)] == values
    assert complaints(slices) == []


def test_a_file_of_broken_values_is_read_in_one_pass() -> None:
    content = b"[" + (WHOLE[:-1] + ",").encode() * 50_001
    slices = list(cut_elements(io.BytesIO(content), is_array=True))
    assert len(complaints(slices)) == 50_001


def test_what_python_writes_for_no_number_is_null() -> None:
    assert parse_value(b'{"a": NaN, "b": [-Infinity, 1]}') == {"a": None, "b": [None, 1]}


def test_marks_of_byte_order_of_files_that_were_put_together_cost_no_record() -> None:
    assert parse_value(b"\xef\xbb\xbf" * 5_000 + b'{"a": 1}') == {"a": 1}


def test_each_null_among_objects_is_a_record_that_the_source_does_not_have() -> None:
    slices = list(cut_elements(io.BytesIO(b'[null, null, {"a": 1}, 7]'), is_array=True))
    assert [position for position, _ in read(slices)] == [3]
    assert complaints(slices) == [
        (1, Reason.REMOVED),
        (2, Reason.REMOVED),
        (4, Reason.MALFORMED),
    ]


@pytest.mark.parametrize("layout", ["lines", "array", "cut"])
def test_the_bytes_of_a_value_that_is_too_large_are_counted(layout: str) -> None:
    large = b'{"a": "%s"}' % (b"x" * 900)
    values = [b'{"a": 1}', large, b'{"a": 2}']
    if layout == "lines":
        slices = list(cut_lines(io.BytesIO(b"\n".join(values)), 100))
    else:
        content = b"[" + b",".join(values) + b"]"
        if layout == "cut":
            content = content[: content.index(large) + 500]
        slices = list(cut_elements(Stepwise(content, 50), is_array=True, slice_bytes=100))
    unread = sum(each.unread_bytes for each in slices)
    assert unread == (500 if layout == "cut" else len(large))
    assert (2, Reason.TOO_LARGE) in complaints(slices)


@pytest.mark.parametrize("end", [' "abs', ' "a": 1', ' "a":', ' "a": tr'])
def test_an_object_that_breaks_off_loses_no_object_glued_to_it(end: str) -> None:
    values = [json.dumps({"id": number, "abs": "x"}, indent=1) for number in range(4)]
    values[1] = values[1].partition('\n "abs')[0] + end
    slices = list(cut_elements(io.BytesIO("".join(values).encode()), is_array=False))
    ids = [value["id"] for _, value in read(slices)]
    # Behind a colon it might be what the colon is for.
    assert ids in ([0, 2, 3], [0, 3]) if end.endswith(":") else ids == [0, 2, 3]
    assert complaints(slices)


@pytest.mark.parametrize("step", range(1, 12))
def test_a_word_across_two_reads_counts_once(step: int) -> None:
    slices = list(
        cut_elements(Stepwise(b'[{"a": 1}, null, null, {"a": 2}, 1', step), is_array=True)
    )
    assert [position for position, _ in read(slices)] == [1, 4]
    assert complaints(slices)[:3] == [
        (2, Reason.REMOVED),
        (3, Reason.REMOVED),
        (5, Reason.MALFORMED),
    ]


RICH = '{"id": 1, "title": "t", "authors": [{"name": "a"}, {"name": "b"}], "n": {"x": [1, [2]]}}'


@pytest.mark.parametrize("place", [1, 5, 19])
@pytest.mark.parametrize("lost", ["{", '{"id', '{"id": 1, "title": "t'])
@pytest.mark.parametrize("step", [50, 1 << 20])
def test_a_value_without_its_beginning_costs_itself_alone(place: int, lost: str, step: int) -> None:
    rows = [RICH] * 20
    rows[place] = RICH.removeprefix(lost)
    content = f"[{', '.join(rows)}]".encode()
    slices = list(cut_elements(Stepwise(content, step), is_array=True))
    assert len(read(slices)) == 19
    # A string over two pieces is taken for a value before it is known to be none.
    assert 1 <= len(complaints(slices)) <= (2 if step == 50 else 1)
    assert {reason for _, reason in complaints(slices)} == {Reason.MALFORMED}
    assert sum(each.unread_bytes for each in slices) == 0


def test_values_that_are_passed_over_are_counted_in_bytes() -> None:
    rest = ', "id": 1}, ' + ", ".join(['{"other": 1}'] * 50)
    slices = list(cut_elements(io.BytesIO(f'[{{"id": 1}}{rest}]'.encode()), is_array=True))
    assert complaints(slices) == [(2, Reason.TRUNCATED)]
    assert sum(each.unread_bytes for each in slices) >= len(rest)


def test_two_lines_without_the_break_between_them_are_two_rejections() -> None:
    content = f"{RICH}\n{RICH}{RICH}\n{RICH}\n".encode()
    slices = list(cut_lines(io.BytesIO(content)))
    assert len(read(slices)) == 2
    assert complaints(slices) == [(2, Reason.MALFORMED)] * 2


@st.composite
def damage_values(draw: st.DrawFn) -> tuple[str, int, bytes]:
    """Draw whole values in one form, and damage them in one place by up to three bytes."""
    count = draw(st.integers(1, 6))
    values = [{"id": str(number), "title": f"t{number}"} for number in range(count)]
    form = draw(st.sampled_from(["array", "lines", "objects"]))
    whole = {
        "array": json.dumps(values),
        "lines": "\n".join(map(json.dumps, values)) + "\n",
        "objects": "\n".join(json.dumps(value, indent=1) for value in values),
    }[form].encode()
    place = draw(st.integers(0, len(whole)))
    noise = draw(st.sampled_from([b"", b'"', b"{", b"}", b"[", b",", b"null", b"\x00", b"\xff"]))
    return form, count, whole[:place] + noise + whole[place + draw(st.integers(0, 2)) :]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(damage_values())
def test_one_damage_leaves_no_value_unaccounted_for(drawn: tuple[str, int, bytes]) -> None:
    form, count, content = drawn
    stream = io.BytesIO(content)
    slices = list(
        cut_lines(stream) if form == "lines" else cut_elements(stream, is_array=form == "array")
    )
    unread = sum(each.unread_bytes for each in slices)
    assert len(read(slices)) + len(complaints(slices)) >= count or unread > 0


def test_millions_of_blank_lines_are_passed_over_and_counted() -> None:
    content = b'{"a": 1}\n' + b" \n" * 3_000_000 + b'{"a": 2}\n'
    started = time.process_time()
    slices = list(cut_lines(io.BytesIO(content), 1 << 16))
    assert [line for one in slices for line, _ in one.values()] == [1, 3_000_002]
    assert len(slices) < 4
    # It took a second and a half.
    assert time.process_time() - started < 0.7


@pytest.mark.parametrize(
    ("last", "reason"),
    [(b"5", Reason.MALFORMED), (b"null", Reason.REMOVED), (b'"x', Reason.TRUNCATED)],
)
def test_a_last_line_is_cut_only_where_it_is_no_value(last: bytes, reason: Reason) -> None:
    slices = list(cut_lines(io.BytesIO(b'{"a":1}\n' + last)))
    assert complaints(slices) == [(2, reason)]


def test_json_in_another_encoding_says_what_can_be_done() -> None:
    with pytest.raises(Unreadable, match="iconv -f LATIN1") as raised:
        parse_value('{"title": "Größe"}'.encode("latin-1"))
    assert raised.value.reason == Reason.ENCODING
