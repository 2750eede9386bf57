"""A model of publication: the real code against a Hub in memory, one operation at a time.

Three publishers run as coroutines that stop before every operation on the Hub. A schedule says at
which operations another one goes on, where one crashes, and where the Hub or the network fails; the
same schedule gives the same run. Afterwards one more publisher runs undisturbed, and the invariants
of `check_end` have to hold; those of `ModelHub.check` hold after every operation.
"""

import itertools
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from greenlet import getcurrent, greenlet
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from flows.hashing import hash_file
from flows.publish import hub, write_release
from flows.publish.hub import commit, downloads, lineage, remote
from flows.release import NotARelease, Release
from flows.release.layout import MANIFEST
from flows.release.manifest_file import hash_manifest
from tests.builders import manifest, not_loaded_back, release_tables, template

push = import_module("flows.publish.hub.push")
"""The module; its package has a function of that name."""

REPO = "ada/model"
PUBLISHERS = (0, 1, 2)
FAULTS = ("429", "500", "lost answer", "time-out", "damaged download", "deleted tag")
"""What may happen at an operation: `lost answer` and `time-out` come after it was done."""

MEMORY = Path("/dev/shm")  # noqa: S108  # its folders are private, as those of tempfile are
"""A disk in memory, which Linux has."""

CRASHES = ("crash before", "crash after")


class CrashError(BaseException):
    """The end of a process, which nothing can handle."""


@dataclass(frozen=True)
class Schedule:
    """What deviates from running one publisher after another, by the number of the operation."""

    switches: Mapping[int, int] = field(default_factory=dict)
    """The publisher that goes on before the operation."""
    faults: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelCommit:
    """One commit: the folder of the release that each of its files is taken from."""

    commit_id: str
    parent: str | None
    tree: Mapping[str, Path]
    message: str
    created_at: datetime = datetime(2026, 11, 23, tzinfo=UTC)


class ReleaseShelf:
    """Releases by what they were made from, each built once, by the real code."""

    def __init__(self, folder: Path) -> None:
        """Begin with no release in a folder."""
        self.folder = folder
        self.built: dict[tuple[str | None, int], Path] = {}
        self.papers: dict[Path, frozenset[int]] = {}
        self.template = template(folder)

    def build(self, previous: Path, own: int) -> Path:
        """Build the release that a publisher with one paper of its own makes after another."""
        before = self.papers.get(previous, frozenset())
        if own in before:
            return previous
        key = (hash_manifest(previous), own)
        if key not in self.built:
            folder = self.folder / f"release-{len(self.built)}"
            numbers = [number + 1 for number in sorted(before | {own})]
            whole = release_tables(max(numbers))
            keep = [number - 1 for number in numbers]
            tables = {name: whole[name][keep] for name in ("papers", "links")}
            with not_loaded_back():
                write_release.write_tables(
                    tables, self.template, manifest(previous_release=key[0]), folder
                )
            self.built[key] = folder
            self.papers[folder] = before | {own}
        return self.built[key]


class ModelHub:
    """One repository in memory. Whoever calls an operation first gives way to the scheduler."""

    endpoint = "http://127.0.0.1:9"

    def __init__(self, shelf: ReleaseShelf) -> None:
        """Begin without a repository."""
        self.shelf = shelf
        self.commits: dict[str, ModelCommit] = {}
        self.main: str | None = None
        self.tags: dict[str, str] = {}
        self.tagged: dict[str, str] = {}
        """Every tag that ever was, with its commit."""
        self.checked: tuple[Any, ...] = ()
        """What was seen by the last check: it is made again only after a change."""

    def do(self, operation: Callable[[], Any]) -> Any:
        """Stop before an operation, then do it, or fail in the way that the scheduler says."""
        parent = getcurrent().parent
        fault = parent.switch() if parent is not None else None
        if fault == "crash before":
            raise CrashError
        if fault in {"429", "500"}:
            raise http_error(int(fault))
        if fault == "deleted tag" and self.tags:
            self.tagged.pop(self.tags.popitem()[0])
        result = operation()
        self.check()
        if fault == "crash after":
            raise CrashError
        if fault == "lost answer":
            raise http_error(502)
        if fault == "time-out":
            raise httpx2.ReadTimeout("no answer in time")
        return damage(result) if fault == "damaged download" else result

    def find(self, revision: str | None) -> ModelCommit:
        """Find a commit by its id, a tag or the branch, as the Hub does."""
        if self.main is None:
            raise http_error(404, RepositoryNotFoundError)
        name = self.main if revision in {None, "main"} else self.tags.get(revision or "", revision)
        if name not in self.commits:
            raise http_error(404, RevisionNotFoundError)
        return self.commits[name]

    def add(self, tree: Mapping[str, Path], message: str) -> ModelCommit:
        """Add a commit to the branch."""
        made = ModelCommit(f"{len(self.commits):040x}", self.main, dict(tree), message)
        self.commits[made.commit_id] = made
        self.main = made.commit_id
        return made

    def check(self) -> None:
        """Raise unless the head and every tag is a whole release that holds all before it."""
        state = (self.main, tuple(self.tags.items()))
        if state == self.checked:
            return
        self.checked = state
        for tag, commit_id in self.tags.items():
            assert self.tagged.setdefault(tag, commit_id) == commit_id, f"{tag} has moved"
            assert self.commits[commit_id].tree, f"{tag} names no release"
        if self.main is None or not (tree := self.commits[self.main].tree):
            return
        folder = root_of(tree)
        files = Release.open(folder).files
        assert set(tree) == {*files, MANIFEST}, "half a release"
        for name, entry in files.items():
            assert hash_once(tree[name]) == entry["sha256"], f"{name} is of another release"
        before = self.commits[self.main].parent
        if before and self.commits[before].tree:
            lost = self.shelf.papers[root_of(self.commits[before].tree)] - self.shelf.papers[folder]
            assert not lost, f"papers {sorted(lost)} are lost"


class ModelApi:
    """What the code calls of `HfApi`."""

    def __init__(self, model: ModelHub) -> None:
        """Reach one Hub."""
        self.model, self.endpoint = model, model.endpoint

    def repo_info(self, _: str, *, repo_type: str, revision: str | None = None) -> Any:
        del repo_type
        return self.model.do(
            lambda: SimpleNamespace(sha=self.model.find(revision).commit_id, private=False)
        )

    def list_repo_tree(self, _: str, *, repo_type: str, revision: str, recursive: bool) -> Any:
        del repo_type, recursive
        return self.model.do(lambda: [*map(describe, self.model.find(revision).tree.items())])

    def list_repo_commits(self, _: str, *, repo_type: str, revision: str) -> Any:
        del repo_type, revision
        return self.model.do(lambda: [*reversed(self.model.commits.values())])

    def list_repo_refs(self, _: str, *, repo_type: str) -> Any:
        del repo_type
        return self.model.do(
            lambda: SimpleNamespace(
                tags=[
                    SimpleNamespace(name=name, target_commit=of)
                    for name, of in self.model.tags.items()
                ]
            )
        )

    def create_repo(self, _: str, **options: Any) -> None:
        del options
        self.model.do(lambda: self.model.main or self.model.add({}, ""))

    def create_commit(self, _: str, operations: list[Any], **options: Any) -> Any:
        def create() -> Any:
            if options["parent_commit"] != self.model.main:
                raise http_error(412)
            tree = dict(self.model.find(None).tree)
            for operation in operations:
                tree.pop(operation.path_in_repo, None)
                if hasattr(operation, "path_or_fileobj"):
                    tree[operation.path_in_repo] = Path(operation.path_or_fileobj).resolve()
            made = self.model.add(tree, options["commit_description"])
            return SimpleNamespace(oid=made.commit_id, pr_url=None)

        return self.model.do(create)

    def create_tag(self, _: str, *, tag: str, revision: str, repo_type: str) -> None:
        del repo_type

        def create() -> None:
            if tag in self.model.tags:
                raise http_error(409)
            self.model.tags[tag] = revision

        self.model.do(create)


def root_of(tree: Mapping[str, Path]) -> Path:
    """Find the folder of the release that a tree holds; its other files may be of earlier ones."""
    return tree[MANIFEST].parent


def describe(entry: tuple[str, Path]) -> RepoFile:
    name, path = entry
    lfs = {"size": path.stat().st_size, "oid": hash_once(path), "pointerSize": 1}
    return RepoFile(path=name, size=lfs["size"], oid="0" * 40, lfs=lfs)


@cache
def hash_once(path: Path) -> str:
    """Hash a file of the shelf, where none changes."""
    return hash_file(path)


def http_error(status: int, kind: type[HfHubHTTPError] = HfHubHTTPError) -> HfHubHTTPError:
    request = httpx2.Request("GET", ModelHub.endpoint)
    return kind(f"HTTP {status}", response=httpx2.Response(status, request=request))


def damage(result: Any) -> Any:
    """Cut what was downloaded in half; another result stays."""
    if isinstance(result, str) and Path(result).is_dir():
        victim = next(path for path in sorted(Path(result).rglob("*.parquet")))
    elif isinstance(result, str):
        victim = Path(result)
    else:
        return result
    content = victim.read_bytes()
    # What was downloaded is a link to the shelf, as the Hub's cache has them: it must not change.
    victim.unlink()
    victim.write_bytes(content[: len(content) // 2])
    return result


def fake_downloads(model: ModelHub) -> tuple[Callable[..., str], Callable[..., str]]:
    """Make what stands for `hf_hub_download` and `snapshot_download`: copies below a cache."""

    def fetch(revision: str, cache_dir: Path, is_wanted: Callable[[str], bool]) -> Path:
        found = model.find(revision)
        folder = Path(cache_dir) / found.commit_id
        for name, path in found.tree.items():
            if is_wanted(name) and not (folder / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to(path)
        return folder

    def download_file(_: str, name: str, *, revision: str, cache_dir: Path, **__: Any) -> str:
        def download() -> str:
            folder = fetch(revision, cache_dir, lambda other: other == name)
            if not (folder / name).exists():
                raise EntryNotFoundError(name)
            return str(folder / name)

        return str(model.do(download))

    def download_all(_: str, *, revision: str, cache_dir: Path, **options: Any) -> str:
        names = {name.replace("[", "").replace("]", "") for name in options["allow_patterns"]}
        return str(model.do(lambda: str(fetch(revision, cache_dir, names.__contains__))))

    return download_file, download_all


def remember_tables() -> Callable[..., Any]:
    """Make what stands for `Release.read_table`: files are checked each time and read once."""
    read_table, known = Release.read_table, dict[tuple[Any, ...], Any]()

    def read(release: Release, table: str, columns: Any = None) -> Any:
        release.list_files(table)
        key = (release.manifest["digest"] if release.manifest else "", table, tuple(columns or ()))
        if key not in known:
            known[key] = read_table(release, table, columns)
        return known[key]

    return read


READ_TABLE = remember_tables()


@contextmanager
def patched(model: ModelHub) -> Iterator[None]:
    """Let the code reach a Hub in memory, without waiting between attempts."""
    download_file, download_all = fake_downloads(model)
    with pytest.MonkeyPatch.context() as patch:
        for module in (push, downloads):
            patch.setattr(module, "HfApi", lambda endpoint: ModelApi(model))  # noqa: ARG005  # its own
        for module in (downloads, lineage, remote):
            patch.setattr(module, "hf_hub_download", download_file)
        for module in (commit, remote):
            patch.setattr(module, "wait_before_retry", lambda _: None)
        patch.setattr(downloads, "snapshot_download", download_all)
        patch.setattr(Release, "read_table", READ_TABLE)
        # Folders come and go by the hundred: in memory, where the system has such a place.
        patch.setattr(tempfile, "tempdir", str(MEMORY) if MEMORY.is_dir() else None)
        patch.setattr(push, "require_token", lambda _: None)
        yield


def publish_own(shelf: ReleaseShelf, own: int, cache: Path) -> hub.PushReport:
    """Do what `refresh --publish-to` does around the Hub, with one paper of its own."""
    nothing = cache / "none"
    there = hub.download_newest(REPO, "main", cache, endpoint=ModelHub.endpoint) or nothing
    written: list[Path] = []

    def write(previous: Path) -> Path:
        written.append(shelf.build(on_shelf(shelf, previous), own))
        return written[-1]

    known = hub.read_paper_ids(there)
    send = lambda: hub.push(written[-1], REPO, endpoint=ModelHub.endpoint)  # noqa: E731  # a thunk
    return hub.push_on_newest(write, send, there, known, cache)[1]


def on_shelf(shelf: ReleaseShelf, folder: Path) -> Path:
    """Find the release of which a folder is a copy."""
    digest = hash_manifest(folder)
    return next((path for path in shelf.papers if hash_manifest(path) == digest), folder)


@dataclass
class Outcome:
    """What a schedule came to."""

    operations: int
    published: set[int]
    """Publishers that were told of success."""
    refused: list[str]


def run_schedule(schedule: Schedule, shelf: ReleaseShelf) -> Outcome:
    """Run the publishers by a schedule, then one more undisturbed, and check the invariants."""
    model = ModelHub(shelf)
    outcome = Outcome(0, set(), [])
    with patched(model), TemporaryDirectory(prefix="open-papers-model-") as cache:
        alive = {own: start(shelf, own, Path(cache) / f"{own}", outcome) for own in PUBLISHERS}
        current = PUBLISHERS[0]
        while alive := {own: running for own, running in alive.items() if not running.dead}:
            wanted = schedule.switches.get(outcome.operations, current)
            current = wanted if wanted in alive else min(alive)
            fault = schedule.faults.get(outcome.operations)
            outcome.operations += 1
            alive[current].switch(fault)
        last = max(PUBLISHERS) + 1
        final = start(shelf, last, Path(cache) / "last", outcome)
        while not final.dead:
            final.switch(None)
        check_end(model, outcome, last)
    return outcome


def start(shelf: ReleaseShelf, own: int, cache: Path, outcome: Outcome) -> greenlet:
    """Start a publisher; it stops before its first operation."""

    def run() -> None:
        try:
            publish_own(shelf, own, cache)
        except (hub.Unpublished, NotARelease) as error:
            outcome.refused.append(str(error))
        except CrashError:
            outcome.refused.append("crashed")
        else:
            outcome.published.add(own)

    running = greenlet(run)
    running.switch()
    return running


def check_end(model: ModelHub, outcome: Outcome, last: int) -> None:
    """Raise unless everything is as if undisturbed after one more run."""
    assert last in outcome.published, f"the last run was refused: {outcome.refused}"
    assert model.main in model.tags.values(), "the head has no tag"
    papers = model.shelf.papers[root_of(model.find(None).tree)]
    assert outcome.published <= papers, f"lost: {outcome.published - papers}"
    for commit_id in model.tags.values():
        assert model.shelf.papers[root_of(model.commits[commit_id].tree)] <= papers


def draw_schedules(number: int, operations: int, seed: int) -> Iterator[Schedule]:
    """Draw schedules of up to three switches, one fault and one crash among so many operations."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(number):
        switches = {
            dice.randrange(operations): dice.choice(PUBLISHERS) for _ in range(dice.randrange(4))
        }
        faults = {
            dice.randrange(operations): dice.choice(kinds)
            for kinds in (FAULTS, CRASHES)
            if dice.random() < 0.7  # most schedules have one
        }
        yield Schedule(switches, faults)


def list_schedules(operations: int) -> Iterator[Schedule]:
    """List every schedule of one switch and one fault or crash, then of two switches.

    Whatever runs after an operation of one publisher and before the next of another is the same
    schedule, so that a switch to the publisher that goes on anyhow is listed once.
    """
    yield Schedule()
    numbers = range(operations)
    for number, kind in itertools.product(numbers, (*FAULTS, *CRASHES)):
        yield Schedule({}, {number: kind})
        for place, own in itertools.product(numbers, PUBLISHERS):
            yield Schedule({place: own}, {number: kind})
    for places in itertools.combinations(numbers, 2):
        for owners in itertools.product(PUBLISHERS, repeat=2):
            yield Schedule(dict(zip(places, owners, strict=True)))
