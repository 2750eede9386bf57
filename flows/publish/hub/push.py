"""Push: a release becomes one commit and, once it was loaded back, one tag; or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from huggingface_hub import HfApi

from flows.publish.hub.commit import (
    CommitPlan,
    PushReport,
    commit_release,
    plan_commit,
    plan_replacement,
    verify_commit,
)
from flows.publish.hub.downloads import MAIN
from flows.publish.hub.errors import require_repo_name, require_token, translate_errors
from flows.publish.hub.lineage import require_successor
from flows.publish.hub.local_files import LocalFile, digest_files, hash_release_files
from flows.publish.hub.remote import Remote, find_first_tag
from flows.release.layout import MANIFEST
from flows.release.open_release import Release


def push(  # noqa: PLR0913  # each is a wish that people have
    folder: Path,
    repo: str,
    *,
    tag: str | None = None,
    branch: str | None = None,
    create_pr: bool = False,
    private: bool = False,
    dry_run: bool = False,
    endpoint: str | None = None,
) -> PushReport:
    """Publish a release folder to a dataset repository: one commit, then one tag.

    Before the commit is tagged, every file of the release is downloaded at it and hashed; so a tag
    means that the Hub gave back what was sent. Where the commit has its tag from an earlier call,
    nothing is downloaded: only the hashes that the Hub gives are compared. What is staged has no
    tag, so it is downloaded whole by every call.

    The tag is ``tag``, by default the one of the release's manifest, as in ``2026.11.23``, else
    today's date; with ``.1`` and so on when it is taken. What an interrupted call left undone, the
    next one finishes: the tag of its release, also where this is another one. On a ``branch`` or
    as a pull request the release is staged and gets no tag. A dry run needs no token unless the
    repository is private.

    Raises `NotARelease`, or `Unpublished` with one message that says what to do; its subclasses are
    `Unreachable` when the same call may succeed later, and `Overtaken` when the release has to be
    made again on top of another.
    """
    require_repo_name(repo)
    release = Release.open(folder)
    local = hash_release_files(release)
    remote = Remote(HfApi(endpoint=endpoint), repo, branch or MAIN)
    is_staged = create_pr or remote.branch != MAIN
    with translate_errors(repo, remote.api.endpoint):
        if dry_run:
            todo = check_push(release, local, remote)
            return PushReport(repo, None, None, todo, is_dry_run=True)
        require_token(remote.api)
        # A branch that would begin with a release that must not be replaced is not even made.
        if not remote.has_branch():
            check_push(release, local, remote)
        remote.prepare_repo(private=private)
        # First the tag that is owed: after the commit below, the newest release is this one.
        if not is_staged:
            remote.tag_unfinished(digest_files(local))
        published = commit_release(release, local, remote, create_pr=create_pr)
        revision = published.commit or ""
        first_tag = find_first_tag(release.manifest, datetime.now(UTC))
        is_verified = not is_staged and remote.has_tag(revision, tag, first_tag)
        # Before the tag: who follows tags never sees a release that was not loaded back.
        verify_commit(local, remote, revision, is_verified=is_verified)
        if is_staged:
            return published
        return replace(published, tag=remote.ensure_tag(revision, tag, first_tag))


def check_push(release: Release, local: Mapping[str, LocalFile], remote: Remote) -> CommitPlan:
    """Make every check that needs no write, and return what a push would change.

    Raises what the push itself would.
    """
    revision = remote.find_start()
    if revision is None:
        return plan_commit(local, {})
    files = remote.list_files(revision)
    plan = plan_replacement(local, remote, revision, files)
    if MANIFEST in files and (plan.added or plan.deleted):
        require_successor(release, remote, revision, came_first=False)
    return plan
