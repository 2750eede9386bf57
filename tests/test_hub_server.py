"""The local Hub answers the real client as the real Hub does."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import get_session

from tests.hub_server import DROP, Fault, LocalHub

REPO = "ada/papers"
ADA, BOB, READER = "hf_ada", "hf_bob", "hf_reader"
CARD = b"---\nlicense: cc0-1.0\n---\n# Papers\n"
DATASET = {"repo_type": "dataset"}


@pytest.fixture
def server() -> Iterator[LocalHub]:
    with LocalHub() as started:
        started.add_user("ada", ADA)
        started.add_user("bob", BOB)
        yield started


@pytest.fixture
def api(server: LocalHub) -> HfApi:
    client = HfApi(endpoint=server.url, token=ADA)
    client.create_repo(REPO, **DATASET)
    return client


def add(api: HfApi, files: dict[str, bytes], **given: object) -> str:
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(REPO, operations, commit_message="Add", **DATASET, **given).oid


def test_whoami_names_user_and_role(api: HfApi) -> None:
    me = api.whoami()
    assert (me["name"], me["auth"]["accessToken"]["role"]) == ("ada", "write")


def test_creating_a_repository_twice_conflicts(api: HfApi) -> None:
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_repo(REPO, **DATASET)
    assert refused.value.response.status_code == 409
    api.create_repo(REPO, exist_ok=True, **DATASET)


def test_text_and_lfs_files_come_back_as_they_were_sent(
    api: HfApi, server: LocalHub, tmp_path: Path
) -> None:
    add(api, {"README.md": CARD, "data/a.parquet": b"PAR1" * 100})
    for name, content in (("README.md", CARD), ("data/a.parquet", b"PAR1" * 100)):
        path = api.hf_hub_download(REPO, name, local_dir=tmp_path, **DATASET)
        assert Path(path).read_bytes() == content
    assert server.files(REPO)["README.md"] == CARD


def test_the_tree_knows_hashes_of_both_kinds_of_file(api: HfApi) -> None:
    add(api, {"README.md": CARD, "data/a.parquet": b"PAR1"})
    tree = {e.path: e for e in api.list_repo_tree(REPO, recursive=True, **DATASET)}
    assert tree["data/a.parquet"].lfs.sha256 == hashlib.sha256(b"PAR1").hexdigest()
    blob = b"blob %d\0" % len(CARD) + CARD
    assert tree["README.md"].blob_id == hashlib.sha1(blob).hexdigest()  # noqa: S324  # git's
    assert tree["README.md"].lfs is None
    assert [e.path for e in api.list_repo_tree(REPO, **DATASET)] == [
        ".gitattributes",
        "README.md",
        "data",
    ]


def test_a_commit_adds_and_deletes_together(api: HfApi, server: LocalHub) -> None:
    add(api, {"a.txt": b"a", "b.txt": b"b"})
    api.create_commit(
        REPO,
        [CommitOperationDelete("a.txt"), CommitOperationAdd("c.txt", b"c")],
        commit_message="Replace",
        **DATASET,
    )
    assert set(server.files(REPO)) == {".gitattributes", "b.txt", "c.txt"}


def test_a_stale_parent_is_refused_and_nothing_changes(api: HfApi, server: LocalHub) -> None:
    stale = api.repo_info(REPO, **DATASET).sha
    add(api, {"a.txt": b"a"}, parent_commit=stale)
    with pytest.raises(HfHubHTTPError) as refused:
        add(api, {"a.txt": b"another"}, parent_commit=stale)
    assert refused.value.response.status_code == 412
    assert server.files(REPO)["a.txt"] == b"a"


def test_tags_keep_what_they_named(api: HfApi, server: LocalHub) -> None:
    first = add(api, {"a.txt": b"1"})
    api.create_tag(REPO, tag="v/1", revision=first, **DATASET)
    add(api, {"a.txt": b"2"})
    assert server.files(REPO, "v/1")["a.txt"] == b"1"
    assert api.repo_info(REPO, revision="v/1", **DATASET).sha == first
    with pytest.raises(HfHubHTTPError):
        api.create_tag(REPO, tag="v/1", revision=first, **DATASET)
    api.delete_tag(REPO, tag="v/1", **DATASET)
    assert api.list_repo_refs(REPO, **DATASET).tags == []


def test_branches_start_from_a_revision_and_go_their_own_way(api: HfApi, server: LocalHub) -> None:
    add(api, {"a.txt": b"1"})
    api.create_branch(REPO, branch="review", **DATASET)
    add(api, {"a.txt": b"2"}, revision="review")
    assert server.files(REPO)["a.txt"] == b"1"
    assert server.files(REPO, "review")["a.txt"] == b"2"
    api.delete_branch(REPO, branch="review", **DATASET)
    assert [branch.name for branch in api.list_repo_refs(REPO, **DATASET).branches] == ["main"]


def test_the_history_is_newest_first(api: HfApi) -> None:
    oid = add(api, {"a.txt": b"1"}, commit_description="because")
    newest, oldest = api.list_repo_commits(REPO, **DATASET)
    assert (newest.commit_id, newest.title, newest.message) == (oid, "Add", "because")
    assert oldest.title == "initial commit"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-2", b"89"), ("bytes=8-99", b"89")],
)
def test_ranges_are_served(api: HfApi, server: LocalHub, wanted: str, expected: bytes) -> None:
    add(api, {"a.txt": b"0123456789"})
    url = f"{server.url}/datasets/{REPO}/resolve/main/a.txt"
    answer = get_session().get(url, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, expected)


def test_what_is_missing_is_told_by_header(api: HfApi) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("ada/none", **DATASET)
    with pytest.raises(RevisionNotFoundError):
        api.repo_info(REPO, revision="none", **DATASET)
    with pytest.raises(RemoteEntryNotFoundError):
        api.get_hf_file_metadata(url=f"{api.endpoint}/datasets/{REPO}/resolve/main/none")


def test_private_repositories_are_hidden_from_others(api: HfApi, server: LocalHub) -> None:
    api.update_repo_settings(REPO, private=True, **DATASET)
    assert api.repo_info(REPO, **DATASET).private
    for token in (BOB, False):
        with pytest.raises(RepositoryNotFoundError):
            HfApi(endpoint=server.url, token=token).repo_info(REPO, **DATASET)


def test_gated_repositories_are_closed_to_others(api: HfApi, server: LocalHub) -> None:
    server.repos[REPO].gated = True
    with pytest.raises(GatedRepoError):
        HfApi(endpoint=server.url, token=BOB).list_repo_files(REPO, **DATASET)
    assert api.list_repo_files(REPO, **DATASET) == [".gitattributes"]


def test_others_and_read_only_tokens_cannot_write(api: HfApi, server: LocalHub) -> None:
    server.add_user("ada", READER, role="read")
    for token in (BOB, READER):
        with pytest.raises(HfHubHTTPError) as refused:
            add(HfApi(endpoint=server.url, token=token), {"a.txt": b"1"})
        assert refused.value.response.status_code == 403
    assert api.file_exists(REPO, "a.txt", **DATASET) is False


def test_a_dropped_connection_is_tried_again_by_the_client(api: HfApi, server: LocalHub) -> None:
    server.faults.append(Fault("POST", "/lfs/objects/batch", DROP))
    add(api, {"a.parquet": b"PAR1"})
    assert server.count("POST", "/lfs/objects/batch") == 2


def test_every_request_is_logged_with_its_size(api: HfApi, server: LocalHub) -> None:
    server.requests.clear()
    add(api, {"a.parquet": b"PAR1"})
    [sent] = [request for request in server.requests if request.method == "PUT"]
    assert (sent.bytes, sent.token) == (4, None)
