"""A model of publication: the real code of publishers against a Hub that is a value.

A publisher runs as a coroutine that stops before every operation on the Hub. The Hub is a value:
`apply_operation` takes one and gives the next, with the answer. What a publisher does next follows
from the answers it got, so that it can be run again up to any point. `publication_states` visits
every state that publishers and Hub can come to; `run_schedule` runs one schedule as it is.
"""

import hashlib
import random
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import httpx2
import pytest
from greenlet import getcurrent, greenlet
from huggingface_hub.errors import (
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from flows.hashing import hash_file
from flows.publish import hub, write_release
from flows.publish.hub import commit, downloads, lineage, remote
from flows.release import NotARelease, Release
from flows.release.layout import MANIFEST
from flows.release.manifest_file import hash_manifest, read_manifest
from tests.builders import manifest, not_loaded_back, release_tables, template

push = import_module("flows.publish.hub.push")
"""The module; its package has a function of that name."""

REPO = "ada/model"
KEPT = "kept"
"""The folder of a shelf that holds what does not change."""

FIRST_TAG = "2026.11.23"
ENDPOINT = "http://127.0.0.1:9"
PUBLISHERS = (0, 1, 2)
LAST = 3
"""The publisher that runs when all others have ended."""

RETRIES = 2
"""How often a publisher sends again after an error that may pass, as the task `push_release`."""

REFUSING = ("429", "500")
"""Faults before an operation was done."""

LOSING = ("lost answer", "time-out")
"""Faults after it was done."""

DAMAGED = "damaged download"
TAG_FAULTS = ("deleted tag", "moved tag")
"""What somebody else may do to a tag between two operations."""

FAULTS = (*REFUSING, *LOSING, DAMAGED, *TAG_FAULTS)
CRASHES = ("crash before", "crash after")
PUBLISHED, FAILED = "published", "failed"
MEMORY = Path("/dev/shm")  # noqa: S108  # its folders are private, as those of tempfile are
"""A disk in memory, which Linux has."""


class Operation(NamedTuple):
    """What a publisher asks of the Hub."""

    name: str
    arguments: tuple[Any, ...] = ()


class Answer(NamedTuple):
    """What the Hub or the network gives back: `ok`, `damaged`, `time-out`, or a status."""

    kind: str | int
    value: Any = None


@dataclass(frozen=True)
class HubState:
    """A repository: its branch's commit, None where there is no repository, and its tags."""

    main: str | None = None
    tags: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class ModelCommit:
    """One commit: the file on the shelf that each of its files is."""

    parent: str | None
    tree: Mapping[str, Path]
    message: str
    created_at: datetime = datetime(2026, 11, 23, tzinfo=UTC)


@dataclass
class Shelf:
    """Releases and commits, each made once: their names are made from what they hold."""

    folder: Path
    releases: dict[tuple[str | None, int], Path] = field(default_factory=dict)
    papers: dict[Path, frozenset[int]] = field(default_factory=dict)
    by_digest: dict[str | None, Path] = field(default_factory=dict)
    commits: dict[str, ModelCommit] = field(default_factory=dict)
    checkouts: dict[str, Path] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def is_kept(self, path: Path) -> bool:
        """Tell whether a path is below the shelf's own folders, where nothing changes."""
        return str(path).startswith(str(self.folder / KEPT))

    def build(self, previous: Path, own: int) -> Path:
        """Build the release that a publisher with one paper of its own makes after another."""
        digest = lineage.hash_manifest(previous)
        before = self.papers[self.by_digest[digest]] if digest else frozenset()
        if own in before:
            return self.by_digest[digest]
        if (digest, own) not in self.releases:
            folder = self.folder / KEPT / f"release-{len(self.releases)}"
            papers = sorted(before | {own})
            whole = release_tables(max(papers) + 1)
            tables = {name: whole[name][papers] for name in ("papers", "links")}
            with not_loaded_back():
                write_release.write_tables(
                    tables,
                    template(self.folder),
                    manifest(previous_release=digest, tag=FIRST_TAG),
                    folder,
                )
            self.releases[digest, own] = self.by_digest[hash_manifest(folder)] = folder
            self.papers[folder] = before | {own}
        return self.releases[digest, own]

    def add_commit(self, parent: str | None, tree: Mapping[str, Path], message: str) -> str:
        """Add a commit and return its id, after checking that it is a whole release."""
        text = repr((parent, sorted(tree.items()), message))
        name = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        if name not in self.commits:
            self.commits[name] = ModelCommit(parent, dict(tree), message)
            self.check_commit(name)
        return name

    def check_commit(self, name: str) -> None:
        """Raise unless a commit holds one whole release with every paper of the one before."""
        tree = self.commits[name].tree
        if not tree:
            return
        files = Release.open(root_of(tree)).files
        assert set(tree) == {*files, MANIFEST}, "half a release"
        for path, entry in files.items():
            assert hash_once(tree[path]) == entry["sha256"], f"{path} is of another release"
        lost = self.list_papers(self.commits[name].parent) - self.list_papers(name)
        assert not lost, f"papers {sorted(lost)} are lost"

    def list_papers(self, name: str | None) -> frozenset[int]:
        """List the papers of the release of a commit."""
        tree = self.commits[name].tree if name else {}
        return self.papers[root_of(tree)] if tree else frozenset()

    def list_history(self, name: str | None) -> list[str]:
        """List a commit and those before it, the newest first."""
        names = []
        while name:
            names.append(name)
            name = self.commits[name].parent
        return names

    def check_out(self, name: str, folder: Path | None = None) -> Path:
        """Return a folder with the files of a commit, which are links and must not be changed."""
        if folder is None and name in self.checkouts:
            return self.checkouts[name]
        target = folder or self.folder / KEPT / f"commit-{name}"
        for path, source in self.commits[name].tree.items():
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            if not (target / path).exists():
                (target / path).symlink_to(source)
        if folder is None:
            self.checkouts[name] = target
        return target


def root_of(tree: Mapping[str, Path]) -> Path:
    """Find the folder of the release that a tree holds; its other files may be of earlier ones."""
    return tree[MANIFEST].parent


@cache
def resolve(path: str | Path) -> Path:
    """Find a file of the shelf, whose releases stay open."""
    return Path(path).resolve()


@cache
def hash_once(path: Path) -> str:
    """Hash a file of the shelf, where none changes."""
    return hash_file(path)


def is_visible(operation: Operation, shelf: Shelf) -> bool:
    """Tell whether an operation depends on what others do, or they on it.

    What is asked of a commit by its id is the same for ever.
    """
    is_fixed = operation.name in {"info", "tree", "file", "files"}
    return not (is_fixed and operation.arguments[0] in shelf.commits)


def apply_operation(  # noqa: PLR0911  # a table of operations
    state: HubState, operation: Operation, shelf: Shelf
) -> tuple[HubState, Answer]:
    """Do an operation: return the Hub afterwards, and its answer."""
    name, arguments = operation
    tags = dict(state.tags)
    match name:
        case "create repo":
            main = state.main or shelf.add_commit(None, {}, "")
            return HubState(main, state.tags), Answer("ok")
        case _ if state.main is None:
            return state, Answer(404, RepositoryNotFoundError)
        case "refs":
            return state, Answer("ok", tuple(sorted(state.tags)))
        case "commits":
            return state, Answer("ok", tuple(shelf.list_history(state.main)))
        case "tag":
            tag, revision = arguments
            if tag in tags:
                return state, Answer(409)
            return HubState(state.main, state.tags | {(tag, revision)}), Answer("ok")
        case "commit":
            parent, additions, deletions, message = arguments
            if parent != state.main:
                return state, Answer(412)
            tree = {**shelf.commits[parent].tree, **dict(additions)}
            rest = {path: source for path, source in tree.items() if path not in deletions}
            made = shelf.add_commit(parent, rest, message)
            return HubState(made, state.tags), Answer("ok", made)
        case _:
            return state, read_revision(state, operation, shelf)


def read_revision(state: HubState, operation: Operation, shelf: Shelf) -> Answer:
    """Answer what is asked of a commit, a tag or the branch."""
    revision, *names = operation.arguments
    found = state.main if revision in {None, "main"} else dict(state.tags).get(revision, revision)
    if found not in shelf.commits:
        return Answer(404, RevisionNotFoundError)
    if operation.name == "file" and names[0] not in shelf.commits[found].tree:
        return Answer(404, RemoteEntryNotFoundError)
    return Answer("ok", found)


def list_faults(operation: Operation, answer: Answer) -> list[tuple[str, Answer, bool]]:
    """List what may go wrong with an operation: fault, answer, and whether it was done."""
    faults = [(kind, Answer(int(kind)), False) for kind in REFUSING]
    faults += [("lost answer", Answer(502), True), ("time-out", Answer("time-out"), True)]
    if operation.name in {"file", "files"} and answer.kind == "ok":
        faults.append((DAMAGED, Answer("damaged", answer.value), True))
    return faults


def list_tag_faults(state: HubState, shelf: Shelf) -> list[HubState]:
    """List what the Hub is after somebody deleted a tag, or moved one to the first commit."""
    first = shelf.list_history(state.main)[-1:]
    deleted = [HubState(state.main, state.tags - {tag}) for tag in sorted(state.tags)]
    moved = [
        HubState(state.main, (state.tags - {tag}) | {(tag[0], commit_id)})
        for tag in sorted(state.tags)
        for commit_id in first
    ]
    return deleted + moved


class CrashError(BaseException):
    """The end of a process, which nothing can handle."""


class Publisher(greenlet):
    """One publisher: it gives operations to its parent and is given answers."""

    def __init__(self, shelf: Shelf, own: int) -> None:
        super().__init__(self.publish)
        self.shelf, self.own = shelf, own
        self.cache = shelf.folder / "caches" / str(next(shelf.numbers))
        """Where its downloads are; it is made when one of them is damaged."""
        self.private: set[Path] = set()
        self.asked = 0
        self.damaged: list[tuple[str, Path]] = []
        """Commit and file of what it downloaded damaged."""
        self.messages: list[str] = []

    def publish(self) -> str:
        try:
            publish_own(self.shelf, self.own, self.cache)
        except (hub.Unpublished, NotARelease) as error:
            self.messages.append(str(error))
            return FAILED
        except CrashError:
            return FAILED
        return PUBLISHED

    def checked_out(self, name: str, cache_dir: Path, answer: Answer, wanted: str = "") -> Path:
        """Return the folder of a commit below a cache; it is one of its own once it was damaged."""
        private = Path(cache_dir) / name
        if answer.kind != "damaged":
            return self.shelf.check_out(name, private if private in self.private else None)
        self.private.add(private)
        self.shelf.check_out(name, private)
        path = wanted or min(path for path in self.shelf.commits[name].tree if "data" in path)
        victim = private / path
        self.damaged.append((name, victim))
        content = victim.read_bytes()
        victim.unlink()
        victim.write_bytes(content[: len(content) // 2])
        return private


def ask(name: str, *arguments: Any) -> Answer:
    """Stop before an operation and go on with its answer; raise what a client would."""
    publisher = current_publisher()
    parent = publisher.parent
    assert parent is not None
    publisher.asked += 1
    answer = parent.switch(Operation(name, arguments))
    if answer.kind == "crash":
        raise CrashError
    if answer.kind == "time-out":
        raise httpx2.ReadTimeout("no answer in time")
    if isinstance(answer.kind, int):
        raise http_error(answer.kind, answer.value or HfHubHTTPError)
    return answer  # type: ignore[no-any-return]  # greenlet knows no types


def http_error(status: int, kind: type[HfHubHTTPError]) -> Exception:
    request = httpx2.Request("GET", ENDPOINT)
    return kind(f"HTTP {status}", response=httpx2.Response(status, request=request))


class ModelApi:
    """What the code calls of `HfApi`."""

    endpoint = ENDPOINT

    def __init__(self, endpoint: str | None = None) -> None:
        """Take what `HfApi` takes."""

    def repo_info(self, _: str, *, repo_type: str, revision: str | None = None) -> Any:
        del repo_type
        return SimpleNamespace(sha=ask("info", revision).value, private=False)

    def list_repo_tree(self, _: str, *, repo_type: str, revision: str, recursive: bool) -> Any:
        del repo_type, recursive
        return describe_tree(current_publisher().shelf, ask("tree", revision).value)

    def list_repo_commits(self, _: str, *, repo_type: str, revision: str) -> Any:
        del repo_type, revision
        commits = current_publisher().shelf.commits
        return [
            SimpleNamespace(
                commit_id=name, message=commits[name].message, created_at=commits[name].created_at
            )
            for name in ask("commits").value
        ]

    def list_repo_refs(self, _: str, *, repo_type: str) -> Any:
        del repo_type
        tags = ask("refs").value
        return SimpleNamespace(
            tags=[SimpleNamespace(name=name, target_commit=target) for name, target in tags]
        )

    def create_repo(self, _: str, **options: Any) -> None:
        del options
        ask("create repo")

    def create_commit(self, _: str, operations: list[Any], **options: Any) -> Any:
        additions = tuple(
            (op.path_in_repo, resolve(op.path_or_fileobj))
            for op in operations
            if hasattr(op, "path_or_fileobj")
        )
        paths = {op.path_in_repo for op in operations}
        deletions = frozenset(paths - {path for path, _ in additions})
        arguments = (options["parent_commit"], additions, deletions, options["commit_description"])
        return SimpleNamespace(oid=ask("commit", *arguments).value, pr_url=None)

    def create_tag(self, _: str, *, tag: str, revision: str, repo_type: str) -> None:
        del repo_type
        ask("tag", tag, revision)


def current_publisher() -> Publisher:
    publisher = getcurrent()
    assert isinstance(publisher, Publisher)
    return publisher


def describe_tree(shelf: Shelf, name: str) -> list[RepoFile]:
    return [describe_file(path, source) for path, source in shelf.commits[name].tree.items()]


@cache
def describe_file(name: str, path: Path) -> RepoFile:
    lfs = {"size": path.stat().st_size, "oid": hash_once(path), "pointerSize": 1}
    return RepoFile(path=name, size=lfs["size"], oid="0" * 40, lfs=lfs)


def download_file(_: str, name: str, *, revision: str, cache_dir: Path, **__: Any) -> str:
    """Stand for `hf_hub_download`."""
    answer = ask("file", revision, name)
    return str(current_publisher().checked_out(answer.value, cache_dir, answer, name) / name)


def download_files(_: str, *, revision: str, cache_dir: Path, **options: Any) -> str:
    """Stand for `snapshot_download`."""
    answer = ask("files", revision, tuple(options["allow_patterns"]))
    return str(current_publisher().checked_out(answer.value, cache_dir, answer))


def remember(shelf: Shelf, function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that runs once for each file, folder or release of the shelf.

    None of those changes. What is in a cache of a publisher is looked at each time.
    """
    known: dict[Any, Any] = {}

    def recall(item: Any, *arguments: Any) -> Any:
        place = item.folder if isinstance(item, Release) else item
        if not shelf.is_kept(place):
            return function(item, *arguments)
        key = (place, *(tuple(x) if isinstance(x, list) else x for x in arguments))
        if key not in known:
            known[key] = function(item, *arguments)
        return known[key]

    return recall


@contextmanager
def modelled_hub(shelf: Shelf) -> Iterator[None]:
    """Let the code reach a Hub in memory, without waiting, and read what never changes once."""
    once = partial(remember, shelf)
    with pytest.MonkeyPatch.context() as patch:
        for module in (push, downloads):
            patch.setattr(module, "HfApi", ModelApi)
        for module in (downloads, lineage, remote):
            patch.setattr(module, "hf_hub_download", download_file)
        for module in (commit, remote):
            patch.setattr(module, "wait_before_retry", lambda _: None)
        for module in (downloads, remote):
            patch.setattr(module, "read_manifest", once(read_manifest))
        patch.setattr(remote, "hash_file", once(hash_file))
        patch.setattr(lineage, "hash_manifest", once(hash_manifest))
        patch.setattr(push, "hash_release_files", once(push.hash_release_files))
        patch.setattr(downloads, "snapshot_download", download_files)
        for name in ("find_damaged", "read_table"):
            patch.setattr(Release, name, once(getattr(Release, name)))
        for name in ("open", "open_previous"):
            patch.setattr(Release, name, once(getattr(Release, name)))
        # Folders come and go by the hundred: in memory, where the system has such a place.
        patch.setattr(tempfile, "tempdir", str(MEMORY) if MEMORY.is_dir() else None)
        patch.setattr(push, "require_token", lambda _: None)
        yield


def publish_own(shelf: Shelf, own: int, cache: Path) -> None:
    """Do what `refresh --publish-to` does around the Hub, with one paper of its own."""
    nothing = cache / "none"
    start = hub.download_newest(REPO, "main", cache, endpoint=ENDPOINT) or nothing
    written: list[Path] = []

    def write(previous: Path) -> Path:
        written.append(shelf.build(previous, own))
        return written[-1]

    def send() -> None:
        for attempt in range(RETRIES + 1):
            try:
                hub.push(written[-1], REPO, endpoint=ENDPOINT)
            except hub.Unreachable:
                if attempt == RETRIES:
                    raise
            else:
                return

    hub.push_on_newest(write, send, start, hub.read_paper_ids(start), cache)


@dataclass(frozen=True)
class Schedule:
    """What deviates from running one publisher after another, by the number of the operation."""

    switches: Mapping[int, int] = field(default_factory=dict)
    """The publisher that goes on before the operation."""
    faults: Mapping[int, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a schedule came to."""

    operations: int
    state: HubState
    ends: dict[int, str]
    messages: list[str]


def run_schedule(schedule: Schedule, shelf: Shelf) -> Outcome:
    """Run the publishers by a schedule, then those of `check_end`, and check the invariants."""
    outcome = Outcome(0, HubState(), {}, [])
    runners = {own: Publisher(shelf, own) for own in PUBLISHERS}
    waiting: dict[int, Any] = {own: runner.switch() for own, runner in runners.items()}
    current = PUBLISHERS[0]
    while waiting:
        wanted = schedule.switches.get(outcome.operations, current)
        current = wanted if wanted in waiting else min(waiting)
        fault = schedule.faults.get(outcome.operations, "")
        outcome.operations += 1
        outcome.state, answer = answer_with(outcome.state, waiting[current], fault, shelf)
        waiting[current] = runners[current].switch(answer)
        if runners[current].dead:
            outcome.ends[current] = waiting.pop(current)
            outcome.messages += runners[current].messages
    check_end(outcome.state, outcome.ends, shelf)
    return outcome


def answer_with(
    state: HubState, operation: Operation, fault: str, shelf: Shelf
) -> tuple[HubState, Answer]:
    """Do an operation, or let it fail in the way that the schedule says."""
    if fault in TAG_FAULTS and state.tags:
        half = len(state.tags) * TAG_FAULTS.index(fault)
        state = list_tag_faults(state, shelf)[half]
    after, answer = apply_operation(state, operation, shelf)
    check_step(state, after)
    if fault in CRASHES:
        return (after if fault == "crash after" else state), Answer("crash")
    for kind, failed, is_done in list_faults(operation, answer):
        if kind == fault:
            return (after if is_done else state), failed
    return after, answer


def check_step(before: HubState, after: HubState) -> None:
    """Raise where an operation of a publisher moves or deletes a tag."""
    assert before.tags <= after.tags, f"tags have moved: {before.tags - after.tags}"


def run_alone(state: HubState, own: int, shelf: Shelf) -> tuple[HubState, Publisher, Any]:
    """Run one publisher undisturbed; return the Hub afterwards, and how it ended."""
    publisher = Publisher(shelf, own)
    operation = publisher.switch()
    while not publisher.dead:
        after, answer = apply_operation(state, operation, shelf)
        check_step(state, after)
        state, operation = after, publisher.switch(answer)
    return state, publisher, operation


def check_end(state: HubState, ends: Mapping[int, str], shelf: Shelf) -> None:
    """Raise unless everything is as if undisturbed after one more run.

    And after all that failed or crashed were run again, every paper is published.
    """
    state, publisher, end = run_alone(state, LAST, shelf)
    assert end == PUBLISHED, f"the last run was refused: {publisher.messages}"
    check_head(state, shelf)
    papers = shelf.list_papers(state.main)
    lost = {own for own, how in ends.items() if how == PUBLISHED} - papers
    assert not lost, f"lost: {lost}"
    for own, how in sorted(ends.items()):
        if how == FAILED:
            state, publisher, end = run_alone(state, own, shelf)
            assert end == PUBLISHED, f"{own} was refused again: {publisher.messages}"
            check_head(state, shelf)
    assert shelf.list_papers(state.main) == {*ends, LAST}


def check_head(state: HubState, shelf: Shelf) -> None:
    """Raise unless the head has a tag, and every tag names a commit that leads to it."""
    history, targets = shelf.list_history(state.main), dict(state.tags).values()
    assert state.main in targets, "the head has no tag"
    assert {*targets} <= {*history}, "a tag names what is not published"


def draw_schedules(number: int, operations: int, seed: int) -> Iterator[Schedule]:
    """Draw schedules of up to six switches, one fault and one crash among so many operations."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(number):
        switches = {
            dice.randrange(operations): dice.choice(PUBLISHERS) for _ in range(dice.randrange(7))
        }
        faults = {
            dice.randrange(operations): dice.choice(kinds)
            for kinds in (FAULTS, CRASHES)
            if dice.random() < 0.7  # most schedules have one
        }
        yield Schedule(switches, faults)
