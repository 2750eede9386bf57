"""Whose a link is follows from who acts and what is done, with the words that decided."""

import polars as pl
import pytest

from flows.enrich.links import roles
from tests.link_texts import link_table_of_abstract, links_of_abstracts

ROLES = [
    ("Our code is publicly available at https://lab.org/x.", "own"),
    ("We release the annotated corpus (https://lab.org/x) to the community.", "own"),
    ("In this paper, we present Sparse (https://lab.org/x).", "own"),
    ("We also introduce Sparse https://lab.org/x, a parser that runs on phones.", "own"),
    ("This paper presents Sparse (Sparse: https://lab.org/x), a parser for phones.", "own"),
    ("We address this by developing Sparse (https://lab.org), a platform for all.", "own"),
    ("The source code can be found at https://github.com/a/b.", "own"),
    ("Our code is publicly avail-able at https://github.com/a/b.", "own"),
    ("We make our code publicly available. (https://github.com/a/b)", "own"),
    ("The project page is https://a.github.io/b/.", "own"),
    ("We open source Sparse in the following link: https://lab.org/sparse.", "own"),
    ("We are also releasing a set of questions (https://bit.ly/questions).", "own"),
    ("The annotated letters are released at https://letters.org/corpus.", "own"),
    ("We obtained vectors from their authors (https://lab.org/x).", "used"),
    ("Annotators were recruited through Sparse (https://lab.org).", "used"),
    ("We use the tagger (https://lab.org/x) by Smith et al. (2010).", "used"),
    ("All texts were parsed using the Sparse parser (https://lab.org/x).", "used"),
    ("We downloaded the dump from https://lab.org/x and cleaned it.", "used"),
    ("Our models are based on the Sparse toolkit (https://github.com/a/b).", "used"),
    ("Scores are those of the organizers' lexicon (https://lab.org/x/lexicon).", "used"),
    ("We compare our parser with the Sparse parser (https://lab.org/x).", "compared"),
    (
        "We compare with services of others, such as Sparse (https://lab.org/x) and Dense.",
        "compared",
    ),
    ("Unlike Sparse (Lee. 2019. Sparse. https://lab.org/x.), it runs on phones.", "compared"),
    ("Some companies such as Sparse (https://lab.org/) sell reviews.", "unknown"),
]


@pytest.fixture(scope="module")
def tables() -> list[pl.DataFrame]:
    return links_of_abstracts([text for text, _ in ROLES])


@pytest.mark.parametrize("number", range(len(ROLES)), ids=[text for text, _ in ROLES])
def test_the_words_around_a_link_say_whose_it_is(tables: list[pl.DataFrame], number: int) -> None:
    assert tables[number]["role"].to_list() == [ROLES[number][1]]


def test_the_words_that_decided_are_the_evidence() -> None:
    table = link_table_of_abstract("Our code is available at https://github.com/a/b.")
    assert table.select("role", "is_official").row(0) == ("own", True)
    assert table["role_words"][0] in "our code is available"


def test_what_a_thing_is_done_with_is_quoted_where_nothing_else_is_said() -> None:
    used = "Hotels were sorted {}by the tagger in Sparse (https://lab.org/x)."
    assert link_table_of_abstract(used.format("")).select("role", "role_words").row(0) == (
        "used",
        "by the tagger in sparse",
    )
    assert link_table_of_abstract(used.format("as we use it "))["role_words"].item() == "we use"


def test_a_link_that_closes_an_abstract_is_its_authors_without_further_words() -> None:
    abstract = "We study how tables are read. " * 20 + "https://github.com/a/b"
    assert link_table_of_abstract(abstract).select("role", "role_words").row(0) == ("own", None)
    assert link_table_of_abstract("Table 3 https://lab.org/x")["role"][0] == "unknown"


def test_deep_in_an_abstract_less_has_to_be_said() -> None:
    text = "We introduce Pymany (available at https://lab.github.io), a toolbox that learns."
    deep = "We study how tables are read. " * 20 + text + " It is used. It is fast. It is free."
    assert link_table_of_abstract(deep)["role"][0] == "own"


def test_a_publication_is_never_the_authors_code() -> None:
    table = link_table_of_abstract("Our proof is available at https://arxiv.org/abs/2312.00752.")
    assert table.select("kind", "is_official").row(0) == ("paper", False)


def test_what_one_mention_says_is_the_authors_own_stays_theirs() -> None:
    text = "We use the parser (https://github.com/a/b). Our code is at https://github.com/a/b."
    assert link_table_of_abstract(text)["role"].to_list() == ["own"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("We use the tokenizer (https://lab.org/x) for all texts.", "code"),
        ("We trained it on the Sparse corpus (https://lab.org/x) of letters.", "dataset"),
        ("We evaluate on the Sparse dataset (https://github.com/a/b).", "dataset"),
        ("We parse with the Sparse toolkit (https://github.com/a/b).", "code"),
        ("We use the lemmatizer (https://lab.org/x) for all texts.", "code"),
        ("Lee. 2019. Ships. Journal of Ships, pages 3-9. https://lab.org/x.pdf.", "paper"),
    ],
)
def test_links_of_others_have_the_kind_that_their_words_speak_for(text: str, kind: str) -> None:
    assert link_table_of_abstract(text)["kind"].to_list() == [kind]


def test_every_weight_in_the_file_belongs_to_a_cue() -> None:
    written = pl.read_csv(roles.WEIGHTS_FILE, schema=roles.WEIGHTS)
    assert set(written.select("cue", "place").rows()) <= set(roles.list_features())
    assert written.select("cue", "place").is_unique().all()
