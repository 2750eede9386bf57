"""Weights follow from sorted sentences, the same from the same."""

from pathlib import Path

import numpy as np
import polars as pl

from flows.enrich.links import find_links, link_kinds, link_training, roles
from flows.enrich.links.word_vectors import WordVectors
from schemas.vocabulary import LinkKind, LinkRole
from tests.bench import fit_links

SENTENCES = [
    ("Our code is available at https://github.com/a/b{}.", "own", ["code"]),
    ("We use the parser at https://lab{}.org/x for all texts.", "used", ["code", "other"]),
    ("We train on the corpus at https://lab{}.org/y of letters.", "used", ["dataset"]),
]


WRITTEN = [("The weights are hosted at https://site{}.org/z.", "own", ["dataset"])]


def examples(sentences: list[tuple[str, str, list[str]]] = SENTENCES) -> pl.DataFrame:
    rows = [
        {
            "record_id": f"{number}-{kinds[0]}-{role}",
            "field": "abstract",
            "text": text.format(number),
        }
        | {"role": role, "right_kinds": kinds}
        for number in range(12)
        for text, role, kinds in sentences
    ]
    texts = pl.DataFrame(rows)
    mentions = find_links(texts.drop("role", "right_kinds")).pipe(link_kinds.add_kinds)
    return mentions.join(
        texts.select("record_id", "role", "right_kinds"),
        on="record_id",
        validate="m:1",
        maintain_order="left",
    )


def test_the_same_examples_give_the_same_weights(tmp_path: Path) -> None:
    sentences = examples()
    weights, words = link_training.train_link_weights(sentences)
    again = link_training.train_link_weights(sentences)
    assert weights.equals(again[0])
    assert words.equals(again[1])
    own = dict(zip(weights.select("cue", "place").rows(), weights["own"], strict=True))
    assert own["our is there", "statement"] > 0 > own["we use", "statement"]
    link_training.write_weights(weights, tmp_path / "roles.csv")
    loaded = roles.load_weights(tmp_path / "roles.csv")
    assert loaded.select("cue", "place").rows() == roles.list_features()
    of_words = {row["feature"]: row for row in words.to_dicts()}
    assert of_words["phrase:corpus"]["dataset"] > of_words["phrase:corpus"]["code"]
    # All of its places are of one account, whose name teaches nothing.
    assert "host:github" not in of_words


def test_sentences_are_judged_by_weights_that_have_not_seen_them() -> None:
    sentences = examples()
    scores = link_training.cross_validate(sentences, sentences["url"])
    assert (scores["own precision"], scores["own recall"], scores["kinds"]) == (1.0, 1.0, 1.0)


def test_sentences_that_were_made_up_teach_roles_and_kinds() -> None:
    alone = link_training.train_link_weights(examples())
    cues, words = link_training.train_link_weights(examples(), examples(WRITTEN))
    places = cues.select("cue", "place").rows()
    number = places.index(("data is there", "statement"))
    assert cues["own"][number] > alone[0]["own"][number] + 0.1
    word = pl.col("feature") == "phrase:hosted"
    assert words.filter(word).select("own").item() > 0
    assert words.filter(word)["dataset"].item() > 0 > words.filter(word)["code"].item()


def test_a_word_that_no_sentence_has_weighs_as_those_like_it() -> None:
    vectors = WordVectors(["corpus", "treebank", "parser"], np.array([[1.0], [1.0], [-1.0]]))
    _, words = link_training.train_link_weights(examples(), None, vectors)
    of_words = {row["feature"]: row for row in words.to_dicts()}
    assert of_words["phrase:treebank"]["dataset"] > 0 > of_words["phrase:treebank"]["code"]
    assert of_words["phrase:corpus"]["dataset"] > of_words["phrase:treebank"]["dataset"]
    assert of_words["phrase:treebank"]["own"] is None


def test_sentences_that_were_made_up_are_never_judged() -> None:
    sentences = examples()
    wrong = examples([(text, "unknown", ["paper"]) for text, _, _ in WRITTEN])
    scores = link_training.cross_validate(sentences, sentences["url"], wrong)
    assert (scores["own precision"], scores["own recall"], scores["kinds"]) == (1.0, 1.0, 1.0)


def test_each_sentence_that_was_made_up_has_a_link_a_role_and_kinds() -> None:
    lines = pl.read_ndjson(fit_links.WRITTEN)
    assert lines["text"].is_unique().all()
    assert set(lines["role"]) == set(LinkRole.values())
    assert set(lines["kinds"].explode(empty_as_null=True)) <= set(LinkKind.values())
    mentions = fit_links.read_written_mentions()
    assert mentions.height == lines.height
    assert mentions["url"].null_count() == 0
