"""Weights follow from sorted sentences, the same from the same."""

from pathlib import Path

import polars as pl

from flows.enrich.links import find_links, link_kinds, role_training, roles

SENTENCES = [
    ("Our code is available at https://github.com/a/b{}.", "own"),
    ("We use the parser at https://lab.org/x{} for all texts.", "used"),
]


def examples() -> pl.DataFrame:
    rows = [
        {"record_id": f"{number}-{role}", "field": "abstract", "text": text.format(number)}
        | {"role": role}
        for number in range(12)
        for text, role in SENTENCES
    ]
    texts = pl.DataFrame(rows)
    mentions = find_links(texts.drop("role")).pipe(link_kinds.add_kinds)
    return mentions.join(
        texts.select("record_id", "role"), on="record_id", validate="m:1", maintain_order="left"
    )


def test_the_same_examples_give_the_same_weights(tmp_path: Path) -> None:
    sentences = examples()
    weights = role_training.train_role_weights(sentences)
    assert weights.equals(role_training.train_role_weights(sentences))
    own = dict(zip(weights.select("cue", "place").rows(), weights["own"], strict=True))
    assert own["our is there", "statement"] > 0 > own["we use", "statement"]
    role_training.write_weights(weights, tmp_path / "roles.csv")
    loaded = roles.load_weights(tmp_path / "roles.csv")
    assert loaded.select("cue", "place").rows() == roles.list_features()


def test_sentences_are_judged_by_weights_that_have_not_seen_them() -> None:
    scores = role_training.cross_validate(examples())
    assert scores == {"precision": 1.0, "recall": 1.0}
