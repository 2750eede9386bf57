"""Evidence: the words that earned a label, as they stand in the paper."""

import numpy as np
import polars as pl

from flows.enrich.topics.field_words import ARXIV_FIELDS, BIAS, count_words
from flows.enrich.topics.mention_context import KEY
from flows.enrich.topics.phrase_search import find_words
from flows.enrich.topics.text_words import TextWords
from schemas.topic import EVIDENCE

PIECES = 5
"""Pieces of evidence kept per label, the weightiest first."""

WORDS = 3
"""Words shown of a field that no mention speaks for."""

LEAST_WORD = 0.5
"""Weight from which a word speaks for a field."""

ZONE_WEIGHTS = {"title": 1.0, "own": 0.8, "result": 0.5, "body": 0.5, "background": 0.3}
"""How much a place adds to the weight of evidence there: title before claims before background."""

FOLLOWED = 0.5
"""Weight of a mention of a task or method for an area that follows from it."""

PLACE = [*KEY, "field", "start", "end", "phrase", "weight"]
"""Columns of a piece of evidence on its way; ``phrase`` is null where a place says it."""


def list_pieces(
    places: pl.DataFrame, priors: pl.DataFrame, implications: pl.DataFrame
) -> pl.DataFrame:
    """List what may have earned labels, one row per piece, with the columns of `PLACE`.

    Pieces are mentions, mentions of what an area follows from, categories and venue.
    """
    mentioned = _weigh_places(places)
    return pl.concat([mentioned, _follow_areas(mentioned, implications), _list_priors(priors)])


def gather_evidence(
    labels: pl.DataFrame,
    pieces: pl.DataFrame,
    read: TextWords,
    homes: pl.DataFrame,
    words: pl.DataFrame,
) -> pl.DataFrame:
    """Gather what earned labels (`KEY`): one row per label, `KEY` and ``evidence``.

    The weightiest `PIECES` are kept. Where an assigned label has none, the words that made the
    paper's field likely are shown; a label that has not even these is absent. Phrases are shown as
    they stand in the text, not as the lexicon spells them.
    """
    keys = labels.select(KEY)
    pieces = pieces.join(keys, on=KEY, how="semi")
    bare = labels.filter("is_assigned").select(KEY).join(pieces, on=KEY, how="anti")
    pieces = pl.concat([pieces, _find_field_words(bare, read, homes, words)])
    return (
        # Categories of one weight have no place: without their names their order would be chance.
        pieces.sort(
            *KEY,
            "weight",
            "field",
            "start",
            "phrase",
            descending=[False] * 3 + [True, True, False, False],
        )
        .group_by(KEY, maintain_order=True)
        .head(PIECES)
        .join(
            read.texts.select("row", "title", "abstract"),
            on="row",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(pl.col("phrase").fill_null(_quote_place()))
        .group_by(KEY, maintain_order=True)
        .agg(evidence=pl.struct(list(EVIDENCE.to_schema())))
    )


def _weigh_places(places: pl.DataFrame) -> pl.DataFrame:
    weight = pl.col("strength") * pl.col("zone").replace_strict(
        ZONE_WEIGHTS, return_dtype=pl.Float64
    )
    aside = pl.col("is_negation") | pl.col("is_list")
    return places.select(
        *KEY,
        pl.col("field").cast(pl.String),
        pl.col("start", "end").cast(pl.Int64),
        phrase=pl.lit(None, pl.String),
        weight=(weight * pl.when(aside).then(0.5).otherwise(1)).round(3),
    )


def _follow_areas(mentioned: pl.DataFrame, implications: pl.DataFrame) -> pl.DataFrame:
    """Turn mentions of tasks and methods into evidence of the areas that they imply."""
    coded = {name: mentioned.schema[name] for name in ("facet", "topic")}
    coded_implications = implications.select(
        *(pl.col(name).cast(dtype) for name, dtype in coded.items()),
        pl.col("area").cast(coded["topic"]),
    )
    return (
        mentioned.join(coded_implications, on=["facet", "topic"], how="inner", validate="m:m")
        .with_columns(
            facet=pl.lit("area", coded["facet"]),
            topic="area",
            weight=(pl.col("weight") * FOLLOWED).round(3),
        )
        .select(PLACE)
        # A long mention and a short one within it say the same of the area.
        .unique([*KEY, "field", "start"], keep="first", maintain_order=True)
        .join(mentioned, on=[*KEY, "field", "start"], how="anti")
    )


def _list_priors(priors: pl.DataFrame) -> pl.DataFrame:
    return priors.filter(pl.col("weight") > 0).select(
        *KEY,
        "field",
        pl.lit(None, pl.Int64).alias("start"),
        pl.lit(None, pl.Int64).alias("end"),
        "phrase",
        "weight",
    )


def _find_field_words(
    labels: pl.DataFrame, texts: TextWords, homes: pl.DataFrame, words: pl.DataFrame
) -> pl.DataFrame:
    """Find the words of the fields that labels are at home in, at their first places."""
    read = texts.select_texts(np.isin(texts.rows.to_numpy(), labels["row"].to_numpy()))
    coded_homes = homes.select(
        *(pl.col(name).cast(labels.schema[name]) for name in ("facet", "topic")), arxiv="field"
    )
    at_home = labels.with_row_index("label").join(
        coded_homes, on=["facet", "topic"], how="inner", validate="m:m"
    )
    known = words.filter(pl.col("word") != BIAS).sort("word")
    spoken = _list_spoken_words(at_home, read, known)
    best = (
        spoken.group_by("label", "place")
        .agg(pl.col("weight").max())
        .sort("label", "weight", "place", descending=[False, True, False])
        .group_by("label", maintain_order=True)
        .head(WORDS)
    )
    chosen = labels[best["label"]].with_columns(known["word"].gather(best["place"]), best["weight"])
    return _place_field_words(chosen, read)


def _list_spoken_words(at_home: pl.DataFrame, read: TextWords, known: pl.DataFrame) -> pl.DataFrame:
    """List the words that speak for the field of a label: ``label``, ``place``, ``weight``.

    ``place`` is that of the word among the ``known`` ones. A word may speak for several fields.
    """
    fields = pl.col("arxiv").cast(pl.Enum(list(ARXIV_FIELDS))).to_physical().cast(pl.Int64)
    columns = at_home.select(fields).to_series().to_numpy()
    lines = read.find_lines(at_home["row"])
    # The words of each text once for each label that it may have earned: arrays, not joins.
    spoken = count_words(read, known["word"])[lines]
    owners = np.repeat(np.arange(at_home.height), np.diff(spoken.indptr))
    weights = known.select(list(ARXIV_FIELDS)).to_numpy()[spoken.indices, columns[owners]]
    speaks = weights >= LEAST_WORD
    return pl.DataFrame(
        {
            "label": at_home["label"].gather(owners[speaks]),
            "place": spoken.indices[speaks],
            "weight": weights[speaks],
        }
    )


def _place_field_words(chosen: pl.DataFrame, texts: TextWords) -> pl.DataFrame:
    """Find the first place of each chosen word in the texts, as `PLACE`."""
    keys = chosen["word"].unique().sort()
    places = find_words(texts, keys)
    return (
        chosen.join(
            places.select("row", "field", "start", pl.lit(keys).gather("number").alias("word")),
            on=["row", "word"],
            how="inner",
            validate="m:m",
        )
        .sort(*KEY, "word", "field", "start", descending=[False] * 4 + [True, False])
        .unique([*KEY, "word"], keep="first", maintain_order=True)
        .with_columns(
            pl.col("field").cast(pl.String),
            pl.col("start").cast(pl.Int64),
            end=pl.col("start").cast(pl.Int64) + pl.col("word").str.len_chars().cast(pl.Int64),
            phrase=pl.lit(None, pl.String),
            weight=(pl.col("weight") / 10).round(3),
        )
        .select(PLACE)
    )


def _quote_place() -> pl.Expr:
    text = pl.when(pl.col("field") == "title").then("title").otherwise("abstract")
    return text.str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
