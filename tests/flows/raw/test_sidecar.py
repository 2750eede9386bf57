"""A sidecar is believed as a whole or not at all."""

import json
from pathlib import Path

import pytest

from flows.raw.discovery import find_snapshot_day
from flows.raw.sidecar import read_sidecar, sidecar_path

SOUND = {
    "url": "https://example.org/a",
    "time": "2026-11-23T10:00:00+00:00",
    "status": 200,
    "headers": {"etag": '"1"'},
    "sha256": "0" * 64,
    "size": 3,
}


def written(folder: Path, text: str) -> Path:
    path = folder / "a.json"
    path.write_text("[1]")
    sidecar_path(path).write_text(text)
    return path


def test_a_sound_sidecar_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps(SOUND))
    sidecar = read_sidecar(path)
    assert sidecar is not None
    assert sidecar.size == 3
    assert find_snapshot_day(path).isoformat() == "2026-11-23"


@pytest.mark.parametrize(
    "change",
    [
        {"time": "soon"},
        {"time": None},
        {"time": "soon", "confirmed": "2026-11-23T10:00:00+00:00"},
        {"confirmed": 7},
        {"headers": "etag"},
        {"headers": {"etag": 1}},
        {"size": "3"},
        {"url": ["x"]},
        {"without": 1},
        {"more": "fields"},
    ],
)
def test_a_sidecar_of_another_shape_says_nothing(tmp_path: Path, change: dict[str, object]) -> None:
    path = written(tmp_path, json.dumps(SOUND | change))
    assert read_sidecar(path) is None
    assert find_snapshot_day(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
    ],
)
def test_what_is_no_sidecar_says_nothing(tmp_path: Path, text: str) -> None:
    assert read_sidecar(written(tmp_path, text)) is None
