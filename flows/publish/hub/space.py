"""Space: the site of a release as a static Space on the Hub: one commit, or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from flows.errors import count_noun
from flows.publish.hub.commit import ATTEMPTS, CommitPlan, PushReport
from flows.publish.hub.downloads import MAIN
from flows.publish.hub.errors import (
    Unpublished,
    require_repo_name,
    require_token,
    translate_errors,
)
from flows.publish.hub.local_files import LocalFile
from flows.publish.hub.remote import (
    LOST_ANSWERS,
    STALE,
    has_status,
    is_maybe_done,
    wait_before_retry,
)
from flows.release.layout import MANIFEST

START = "index.html"
"""The page that a site begins with."""

OWN_BY_THE_HUB = ".gitattributes"
"""A file that the Hub makes and that stays."""


def push_site(
    folder: Path, repo: str, *, dry_run: bool = False, endpoint: str | None = None
) -> PushReport:
    """Send a site's folder to a static Space, which is made where there is none.

    The commit states its parent and holds every change; it is made again on top of others that come
    first. Files of the Space that the site does not have are deleted: a Space shows one site and
    nothing else. Afterwards the hashes that the Hub gives are compared.

    Raises `Unpublished` with one message that says what to do.
    """
    require_repo_name(repo)
    local = hash_site_files(folder)
    api = HfApi(endpoint=endpoint)
    with translate_errors(repo, api.endpoint):
        if dry_run:
            return PushReport(
                repo, None, None, plan_site(local, list_if_any(api, repo)), is_dry_run=True
            )
        require_token(api)
        api.create_repo(repo, repo_type="space", space_sdk="static", exist_ok=True)
        report = commit_site(api, repo, local)
        # Nothing is downloaded: no tag vouches for a site, and it can be made from its release.
        different = plan_site(local, list_files(api, repo, report.commit or MAIN))
        if different.added or different.deleted:
            names = ", ".join([*different.added, *different.deleted][:5])
            raise Unpublished(
                f"{repo}: commit {report.commit} does not hold the site: {names} differ. Run the "
                "same command again."
            )
        return report


def require_readable_release(
    release: Path, repo: str, revision: str, *, endpoint: str | None = None
) -> None:
    """Raise `Unpublished` unless everyone can read a release at a revision of a dataset.

    The pages of a Space read it there, as whoever looks at them: without an account.
    """
    api = HfApi(endpoint=endpoint)
    advice = f"Publish the release first: open-papers publish {repo} --release {release}"
    with translate_errors(repo, api.endpoint):
        info = api.repo_info(repo, repo_type="dataset", revision=revision)
        if info.private or getattr(info, "gated", False):
            raise Unpublished(
                f"{repo} is private or gated, so the pages of a Space cannot read it. Nothing was "
                "sent to the Space. Make the dataset public, or see it with open-papers explore."
            )
        entries = api.get_paths_info(repo, [MANIFEST], repo_type="dataset", revision=revision)
    local = LocalFile.of(release / MANIFEST)
    if not any(isinstance(entry, RepoFile) and local.equals(entry) for entry in entries):
        raise Unpublished(f"{repo} at {revision} does not hold the release in {release}. {advice}")


def hash_site_files(folder: Path) -> dict[str, LocalFile]:
    """Hash the files of a site by their path in it. Raises `Unpublished` where there is none."""
    if not (folder / START).is_file():
        raise Unpublished(f"{folder} holds no site. Make it with: open-papers site --out {folder}")
    return {
        path.relative_to(folder).as_posix(): LocalFile.of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plan_site(local: Mapping[str, LocalFile], remote: Mapping[str, RepoFile]) -> CommitPlan:
    """Compare a site with what a Space holds."""
    unchanged = [name for name in local if name in remote and local[name].equals(remote[name])]
    added = [name for name in local if name not in unchanged]
    return CommitPlan(
        added=tuple(added),
        deleted=tuple(sorted(remote.keys() - local.keys() - {OWN_BY_THE_HUB})),
        unchanged=tuple(unchanged),
        bytes=sum(local[name].size for name in added),
    )


def commit_site(api: HfApi, repo: str, local: Mapping[str, LocalFile]) -> PushReport:
    """Make the one commit, on top of whatever came first.

    Sending it twice would do no harm: after a lost answer the Space is looked at again, and what
    is there already is not sent. Raises `Unpublished` when others keep coming first.
    """
    lost = rebased = 0
    first: CommitPlan | None = None
    while rebased < ATTEMPTS:
        head = api.repo_info(repo, repo_type="space").sha or ""
        plan = plan_site(local, list_files(api, repo, head))
        first = first or plan
        if not plan.added and not plan.deleted:
            return PushReport(repo, head, None, first, rebased=rebased)
        try:
            commit = create_site_commit(api, repo, local, plan, head)
            return replace(PushReport(repo, commit, None, first), rebased=rebased)
        except (HfHubHTTPError, httpx2.TransportError) as error:
            rebased += has_status(error, STALE)
            lost += is_maybe_done(error)
            is_hopeless = not (has_status(error, STALE) or is_maybe_done(error))
            if is_hopeless or lost > LOST_ANSWERS:
                raise
            wait_before_retry(lost + rebased)
    raise Unpublished(
        f"{repo}: other commits came first {count_noun(rebased, 'time')}, so nothing was "
        "published. Run the same command again when the others are done."
    )


def create_site_commit(
    api: HfApi, repo: str, local: Mapping[str, LocalFile], plan: CommitPlan, head: str
) -> str:
    """Send one commit with everything in it, and give its id."""
    additions = [CommitOperationAdd(name, local[name].path) for name in plan.added]
    deletions = [CommitOperationDelete(name, is_folder=False) for name in plan.deleted]
    commit = api.create_commit(
        repo,
        [*additions, *deletions],
        repo_type="space",
        revision=MAIN,
        parent_commit=head,
        commit_message="Show Open Papers",
    )
    return commit.oid


def list_files(api: HfApi, repo: str, revision: str) -> dict[str, RepoFile]:
    """List the files of a Space at a revision by path."""
    entries = api.list_repo_tree(repo, repo_type="space", revision=revision, recursive=True)
    return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}


def list_if_any(api: HfApi, repo: str) -> dict[str, RepoFile]:
    """List the files of a Space; none where there is no such Space."""
    try:
        return list_files(api, repo, MAIN)
    except RepositoryNotFoundError:
        return {}


def locate_space(repo: str) -> str:
    """Return the address at which the Hub shows a static Space.

    >>> locate_space("Ada/Open_Papers")
    'https://ada-open-papers.static.hf.space/'
    """
    name = "".join(character if character.isalnum() else "-" for character in repo.lower())
    return f"https://{name}.static.hf.space/"
