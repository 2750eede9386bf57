"""Hub: a release becomes one commit and, once it was loaded back, one tag; or nothing."""

from flows.publish.hub.commit import CommitPlan, PushReport
from flows.publish.hub.downloads import MAIN, download_newest, download_release, locate_release
from flows.publish.hub.errors import Unpublished, Unreachable, require_repo_name
from flows.publish.hub.lineage import Overtaken, has_all_ids, read_paper_ids
from flows.publish.hub.push import push
from flows.publish.hub.rebase import push_on_newest

__all__ = [
    "MAIN",
    "CommitPlan",
    "Overtaken",
    "PushReport",
    "Unpublished",
    "Unreachable",
    "download_newest",
    "download_release",
    "has_all_ids",
    "locate_release",
    "push",
    "push_on_newest",
    "read_paper_ids",
    "require_repo_name",
]
