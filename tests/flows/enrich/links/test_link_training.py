"""Weights follow from sorted sentences, the same from the same."""

from pathlib import Path

import polars as pl

from flows.enrich.links import find_links, link_kinds, link_training, roles

SENTENCES = [
    ("Our code is available at https://github.com/a/b{}.", "own", ["code"]),
    ("We use the parser at https://lab{}.org/x for all texts.", "used", ["code", "other"]),
    ("We train on the corpus at https://lab{}.org/y of letters.", "used", ["dataset"]),
]


def examples() -> pl.DataFrame:
    rows = [
        {
            "record_id": f"{number}-{kinds[0]}-{role}",
            "field": "abstract",
            "text": text.format(number),
        }
        | {"role": role, "right_kinds": kinds}
        for number in range(12)
        for text, role, kinds in SENTENCES
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
