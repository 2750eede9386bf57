"""A Hub on loopback: what huggingface_hub and datasets ask of one, kept in memory.

    with LocalHub() as hub:
        hub.add_user("ada", "hf_ada")
        HfApi(endpoint=hub.url, token="hf_ada").create_repo("ada/papers", repo_type="dataset")

Commits are atomic and compare their parent under one lock, as the real Hub does. `Fault` makes
chosen requests fail. Every request is kept in `LocalHub.requests`.
"""

import base64
import hashlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from huggingface_hub import constants

WHEN = "2026-11-23T00:00:00.000Z"
"""Every commit's date: the server has no clock, so that its answers repeat."""

LFS_SUFFIXES = (".parquet", ".png", ".zst", ".gz")
DROP = "drop"
DROP_ANSWER = "drop answer"


@dataclass(frozen=True)
class User:
    name: str
    role: str = "write"
    orgs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blob:
    """A file's content; its git id is of the content, or of the LFS pointer to it."""

    content: bytes
    is_lfs: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def pointer(self) -> bytes:
        return (
            "version https://git-lfs.github.com/spec/v1\n"
            f"oid sha256:{self.sha256}\nsize {len(self.content)}\n"
        ).encode()

    @property
    def oid(self) -> str:
        stored = self.pointer if self.is_lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()  # noqa: S324  # git's

    def entry(self, path: str) -> dict[str, Any]:
        lfs = {"oid": self.sha256, "size": len(self.content), "pointerSize": len(self.pointer)}
        found = {"type": "file", "path": path, "oid": self.oid, "size": len(self.content)}
        return found | ({"lfs": lfs} if self.is_lfs else {})


@dataclass(frozen=True)
class Commit:
    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    tree: dict[str, Blob]


@dataclass
class Repo:
    name: str
    private: bool = False
    gated: bool = False
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def commit(self, ref: str, tree: dict[str, Blob], title: str, message: str, by: str) -> Commit:
        refs = self.pulls if ref.startswith("refs/pr/") else self.branches
        parent = refs.get(ref)
        listing = sorted((path, blob.oid) for path, blob in tree.items())
        seed = json.dumps([parent, title, message, by, listing, len(self.commits)])
        oid = hashlib.sha1(seed.encode()).hexdigest()  # noqa: S324  # the length of git's ids
        self.commits[oid] = Commit(oid, parent, title, message, by, tree)
        refs[ref] = oid
        return self.commits[oid]

    def find(self, revision: str) -> Commit | None:
        for refs in (self.branches, self.tags, self.pulls):
            if revision in refs:
                return self.commits[refs[revision]]
        return self.commits.get(revision)

    def history(self, start: Commit) -> list[Commit]:
        found = [start]
        while found[-1].parent:
            found.append(self.commits[found[-1].parent])
        return found


@dataclass
class Fault:
    """What happens instead of an answer, to the first ``times`` requests after ``after``.

    ``does`` is a status, a number of seconds to wait first (a float), `DROP` (the connection
    closes and nothing is done) or `DROP_ANSWER` (everything is done, then it closes).
    """

    method: str
    path: str
    does: int | float | str
    times: int = 1
    after: int = 0


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    token: str | None
    bytes: int


class Refused(Exception):
    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code


class LocalHub:
    """The server. Its state may be read and changed by tests while nothing is in flight."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.damaged: set[str] = set()
        """Paths of files that are given with other bytes than were sent."""
        self.requests: list[Request] = []
        self.lock = threading.RLock()
        handler = type("Handler", (Handler,), {"hub": self})
        self._server = Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @contextmanager
    def is_the_hub(self) -> Iterator[None]:
        """Be the Hub to what names none: the settings are read when the client is imported."""
        with pytest.MonkeyPatch.context() as patched:
            there = constants.HUGGINGFACE_CO_URL_TEMPLATE.removeprefix(constants.ENDPOINT)
            patched.setattr(constants, "ENDPOINT", self.url)
            patched.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", self.url + there)
            yield

    def add_user(
        self, name: str, token: str, *, role: str = "write", orgs: tuple[str, ...] = ()
    ) -> None:
        self.users[token] = User(name, role, orgs)

    def add_repo(self, name: str, *, private: bool = False, gated: bool = False) -> Repo:
        repo = self.repos[name] = Repo(name, private, gated)
        attributes = Blob(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n", is_lfs=False)
        repo.commit("main", {".gitattributes": attributes}, "initial commit", "", "system")
        return repo

    def count(self, method: str, path: str) -> int:
        """Count the requests of a method whose path matches a pattern."""
        return sum(r.method == method and bool(re.search(path, r.path)) for r in self.requests)

    def files(self, repo: str, revision: str = "main") -> dict[str, bytes]:
        """Give the contents of a revision by path."""
        commit = self.repos[repo].find(revision)
        assert commit, f"{repo} has no revision {revision}"
        return {path: blob.content for path, blob in commit.tree.items()}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that a client or a fault has closed."""


class Handler(BaseHTTPRequestHandler):
    hub: ClassVar[LocalHub]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def log_message(self, *_: object) -> None:
        """Keep the tests' output to what they say."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        self.raw_path = urlsplit(self.path).path
        self.query = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
        self.body = self._read_body()
        self.status, self.sent = 0, b""
        with self.hub.lock:
            self.hub.requests.append(
                Request(self.command, self.raw_path, self.token, len(self.body))
            )
            fault = self._fault()
        if isinstance(fault, float):
            time.sleep(fault)
        if fault == DROP:
            self._hang_up()
            return
        try:
            self._fail_on_purpose(fault)
            self.answer_is_lost = fault == DROP_ANSWER
            self._route()
        except Refused as refused:
            self._refuse(refused)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _fault(self) -> int | float | str | None:
        for fault in self.hub.faults:
            if fault.method == self.command and re.search(fault.path, self.raw_path):
                if fault.after:
                    fault.after -= 1
                elif fault.times:
                    fault.times -= 1
                    return fault.does
        return None

    @staticmethod
    def _fail_on_purpose(fault: float | str | None) -> None:
        if isinstance(fault, int):
            raise Refused(fault, f"fault {fault} on purpose")

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _route(self) -> None:
        for method, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, self.raw_path)
            if found and method == self.command:
                handle(self, *(unquote(group or "") for group in found.groups()))
                return
        raise Refused(404, f"no route for {self.command} {self.raw_path}")

    def _refuse(self, refused: Refused) -> None:
        headers = {"X-Error-Message": refused.message}
        if refused.code:
            headers["X-Error-Code"] = refused.code
        self.send(refused.status, {"error": refused.message}, headers)

    def send(
        self, status: int, value: object = None, headers: dict[str, str] | None = None
    ) -> None:
        if getattr(self, "answer_is_lost", False):
            self.answer_is_lost = False
            self._hang_up()
            return
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        kind = "application/octet-stream" if isinstance(value, bytes) else "application/json"
        sent = {"Content-Type": kind, "Content-Length": str(len(content))} | (headers or {})
        self.send_response(status)
        for name, text in sent.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    @property
    def token(self) -> str | None:
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token if scheme == "Bearer" else None

    @property
    def user(self) -> User | None:
        if self.token is None:
            return None
        if self.token not in self.hub.users:
            raise Refused(401, "Invalid credentials in Authorization header")
        return self.hub.users[self.token]

    def require_user(self) -> User:
        if self.user is None:
            raise Refused(401, "Invalid username or password.")
        return self.user

    def repo(self, name: str) -> Repo:
        """Give a repository whose files the user may read."""
        repo = self.visible(name)
        if repo.gated and not (self.user and self._is_member(self.user, name)):
            raise Refused(403, "Access to this dataset is restricted", "GatedRepo")
        return repo

    def visible(self, name: str) -> Repo:
        """Give a repository whose existence the user may know."""
        repo, user = self.hub.repos.get(name), self.user
        missing = Refused(404 if user else 401, "Repository not found", "RepoNotFound")
        if repo is None or (repo.private and not (user and self._is_member(user, name))):
            raise missing
        return repo

    @staticmethod
    def _is_member(user: User, name: str) -> bool:
        return name.split("/", maxsplit=1)[0] in {user.name, *user.orgs}

    def writable(self, name: str) -> Repo:
        repo = self.repo(name)
        self.require_write(name)
        return repo

    def require_write(self, name: str) -> User:
        user = self.require_user()
        if user.role == "read":
            raise Refused(403, "This token has no write permission")
        if not self._is_member(user, name):
            raise Refused(
                403, f"You don't have the rights for the namespace {name.split('/', maxsplit=1)[0]}"
            )
        return user

    def revision(self, repo: Repo, name: str) -> Commit:
        commit = repo.find(name)
        if commit is None:
            raise Refused(404, f"Invalid rev id: {name}", "RevisionNotFound")
        return commit

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")


def whoami(request: Handler) -> None:
    user = request.require_user()
    request.send(
        200,
        {
            "name": user.name,
            "type": "user",
            "fullname": user.name,
            "orgs": [{"name": org} for org in user.orgs],
            "auth": {
                "type": "access_token",
                "accessToken": {"displayName": "test", "role": user.role},
            },
        },
    )


def create_repo(request: Handler) -> None:
    wanted = request.json
    user = request.require_user()
    name = f"{wanted.get('organization') or user.name}/{wanted['name']}"
    request.require_write(name)
    url = f"{request.hub.url}/{wanted.get('type', 'dataset')}s/{name}"
    with request.hub.lock:
        if name in request.hub.repos:
            request.send(409, {"url": url, "error": "You already created this dataset repo"})
            return
        private = wanted.get("private") or wanted.get("visibility") == "private"
        request.hub.add_repo(name, private=bool(private))
    request.send(200, {"url": url, "name": name})


def delete_repo(request: Handler) -> None:
    wanted = request.json
    name = f"{wanted.get('organization') or request.require_user().name}/{wanted['name']}"
    request.writable(name)
    del request.hub.repos[name]
    request.send(200, {})


def settings(request: Handler, name: str) -> None:
    wanted = request.json
    is_private = wanted.get("private") or wanted.get("visibility") == "private"
    request.writable(name).private = bool(is_private)
    request.send(200, {})


def info(request: Handler, name: str, revision: str = "main") -> None:
    repo = request.visible(name)
    commit = request.revision(repo, revision or "main")
    siblings = [
        {"rfilename": path}
        | ({"size": len(blob.content), "blobId": blob.oid} if "blobs" in request.query else {})
        for path, blob in sorted(commit.tree.items())
    ]
    request.send(
        200,
        {
            "id": name,
            "author": name.split("/", maxsplit=1)[0],
            "sha": commit.oid,
            "lastModified": WHEN,
            "createdAt": WHEN,
            "private": repo.private,
            "gated": "auto" if repo.gated else False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "siblings": siblings,
        },
    )


def refs(request: Handler, name: str) -> None:
    repo = request.repo(name)
    request.send(
        200,
        {
            "branches": _refs(repo.branches, "heads"),
            "tags": _refs(repo.tags, "tags"),
            "converts": [],
            "pullRequests": [
                {"name": ref, "ref": ref, "targetCommit": oid} for ref, oid in repo.pulls.items()
            ],
        },
    )


def _refs(found: dict[str, str], kind: str) -> list[dict[str, str]]:
    return [
        {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": oid}
        for name, oid in found.items()
    ]


def commits(request: Handler, name: str, revision: str) -> None:
    repo = request.repo(name)
    history = repo.history(request.revision(repo, revision))
    request.send(
        200,
        [
            {
                "id": commit.oid,
                "title": commit.title,
                "message": commit.message,
                "date": WHEN,
                "authors": [{"user": commit.author}],
            }
            for commit in history
        ],
    )


def tree(request: Handler, name: str, revision: str, below: str) -> None:
    commit = request.revision(request.repo(name), revision)
    prefix = f"{below}/" if below else ""
    files = {path: blob for path, blob in commit.tree.items() if path.startswith(prefix)}
    if below and not files:
        raise Refused(404, f"{below} does not exist", "EntryNotFound")
    folders = {
        prefix + "/".join(parts[:depth])
        for path in files
        for parts in [path.removeprefix(prefix).split("/")]
        for depth in range(1, len(parts))
    }
    found = [{"type": "directory", "path": p, "oid": "0" * 40, "size": 0} for p in folders]
    found += [blob.entry(path) for path, blob in files.items()]
    if request.query.get("recursive", "false").lower() not in {"true", "1"}:
        found = [one for one in found if "/" not in one["path"].removeprefix(prefix)]
    request.send(200, sorted(found, key=lambda one: one["path"]))


def paths_info(request: Handler, name: str, revision: str) -> None:
    commit = request.revision(request.repo(name), revision)
    kind = request.headers.get("Content-Type", "")
    form = request.json if "json" in kind else parse_qs(request.body.decode())
    entries = []
    for path in form.get("paths", []):
        if path in commit.tree:
            entries.append(commit.tree[path].entry(path))
        elif any(known.startswith(f"{path}/") for known in commit.tree):
            entries.append({"type": "directory", "path": path, "oid": "0" * 40, "size": 0})
    request.send(200, entries)


def validate_yaml(request: Handler) -> None:
    front = re.match(r"\A---\n.*?\n---\n", request.json["content"], re.DOTALL)
    errors = [] if front else [{"message": "no front matter"}]
    request.send(400 if errors else 200, {"errors": errors, "warnings": []})


def preupload(request: Handler, name: str, branch: str) -> None:
    repo = request.writable(name)
    known = request.revision(repo, branch).tree
    request.send(
        200,
        {
            "files": [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if one["path"].endswith(LFS_SUFFIXES) else "regular",
                    "shouldIgnore": False,
                    "oid": known[one["path"]].oid if one["path"] in known else None,
                }
                for one in request.json["files"]
            ]
        },
    )


def lfs_batch(request: Handler, name: str) -> None:
    request.writable(name)
    objects = []
    for one in request.json["objects"]:
        href = f"{request.hub.url}/lfs/{one['oid']}"
        known = one["oid"] in request.hub.objects
        objects.append(
            one if known else one | {"actions": {"upload": {"href": href, "header": {}}}}
        )
    request.send(200, {"transfer": "basic", "objects": objects})


def lfs_put(request: Handler, oid: str) -> None:
    if hashlib.sha256(request.body).hexdigest() != oid:
        raise Refused(400, "the content is not what its name says")
    request.hub.objects[oid] = request.body
    request.send(200, {})


def commit(request: Handler, name: str, branch: str) -> None:
    repo = request.writable(name)
    lines = [json.loads(line) for line in request.body.splitlines() if line]
    header = next(line["value"] for line in lines if line["key"] == "header")
    with request.hub.lock:
        head = request.revision(repo, branch)
        parent = header.get("parentCommit")
        if parent and not head.oid.startswith(parent):
            raise Refused(412, "A commit has happened since. Please refresh and try again.")
        changed = dict(head.tree)
        for line in lines:
            apply(request, changed, line["key"], line["value"])
        ref = branch
        if request.query.get("create_pr"):
            ref = f"refs/pr/{len(repo.pulls) + 1}"
            repo.pulls[ref] = head.oid
        texts = (header.get("summary", ""), header.get("description", ""))
        made = repo.commit(ref, changed, *texts, request.require_user().name)
    url = f"{request.hub.url}/datasets/{name}"
    answer = {"success": True, "commitOid": made.oid, "commitUrl": f"{url}/commit/{made.oid}"}
    if ref != branch:
        answer["pullRequestUrl"] = f"{url}/discussions/{len(repo.pulls)}"
    request.send(200, answer)


def apply(request: Handler, changed: dict[str, Blob], key: str, value: dict[str, Any]) -> None:
    if key == "file":
        changed[value["path"]] = Blob(base64.b64decode(value["content"]), is_lfs=False)
    elif key == "lfsFile":
        if value["oid"] not in request.hub.objects:
            raise Refused(400, f"LFS object {value['oid']} was never uploaded")
        changed[value["path"]] = Blob(request.hub.objects[value["oid"]], is_lfs=True)
    elif key == "deletedFile":
        if changed.pop(value["path"], None) is None:
            raise Refused(404, "A file with this name doesn't exist", "EntryNotFound")
    elif key == "deletedFolder":
        for path in [path for path in changed if path.startswith(value["path"].rstrip("/") + "/")]:
            del changed[path]


def create_tag(request: Handler, name: str, revision: str) -> None:
    repo = request.writable(name)
    with request.hub.lock:
        target = request.revision(repo, revision)
        if request.json["tag"] in repo.tags:
            raise Refused(409, "Tag reference exists already")
        repo.tags[request.json["tag"]] = target.oid
    request.send(200, {})


def delete_tag(request: Handler, name: str, tag: str) -> None:
    if request.writable(name).tags.pop(tag, None) is None:
        raise Refused(404, f"no tag {tag}", "RevisionNotFound")
    request.send(200, {})


def create_branch(request: Handler, name: str, branch: str) -> None:
    repo = request.writable(name)
    with request.hub.lock:
        start = request.revision(repo, request.json.get("startingPoint") or "main")
        if branch in repo.branches:
            raise Refused(409, "Reference already exists")
        repo.branches[branch] = start.oid
    request.send(200, {})


def delete_branch(request: Handler, name: str, branch: str) -> None:
    if request.writable(name).branches.pop(branch, None) is None:
        raise Refused(404, f"no branch {branch}", "RevisionNotFound")
    request.send(200, {})


def resolve(request: Handler, name: str, revision: str, path: str) -> None:
    found = request.revision(request.repo(name), revision)
    if path not in found.tree:
        raise Refused(404, f"{path} does not exist", "EntryNotFound")
    blob = found.tree[path]
    tag = blob.sha256 if blob.is_lfs else blob.oid
    headers = {"X-Repo-Commit": found.oid, "ETag": f'"{tag}"', "Accept-Ranges": "bytes"}
    content = blob.content[::-1] if path in request.hub.damaged else blob.content
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
    if wanted is None:
        request.send(200, content, headers)
        return
    size = len(content)
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        raise Refused(416, "Requested range not satisfiable")
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    request.send(206, content[start : end + 1], headers)


REPO = "([^/]+/[^/]+)"
API = f"/api/(?:datasets|spaces)/{REPO}"
"""Spaces are repositories as datasets are; here the two have one room of names."""

ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("GET", "/api/whoami-v2", whoami),
    ("POST", "/api/repos/create", create_repo),
    ("DELETE", "/api/repos/delete", delete_repo),
    ("PUT", f"{API}/settings", settings),
    ("GET", API, info),
    ("GET", f"{API}/revision/([^/]+)", info),
    ("GET", f"{API}/refs", refs),
    ("GET", f"{API}/commits/([^/]+)", commits),
    ("GET", f"{API}/tree/([^/]+)(?:/(.*))?", tree),
    ("POST", f"{API}/paths-info/([^/]+)", paths_info),
    ("POST", "/api/validate-yaml", validate_yaml),
    ("POST", f"{API}/preupload/([^/]+)", preupload),
    ("POST", f"/(?:datasets|spaces)/{REPO}\\.git/info/lfs/objects/batch", lfs_batch),
    ("PUT", "/lfs/([0-9a-f]{64})", lfs_put),
    ("POST", f"{API}/commit/([^/]+)", commit),
    ("POST", f"{API}/tag/([^/]+)", create_tag),
    ("DELETE", f"{API}/tag/([^/]+)", delete_tag),
    ("POST", f"{API}/branch/([^/]+)", create_branch),
    ("DELETE", f"{API}/branch/([^/]+)", delete_branch),
    ("HEAD", f"/datasets/{REPO}/resolve/([^/]+)/(.+)", resolve),
    ("GET", f"/datasets/{REPO}/resolve/([^/]+)/(.+)", resolve),
]
