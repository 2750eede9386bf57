"""Downloads: a release on the Hub as a folder on this machine."""

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import EntryNotFoundError

from flows.publish.hub.errors import Missing, redact_tokens, translate_errors
from flows.release.layout import MANIFEST, SIGNATURE, NotARelease
from flows.release.manifest_file import read_manifest
from flows.release.open_release import Release
from flows.runs.notices import note_damage

MAIN = "main"
"""The branch whose commits are tagged: what is on others, or proposed, waits for a review."""

ON_THE_HUB = re.compile(r"(?:hf://(?:datasets/)?)?([\w.-]+/[\w.-]+)@(\S+)")
"""How a release on the Hub is named: OWNER/NAME@REVISION, the revision a tag, branch or commit;
`hf://datasets/` before it is what other tools write."""


class NoManifest(NotARelease):
    """A revision on the Hub that holds no release at all."""


def locate_release(place: str, cache: Path, *, endpoint: str | None = None) -> Path:
    """Return the folder of a release that is named by its folder or as OWNER/NAME@REVISION.

    A release on the Hub is downloaded below ``cache``, once per commit. Raises `NotARelease` when
    there is none at the place, and `Unpublished` when the Hub does not give it.
    """
    match = ON_THE_HUB.fullmatch(place)
    # A folder may have an @ in its path: what is on the disk comes first.
    if match and not Path(place).exists():
        return download_release(match[1], match[2], cache, endpoint=endpoint)
    if not Path(place).is_dir():
        raise NotARelease(
            f"{redact_tokens(place)} is neither the folder of a release nor OWNER/NAME@REVISION, "
            "as in me/open-papers@2026.11.23. Check the name."
        )
    read_manifest(Path(place))
    return Path(place)


def download_newest(
    repo: str, branch: str, cache: Path, *, endpoint: str | None = None
) -> Path | None:
    """Return the folder of the release that a branch on the Hub holds, or would begin with.

    A branch that does not exist begins with what ``main`` holds. None only where the Hub says that
    there is no repository, no branch or no manifest. Whatever else it answers is raised as by
    `download_release`, or the release that is there would be taken for none and be replaced.
    """
    for revision in (branch, MAIN):
        try:
            return download_release(repo, revision, cache, endpoint=endpoint)
        except (Missing, NoManifest):
            continue
    return None


def download_release(repo: str, revision: str, cache: Path, *, endpoint: str | None = None) -> Path:
    """Download exactly the files that the manifest of a revision names, and compare their hashes.

    Raises `NoManifest` when the revision holds no release, `NotARelease` when not the whole of it,
    `Missing` when there is no such revision, and `Unpublished` for what else the Hub answers.
    """
    api = HfApi(endpoint=endpoint)
    with translate_errors(repo, api.endpoint):
        # A branch may move between two requests, so all of them ask for one commit.
        commit = api.repo_info(repo, repo_type="dataset", revision=revision).sha
        try:
            manifest = hf_hub_download(
                repo,
                MANIFEST,
                repo_type="dataset",
                revision=commit,
                cache_dir=cache,
                endpoint=endpoint,
            )
        except EntryNotFoundError:
            raise NoManifest(
                f"{repo}@{revision} is not a release: it has no {MANIFEST}. Name a revision that "
                "`open-papers publish` made; they are the tags of the repository."
            ) from None
        # No manifest names its signature; where there is none, the pattern matches nothing.
        names = [MANIFEST, SIGNATURE, *read_manifest(Path(manifest).parent)["files"]]
        folder = _download_files(repo, commit or revision, names, cache, endpoint)
        damaged = Release.open(folder).find_damaged()
        if damaged:
            for name in damaged:
                note_damage("downloads", f"{repo}@{revision}: {name}", "fetched again")
            # A part of the cache that is not what was sent once: it is fetched again, once.
            _forget_files(folder, damaged)
            _download_files(repo, commit or revision, damaged, cache, endpoint)
    return require_whole_release(folder, f"{repo}@{revision}")


def _download_files(
    repo: str, commit: str, names: Sequence[str], cache: Path, endpoint: str | None
) -> Path:
    folder = snapshot_download(
        repo,
        repo_type="dataset",
        revision=commit,
        cache_dir=cache,
        # The client reads globs, and a name that a stranger wrote must match itself alone.
        allow_patterns=[glob.escape(name) for name in names],
        endpoint=endpoint,
    )
    return Path(folder)


def _forget_files(folder: Path, names: Sequence[str]) -> None:
    """Delete files of the cache together with the content that their links lead to."""
    for name in names:
        path = folder / name
        # A new link would lead to the same bad content: the client fetches only what it lacks.
        if path.is_symlink():
            path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def require_whole_release(folder: Path, name: str) -> Path:
    """Return a folder; raise `NotARelease` unless it holds what its manifest says."""
    if wrong := Release.open(folder).find_damaged():
        raise NotARelease(
            f"{name} is not a whole release: {', '.join(wrong[:5])} is missing or is not what its "
            f"{MANIFEST} says. Name another revision."
        )
    return folder
