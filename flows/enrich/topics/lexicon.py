"""The lexicon: which phrases speak for which topic, and how strongly, from curated CSVs."""

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from flows.enrich.topics import folding
from flows.enrich.topics.taxonomy import (
    UNKNOWN,
    map_present_names,
    read_curated_rows,
    refuse_faults,
    split_cell,
)
from flows.paths import CURATION
from schemas.vocabulary import Facet

PHRASES = CURATION / "phrases.csv"
"""Phrases beyond the taxonomy's own aliases: facet, topic, strength, phrases, reason."""

CUES = CURATION / "cues.csv"
"""Words that say how the words near them are meant: kind, cues, reason."""

STRENGTHS = {"declares": 1.25, "names": 1.0, "implies": 0.6, "hints": 0.3, "not": 0.0}
"""How much a phrase says: with it a paper declares what it is ("this thesis"), it names the topic,
implies it, hints at it; `not` marks a phrase in which a shorter one has another sense ("power
transformer"), so that it says nothing."""

CUE_KINDS = [
    "own",
    "background",
    "result",
    "prospect",
    "negation",
    "list",
    "means",
    "aim",
    "given",
    "new",
]
"""What a cue says about its sentence (the first four) or the words right after it."""

SHORTENED = "area"
"""The facet whose phrases are as short as they can be: its words are common ones ("image", "text"),
and which of them speak for a field is best learned."""

SPELLINGS = [
    ("iz", re.compile(r"iz(?=ation|ing|ed|e\b|er)"), "is"),
    ("or", re.compile(r"(?<=behavi)or|(?<=\bcol)or"), "our"),
    ("el", re.compile(r"(?<=od)el(?=ing|ed)|(?<=ab)el(?=ing|ed)"), "ell"),
    ("yz", re.compile(r"yz(?=e|ing)"), "ys"),
]
"""Where the American spelling of a word differs from the British one: letters that it has there,
the place, and the latter."""


PREFIXED = re.compile(
    r"\b([Pp]re|[Ff]ine|[Mm]ulti|[Rr]e|[Cc]o|[Ss]ub|[Nn]on|[Cc]ross|[Ss]emi|[Mm]id)-"
)
"""Prefixes that are written with and without a hyphen."""

UNCOUNTED = re.compile(r"(?<!bedd)(?<!cod)(?<!sett)ing$|(ed|al|ive|ly|ous|less|able|based|ic)$|\d$")
"""Endings of words without a plural: verbs, adjectives, numbers."""

COUNTED = re.compile(r"[a-z]{2}[a-rt-z]$|[A-Z]{2}$|[a-z]{2}[A-Z]$")
IN_Y = re.compile(r"[^aeiou]y$")
PLURAL = re.compile(r"[a-z]{3}[a-rt-z]s$")
"""Endings of words that get a plural, of those whose plural is in "ies", and of plurals."""

LONGEST_ENDING = 8
"""Letters by which endings are told apart."""


def build_lexicon(topics: pl.DataFrame, path: Path = PHRASES) -> pl.DataFrame:
    """Build the lexicon: one row per phrase and topic, key ``key``, ``facet``, ``topic``.

    ``strength`` is that of `STRENGTHS` (0 for a sense to skip; the curated file outranks the
    taxonomy's aliases), ``width`` and ``words`` are its lengths, ``code`` numbers the topic,
    ``written`` the phrase's own spelling where case decides (a single word with capitals, "RAG"),
    else null. Raises `InvalidCuration` for a phrase of a topic that the taxonomy lacks.
    """
    entries = [*_list_taxonomy_phrases(topics), *_list_curated_phrases(topics, path)]
    return (
        pl.DataFrame(
            [(spelled, *entry) for phrase, *entry in entries for spelled in spell_variants(phrase)],
            schema={
                "phrase": pl.String,
                "facet": pl.String,
                "topic": pl.String,
                "strength": pl.Float64,
                "is_curated": pl.Boolean,
            },
            orient="row",
        )
        .with_columns(key=folding.make_phrase_key(pl.col("phrase")))
        # A single letter is a variable far more often than a topic.
        .filter(pl.col("key").str.len_chars() > 1)
        .with_columns(
            written=pl.when(
                ~pl.col("phrase").str.contains(r"[ -]") & pl.col("phrase").str.contains(r"[A-Z]")
            ).then("phrase")
        )
        .sort("key", "facet", "topic", "strength", "phrase", descending=[False] * 3 + [True, False])
        .group_by("key", "facet", "topic", maintain_order=True)
        .agg(
            _resolve_strength(),
            pl.col("written").first(),
        )
        .pipe(_drop_longer_phrases)
        .pipe(_encode_entries, topics)
    )


def _drop_longer_phrases(entries: pl.DataFrame) -> pl.DataFrame:
    """Drop phrases of an area that hold another one ("deep reinforcement learning").

    The shorter one is seen more often, says as much, and so gets a weight of its own sooner.
    """
    areas = entries.filter((pl.col("facet") == SHORTENED) & (pl.col("strength") > 0))
    shorter = areas.select("topic", shorter="key")
    longer = (
        areas.join(shorter, on="topic", how="inner", validate="m:m")
        .filter(pl.col("key") != pl.col("shorter"))
        .filter(
            (" " + pl.col("key") + " ").str.contains(" " + pl.col("shorter") + " ", literal=True)
        )
        .select("facet", "topic", "key")
        .unique()
    )
    return entries.join(longer, on=["facet", "topic", "key"], how="anti", maintain_order="left")


def _resolve_strength() -> pl.Expr:
    """Let the curated file outrank the taxonomy, and an excluded sense outrank any other."""
    curated = pl.col("strength").filter("is_curated")
    return (
        pl.when(curated.min() == 0)
        .then(0.0)
        .otherwise(pl.coalesce(curated.max(), pl.col("strength").max()))
        .alias("strength")
    )


def _encode_entries(entries: pl.DataFrame, topics: pl.DataFrame) -> pl.DataFrame:
    """Code texts by whole numbers, and say how long a key is: a corpus has millions of places."""
    return entries.with_columns(
        pl.col("facet").cast(pl.Enum(Facet.values())),
        pl.col("topic").cast(pl.Enum(topics["topic"].unique().sort())),
        width=pl.col("key").str.len_chars().cast(pl.Int32),
        words=(pl.col("key").str.count_matches(" ") + 1).cast(pl.Int32),
        code=pl.struct("facet", "topic").rank("dense").cast(pl.UInt32),
    ).with_columns(pl.col("key").cast(pl.Enum(entries["key"].unique().sort())))


def read_cues(path: Path = CUES) -> pl.DataFrame:
    """Read the cues, a row each: ``key``, ``kind``. Raises `InvalidCuration` for unknown kinds."""
    rows = read_curated_rows(path, ["kind", "cues", "reason"])
    refuse_faults(
        path,
        [
            f"line {line}: kind {row['kind']!r} is none of {', '.join(CUE_KINDS)}"
            for line, row in rows
            if row["kind"] not in CUE_KINDS
        ],
    )
    entries = [(row["kind"], cue) for _, row in rows for cue in split_cell(row["cues"])]
    frame = pl.DataFrame(entries, schema=dict.fromkeys(("kind", "cue"), pl.String), orient="row")
    keyed = (
        frame.select(folding.make_phrase_key(pl.col("cue")).alias("key"), "kind")
        .unique()
        .sort("key", "kind")
    )
    return keyed.with_columns(
        pl.col("key").cast(pl.Enum(keyed["key"].unique().sort())),
        width=pl.col("key").str.len_chars().cast(pl.Int32),
    )


def spell_variants(phrase: str) -> list[str]:
    """Spell a phrase with its plural or singular, its British spelling and its hyphens joined.

    >>> spell_variants("fine-tuned model")
    ['fine-tuned model', 'fine-tuned models', 'finetuned model', 'finetuned models']
    >>> spell_variants("learning")
    ['learning']
    >>> spell_variants("tokenization")
    ['tokenisation', 'tokenisations', 'tokenization', 'tokenizations']
    """
    # Looked at first: each run spells thirty thousand phrases, and most have none of these.
    spelled = {phrase, PREFIXED.sub(r"\1", phrase)} if "-" in phrase else {phrase}
    british = phrase
    for letters, american, spelling in SPELLINGS:
        if letters in phrase or letters in british:
            british = american.sub(spelling, british)
            spelled |= {american.sub(spelling, phrase), british}
    # Sorted, since a set of texts has another order in each process.
    return sorted(spelled | {other for base in spelled for other in _inflect_number(base)})


def _inflect_number(phrase: str) -> Iterator[str]:
    # A pattern that ends a text is sought from its beginning on, and none is longer than this.
    end = phrase[-LONGEST_ENDING:]
    if UNCOUNTED.search(end):
        return
    if COUNTED.search(end):
        yield (phrase[:-1] + "ies") if IN_Y.search(end) else phrase + "s"
    if PLURAL.search(end) and not end.endswith(("us", "is", "ics")):
        yield phrase[:-1]


def _list_taxonomy_phrases(topics: pl.DataFrame) -> Iterator[tuple[str, str, str, float, bool]]:
    entries = topics.select("facet", "topic", "name", "aliases")
    for facet, topic, name, aliases in entries.iter_rows():
        bare = re.sub(r" \(.*\)", "", name).lower()
        for phrase in {bare, topic.replace("-", " "), *aliases}:
            yield phrase, facet, topic, STRENGTHS["names"], False


def _list_curated_phrases(
    topics: pl.DataFrame, path: Path
) -> Iterator[tuple[str, str, str, float, bool]]:
    rows = read_curated_rows(path, ["facet", "topic", "strength", "phrases", "reason"])
    names = map_present_names(topics)
    refuse_faults(
        path, [fault for line, row in rows for fault in _find_phrase_faults(line, row, names)]
    )
    for _, row in rows:
        topic = names[row["facet"], row["topic"]]
        for phrase in split_cell(row["phrases"]):
            yield phrase, row["facet"], topic, STRENGTHS[row["strength"]], True


def _find_phrase_faults(
    line: int, row: dict[str, str], names: dict[tuple[str, str], str]
) -> Iterator[str]:
    if (row["facet"], row["topic"]) not in names:
        yield f"line {line}: {row['facet']}/{row['topic']} {UNKNOWN}"
    if row["strength"] not in STRENGTHS:
        yield f"line {line}: strength {row['strength']!r} is none of {', '.join(STRENGTHS)}"
    if not split_cell(row["phrases"]):
        yield f"line {line}: it gives no phrases"
    if not row["reason"]:
        yield f"line {line}: it gives no reason"
