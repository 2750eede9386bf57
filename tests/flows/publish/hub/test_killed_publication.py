"""A publication that is killed leaves the release of before; the next one finishes the work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.publish import write_release
from flows.release.manifest_file import hash_manifest
from tests.builders import manifest, not_loaded_back, release_tables, template
from tests.hub_server import LocalHub
from tests.killed_publisher import NEVER, Publish, points, publisher

pytestmark = pytest.mark.xdist_group("forks")

TOKEN = "hf_abcdefghijklmnop"  # noqa: S105  # of a Hub that lives for one test
BEFORE, NOW = "2026.11.16", "2026.11.23"
POINTS, SEED = 4, 7


@pytest.fixture(scope="module")
def server() -> Iterator[LocalHub]:
    with LocalHub() as started:
        started.add_user("ada", TOKEN)
        yield started


@pytest.fixture(scope="module")
def publish(server: LocalHub) -> Publish:
    return publisher(server, TOKEN)


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give two releases, the second made after the first."""
    folder = tmp_path_factory.mktemp("releases")
    with not_loaded_back():
        one = written(folder / "one", 3)
        return one, written(folder / "two", 5, previous_release=hash_manifest(one))


def written(folder: Path, papers: int, **given: object) -> Path:
    tables = release_tables(papers)
    return write_release.write_tables(
        tables, template(folder.parent), manifest(**given), folder
    ).folder


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def on_the_hub(server: LocalHub, repo: str, revision: str) -> dict[str, bytes]:
    files = server.files(repo, revision)
    return {name: content for name, content in files.items() if name != ".gitattributes"}


def test_a_publication_killed_at_any_request_is_finished_by_the_next(
    server: LocalHub, publish: Publish, releases: tuple[Path, Path]
) -> None:
    one, two = releases
    publish(one, "ada/undisturbed", BEFORE, NEVER)
    server.requests.clear()
    assert publish(two, "ada/undisturbed", NOW, NEVER) == 0
    for n, point in enumerate(points(len(server.requests), POINTS, SEED)):
        repo = f"ada/killed-{n}"
        publish(one, repo, BEFORE, NEVER)
        assert publish(two, repo, NOW, point) == 9
        assert on_the_hub(server, repo, BEFORE) == contents(one)
        assert on_the_hub(server, repo, "main") in (contents(one), contents(two))
        assert publish(two, repo, NOW, NEVER) == 0
        found = server.repos[repo]
        assert on_the_hub(server, repo, NOW) == contents(two)
        assert found.tags[NOW] == found.branches["main"]
        assert set(found.tags) == {BEFORE, NOW}
        assert len(found.history(found.commits[found.branches["main"]])) == 3
