"""How the time of every function that reads texts grows with the length of hostile ones.

Usage: python -m tests.bench.bench_growth [LENGTH] [NAME ...]

Each function is given a text of each family of LENGTH / 10 and LENGTH characters (10^6 unless
another is named). What it takes for hardly any text is subtracted, and the best of several readings
counts: other processes take the caches of a core, too. It prints what grows by more than `MOST`
times, and the slowest; it ends with 1 if anything does. What takes less than `LEAST` for the longer
text, or less than twice what hardly any text takes, is too quick for its growth to be told,
and is counted. What reads the beginning of a file alone (`HEADS`) is given one of `HEAD_BYTES`,
whatever LENGTH is, and may take `OF_A_HEAD` seconds.
"""

import gc
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import product
from typing import NamedTuple

from flows.errors import UserError
from flows.raw.recognition import HEAD_BYTES
from flows.sources.papers_page.unwrap import NoPapers
from tests.bench.text_functions import FUNCTIONS, HEADS

MOST = 12
"""Times as long that ten times the text may take: ten, and a fifth for the caches of a core."""

LEAST = 0.1
"""Seconds of the longer text below which no growth is measured: a square would take a hundredth of
it for the shorter one, less than a clock and a collection of garbage are sure of."""

READINGS = 5
"""Readings of which the best counts, where the first ones grow too fast."""

OF_A_HEAD = 1.0
"""Seconds that the beginning of a file may take: a square in it takes ten."""

DOUBT = 0.3
"""What is subtracted differs by so much of itself from reading to reading: no shorter text is known
to take less."""

PATIENCE = 300.0
"""Seconds that the longer text may take, by what a square would make of the shorter one."""

WORDS = "distinct words"
"""The family whose text is no repetition: each word is another one."""

FAMILIES = {
    "blanks": " ",
    "line breaks": "\n",
    "CRLF": "\r\n",
    "hyphens": "a-\n",
    "brackets": "(",
    "closed brackets": "()",
    "square": "[",
    "links": "[a](",
    "braces": "{",
    "pairs of braces": "{}",
    "dots": ".",
    "initials": "A. ",
    "commas": "a,",
    "ands": " and ",
    "names": "Ada Lovelace, ",
    "citations": "Lovelace (2019); ",
    "letters": "a",
    "words": "word ",
    "digits": "1",
    "dollars": "$",
    "mathematics": "$x ",
    "backslashes": "\\",
    "macros": "\\a{",
    "accents": "\\'{e}",
    "superscripts": "^{",
    "openings": "\\(",
    "schemes": "http://",
    "addresses": "https://a.bc/",
    "domains": "see lab.org/x ",
    "users": "a@b:",
    "percents": "%41",
    "parameters": "?a=b&",
    "DOIs": "10.1000/abc ",
    "arXiv ids": "arXiv:2101.00001 ",
    "promises": "we will release the code ",
    "combining marks": "e\u0301",
    "marks alone": "\u0301",
    "controls": "\x1b[",
    "invisible": "\u200b",
    "quotes": "\"'",
    "tags": "<a ",
    "entities": "&amp;",
    "slashes": "a/",
    "dashes": "a - ",
    "colons": "a: ",
    WORDS: "",
}


class Growth(NamedTuple):
    """Seconds of the processor for a text and for one of ten times its length."""

    shorter: float
    longer: float | None
    """None where it was not tried, because a square would take more than `PATIENCE`."""
    idle: float = 0.0
    """What was subtracted of both: what hardly any text takes."""

    def is_too_fast(self) -> bool:
        """Tell whether ten times the text takes more than `MOST` times as long.

        >>> Growth(0.1, 1.1).is_too_fast(), Growth(0.1, 1.3).is_too_fast()
        (False, True)
        >>> Growth(0.01, 0.2, idle=0.07).is_too_fast(), Growth(0.01, 1.0, idle=0.07).is_too_fast()
        (False, True)
        """
        if self.longer is None:
            return True
        return not self.is_quick() and self.longer > MOST * max(self.shorter, DOUBT * self.idle)

    def is_quick(self) -> bool:
        """Tell whether it is too fast for its growth to be told."""
        return self.longer is not None and self.longer < max(LEAST, 2 * self.idle)


def write_text(family: str, length: int) -> str:
    """Write a text of a family with so many characters."""
    if family == WORDS:
        return " ".join(f"w{number:x}" for number in range(length // 3))[:length]
    unit = FAMILIES[family]
    return (unit * (length // len(unit) + 1))[:length]


def measure(function: Callable[[str], object], text: str) -> float:
    """Measure the seconds of the processor that a function takes for a text.

    A refusal counts like a result. All threads count: polars uses those of every core.
    """
    gc.disable()
    try:
        before = time.process_time()
        with suppress(UserError, NoPapers):
            function(text)
        return time.process_time() - before
    finally:
        gc.enable()


def measure_growth(function: Callable[[str], object], family: str, length: int) -> Growth:
    """Measure a function on two texts of a family, the best of several readings of each."""
    short, long = (write_text(family, size) for size in (length // 10, length))
    # The first call compiles patterns and loads what is loaded once: it counts for nothing.
    idle = min(measure(function, write_text(family, 10)) for _ in range(3))
    shorter = min(measure(function, short) for _ in range(2)) - idle
    if 100 * shorter > PATIENCE:
        return Growth(shorter, None, idle)
    growth = Growth(shorter, measure(function, long) - idle, idle)
    for _ in range(READINGS):
        if not growth.is_too_fast():
            break
        again = (measure(function, text) - idle for text in (short, long))
        growth = Growth(*map(min, growth, again), idle)
    return growth


def measure_head(function: Callable[[bytes], object], family: str) -> float:
    """Measure the seconds that the beginning of a file of a family takes."""
    head = write_text(family, HEAD_BYTES).encode()[:HEAD_BYTES]
    return min(measure(lambda _: function(head), "") for _ in range(2))


def main() -> int:
    """Measure all, or the functions that are named."""
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    names = sys.argv[2:] or [*FUNCTIONS, *HEADS]
    growing = [name for name in names if name in FUNCTIONS]
    heads = [name for name in names if name not in FUNCTIONS]
    bad = judge_growths(growing, length) + judge_heads(heads)
    return int(bad > 0)


def judge_growths(names: Sequence[str], length: int) -> int:
    """Measure functions to a length, print what grows too fast, and return how many."""
    slowest, bad, quick = (0.0, "", ""), 0, 0
    for name, family in product(names, FAMILIES):
        growth = measure_growth(FUNCTIONS[name], family, length)
        slowest = max(slowest, (growth.longer or growth.shorter, name, family))
        quick += growth.is_quick()
        if growth.is_too_fast():
            bad += 1
            print(f"{name}, {family}: {growth}", flush=True)
    print(
        f"{len(names) * len(FAMILIES):,} growths to {length:,} characters, {bad} too fast; "
        f"{quick:,} of them are too quick to be judged; the slowest {slowest}"
    )
    return bad


def judge_heads(names: Sequence[str]) -> int:
    """Measure what reads beginnings of files, print what takes long, and return how many."""
    seconds = {pair: measure_head(HEADS[pair[0]], pair[1]) for pair in product(names, FAMILIES)}
    long = {pair: taken for pair, taken in seconds.items() if taken > OF_A_HEAD}
    print(
        f"{len(seconds):,} beginnings of {HEAD_BYTES:,} bytes, {len(long)} take more than "
        f"{OF_A_HEAD} s; the slowest {max(seconds.values(), default=0.0):.3f} s"
    )
    for pair, taken in long.items():
        print(f"{', '.join(pair)}: {taken:.3f} s")
    return len(long)


if __name__ == "__main__":
    sys.exit(main())
