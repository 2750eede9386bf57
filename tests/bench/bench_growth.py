"""How the time of every function that reads texts grows with the length of hostile ones.

Usage: python -m tests.bench.bench_growth [LENGTH] [NAME ...]

Each function is given a text of each family of LENGTH / 100, LENGTH / 10 and LENGTH characters
(10^6 unless another is named); one that would take more than a minute is stopped before. It prints
what grows by more than `MOST` times from one length to the next, and the slowest; it ends with 1 if
anything does.
"""

import itertools
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import polars as pl

from flows import identifiers, redact
from flows.deduplicate.match.author_names import compare_author_lists, list_surnames
from flows.deduplicate.match.match_records import match_records
from flows.enrich.links import list_promises
from flows.enrich.links.build_links import find_links_in_texts
from flows.enrich.links.promises import read_code_promise
from flows.enrich.topics import label_papers
from flows.errors import UserError
from flows.publish.hub.errors import redact_tokens
from flows.raw.recognition import HEAD_BYTES, describe_content
from flows.sources import SOURCES
from flows.sources.reference_list.bibtex import read_bibtex
from flows.sources.shared import author_strings
from flows.text.cleaning import clean_string, clean_texts, drop_invisible, join_lines
from flows.text.folding import fold_texts
from flows.text.formulas import render_formula
from flows.text.latex import convert_latex, render_latex
from flows.text.markup import resolve_markup
from flows.text.readable import make_readable
from flows.text.readable_name import make_readable_name
from flows.text.title_key import title_key
from flows.text.title_notes import drop_title_notes
from flows.text.words import list_words, simplify_texts
from flows.urls.canonical_url import (
    canonical_url,
    encode_url,
    host_name,
    location_key,
    pages_repository,
    repository_name,
)
from tests.link_texts import bare_record, link_table_of_abstract
from tests.records import records

MOST = 25
"""Times as long that ten times the text may take: a square would take a hundred."""

LEAST = 0.05
"""Seconds below which no growth is measured."""

PATIENCE = 60.0
"""Seconds that one reading may take by what the reading before it took."""

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
}


def of_expression(function: Callable[[pl.Expr], pl.Expr]) -> Callable[[str], object]:
    """Apply a function of expressions to one text."""
    return lambda text: pl.DataFrame({"t": [text]}).select(function(pl.col("t")))


def of_series(function: Callable[[pl.Series], object]) -> Callable[[str], object]:
    """Apply a function of series to one text."""
    return lambda text: function(pl.Series("t", [text], dtype=pl.String))


def of_names(function: Callable[..., object], count: int = 1) -> Callable[[str], object]:
    """Apply a function of lists of names to a list of one text, and to one of its words."""
    dtype = pl.List(pl.String)

    def apply(text: str) -> None:
        for names in ([text], text.split()[:10_000]):
            function(*[pl.Series("t", [names], dtype=dtype)] * count)

    return apply


def hostile_paper(text: str) -> pl.DataFrame:
    """Make a paper with a text as its abstract."""
    columns = {"paper_id": ["a"], "title": ["A title"], "abstract": [f"A {text} b"]}
    typed = {"categories": pl.lit([], pl.List(pl.String)), "venue": pl.lit(None, pl.String)}
    return pl.DataFrame(columns).with_columns(**typed)


FUNCTIONS: dict[str, Callable[[str], object]] = {
    **{
        function.__name__: of_expression(function)
        for function in (
            *(clean_texts, drop_invisible, join_lines, make_readable, make_readable_name),
            *(title_key, drop_title_notes, read_code_promise),
            *(identifiers.arxiv_id, identifiers.arxiv_version, identifiers.doi),
            *(identifiers.acl_id, identifiers.openreview_id, identifiers.semantic_scholar_id),
            *(identifiers.dblp_key, identifiers.paper_identifier),
            *(canonical_url, location_key, host_name, repository_name),
            pages_repository,
        )
    },
    **{f.__name__: of_series(f) for f in (fold_texts, list_words, simplify_texts)},
    **{
        function.__name__: function
        for function in (
            *(clean_string, convert_latex, render_latex, render_formula, resolve_markup),
            *(redact.redact_url, redact.redact_text, redact.blank_unprintable, redact_tokens),
            *(author_strings.split_authors, author_strings.count_unnamed),
            *(author_strings.clean_name, encode_url),
        )
    },
    "list_surnames": of_names(list_surnames),
    "compare_author_lists": of_names(compare_author_lists, 2),
    "describe_content": lambda text: describe_content(b"a" + text.encode()[:HEAD_BYTES]),
    "read_bibtex": lambda text: read_bibtex("@article{a, title = {T}}\nx" + text),
    "match_records": lambda text: match_records(
        records(*(bare_record(row, title=f"A {text}", authors=[text]) for row in range(2)))
    ),
    "build_link_table": lambda text: link_table_of_abstract(
        f"Our code: https://github.com/a/b {text}"
    ),
    "label_papers": lambda text: label_papers(hostile_paper(text)),
    "list_promises": lambda text: list_promises(
        pl.DataFrame({"paper_id": ["a"], "abstract_as_written": [f"A {text} b"]})
    ),
    "find_links_in_texts": lambda text: find_links_in_texts(records(bare_record(abstract=text))),
    **{
        f"recognise {source}": lambda text, module=module: module.recognise(
            text.encode()[:HEAD_BYTES]
        )
        for source, module in SOURCES.items()
    },
}
"""Every public function that reads a text of somebody else, applied to one."""


def measure(function: Callable[[str], object], text: str) -> float:
    """Measure the seconds of a function on a text; a refusal counts like a result."""
    before = time.process_time()
    with suppress(UserError):
        function(text)
    return time.process_time() - before


def list_growths(name: str, family: str, length: int) -> list[tuple[int, float]]:
    """Measure a function on texts of growing length: length and seconds."""
    unit = FAMILIES[family]
    times: list[tuple[int, float]] = []
    for size in (length // 100, length // 10, length):
        text = (unit * (size // len(unit) + 1))[:size]
        if times and times[-1][1] * MOST > PATIENCE:
            break
        times.append((size, measure(FUNCTIONS[name], text)))
    return times


def has_grown(times: list[tuple[int, float]]) -> bool:
    """Tell whether ten times the text has taken more than `MOST` times as long."""
    pairs = itertools.pairwise(times)
    return any(after > MOST * max(before, LEAST / MOST) for (_, before), (_, after) in pairs)


def main() -> int:
    """Measure all, or the functions that are named."""
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    names = sys.argv[2:] or list(FUNCTIONS)
    slowest, bad = (0.0, "", ""), 0
    for name in names:
        for family in FAMILIES:
            times = list_growths(name, family, length)
            slowest = max(slowest, (times[-1][1], name, family))
            if has_grown(times):
                # Measured once more: other processes take the caches of a core, too.
                times = list_growths(name, family, length)
            if has_grown(times) or len(times) < 3:  # one was left out
                bad += 1
                print(f"{name}, {family}: {times}", flush=True)
    count = len(names) * len(FAMILIES)
    print(f"{count:,} growths to {length:,} characters, {bad} too fast; the slowest {slowest}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
