"""Cluster: parts mapped on Dask, in processes of this machine or on machines that share its files.

Dask is the optional extra `open-papers[cluster]`: nothing here imports it before it is asked for.
"""

import importlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prefect.context import FlowRunContext
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import ThreadPoolTaskRunner

from flows.errors import UserError
from flows.parts import THREADS
from flows.runs.notices import add_notices, note, take_notices
from flows.runs.surroundings import Surroundings, list_differences, look_around, own_versions

EXTRA = "prefect_dask"

LOCAL = {"localhost", "127.0.0.1", "::1"}

DASK = "dask"
"""The runner that maps on a cluster; any other one is a thread pool of this process."""


class UnusableCluster(UserError):
    """A cluster that cannot do the work of a run."""


def require_runner(runner: str, scheduler: str | None) -> None:
    """Raise `UserError` for a cluster that cannot be had, before anything starts."""
    if runner != DASK:
        if scheduler:
            raise UnusableCluster("--scheduler names a Dask cluster: add --runner dask.")
        return
    if find_spec(EXTRA) is None:
        raise UnusableCluster(
            "--runner dask needs the extra `cluster`: pip install 'open-papers[cluster]', in a "
            "checkout pip install -c constraints.txt -e '.[cluster]'."
        )
    host = urlsplit(scheduler or "").hostname or "localhost"
    api = urlsplit(os.environ.get("PREFECT_API_URL", "")).hostname or "localhost"
    if host not in LOCAL and api in LOCAL:
        raise UnusableCluster(
            f"Workers of {scheduler} report to a Prefect server that they can reach: start one "
            "with `prefect server start --host 0.0.0.0` in a network you trust, and give its "
            "address in PREFECT_API_URL."
        )


@contextmanager
def provide_runner(runner: str, scheduler: str | None, threads: Any) -> Iterator[Any]:
    """Provide the task runner of a run: ``threads``, or one that maps tasks on a Dask cluster.

    Without an address of a ``scheduler`` the cluster is two processes of this machine.
    """
    require_runner(runner, scheduler)
    if runner != DASK:
        yield threads
        return
    # An import by name: mypy and those who run without a cluster need no Dask.
    dask = importlib.import_module(EXTRA)
    if scheduler:
        task_runner = dask.DaskTaskRunner(address=scheduler)
    else:
        # No dashboard: it would be a page that nobody asked for, on a port that may be taken.
        local = {"n_workers": THREADS, "threads_per_worker": 1, "dashboard_address": None}
        task_runner = dask.DaskTaskRunner(cluster_kwargs=local)
    with serve_one_api():
        yield task_runner


@contextmanager
def serve_one_api() -> Iterator[None]:
    """Let all processes of the block report to one Prefect server.

    Each worker would start a temporary server of its own otherwise, which takes many seconds.
    """
    if PREFECT_API_URL.value():
        yield
        return
    # The server's code is half of all that a run imports: only a cluster needs it in this process.
    from prefect.server.api.server import SubprocessASGIServer  # noqa: PLC0415  # see above

    server = SubprocessASGIServer()
    server.start()
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        yield


def is_on_cluster() -> bool:
    """Return whether the flow that is running maps its tasks on a cluster."""
    context = FlowRunContext.get()
    return bool(context and not isinstance(context.task_runner, ThreadPoolTaskRunner))


def require_shared_files(folders: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Raise `UnusableCluster` unless each worker sees the folders and inputs of the run as it does.

    A file is written into each folder, and every worker reads it. Without a cluster nothing is
    done.
    """
    context = FlowRunContext.get()
    if not context or not is_on_cluster():
        return
    word = secrets.token_hex()
    probes = [folder.absolute() / f".open-papers-probe-{word[:16]}" for folder in folders]
    try:
        for probe in probes:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_text(word, encoding="utf-8")
        seen = ask_workers(
            context.task_runner, list(map(str, probes)), [str(path.absolute()) for path in inputs]
        )
    finally:
        for probe in probes:
            probe.unlink(missing_ok=True)
    if faults := list_faults(seen, word, folders):
        raise UnusableCluster(
            "The cluster cannot do this run:\n  " + "\n  ".join(faults) + "\nAll machines need the "
            "same folders under the same names, as on NFS, and the same versions of Open Papers. "
            "Workers that began before code or tables changed have to be started again."
        )


def ask_workers(
    task_runner: Any, probes: Sequence[str], inputs: Sequence[str]
) -> Mapping[str, Surroundings]:
    """Ask every worker what it sees: its `Surroundings` by its address."""
    try:
        seen: Mapping[str, Surroundings] = task_runner.client.run(look_around, probes, inputs)
    except (ImportError, OSError) as error:
        raise UnusableCluster(
            f"The cluster cannot be asked ({type(error).__name__}: {error}). Look at the address "
            "of --scheduler, and whether its workers have Open Papers installed."
        ) from None
    if not seen:
        raise UnusableCluster("The cluster has no workers: start some with `dask worker`.")
    return seen


def gather_notices() -> None:
    """Add the workers' notices to those of this process; without a cluster, do nothing."""
    context = FlowRunContext.get()
    if not context or not is_on_cluster():
        return
    try:
        # Dask's runner alone has a client.
        runner: Any = context.task_runner
        for notices in runner.client.run(take_notices).values():
            add_notices(notices)
    except (AttributeError, OSError, RuntimeError) as error:
        # A cluster that is gone: what it did is in the tables, or the run has failed already.
        note("cluster", "cluster", "cannot be asked what its workers met", error)


def list_faults(seen: Mapping[str, Surroundings], word: str, folders: Sequence[Path]) -> list[str]:
    """List what keeps workers from giving the bytes of a run on this machine."""
    faults = []
    for worker, surroundings in sorted(seen.items()):
        unseen = [
            str(folder)
            for folder, text in zip(folders, surroundings.probes, strict=True)
            if text != word
        ]
        unseen += surroundings.missing
        if unseen:
            faults.append(f"{worker} does not see {', '.join(unseen)}")
        differences = list_differences(surroundings.versions, own_versions())
        faults += [f"{worker} has {difference}" for difference in differences]
    return faults
