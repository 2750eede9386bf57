"""Remote: a dataset repository on the Hub, and what may go wrong on the way to it."""

import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile

from flows.hashing import hash_file
from flows.publish.hub.downloads import MAIN, download_release
from flows.publish.hub.errors import Unpublished
from flows.release.layout import MANIFEST, NotARelease
from flows.release.manifest_file import read_manifest
from flows.release.tag_names import DATED, list_following

PAUSE = 0.2
"""Seconds between attempts, multiplied by their number and spread, so that two do not keep step."""

LOST_ANSWERS = 3
"""How often an answer that was lost on the way is asked for again."""

TAKEN_TAGS = 20
"""How often the name of a tag may be taken by others before we give up."""

MAYBE_DONE = {408, 500, 502, 503, 504}
"""Statuses after which a commit or a tag may be there all the same."""

CONFLICT, STALE = 409, 412

DIGEST = "Release-Digest: "
"""The line of a commit's description by which a later run recognises the release."""


@dataclass(frozen=True)
class Remote:
    """A dataset repository and one branch of it."""

    api: HfApi
    repo: str
    branch: str

    def read_head(self) -> str:
        """Return the branch's newest commit."""
        info = self.api.repo_info(self.repo, repo_type="dataset", revision=self.branch)
        return info.sha or ""

    def list_files(self, revision: str) -> dict[str, RepoFile]:
        """List the files of a revision by path."""
        entries = self.api.list_repo_tree(
            self.repo, repo_type="dataset", revision=revision, recursive=True
        )
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}

    def read_file_names(self, revision: str) -> frozenset[str]:
        """Return the names of the files of the release of a revision; none where it is no release.

        A manifest that is not one names nothing, so that nothing is deleted for it.
        """
        with TemporaryDirectory(prefix="open-papers-") as cache, suppress(NotARelease):
            return frozenset(
                read_manifest(self._download(MANIFEST, revision, cache).parent)["files"]
            )
        return frozenset()

    def has_branch(self) -> bool:
        """Return whether the repository and the branch are there."""
        return self._find_head(self.branch) is not None

    def find_start(self) -> str | None:
        """Return the commit on which the next one would come: the branch's, else main's; or None.

        None where there is no repository.
        """
        return self._find_head(self.branch) or self._find_head(MAIN)

    def _find_head(self, branch: str) -> str | None:
        try:
            return self.api.repo_info(self.repo, repo_type="dataset", revision=branch).sha
        except GatedRepoError:
            # To the client it is one of those that are missing; it is there, and it may hold ids.
            raise
        except (RevisionNotFoundError, RepositoryNotFoundError):
            return None

    def _download(self, name: str, revision: str, cache: str) -> Path:
        path = hf_hub_download(
            self.repo,
            name,
            repo_type="dataset",
            revision=revision,
            cache_dir=cache,
            endpoint=self.api.endpoint,
        )
        return Path(path)

    def prepare_repo(self, *, private: bool) -> None:
        """Make the repository and the branch if they are missing."""
        try:
            # Asked before it is made: `create_repo` would not say that it is public already.
            info = self.api.repo_info(self.repo, repo_type="dataset")
        except RepositoryNotFoundError:
            self.api.create_repo(self.repo, repo_type="dataset", private=private, exist_ok=True)
        else:
            if private and not info.private:
                raise Unpublished(
                    f"{self.repo} is public, and a private release was asked for. Make the "
                    "repository private in its settings, or publish without --private."
                )
        if self.branch != MAIN:
            self.api.create_branch(
                self.repo, branch=self.branch, repo_type="dataset", exist_ok=True
            )

    def find_commit(self, release: str) -> str | None:
        """Find the newest commit that was made for a release, by its digest."""
        commits = self.api.list_repo_commits(self.repo, repo_type="dataset", revision=self.branch)
        return next((c.commit_id for c in commits if DIGEST + release in c.message), None)

    def hash_remote_file(self, name: str, revision: str) -> str:
        """Download a file of a revision and hash it; it is not kept."""
        with TemporaryDirectory(prefix="open-papers-") as cache:
            return hash_file(self._download(name, revision, cache))

    def tag_unfinished(self, release: str) -> None:
        """Tag the branch's newest release where the run that made it could not.

        The ``release`` that is about to be published, by its digest, is left to its own run; so is
        one that has a tag of any name, and one whose files are not what its manifest says. What is
        tagged was downloaded whole.
        """
        # People commit to a repository, too: a release is known by the digest in its message.
        commits = self.api.list_repo_commits(self.repo, repo_type="dataset", revision=self.branch)
        newest = next((commit for commit in commits if DIGEST in commit.message), None)
        if not newest or release in newest.message or newest.commit_id in self.list_tags().values():
            return
        with TemporaryDirectory(prefix="open-papers-") as cache, suppress(NotARelease):
            folder = download_release(
                self.repo, newest.commit_id, Path(cache), endpoint=self.api.endpoint
            )
            first = find_first_tag(read_manifest(folder), newest.created_at)
            self.ensure_tag(newest.commit_id, None, first)

    def has_tag(self, revision: str, wanted: str | None, first: str) -> bool:
        """Return whether a commit has the tag that `ensure_tag` would give it."""
        return choose_tag(self.list_tags(), revision, wanted, first)[1]

    def list_tags(self) -> dict[str, str]:
        """Return the commit of every tag."""
        refs = self.api.list_repo_refs(self.repo, repo_type="dataset")
        return {ref.name: ref.target_commit for ref in refs.tags}

    def ensure_tag(self, revision: str, wanted: str | None, first: str) -> str:
        """Tag a commit unless it has a tag already, and give the tag's name, as in `choose_tag`.

        Raises `Unpublished` when the tag that was made leads to another commit.
        """
        lost = conflicts = 0
        while True:
            name, is_there = choose_tag(self.list_tags(), revision, wanted, first)
            if is_there:
                return name
            try:
                self.api.create_tag(self.repo, tag=name, revision=revision, repo_type="dataset")
            except (HfHubHTTPError, httpx2.TransportError) as error:
                lost += is_maybe_done(error)
                # Another publisher took the name: the next one is free, unless the Hub is at odds
                # with its own list of tags.
                conflicts += has_status(error, CONFLICT)
                is_known = is_maybe_done(error) or has_status(error, CONFLICT)
                if lost > LOST_ANSWERS or conflicts > TAKEN_TAGS or not is_known:
                    raise
                wait_before_retry(lost + conflicts)
            else:
                self._require_tag(name, revision)
                return name

    def _require_tag(self, name: str, revision: str) -> None:
        if self.list_tags().get(name) != revision:
            raise Unpublished(
                f"{self.repo}: tag {name} does not name commit {revision}: somebody moved it. Look "
                "at the repository's history before you publish again."
            )


def find_first_tag(manifest: Mapping[str, Any], day: datetime) -> str:
    """Return the tag that a release has in its manifest, or that of a day where it has none."""
    tag = str(manifest.get("tag") or "")
    return tag if DATED.fullmatch(tag) else f"{day:%Y.%m.%d}"


def choose_tag(
    tags: Mapping[str, str], revision: str, wanted: str | None, first: str
) -> tuple[str, bool]:
    """Return a commit's tag, and whether it is there already or has to be made.

    Without a wish, any dated tag of the commit will do, else it is the ``first`` that is free.

    >>> choose_tag({"2026.11.23": "c0ffee"}, "beef", None, "2026.11.23")
    ('2026.11.23.1', False)
    >>> choose_tag({"2026.11.23": "c0ffee"}, "c0ffee", None, "2026.11.30")
    ('2026.11.23', True)
    """
    fits = DATED if wanted is None else re.compile(rf"{re.escape(wanted)}(?:\.\d+)?")
    own = sorted(
        name for name, commit in tags.items() if commit == revision and fits.fullmatch(name)
    )
    if own:
        return own[0], True
    numbered = list_following(first) if wanted is None else (f"{wanted}.{n}" for n in count(1))
    return next(name for name in chain([wanted or first], numbered) if name not in tags), False


def has_status(error: Exception, status: int) -> bool:
    """Return whether an error is an answer with this status."""
    return isinstance(error, HfHubHTTPError) and error.response.status_code == status


def is_maybe_done(error: Exception) -> bool:
    """Return whether what failed may have been done all the same."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in MAYBE_DONE
    return True


def wait_before_retry(attempt: int) -> None:
    """Wait a little, longer each time, and not as long as others who wait."""
    time.sleep(PAUSE * max(1, attempt) * random.uniform(0.5, 1.5))  # noqa: S311  # not a secret
