"""Commit: what has to change on the Hub, sent as one commit and loaded back."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import RepoFile

from flows.errors import count_noun
from flows.publish.hub.errors import Unpublished
from flows.publish.hub.lineage import list_identity_files, require_successor
from flows.publish.hub.local_files import LocalFile, digest_files
from flows.publish.hub.remote import (
    DIGEST,
    LOST_ANSWERS,
    STALE,
    Remote,
    has_status,
    is_maybe_done,
    wait_before_retry,
)
from flows.release.layout import FILE_NAME, MANIFEST, SIGNATURE
from flows.release.open_release import Release

ATTEMPTS = 10
"""How often a commit is tried: eight publishers at once need at most eight, one for each that wins
before."""


@dataclass(frozen=True)
class CommitPlan:
    """What has to change on the Hub for it to hold a release."""

    added: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: tuple[str, ...]
    bytes: int
    """Size of the added files."""


@dataclass(frozen=True)
class PushReport:
    """What was done on the Hub, or would be done by anything but a dry run."""

    repo: str
    commit: str | None
    """The commit that holds the release; None in a dry run."""
    tag: str | None
    """The release's tag; None in a dry run, and on a branch or in a pull request."""
    plan: CommitPlan
    is_dry_run: bool = False
    pull_request: str | None = None
    rebased: int = 0
    """How often another commit came first."""

    def sentence(self) -> str:
        """Say in a line what was sent, deleted and tagged."""
        files = (
            f"{count_noun(len(self.plan.added), 'file')} ({count_noun(self.plan.bytes, 'byte')})"
        )
        rest = f"{len(self.plan.deleted)} deleted, {len(self.plan.unchanged)} unchanged"
        if self.is_dry_run:
            return f"{self.repo}: {files} would be sent, {rest} (dry run: nothing was done)"
        where = self.pull_request or (f"tag {self.tag}" if self.tag else f"commit {self.commit}")
        again = f"; {count_noun(self.rebased, 'commit')} came first" if self.rebased else ""
        return f"{self.repo}: {files} sent, {rest}; {where}{again}"


def plan_commit(
    local: Mapping[str, LocalFile],
    remote: Mapping[str, RepoFile],
    replaced: Collection[str] = (),
) -> CommitPlan:
    """Compare a release with what the Hub holds.

    Only files that the manifest of the ``replaced`` release names are deleted: whatever else people
    put into the repository stays.
    """
    unchanged = [name for name in local if name in remote and local[name].equals(remote[name])]
    added = [name for name in local if name not in unchanged]
    return CommitPlan(
        added=tuple(added),
        deleted=tuple(sorted(name for name in replaced if name in remote and name not in local)),
        unchanged=tuple(unchanged),
        bytes=sum(local[name].size for name in added),
    )


def plan_replacement(
    local: Mapping[str, LocalFile], remote: Remote, revision: str, files: Mapping[str, RepoFile]
) -> CommitPlan:
    """Plan the commit by which a release takes the place of what a revision holds.

    Raises `Unpublished` where files of other people would be loaded as if they were of the release.
    """
    # The old manifest costs a download: it is read only where a file may be one of its own.
    candidates = [name for name in files if name not in local and FILE_NAME.fullmatch(name)]
    replaced = remote.read_file_names(revision) if candidates and MANIFEST in files else frozenset()
    # The signature of a release is worth nothing beside another one, and no manifest names it.
    signature = {SIGNATURE} if MANIFEST in files else set()
    plan = plan_commit(local, files, replaced | signature)
    if intruders := find_intruders(local, [name for name in files if name not in plan.deleted]):
        raise Unpublished(
            f"{remote.repo}: {', '.join(intruders[:5])} would be loaded as a part of this release "
            "and are not of the one before. Nothing was published. Move or delete them first."
        )
    return plan


def find_intruders(local: Collection[str], remote: Iterable[str]) -> list[str]:
    """Find files on the Hub that the globs of a release's configs match and that it does not have.

    >>> find_intruders(["data/papers/train-00000-of-00001.parquet"],
    ...     ["data/papers/train-00000-of-00001.parquet", "data/papers/train-x.parquet", "a.txt"])
    ['data/papers/train-x.parquet']
    """
    starts = {name.rpartition("/")[0] + "/train-" for name in local if name.endswith(".parquet")}
    return [
        name
        for name in sorted(remote)
        if name not in local and name.endswith(".parquet") and name.startswith(tuple(starts))
    ]


def commit_release(
    release: Release, local: Mapping[str, LocalFile], remote: Remote, *, create_pr: bool
) -> PushReport:
    """Make the one commit, on top of whatever came first. Its parent is always stated.

    A commit whose answer was lost is looked for before it is sent again, so that it is never
    made twice. Raises `Unpublished` when others keep coming first, and when the release on top of
    which it would come has papers that would be lost.
    """
    lost = rebased = 0
    first: CommitPlan | None = None
    identity: dict[str, str] | None = None
    while rebased < ATTEMPTS:
        head = remote.read_head()
        files = remote.list_files(head)
        todo = plan_replacement(local, remote, head, files)
        # The report says what the whole push sent, also where a later round finds it done.
        first = first or todo
        # An answer that was lost belonged to a commit that is there now: nothing is left to send.
        if not todo.added and not todo.deleted:
            done = remote.find_commit(digest_files(local)) or head
            return PushReport(remote.repo, done, None, first, rebased=rebased)
        # A commit that changed no papers, such as an edited card, needs no other release.
        if MANIFEST in files and list_identity_files(files) != identity:
            require_successor(release, remote, head, came_first=identity is not None)
        identity = list_identity_files(files)
        try:
            return replace(
                create_commit(local, remote, todo, head, create_pr=create_pr), rebased=rebased
            )
        except (HfHubHTTPError, httpx2.TransportError) as error:
            rebased += has_status(error, STALE)
            lost += is_maybe_done(error)
            is_hopeless = not (has_status(error, STALE) or is_maybe_done(error))
            # A pull request leaves no trace on the branch: another try might open a second one.
            if is_hopeless or lost > LOST_ANSWERS or (create_pr and is_maybe_done(error)):
                raise
            wait_before_retry(lost + rebased)
    raise Unpublished(
        f"{remote.repo}: other commits came first {count_noun(rebased, 'time')}, so nothing was "
        "published. Run the same command again when the others are done."
    )


def create_commit(
    local: Mapping[str, LocalFile], remote: Remote, todo: CommitPlan, head: str, *, create_pr: bool
) -> PushReport:
    """Send one commit with everything in it."""
    additions = [CommitOperationAdd(name, local[name].path) for name in todo.added]
    deletions = [CommitOperationDelete(name, is_folder=False) for name in todo.deleted]
    created = remote.api.create_commit(
        remote.repo,
        [*additions, *deletions],
        repo_type="dataset",
        revision=remote.branch,
        # With its parent stated, the Hub refuses the commit where another one came first.
        parent_commit=head,
        create_pr=create_pr,
        commit_message="Release Open Papers",
        commit_description=DIGEST + digest_files(local),
    )
    return PushReport(remote.repo, created.oid, None, todo, pull_request=created.pr_url)


def verify_commit(
    local: Mapping[str, LocalFile], remote: Remote, revision: str, *, is_verified: bool
) -> None:
    """Load a release back from the Hub, at its commit, and compare all hashes.

    Every file is downloaded, those too that were there before the commit; none where an earlier
    call ``is_verified`` by its tag, and then the hashes that the Hub gives are compared alone.
    Raises `Unpublished` if anything differs.
    """
    files = remote.list_files(revision)
    todo = plan_commit(local, files)
    read = () if is_verified else local
    differ = [
        name for name in read if remote.hash_remote_file(name, revision) != local[name].sha256
    ]
    if wrong := [*todo.added, *find_intruders(local, files), *differ]:
        raise Unpublished(
            f"{remote.repo}: commit {revision} does not hold the release: {', '.join(wrong[:5])} "
            "differ. Run the same command again."
        )
