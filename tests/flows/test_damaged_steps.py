"""What a step left is compared before it is read; a run that meets damage takes its steps again."""

import os
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from flows import hashing, refresh
from flows.hashing import forget_hashes
from flows.parts import DamagedStep, UnfinishedStep, break_seal, require_whole_step, seal_step


@pytest.fixture
def step(tmp_path: Path) -> Path:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "links.parquet")
    seal_step(tmp_path)
    return tmp_path


def test_a_table_that_was_added_or_is_gone_is_named(step: Path) -> None:
    assert [path.name for path in require_whole_step(step)] == ["links.parquet"]
    (step / "links.parquet").rename(step / "other.parquet")
    with pytest.raises(DamagedStep, match=r"links\.parquet is not what its step has written"):
        require_whole_step(step)
    (step / "other.parquet").rename(step / "links.parquet")
    pl.DataFrame({"a": [1]}).write_parquet(step / "more.parquet")
    with pytest.raises(DamagedStep, match=r"more\.parquet"):
        require_whole_step(step)
    assert require_whole_step(step, "links.parquet")


def test_a_lasting_step_is_compared_by_its_sums_and_its_damage_is_found(
    step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_step(step, is_lasting=True)
    table = step / "links.parquet"
    # A file that changed a moment ago is read again for its hash.
    os.utime(table, ns=(0, 1_000_000_001))
    forget_hashes()
    with monkeypatch.context() as patched:
        patched.setattr(hashing, "hash_file", lambda _: "of no file")
        assert require_whole_step(step)
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    os.utime(table, ns=(0, 1_000_000_002))
    with pytest.raises(DamagedStep, match=r"links\.parquet"):
        require_whole_step(step)


def test_a_step_that_did_not_end_is_not_read(step: Path) -> None:
    break_seal(step)
    with pytest.raises(UnfinishedStep, match="run `open-papers refresh` again"):
        require_whole_step(step)


def test_a_run_that_meets_damage_takes_its_steps_again_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: list[object] = []

    def take_steps(_: object, __: object, parsed: object, ___: object) -> str:
        taken.append(parsed)
        if len(taken) == 1:
            raise DamagedStep("papers.parquet is not what its step has written")
        return "publication"

    monkeypatch.setattr(refresh, "run_steps", take_steps)
    monkeypatch.setattr(refresh, "parse_files", lambda *_: ["parsed again"])
    options = SimpleNamespace()
    assert refresh.build_release(options, [], ["parsed"], tmp_path) == "publication"  # type: ignore[arg-type,comparison-overlap,list-item]  # stand-ins
    assert taken == [["parsed"], ["parsed again"]]
    assert "taken once more: papers.parquet" in "".join(capsys.readouterr())
