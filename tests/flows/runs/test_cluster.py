"""A cluster is used only where it gives the bytes of a laptop; else an error says what is wrong."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from flows.enrich.task import enrich_part
from flows.hashing import hash_file, hash_once
from flows.runs import cluster, map_parts, surroundings
from flows.runs.answers import PartAnswer, answer_part, read_answer
from flows.runs.cluster import (
    DASK,
    UnusableCluster,
    ask_workers,
    gather_notices,
    list_faults,
    require_runner,
)
from flows.runs.map_parts import guard_step, submit_parts
from flows.runs.notices import note, take_notices
from flows.runs.surroundings import look_around, own_versions


@pytest.fixture(autouse=True)
def without_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flows.runs.cluster.find_spec", lambda _: None)
    with pytest.raises(UnusableCluster, match=r"pip install 'open-papers\[cluster\]'"):
        require_runner(DASK, None)


def test_a_scheduler_needs_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.runs.cluster.find_spec", lambda _: object())
    with pytest.raises(UnusableCluster, match="--runner dask"):
        require_runner("threads", "tcp://127.0.0.1:8786")
    require_runner(DASK, "tcp://127.0.0.1:8786")


def test_workers_elsewhere_need_a_prefect_server_that_they_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flows.runs.cluster.find_spec", lambda _: object())
    with pytest.raises(UnusableCluster, match="PREFECT_API_URL"):
        require_runner(DASK, "tcp://10.0.0.7:8786")
    monkeypatch.setenv("PREFECT_API_URL", "http://10.0.0.1:4200/api")
    require_runner(DASK, "tcp://10.0.0.7:8786")


def test_what_a_worker_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "probe").write_text("word")
    probes = [str(tmp_path / "probe"), str(tmp_path / "elsewhere" / "probe")]
    seen = look_around(probes, [str(tmp_path), str(tmp_path / "raw.jsonl")])
    old = replace(look_around(probes[:1] * 2, []), versions={**seen.versions, "polars": "0.1"})
    folders = [tmp_path, tmp_path / "elsewhere"]
    unseen, outdated = list_faults({"tcp://a": seen, "tcp://b": old}, "word", folders)
    assert unseen == f"tcp://a does not see {tmp_path}/elsewhere, {tmp_path}/raw.jsonl"
    assert outdated.startswith("tcp://b has polars 0.1, this machine")


def test_a_worker_that_began_before_a_table_changed_is_known_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surroundings, "SHIPPED", tmp_path)
    tables = tmp_path / "data" / "curation"
    monkeypatch.setattr(surroundings, "OF_MAIN_PROCESS", {tables / "removals.csv"})
    tables.mkdir(parents=True)
    hash_now = surroundings.hash_loaded_code.__wrapped__
    (tables / "taxonomy.csv").write_text("one topic")
    began = hash_now()
    (tables / "removals.csv").write_text("one removal")
    assert hash_now() == began
    (tables / "taxonomy.csv").write_text("another topic")
    assert hash_now() != began
    assert look_around([], []).versions == look_around([], []).versions


def test_a_worker_reads_files_again_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "part"
    path.write_bytes(b"rows")
    os.utime(path, (0, 0))
    hash_once(path)
    # As a disk that loses data changes a file: without a trace.
    path.write_bytes(b"rowz")
    os.utime(path, (0, 0))
    look_around([], [])
    assert hash_once(path) == hash_file(path)


def test_a_cluster_without_workers_is_refused() -> None:
    runner = SimpleNamespace(client=SimpleNamespace(run=lambda *_: {}))
    with pytest.raises(UnusableCluster, match="no workers"):
        ask_workers(runner, [], [])


def test_a_cluster_without_open_papers_is_refused() -> None:
    def run(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'flows'")

    with pytest.raises(UnusableCluster, match="No module named 'flows'"):
        ask_workers(SimpleNamespace(client=SimpleNamespace(run=run)), [], [])


@pytest.fixture(scope="module")
def two_processes() -> Iterator[SimpleNamespace]:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    local = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**local) as cluster, distributed.Client(cluster) as client:
        yield SimpleNamespace(client=client)


def test_processes_of_this_machine_see_what_it_sees(
    two_processes: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "probe").write_text("word")
    seen = ask_workers(two_processes, [str(tmp_path / "probe")], [str(tmp_path)])
    assert len(seen) == 2
    assert list_faults(seen, "word", [tmp_path]) == []


def test_a_worker_with_other_code_or_packages_refuses_its_part(
    two_processes: SimpleNamespace,
) -> None:
    other = {**own_versions(), "polars": "0.1", "code and tables": "0" * 12}
    same = two_processes.client.submit(answer_part(look_around, own_versions()), [], [])
    assert same.result().result.versions == own_versions()
    refused = two_processes.client.submit(answer_part(look_around, other, pause=0), [], []).result()
    assert (refused.result, refused.records) == (None, 0)
    assert re.search("has polars [^;]+, this machine 0.1; code and tables", refused.refusal)


def test_what_a_worker_met_comes_with_its_answer(two_processes: SimpleNamespace) -> None:
    step = answer_part(note, own_versions())
    future = two_processes.client.submit(step, "text cache", "file", "damaged", "met by a worker")
    read_answer(SimpleNamespace(result=lambda **_: future.result()))
    assert [notice.examples for notice in take_notices()] == [("met by a worker",)]


def test_a_worker_that_cannot_load_a_step_has_refused_it() -> None:
    def result(**_: object) -> None:
        raise ModuleNotFoundError("No module named 'flows.later'")

    assert "No module named 'flows.later'" in read_answer(SimpleNamespace(result=result)).refusal


def test_steps_of_a_run_are_guarded_on_a_cluster_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert guard_step(enrich_part) is enrich_part
    monkeypatch.setattr(map_parts, "is_on_cluster", lambda: True)
    guarded = guard_step(enrich_part)
    assert signature(guarded.fn) == signature(enrich_part.fn)
    assert (guarded.retries, guarded.name) == (enrich_part.retries, enrich_part.name)


def test_what_workers_refuse_is_done_by_this_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [
        PartAnswer("a"),
        PartAnswer(None, refusal="host has polars 0.1, this machine 2"),
        PartAnswer("c"),
    ]
    monkeypatch.setattr(map_parts, "follow_steps", lambda *_: answers)
    step = SimpleNamespace(map=lambda *_, **__: [], fn=lambda part, *, more: part + more)
    done = submit_parts(cast("Any", step), ["x", "y", "z"], "Parts", "parts", more="!")
    assert done == ["a", "y!", "c"]
    assert "this process does them: host has polars 0.1" in capsys.readouterr().err
    (notice,) = take_notices()
    assert "Parts, 2: host has polars 0.1" in notice.sentence()
    submit_parts(cast("Any", step), ["x", "y", "z"], "Parts", "parts", more="!")
    assert (capsys.readouterr().err, len(take_notices())) == ("", 1)


def test_what_workers_met_is_shown_with_what_this_process_met(
    two_processes: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_processes.client.run(note, "text cache", "file", "damaged", "met by a worker")
    note("text cache", "file", "damaged", "met here")
    context = SimpleNamespace(task_runner=two_processes)
    monkeypatch.setattr(cluster.FlowRunContext, "get", lambda: context)
    gather_notices()
    (notice,) = take_notices()
    assert set(notice.examples) == {"met here", "met by a worker"}
    gather_notices()
    assert take_notices() == []


def test_a_cluster_that_is_gone_does_not_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise OSError("no scheduler")

    context = SimpleNamespace(task_runner=SimpleNamespace(client=SimpleNamespace(run=run)))
    monkeypatch.setattr(cluster.FlowRunContext, "get", lambda: context)
    gather_notices()
    assert [notice.subject for notice in take_notices()] == ["cluster"]
