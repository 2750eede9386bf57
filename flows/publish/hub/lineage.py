"""Lineage: a release must follow the one on the Hub, or ids that people cite would be lost."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import hf_hub_download
from huggingface_hub.hf_api import RepoFile

from flows.errors import count_noun
from flows.publish.hub.downloads import download_release
from flows.publish.hub.errors import Unpublished
from flows.publish.hub.remote import Remote
from flows.release.layout import MANIFEST, NotARelease
from flows.release.manifest_file import hash_manifest
from flows.release.open_release import Release


class Overtaken(Unpublished):
    """A release that has to be made again on top of another one, or ids would be lost."""

    def __init__(self, message: str, place: str) -> None:
        """``place`` names the other one: OWNER/NAME@REVISION."""
        super().__init__(message)
        self.place = place


IDENTITY = re.compile(r"data/(?:papers|aliases|changes)(?:_[a-z]+)?/.*\.parquet")
"""Files that say which papers there are, what they were called and what became of them."""


def list_identity_files(files: Mapping[str, RepoFile]) -> dict[str, str]:
    """Name the content of a revision's papers, aliases and changes."""
    return {
        # Small files are stored by git, which knows them by a digest of its own.
        name: file.lfs.sha256 if file.lfs else file.blob_id
        for name, file in files.items()
        if IDENTITY.fullmatch(name)
    }


def require_successor(release: Release, remote: Remote, head: str, *, came_first: bool) -> None:
    """Raise `Overtaken` unless a release may take the place of the one at a head.

    It may when it is that one or was made from it, or when it was made from another and knows
    every paper id and alias of that one; not when that one has just ``came_first``, with papers
    that it was not compared with. A first release may take the place of none: it knows no changes.
    """
    previous: str | None = release.manifest.get("previous_release")
    with TemporaryDirectory(prefix="open-papers-") as cache:
        if _hash_manifest_at(remote, head, cache) in {previous, hash_manifest(release.root)}:
            return
        if came_first:
            raise _refuse_overtaken(remote, head, "another release came first")
        try:
            folder = download_release(remote.repo, head, Path(cache), endpoint=remote.api.endpoint)
            lost = sorted(_list_explained_ids(Release.open(folder)) - _list_explained_ids(release))
        except NotARelease as error:
            raise Unpublished(f"{error} Repair the repository before you publish to it.") from None
    if lost:
        unknown = count_noun(len(lost), "paper or alias/papers or aliases")
        what = f"the release there has {unknown} that this one does not know"
        raise _refuse_overtaken(remote, head, f"{what}, such as {', '.join(lost[:5])}")
    if previous is None:
        raise _refuse_overtaken(remote, head, "there is a release already, and this is a first one")


def read_paper_ids(folder: Path) -> set[str]:
    """Read every id of a paper of a release, and every alias; none if there is no folder."""
    return _list_paper_ids(Release.open_previous(folder))


def _list_paper_ids(release: Release) -> set[str]:
    papers = release.read_table("papers", ["paper_id"])["paper_id"]
    return {*papers, *release.read_table("aliases", ["alias_id"])["alias_id"]}


def _list_explained_ids(release: Release) -> set[str]:
    """List every id that a release explains: of a paper, an alias, or one that was removed."""
    return _list_paper_ids(release) | {*release.read_table("changes", ["paper_id"])["paper_id"]}


def has_all_ids(folder: Path, known: Collection[str]) -> bool:
    """Return whether a release explains all of some ids."""
    return _list_explained_ids(Release.open(folder)).issuperset(known)


def _hash_manifest_at(remote: Remote, head: str, cache: str) -> str | None:
    path = hf_hub_download(
        remote.repo,
        MANIFEST,
        repo_type="dataset",
        revision=head,
        cache_dir=cache,
        endpoint=remote.api.endpoint,
    )
    return hash_manifest(Path(path).parent)


def _refuse_overtaken(remote: Remote, head: str, what: str) -> Overtaken:
    place = f"{remote.repo}@{head}"
    return Overtaken(
        f"{remote.repo}: {what}. Nothing was published, since ids would be lost. Make the release "
        f"from that one: open-papers refresh --previous {place} --publish-to {remote.repo}",
        place,
    )
