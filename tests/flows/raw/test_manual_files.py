"""Whole files come from an address or a folder, and nowhere else do they go."""

import gzip

import pytest

from flows.errors import UserError
from flows.raw.sidecar import read_sidecar
from schemas.vocabulary import Source
from tests.fetches import harvesting
from tests.loopback import Reply
from tests.source_files import FIXTURES

ACL = FIXTURES / "acl_anthology" / "2022.toy.xml"
LINKS = FIXTURES / "papers_with_code" / "links.json"


def test_a_collection_comes_from_its_address(tmp_path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        done = harvest(urls=[f"{harvest.site.url}/xml/2022.toy.xml"])
        again = harvest(urls=[f"{harvest.site.url}/xml/2022.toy.xml"])
    assert done.stored[0].read_bytes() == ACL.read_bytes()
    assert (len(again.stored), again.unchanged) == (0, 1)


@pytest.mark.parametrize(
    "ends", [("/a/x.xml", "/b/x.xml"), ("/x.xml?v=1", "/x.xml?v=2"), ("/a/x.xml", "/a/x.xml?v=2")]
)
def test_addresses_that_end_in_the_same_are_told_apart(tmp_path, ends):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        urls = [harvest.site.url + end for end in ends]
        done = harvest(urls=urls)
        again = harvest(urls=urls[::-1])
    assert [read_sidecar(path).url for path in done.stored] == urls  # type: ignore[union-attr]  # each has a sidecar
    assert (len(again.stored), again.unchanged) == (0, 2)
    conditional = ["if-none-match" in each.headers for each in harvest.site.asked]
    assert conditional == [False, False, True, True]


def test_a_secret_in_an_address_makes_no_other_address_of_it(tmp_path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        harvest(urls=[f"{harvest.site.url}/x.xml?token=hf_ONE"])
        assert harvest(urls=[f"{harvest.site.url}/x.xml?token=hf_TWO"]).unchanged == 1
    assert not any(b"hf_" in path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file())


def test_a_dump_is_taken_from_a_file_with_its_day(tmp_path):
    given = tmp_path / "2025-07-28" / "links.json.gz"
    given.parent.mkdir()
    given.write_bytes(gzip.compress(LINKS.read_bytes()))
    with harvesting(Source.PAPERS_WITH_CODE, lambda *_: Reply(), tmp_path / "raw") as harvest:
        done = harvest(files=[given])
    assert done.stored[0] == tmp_path / "raw" / "2025-07-28" / "links.json.gz"
    assert given.exists()


def test_a_file_of_another_source_is_not_taken(tmp_path):
    with harvesting(Source.PAPERS_WITH_CODE, lambda *_: Reply(), tmp_path) as harvest:
        done = harvest(files=[ACL])
    assert "2022.toy.xml is no file of this source" in done.failures[0]
    assert harvest.names == []


@pytest.mark.parametrize("path", ["/..%2f..%2fetc/passwd", "/a/%00.fetched.json", "/.hidden", "/"])
def test_no_address_names_a_file_outside_its_folder(tmp_path, path):
    with harvesting(
        Source.ACL_ANTHOLOGY, lambda *_: Reply(200, ACL.read_bytes()), tmp_path
    ) as harvest:
        done = harvest(urls=[harvest.site.url + path])
    assert [stored.parent for stored in done.stored] == [tmp_path / "2026-06-20"]
    assert not done.stored[0].name.startswith(".")


def test_a_source_of_whole_files_needs_to_be_told_which(tmp_path):
    with (
        harvesting(Source.ACL_ANTHOLOGY, lambda *_: Reply(), tmp_path) as harvest,
        pytest.raises(UserError, match=r"--url https://raw\.githubusercontent\.com"),
    ):
        harvest()
