"""A paper keeps the id that it had, and old ids lead to it for ever."""

import polars as pl
import pytest

from flows.deduplicate.merge.inherit_ids import PreviousIds
from flows.deduplicate.merge.paper_ids import hash_title_id
from schemas.alias import Alias
from tests.merged_papers import DAILY, NOTHING, TODAY, merged, paper, released, same
from tests.records import OTHER_ABSTRACT, TITLE, record


class TestIds:
    @pytest.mark.parametrize(
        ("values", "paper_id"),
        [
            ({"arxiv_id": "2312.00752", "doi": "10.1000/x"}, "arxiv:2312.00752"),
            ({"doi": "10.1000/x", "acl_id": "P18-1001"}, "doi:10.1000/x"),
            ({"acl_id": "P18-1001", "openreview_id": "AbCdEfGhIj"}, "acl:P18-1001"),
            ({"openreview_id": "AbCdEfGhIj"}, "openreview:AbCdEfGhIj"),
        ],
    )
    def test_the_strongest_identifier_names_the_paper(
        self, values: dict[str, object], paper_id: str
    ) -> None:
        assert paper(record(1, **values))["paper_id"] == paper_id

    def test_a_title_names_what_has_no_identifier(self) -> None:
        assert (
            paper(record(1))["paper_id"] == paper(record(7, DAILY, title=TITLE.upper()))["paper_id"]
        )

    @pytest.mark.parametrize("authors", [[], ["Emmy Noether"]])
    def test_two_papers_with_one_title_do_not_collide(self, authors: list[str]) -> None:
        title = "Rejoinder"
        papers, _ = merged(
            record(1, title=title, authors=authors),
            record(2, title=title, authors=authors and ["Ada Byron"], abstract=OTHER_ABSTRACT),
            record(3, title=title, authors=authors and ["Carl Gauss"], abstract=None),
        )
        assert papers["paper_id"].n_unique() == 3


class TestInheritance:
    def test_a_paper_that_gains_an_identifier_keeps_its_id(self) -> None:
        before = released(NOTHING, record(1))
        after = released(before, record(1), same(2, DAILY))
        assert after.papers["paper_id"].to_list() == before.papers["paper_id"].to_list()

    def test_a_paper_keeps_the_id_that_a_former_title_key_gave_it(self) -> None:
        row = record(1, title=r"Na\"ive routing in Straßburg")
        before, former = released(NOTHING, row), pl.lit("title:0123456789abcdef")
        old = PreviousIds(
            before.papers.with_columns(former.alias("paper_id")),
            before.origins.with_columns(former.alias("paper_id")),
            before.aliases,
        )
        assert before.papers["paper_id"].to_list() != ["title:0123456789abcdef"]
        assert released(old, row).papers["paper_id"].to_list() == ["title:0123456789abcdef"]
        grown = released(old, row | {"arxiv_id": "2312.00752"})
        assert grown.papers["paper_id"].to_list() == ["title:0123456789abcdef"]

    def test_the_losing_id_of_a_merge_becomes_an_alias_for_ever(self) -> None:
        ids = {"doi": "10.1000/a", "openreview_id": "AbCdEfGhIj"}
        left = record(1, doi=ids["doi"])
        right = record(
            2,
            DAILY,
            title="Nineteen archives of protein folding",
            abstract=OTHER_ABSTRACT,
            openreview_id=ids["openreview_id"],
        )
        before = released(NOTHING, left, right)
        assert before.papers.height == 2
        after = released(before, left, right, record(3, DAILY, **ids))
        assert after.papers["paper_id"].to_list() == ["doi:10.1000/a"]
        assert after.aliases.rows() == [("openreview:AbCdEfGhIj", "doi:10.1000/a", TODAY)]
        assert released(after, left, right, record(3, DAILY, **ids)).aliases.equals(after.aliases)

    def test_an_id_is_found_by_identifier_when_the_file_is_new(self) -> None:
        before = released(NOTHING, record(1), same(2, DAILY))
        renamed = before.papers.with_columns(pl.lit("title:0123456789abcdef").alias("paper_id"))
        old = PreviousIds(renamed, before.origins.clear(), before.aliases)
        assert released(old, same(9)).papers["paper_id"].to_list() == ["title:0123456789abcdef"]

    def test_papers_that_were_one_for_a_while_do_not_come_to_one_id(self) -> None:
        bare = record(2, authors=[])
        others = [record(n, DAILY, authors=[], abstract=OTHER_ABSTRACT) for n in (3, 4)]
        before = released(NOTHING, bare)
        # The second paper of the title had a hash of the first id, and they became one under it.
        first = paper(bare)["paper_id"]
        hashed = hash_title_id(f"{first}\n{bare['record_id']}")
        named = pl.lit(hashed).alias("paper_id")
        rows = pl.Series([row["record_id"] for row in (bare, *others)])
        old = PreviousIds(
            before.papers.with_columns(named),
            pl.concat([before.origins] * 3).with_columns(named, record_id=rows),
            pl.DataFrame([(first, hashed, TODAY)], schema=before.aliases.schema, orient="row"),
        )
        after = released(old, bare, *others)
        assert after.papers["paper_id"].n_unique() == 2

    def test_a_split_paper_leaves_its_id_to_the_bearer_of_the_identifier(self) -> None:
        before = released(NOTHING, same(1), same(2, DAILY))
        other = record(2, DAILY, title="Another paper", abstract=OTHER_ABSTRACT, authors=["E. No"])
        after = released(before, same(1), other)
        ids = dict(after.origins.select("record_id", "paper_id").rows())
        assert ids["arxiv:0123456789ab:1"] == "arxiv:2312.00752"
        assert str(ids[f"{DAILY}:0123456789ab:2"]).startswith("title:")

    def test_a_taken_id_never_names_another_paper(self) -> None:
        before = released(NOTHING, record(1))
        taken = before.papers["paper_id"].item()
        alias = pl.DataFrame([(taken, "doi:10.1000/a", TODAY)], schema=Alias.dtypes(), orient="row")
        doi = released(
            NOTHING, record(5, doi="10.1000/a", title="Wholly else", abstract=None, authors=[])
        )
        old = PreviousIds(doi.papers, doi.origins, alias)
        rows = (
            record(1),
            record(5, doi="10.1000/a", title="Wholly else", abstract=None, authors=[]),
        )
        after = released(old, *rows)
        assert taken not in after.papers["paper_id"].to_list()
