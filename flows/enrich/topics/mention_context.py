"""Contexts of mentions: sentences, and the cues that say how words are meant."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from flows.enrich.topics.candidate_numbers import number_candidates
from flows.enrich.topics.mentions import Cues
from flows.enrich.topics.phrase_index import Flags
from flows.enrich.topics.text_words import ASCII, BLANK, Ints, TextWords

KEY = ["row", "facet", "topic"]
"""What a candidate is: a paper and a topic."""

LOCAL_REACH = 24
"""Characters between a cue and the words it governs: about three words."""

SENTENCE_CUES = ["own", "background", "result", "prospect"]
"""Kinds of cue that colour their whole sentence."""

LOCAL_CUES = ["negation", "list", "means", "aim", "given", "new"]
"""Kinds of cue that colour only the words right after them."""

ZONES = pl.Enum(["title", "own", "body", "background", "result"])
"""Where a mention may stand."""

_ZONE_CODES = pl.Series(ZONES.categories, dtype=ZONES)

ENDS = bytes(chr(number) in ".?!" for number in range(256))
"""Which bytes end a sentence where a blank follows."""

ABBREVIATIONS = (b"e.g", b"i.e", b"al", b"vs")
"""Letters before a full stop that ends no sentence."""


@dataclass(frozen=True)
class Sentences:
    """The sentences of abstracts; one without marks, or an empty one, is a single sentence."""

    starts: Ints
    """Where each begins on the line of all letters."""
    lines: Ints
    """The text of each, by its place among the texts."""
    firsts: Ints
    """Of each text its first sentence."""

    def find_sentences(self, places: Ints) -> Ints:
        """Find the sentences in which places of abstracts stand."""
        return np.searchsorted(self.starts, places, side="right") - 1


def split_sentences(words: TextWords) -> Sentences:
    """Split abstracts into sentences."""
    letters = words.letters
    marks = np.flatnonzero(np.frombuffer(words.raw.translate(ENDS), np.bool_))
    behind = letters[marks + 1]
    marks = marks[(behind == BLANK) | (behind >= ASCII)]
    is_short = np.zeros(len(marks), np.bool_)
    for letters_before in ABBREVIATIONS:
        is_same = letters[marks] == ord(".")
        for back, letter in enumerate(reversed(letters_before), start=1):
            is_same &= letters[marks - back] == letter
        is_short |= is_same
    marks = marks[~is_short]
    lines = np.searchsorted(words.firsts, marks, side="right") - 1
    # The blank behind the last letter is not the abstract's own.
    inside = (marks >= words.borders[lines]) & (marks + 1 < words.stops[lines])
    starts = np.sort(np.append(words.borders, marks[inside] + 2), kind="stable")
    counts = np.bincount(lines[inside], minlength=len(words.borders)) + 1
    firsts = np.cumsum(counts) - counts
    return Sentences(starts, np.repeat(np.arange(len(counts)), counts), firsts)


def add_contexts(
    places: pl.DataFrame, words: TextWords, cues: Cues, kinds: pl.Series
) -> pl.DataFrame:
    """Add to mentions what their context says, by the cues that `find_mentions_and_cues` found.

    ``kinds`` is the kind of each row of `Sought.cues`. The mentions come in the order of their
    ``candidate`` (`number_candidates`), those of one in order of place.
    ``zone`` is `title`, or for the abstract `background` (before the paper speaks of itself),
    `own`, `body` or `result`; ``sentence`` numbers the sentences of the abstract (null in titles);
    ``is_prospect`` and a flag ``is_<kind>`` for each of `LOCAL_CUES`.
    """
    lines = words.find_lines(places["row"])
    in_title = (places["field"] == "title").to_numpy()
    begins = np.where(in_title, words.firsts[lines], words.borders[lines])
    at, candidates = begins + places["start"].to_numpy(), number_candidates(places)
    # Both in one number: it is sorted once, and mostly in order.
    order = np.argsort(candidates * (len(words.raw) + 1) + at, kind="stable")
    lines, in_title, begins, at = lines[order], in_title[order], begins[order], at[order]
    split = split_sentences(words)
    is_kind = {name: (kinds == name).to_numpy()[cues.rows] for name in kinds.unique()}
    sentence = split.find_sentences(at)
    sentence_cues = _describe_sentences(split, words, cues, is_kind)
    is_last = np.append(np.diff(split.lines), 1) > 0
    zones = _choose_zones(split, sentence_cues)[sentence]
    flags = _find_governed(at, begins, cues.stops, is_kind)
    return places[order].with_columns(
        pl.Series("candidate", candidates[order]),
        pl.Series("sentence", sentence - split.firsts[lines], pl.Int32).set(
            pl.Series(in_title), None
        ),
        pl.Series("is_last", is_last[sentence] & ~in_title),
        _ZONE_CODES.gather(np.where(in_title, 0, zones)).alias("zone"),
        pl.Series("is_prospect", sentence_cues["prospect"][sentence] & ~in_title),
        *(pl.Series(f"is_{name}", flag) for name, flag in flags.items()),
    )


def _describe_sentences(
    split: Sentences, words: TextWords, cues: Cues, is_kind: Mapping[str, Flags]
) -> dict[str, Flags]:
    """Mark the sentences that hold each of `SENTENCE_CUES`."""
    in_abstract = cues.starts >= words.borders[cues.lines]
    sentence_cues = {name: np.zeros(len(split.starts), np.bool_) for name in SENTENCE_CUES}
    for name, marks in sentence_cues.items():
        if name in is_kind:
            marks[split.find_sentences(cues.starts[is_kind[name] & in_abstract])] = True
    return sentence_cues


def _choose_zones(split: Sentences, sentence_cues: dict[str, Flags]) -> Ints:
    """Choose the zone of each sentence, by its place in `ZONES`."""
    last_own = np.maximum.accumulate(
        np.where(sentence_cues["own"], np.arange(len(split.starts)), -1)
    )
    # Until a paper first speaks of itself ("we", "this paper"), it speaks of others.
    has_begun = last_own >= split.firsts[split.lines]
    place = {name: number for number, name in enumerate(ZONES.categories)}
    of_body = np.where(sentence_cues["result"], place["result"], place["body"])
    return np.where(
        sentence_cues["own"], place["own"], np.where(has_begun, of_body, place["background"])
    )


def _find_governed(
    places: Ints, begins: Ints, stops: Ints, is_kind: Mapping[str, Flags]
) -> dict[str, Flags]:
    """Find the places right behind cues of each of `LOCAL_CUES` that end in the same text.

    ``stops`` is where cues end, ``begins`` where the text of each place begins.
    """
    nowhere, never = np.zeros(len(stops), np.bool_), -LOCAL_REACH - 1
    # In order but for those that end within each other, which a stable sort has merged at once.
    order = np.argsort(stops, kind="stable")
    stops = stops[order]
    # Places are looked up once among all cues: the last cue of a kind up to each is known.
    nearest = np.searchsorted(stops, places, side="right")
    flags = {}
    for name in LOCAL_CUES:
        of_kind = np.where(is_kind.get(name, nowhere)[order], stops, never)
        last = np.maximum.accumulate(np.append(never, of_kind)).take(nearest)
        flags[name] = (places - last <= LOCAL_REACH) & (last >= begins)
    return flags
