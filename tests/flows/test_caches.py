"""No cache gives what was not put into it: a flipped bit is found wherever it is."""

import json
import logging
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.runs.logs import AS_JSON, OURS
from flows.runs.notices import note_damage
from flows.runs.prefect_artifacts import record_flow
from flows.runs.progress import CONSOLE
from tests.bench.flip_bits import flip_cache, flip_one
from tests.caches import CACHES, Cache

SUBJECTS = {
    "parse": "parse cache: 1 parse damaged, parsed again (",
    "match": "part cache: 1 folder damaged or half written, made again (",
    "answers": "answers of services: 1 file damaged, as if never asked for (",
    "texts": "text cache: 1 file damaged, derived again (",
    "parts": "enriched parts: 1 part damaged, made again (",
    "segments": "segment cache: 1 file damaged, all segments are read again (",
}
"""What a run says of the caches that it makes again without anybody's help."""

FLIPS = 12
"""Of each cache; `python -m tests.bench.flip_bits` does ten thousand."""


@pytest.mark.parametrize("cache", CACHES, ids=[cache.name for cache in CACHES])
def test_a_flipped_bit_is_never_used(cache: Cache, tmp_path: Path) -> None:
    dice = random.Random(cache.name)  # noqa: S311  # no secret
    outcome = flip_cache(FLIPS, dice, tmp_path, cache)
    # One of the sidecar may change nothing that is read; one of a cache always does.
    assert cache.name == "raw" or outcome.endswith("0 of no effect")


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Let runs set up their log again, as in a process of their own."""
    ours = logging.getLogger(OURS)
    before, ours.handlers, propagate = ours.handlers, [], ours.propagate
    yield
    ours.handlers, ours.propagate = before, propagate


@pytest.mark.parametrize("log", ["", "1"], ids=["terminal", "json"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_a_cache_that_is_made_again_is_named_on_standard_error(
    name: str,
    log: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(AS_JSON, log)
    monkeypatch.setattr(CONSOLE, "quiet", bool(log))
    (cache,) = (cache for cache in CACHES if cache.name == name)
    folder = tmp_path / name
    cache.make(folder)
    with record_flow(tmp_path / "release"):
        cache.use(folder)
    assert SUBJECTS[name] not in capsys.readouterr().err
    flip_one(random.Random(name), folder)  # noqa: S311  # no secret
    with record_flow(tmp_path / "release"):
        # Twice, as by a run that takes its steps again: it is one line nevertheless.
        cache.use(folder)
        cache.use(folder)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if SUBJECTS[name] in line]
    assert not log or json.loads(line)["level"] == "warning"


def test_a_thousand_damaged_files_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with record_flow(tmp_path / "release"):
        for part in range(1000):
            note_damage("text cache", f"{part}.topics\x1b[2J", "derived again")
    expected = "text cache: 1,000 files damaged, derived again (the first: 0.topics [2J)"
    assert capsys.readouterr().err.splitlines() == [expected]


def test_a_record_that_cannot_be_written_at_the_end_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with record_flow(tmp_path / "release"):
        shutil.rmtree(tmp_path / "runs")
        (tmp_path / "runs").touch()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("runs: 1 record cannot be written (")
