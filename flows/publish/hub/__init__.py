"""Hub: a release becomes one commit and, once it was loaded back, one tag; or nothing."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoFile

from flows.publish.hub.downloads import MAIN, download, locate, newest
from flows.publish.hub.errors import Unpublished, Unreachable, readable, require_name, require_token
from flows.publish.hub.lineage import Overtaken, explains, identity, names, require_successor
from flows.publish.hub.remote import DIGEST, LOST_ANSWERS, STALE, Remote, has, is_maybe_done, pause
from flows.release.layout import ASSETS, CARD, CONFIG_FOLDER, MANIFEST, NotARelease, read_manifest

__all__ = [
    "MAIN",
    "Overtaken",
    "Plan",
    "Published",
    "Unpublished",
    "Unreachable",
    "download",
    "explains",
    "locate",
    "names",
    "newest",
    "publish",
    "require_name",
]

OURS = re.compile(
    rf"{CONFIG_FOLDER}/[a-z_]+/train-\d{{5}}-of-\d{{5}}\.parquet"
    rf"|{ASSETS}/(?:papers_per_month|links_per_kind|topics_per_facet)\.svg"
)
"""Files on the Hub that a release may delete. Whatever else people put there stays."""

ATTEMPTS = 10
"""How often a commit is tried: eight publishers at once need at most eight, one for each that wins
before."""


@dataclass(frozen=True)
class LocalFile:
    """A file of a release, with the two hashes by which the Hub may know it."""

    path: Path
    size: int
    sha256: str
    git: str

    @classmethod
    def of(cls, path: Path) -> "LocalFile":
        """Hash a file."""
        content = path.read_bytes()
        blob = b"blob %d\0" % len(content) + content
        git = hashlib.sha1(blob, usedforsecurity=False).hexdigest()
        return cls(path, len(content), hashlib.sha256(content).hexdigest(), git)

    def equals(self, remote: RepoFile) -> bool:
        """Say whether a file on the Hub has the same content."""
        if remote.lfs:
            return remote.lfs.sha256 == self.sha256
        return remote.blob_id == self.git


@dataclass(frozen=True)
class Plan:
    """What has to change on the Hub for it to hold a release."""

    added: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]
    bytes: int
    """Size of the added files."""


@dataclass(frozen=True)
class Published:
    """What was done on the Hub, or would be done by anything but a dry run."""

    repo: str
    commit: str | None
    """The commit that holds the release; None in a dry run."""
    tag: str | None
    """The release's tag; None in a dry run, and on a branch or in a pull request."""
    plan: Plan
    is_dry_run: bool = False
    pull_request: str | None = None
    rebased: int = 0
    """How often another commit came first."""

    def sentence(self) -> str:
        """Say it to a person."""
        files = f"{len(self.plan.added)} files ({self.plan.bytes:,} bytes) sent"
        if self.is_dry_run:
            files = f"{len(self.plan.added)} files ({self.plan.bytes:,} bytes) would be sent"
        rest = f"{len(self.plan.deleted)} deleted, {len(self.plan.unchanged)} unchanged"
        if self.is_dry_run:
            return f"{self.repo}: {files}, {rest} (dry run: nothing was done)"
        where = self.pull_request or (f"tag {self.tag}" if self.tag else f"commit {self.commit}")
        again = f"; {self.rebased} commits came first" if self.rebased else ""
        return f"{self.repo}: {files}, {rest}; {where}{again}"


def publish(  # noqa: PLR0913  # each is a wish that people have
    folder: Path,
    repo: str,
    *,
    tag: str | None = None,
    branch: str | None = None,
    create_pr: bool = False,
    private: bool = False,
    dry_run: bool = False,
    endpoint: str | None = None,
) -> Published:
    """Publish a release folder to a dataset repository: one commit, then one tag.

    Before the commit is tagged, every file of the release is downloaded at it and hashed; so a tag
    means that the Hub gave back what was sent. Where the commit has its tag from an earlier call,
    nothing is downloaded: only the hashes that the Hub gives are compared. What is staged has no
    tag, so it is downloaded whole by every call.

    The tag is ``tag``, by default today's date as in ``2026.11.23``, with ``.1`` and so on when it
    is taken. What an interrupted call left undone, the next one finishes: the tag of its release,
    also where this is another one. On a ``branch`` or as a pull request the release is staged and
    gets no tag. A dry run needs no token unless the repository is private.

    Raises `NotARelease`, or `Unpublished` with one message that says what to do; its subclasses are
    `Unreachable` when the same call may succeed later, and `Overtaken` when the release has to be
    made anew on top of another.
    """
    require_name(repo)
    local = files_of(folder)
    remote = Remote(HfApi(endpoint=endpoint), repo, branch or MAIN)
    is_staged = create_pr or remote.branch != MAIN
    with readable(repo, remote.api.endpoint):
        if dry_run:
            todo = plan(local, remote.files_if_any())
            return Published(repo, None, None, todo, is_dry_run=True)
        require_token(remote.api)
        remote.prepare(private=private)
        if not is_staged:
            remote.finish(digest(local))
        published = commit(folder, local, remote, create_pr=create_pr)
        revision = published.commit or ""
        is_verified = not is_staged and remote.has_tag(revision, tag)
        verify(local, remote, revision, is_verified=is_verified)
        if is_staged:
            return published
        return replace(published, tag=remote.tag(revision, tag))


def files_of(folder: Path) -> dict[str, LocalFile]:
    """Hash the files of a release by their path in it. Raises `NotARelease` if it is not whole."""
    names = [*read_manifest(folder)["files"], MANIFEST]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing or CARD not in names:
        raise NotARelease(
            f"{folder} is not a whole release: {', '.join(missing) or CARD} is missing. "
            "Make it again with: open-papers refresh."
        )
    return {name: LocalFile.of(folder / name) for name in sorted(names)}


def digest(local: Mapping[str, LocalFile]) -> str:
    """Name a release by the names and contents of its files."""
    lines = "".join(f"{name}\0{file.sha256}\n" for name, file in sorted(local.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def plan(local: Mapping[str, LocalFile], remote: Mapping[str, RepoFile]) -> Plan:
    """Compare a release with what the Hub holds."""
    unchanged = [name for name in local if name in remote and local[name].equals(remote[name])]
    added = [name for name in local if name not in unchanged]
    return Plan(
        added=tuple(added),
        deleted=tuple(sorted(n for n in remote if n not in local and OURS.fullmatch(n))),
        unchanged=tuple(unchanged),
        bytes=sum(local[name].size for name in added),
    )


def commit(
    folder: Path, local: Mapping[str, LocalFile], remote: Remote, *, create_pr: bool
) -> Published:
    """Make the one commit, on top of whatever came first. Its parent is always stated.

    A commit whose answer was lost is looked for before it is sent again, so that it is never
    made twice. Raises `Unpublished` when others keep coming first, and when the release on top of
    which it would come has papers that would be lost.
    """
    lost = rebased = 0
    first: Plan | None = None
    known: dict[str, str] | None = None
    while rebased < ATTEMPTS:
        head = remote.head()
        files = remote.files(head)
        todo = plan(local, files)
        first = first or todo
        if not todo.added and not todo.deleted:
            done = remote.commit_of(digest(local)) or head
            return Published(remote.repo, done, None, first, rebased=rebased)
        if MANIFEST in files and identity(files) != known:
            require_successor(folder, remote, head, came_first=known is not None)
        known = identity(files)
        try:
            return replace(send(local, remote, todo, head, create_pr=create_pr), rebased=rebased)
        except (HfHubHTTPError, httpx2.TransportError) as error:
            rebased += has(error, STALE)
            lost += is_maybe_done(error)
            is_hopeless = not (has(error, STALE) or is_maybe_done(error))
            if is_hopeless or lost > LOST_ANSWERS or (create_pr and is_maybe_done(error)):
                raise
            pause(lost + rebased)
    raise Unpublished(
        f"{remote.repo}: other commits came first {rebased} times, so nothing was published. Run "
        "the same command again when the others are done."
    )


def send(
    local: Mapping[str, LocalFile], remote: Remote, todo: Plan, head: str, *, create_pr: bool
) -> Published:
    """Send one commit with everything in it."""
    additions = [CommitOperationAdd(name, local[name].path) for name in todo.added]
    deletions = [CommitOperationDelete(name, is_folder=False) for name in todo.deleted]
    made = remote.api.create_commit(
        remote.repo,
        [*additions, *deletions],
        repo_type="dataset",
        revision=remote.branch,
        parent_commit=head,
        create_pr=create_pr,
        commit_message="Release Open Papers",
        commit_description=DIGEST + digest(local),
    )
    return Published(remote.repo, made.oid, None, todo, pull_request=made.pr_url)


def verify(
    local: Mapping[str, LocalFile], remote: Remote, revision: str, *, is_verified: bool
) -> None:
    """Load a release back from the Hub, at its commit, and compare all hashes.

    Every file is downloaded, those too that were there before the commit; none where an earlier
    call ``is_verified`` by its tag, and then the hashes that the Hub gives are compared alone.
    Raises `Unpublished` if anything differs.
    """
    todo = plan(local, remote.files(revision))
    read = () if is_verified else local
    differ = [name for name in read if remote.sha256(name, revision) != local[name].sha256]
    if todo.added or todo.deleted or differ:
        raise Unpublished(
            f"{remote.repo}: commit {revision} does not hold the release: "
            f"{', '.join([*todo.added, *todo.deleted, *differ][:5])} differ. Run the same command "
            "again."
        )
