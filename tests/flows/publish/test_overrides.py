"""Gates stop a release, unless one is overridden with a reason, which the card then gives."""

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows import tables
from flows.__main__ import app
from flows.parts import seal_step
from flows.publish.task import (
    FailedGates,
    GateReport,
    UnknownGate,
    check_gates,
    require_gates,
    write_release,
)
from flows.release import TABLES, read_manifest
from flows.release.manifest_file import hash_manifest
from schemas.gates import count_gates
from tests.builders import release_tables

pytestmark = pytest.mark.usefixtures("unread")

KEPT = "papers.kept.paper_id"
BECAUSE = "A source asked us to take its papers out."


def gates(before: int, now: int, *, strict: bool = False, **allowed: str) -> GateReport:
    counts = count_gates(release_tables(now), release_tables(before))
    return check_gates(counts, rejected=1, allowed=allowed, strict=strict)


def test_a_failed_gate_stops_the_release_and_says_how_to_override_it() -> None:
    with pytest.raises(FailedGates, match=rf"(?s){KEPT} is 0\.5.*--allow NAME --because TEXT"):
        gates(4, 2)


def test_an_overridden_gate_warns_and_its_reason_is_kept() -> None:
    passed = gates(4, 2, **{KEPT: BECAUSE})
    assert passed.overridden == {KEPT: BECAUSE}
    assert any(warning.startswith(KEPT) for warning in passed.warnings)


def test_an_override_is_of_one_gate_only() -> None:
    with pytest.raises(FailedGates, match=KEPT) as refused:
        gates(4, 2, **{"papers.growth": BECAUSE, "aliases.kept.alias_id": BECAUSE})
    assert "aliases.kept" not in str(refused.value)


def test_an_override_that_was_not_needed_is_not_recorded() -> None:
    assert gates(2, 2, **{KEPT: BECAUSE}).overridden == {}


def test_strict_allows_no_rejection_whatever_is_overridden() -> None:
    with pytest.raises(FailedGates, match="--strict allows none"):
        gates(2, 2, strict=True, **{KEPT: BECAUSE})


def test_an_unknown_gate_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(UnknownGate, match=rf"no gate papers\.mood.*{KEPT}"):
        require_gates({"papers.mood": BECAUSE})


def test_an_empty_reason_is_refused() -> None:
    with pytest.raises(UnknownGate, match="Nothing says why"):
        require_gates({KEPT: "  "})


@pytest.mark.parametrize(
    "arguments",
    [["--allow", KEPT], ["--because", BECAUSE], ["--allow", KEPT, "--allow", KEPT]],
    ids=" ".join,
)
def test_an_override_without_its_reason_is_wrong_usage(arguments: list[str]) -> None:
    done = CliRunner().invoke(app, ["refresh", *arguments])
    assert done.exit_code == 2
    assert "--because" in done.output


def test_staging_without_a_repository_is_wrong_usage() -> None:
    done = CliRunner().invoke(app, ["refresh", "--branch", "next"])
    assert done.exit_code == 2
    assert "--publish-to" in done.output


def saved(frames: dict[str, pl.DataFrame], folder: Path) -> Path:
    for name, rows in frames.items():
        tables.save(TABLES[name].model, rows, folder / f"{name}.parquet")
    seal_step(folder)
    return folder


def test_the_reason_is_in_the_manifest_and_in_the_card(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    write_release.fn(saved(release_tables(4), tmp_path / "all"), [], folder, folder)
    fewer = saved(release_tables(2), tmp_path / "fewer")
    with pytest.raises(FailedGates):
        write_release.fn(fewer, [], folder, folder)
    done = write_release.fn(fewer, [], folder, folder, allowed={KEPT: BECAUSE})
    assert done.written.changed
    assert read_manifest(folder)["allowed"] == {KEPT: BECAUSE}
    assert "asked us to take its papers out" in (folder / "README.md").read_text()


def test_the_same_inputs_after_an_override_change_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "release"
    write_release.fn(saved(release_tables(4), tmp_path / "all"), [], folder, folder)
    fewer = saved(release_tables(2), tmp_path / "fewer")
    write_release.fn(fewer, [], folder, folder, allowed={KEPT: BECAUSE})
    assert not write_release.fn(fewer, [], folder, folder).written.changed
    assert read_manifest(folder)["allowed"] == {KEPT: BECAUSE}


def test_another_folder_may_be_the_previous_release(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write_release.fn(saved(release_tables(2), tmp_path / "two"), [], first, first)
    write_release.fn(saved(release_tables(4), tmp_path / "four"), [], second, first)
    assert pl.read_parquet(second / "data/changes/*.parquet")["paper_id"].to_list() == [
        "arxiv:2603.00003",
        "arxiv:2603.00004",
    ]
    assert read_manifest(second)["previous_release"] == hash_manifest(first)
