"""Whose a link is: the authors' own, used, compared, or unknown, with the words that decided."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from flows.enrich.links.extract_links import BEHIND
from flows.enrich.links.link_words import list_link_words, sum_word_weights
from flows.enrich.links.role_cues import CUES, OBJECT, OUTSIDE, STATEMENT, read_contexts
from flows.paths import SHIPPED
from flows.urls import rules
from schemas.vocabulary import LinkKind, LinkRole

WEIGHTS_FILE = SHIPPED / "data" / "models" / "roles.csv"
"""What each cue weighs, as log odds; written by `link_training.train_link_weights`."""

WORDS_FILE = SHIPPED / "data" / "models" / "link_words.csv"
"""What each word weighs, for roles and kinds; written by `link_training.train_link_weights`."""

KINDS = (
    LinkKind.CODE.value,
    LinkKind.DATASET.value,
    LinkKind.PAPER.value,
    LinkKind.PROJECT.value,
    LinkKind.OTHER.value,
)
"""The kinds that words tell apart; what a demo, a video or a model is, hosts and nouns say."""

WORD_WEIGHTS = pl.Schema(
    {"feature": pl.String, "own": pl.Float64, "used": pl.Float64} | dict.fromkeys(KINDS, pl.Float64)
)
"""One row per feature: one of `link_words.WORDS`, or a cue with its place (`name_cue`). ``own`` and
``used``: log odds as in `WEIGHTS`, null of cues, whose weights are there, and of words that no
sorted sentence has. The others: what it adds to the chance that this kind is right."""

WEIGHTS = pl.Schema({"cue": pl.String, "place": pl.String, "own": pl.Float64, "used": pl.Float64})
"""One row per cue and place. ``own``: log odds that the link is the authors' own. ``used``: log
odds that it is used, where it is not their own."""

OWN_CHANCE = 0.48
"""From this chance on a link is the authors' own: in folds by paper of four fifths of the sentences
more of them are found than before, and no more of others are taken for them."""

USED_CHANCE = 0.45
"""The same of a used one: in folds the least at which three of four are right."""

CLOSING = 2.7
"""Log odds that a link is the authors' own because it closes an abstract, or is in a comment. Set
by hand: the examples are sentences, in which nothing says where in a paper they were."""

IN_ABSTRACT = 1.0
"""The same because a link is deep in an abstract, where nineteen in twenty are their own, of the
examples two in nine. Much less than that says, as words of abstracts speak for themselves."""

ABSTRACT_CHARACTERS = 400
"""What precedes a link that closes an abstract; a sentence alone is shorter."""

ANONYMOUS_HOSTS = ("bit.ly", "goo.gl", "tinyurl.com", "git.io", "aka.ms")
"""Hosts of shortened links, which people make for their own pages."""

COMPARISON = (
    r"\b(?:compar(?:e[ds]?|ing)|(?:for|in) comparison|outperform[a-z]*|surpass[a-z]*|competitors?"
    r"|unlike|similar(?:ly)? to|comparable to|in contrast to"
    r"|(?:as|with|against|to) (?:(?:an?|the|our|two|three|several|strong|stronger) ){0,3}baselines?"
    r"|(?:another|other|existing|commercial) (?:[a-z]+ ){0,5}"
    r"(?:tools?|systems?|toolkits?|services?))\b"
)
"""Words that name a system of others as what the paper is compared with, in the sentence of the
link or in the one that its parenthesis belongs to."""

SILENT = frozenset({"at", "here", "ends the sentence", "publicly"})
"""Cues that tell a reader nothing when quoted by themselves."""

LAST_QUOTED = "with it"
"""The cue that is quoted where no other one speaks: "by the tokenizer" says little."""

LONGEST_WORDS = 80
"""Characters of the evidence; a pattern may span a sentence."""

Array = npt.NDArray[np.float64]


@cache
def load_weights(path: Path = WEIGHTS_FILE) -> pl.DataFrame:
    """Read `WEIGHTS`, in the order of `list_features`; a cue that the file lacks weighs nothing."""
    weights = pl.read_csv(path, schema=WEIGHTS, glob=False)
    features = pl.DataFrame(list_features(), schema=["cue", "place"], orient="row")
    return features.join(weights, on=["cue", "place"], how="left", maintain_order="left").fill_null(
        0.0
    )


@cache
def load_word_weights(path: Path = WORDS_FILE) -> pl.DataFrame:
    """Read `WORD_WEIGHTS`."""
    return pl.read_csv(path, schema=WORD_WEIGHTS, glob=False)


def name_cue(cue: str, place: str) -> str:
    """Name a cue as a feature of `WORD_WEIGHTS`.

    >>> name_cue("our", "statement")
    'cue:our:statement'
    """
    return f"cue:{cue}:{place}"


PATTERNS = {(cue.name, place): cue.pattern for cue in CUES for place in cue.places}


def list_features() -> list[tuple[str, str]]:
    """List what is weighed, as pairs of a cue and its place; the last one is always there."""
    return [*PATTERNS, *((name, "link") for name in _link_features()), ("bias", "always")]


def _link_features() -> dict[str, pl.Expr]:
    """Say what the link itself shows, by ``kind``, ``url`` and ``host``."""
    is_alone = pl.col(STATEMENT) == ""
    is_forge = pl.col("host").is_in([*rules.FORGES])
    kinds = {f"kind {kind}": pl.col("kind") == kind for kind in LinkKind.values()}
    return kinds | {
        "alone": is_alone,
        "alone, without words": is_alone & ~pl.col(OBJECT).str.contains(r"\w\W+\w"),
        "on a forge": is_forge,
        "alone on a forge": is_forge & is_alone,
        "a file on a forge": is_forge & pl.col("url").str.contains(r"/(?:tree|blob)/"),
        "a whole site": pl.col("url").str.contains(r"^[a-z]+://[^/]+/?$"),
        "shortened": pl.col("host").is_in(ANONYMOUS_HOSTS),
    }


def measure_features(mentions: pl.DataFrame, contexts: pl.DataFrame) -> Array:
    """Measure which features mentions show: a row per mention, a column per `list_features`."""
    worded = [pl.col(place).str.contains(pattern) for (_, place), pattern in PATTERNS.items()]
    shown = contexts.with_columns(*mentions.select("kind", "url", "host").get_columns()).select(
        expression.fill_null(value=False).cast(pl.Float64).alias(str(number))
        for number, expression in enumerate(
            [*worded, *_link_features().values(), pl.lit(value=True)]
        )
    )
    return shown.to_numpy()


class Reading(NamedTuple):
    """What is read around mentions, in their order, by the functions `read_mentions` calls."""

    contexts: pl.DataFrame
    shown: Array
    words: pl.DataFrame


def read_mentions(mentions: pl.DataFrame) -> Reading:
    """Read what roles and kinds are decided by.

    Needs ``before``, ``behind``, ``field``, ``start``, ``kind``, ``url`` and ``host``.
    """
    contexts = read_contexts(mentions)
    return Reading(
        contexts, measure_features(mentions, contexts), list_link_words(mentions, contexts)
    )


def add_roles(mentions: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Add ``role`` (`LinkRole`) and ``role_words``, what decided it; null where no words did.

    The words are as in `read_contexts`.
    """
    contexts, shown, weights = reading.contexts, reading.shown, load_weights()
    role_words = load_word_weights().select("feature", "own", "used").drop_nulls()
    of_words = sum_word_weights(reading.words, role_words, mentions.height)
    placed = mentions.select(
        CLOSING * _is_closing().cast(pl.Float64)
        + IN_ABSTRACT * (pl.col("start") >= ABSTRACT_CHARACTERS).cast(pl.Float64)
    )
    own_odds = shown @ weights["own"].to_numpy() + of_words["own"].to_numpy()
    own_odds += placed.to_series().to_numpy()
    used_odds = shown @ weights["used"].to_numpy() + of_words["used"].to_numpy()
    roles = pl.DataFrame(
        {
            "_is_own": own_odds >= log_odds(OWN_CHANCE),
            "_is_used": used_odds >= log_odds(USED_CHANCE),
            "_own_cue": _choose_cue(shown, weights["own"].to_numpy()),
            # A cue for the authors' own is no evidence of use, even where its weight says so.
            "_used_cue": _choose_cue(shown, (weights["used"] * (weights["own"] < 0)).to_numpy()),
        }
    )
    decided = contexts.with_columns(
        *roles.get_columns(), role=choose_roles(contexts, mentions["kind"], roles)
    ).with_columns(_compared=_join_statement().str.extract(f"({COMPARISON})"))
    return mentions.with_columns(decided["role"], role_words=_quote_words(decided))


def choose_roles(contexts: pl.DataFrame, kinds: pl.Series, roles: pl.DataFrame) -> pl.Series:
    """Choose the role of mentions by ``_is_own`` and ``_is_used`` of ``roles``, and by comparison.

    Whose a paper is, nothing near its link says.
    """
    is_own = pl.col("_is_own") & (pl.col("_kind") != LinkKind.PAPER.value)
    return contexts.select(
        pl.when(roles.with_columns(_kind=kinds).select(is_own).to_series())
        .then(pl.lit(LinkRole.OWN.value))
        .when(_join_statement().str.contains(COMPARISON))
        .then(pl.lit(LinkRole.COMPARED.value))
        .when(roles["_is_used"])
        .then(pl.lit(LinkRole.USED.value))
        .otherwise(pl.lit(LinkRole.UNKNOWN.value))
        .alias("role")
    ).to_series()


def _join_statement() -> pl.Expr:
    return pl.concat_str(STATEMENT, OBJECT, OUTSIDE, separator=" ")


def log_odds(chance: float) -> float:
    """Return the logarithm of the odds of a chance."""
    return float(np.log(chance / (1 - chance)))


def _is_closing() -> pl.Expr:
    """Return whether a link closes an abstract, or is in the authors' own comments."""
    ends = pl.col("behind").str.count_matches(r"[a-z0-9)][.!?]\s+[A-Z]")
    # As many characters as are kept mean that the text may go on behind them.
    is_last = (pl.col("behind").str.len_chars() < BEHIND) & (ends <= 1)
    closes = (pl.col("start") >= ABSTRACT_CHARACTERS) & is_last
    return pl.when(pl.col("field") == "comments").then(pl.lit(value=True)).otherwise(closes)


def _choose_cue(shown: Array, weights: Array) -> npt.NDArray[np.int64]:
    """Choose the cue in words that speaks most for a role, by its number; -1 where none does."""
    spoken = (shown * weights)[:, : len(PATTERNS)]
    chosen = np.full(len(spoken), -1)
    # From the last resort to the first: a later choice replaces an earlier one.
    for is_quoted in (
        [cue == LAST_QUOTED for cue, _ in PATTERNS],
        [cue not in SILENT and cue != LAST_QUOTED for cue, _ in PATTERNS],
    ):
        quotable = np.where(is_quoted, spoken, 0.0)
        chosen = np.where(quotable.max(axis=1) > 0, quotable.argmax(axis=1), chosen)
    return chosen


def _quote_words(decided: pl.DataFrame) -> pl.Series:
    """Quote the words of the cue that decided; each pattern is run over its own rows only."""
    cue = (
        pl.when(pl.col("role") == LinkRole.OWN.value)
        .then("_own_cue")
        .when(pl.col("role") == LinkRole.USED.value)
        .then("_used_cue")
        .otherwise(-1)
    )
    numbered = decided.with_columns(_cue=cue).with_row_index("_row")
    patterns = list(PATTERNS.items())
    quoted = [
        part.select(
            "_row",
            words=pl.col("_compared")
            if number < 0
            else pl.col(patterns[number][0][1]).str.extract(f"({patterns[number][1]})"),
            role="role",
        )
        for (number,), part in numbered.partition_by("_cue", as_dict=True).items()
        if isinstance(number, int)
    ]
    words = pl.col("words").str.strip_chars(" .,:;(").str.slice(0, LONGEST_WORDS)
    is_quoted = (pl.col("role") != LinkRole.UNKNOWN.value) & (words != "")
    return (
        pl.concat(quoted)
        # Partitions come by cue, and the roles beside these words are in the order of mentions.
        .sort("_row")
        .select(pl.when(is_quoted).then(words).alias("role_words"))
        .to_series()
    )
