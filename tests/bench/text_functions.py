"""Every public function that reads a text of somebody else, applied to one: for `bench_growth`."""

from collections.abc import Callable, Sequence

import polars as pl

from flows import identifiers, redact
from flows.deduplicate.match.author_names import list_surnames
from flows.deduplicate.match.citation_marks import drop_broken_signs, trim_titles
from flows.deduplicate.match.common_title_words import list_rarest_pairs
from flows.deduplicate.match.compare_authors import compare_author_lists
from flows.deduplicate.match.match_records import match_records
from flows.deduplicate.match.record_features import take_openings
from flows.deduplicate.match.record_keys import canonicalize_name
from flows.deduplicate.match.sibling_names import has_other_symbol, has_sibling_name
from flows.deduplicate.match.title_difference import compare_near_titles
from flows.deduplicate.match.title_series import (
    comment_kind,
    is_generic,
    name_before_colon,
    series_part,
    title_numbers,
)
from flows.deduplicate.resolve import build_index
from flows.deduplicate.resolve.abstract_index import CODES, code_long_words
from flows.deduplicate.resolve.abstract_overlap import compare_long_words
from flows.deduplicate.resolve.compare_titles import compare_candidates
from flows.enrich.links import list_promises
from flows.enrich.links.build_links import find_links_in_texts
from flows.enrich.links.promises import read_code_promise
from flows.enrich.topics import label_papers
from flows.operate.explain import find_titled_paper, render_record
from flows.operate.review import clean_cells
from flows.parse.find_raw_files import is_hidden_member
from flows.publish.card.markdown import escape_markdown, render_cell
from flows.publish.hub.errors import redact_tokens
from flows.raw.description import describe_content, is_by_column
from flows.runs.terminal import escape_json, escape_text
from flows.site.feeds import clean
from flows.site.markup import path_of
from flows.site.search_words import fold, key_of_title, split_words
from flows.sources import SOURCES
from flows.sources.arxiv.fields import pick_categories, pick_classes
from flows.sources.arxiv.notices import is_retracted, is_withdrawn
from flows.sources.arxiv.query import clean_message
from flows.sources.papers_page.decoding import decode_page
from flows.sources.papers_page.line_kinds import classify_line
from flows.sources.papers_page.markdown import is_markdown, read_markdown
from flows.sources.papers_page.pair_titles import read_listing
from flows.sources.papers_page.saved import is_html, read_saved
from flows.sources.papers_page.single import is_single, read_single
from flows.sources.papers_page.strip_markdown import strip_markup
from flows.sources.papers_with_code.spam import explain_spam
from flows.sources.reference_list.bibtex import read_bibtex
from flows.sources.reference_list.references import find_arxiv_id, split_names, strip_braces
from flows.sources.reference_list.ris import read_ris
from flows.sources.shared import author_strings
from flows.sources.shared.arxiv_ids import find_id_fault
from flows.sources.shared.dates import list_days, parse_day
from flows.sources.shared.open_texts import find_open_license
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
    host_name,
    location_key,
    pages_repository,
    repository_name,
)
from flows.urls.characters import encode_url
from tests.bench.parsed_texts import list_readers
from tests.link_texts import bare_record, link_table_of_abstract
from tests.records import records

NOBODY = pl.lit(None, pl.List(pl.String))
"""The authors of a paper of which none is known."""


def of_expression(function: Callable[..., pl.Expr], count: int = 1) -> Callable[[str], object]:
    """Apply a function of expressions to one text, in the place of each argument."""
    return lambda text: pl.DataFrame({"t": [text]}).select(function(*[pl.col("t")] * count))


def of_series(function: Callable[..., object], count: int = 1) -> Callable[[str], object]:
    """Apply a function of series to one text, and to its reverse in the place of a second one."""

    def apply(text: str) -> None:
        sides = (text, text[::-1], text)[:count]
        function(*[pl.Series("t", [side], dtype=pl.String) for side in sides])

    return apply


def of_names(function: Callable[..., object], count: int = 1) -> Callable[[str], object]:
    """Apply a function of lists of names to a list of one text, and to one of its words."""
    dtype = pl.List(pl.String)

    def apply(text: str) -> None:
        for names in ([text], text.split()[:10_000]):
            function(*[pl.Series("t", [names], dtype=dtype)] * count)

    return apply


def of_lines(function: Callable[[Sequence[str]], object]) -> Callable[[str], object]:
    """Apply a function of lines to the lines of a text."""
    return lambda text: function(text.split("\n"))


def hostile_paper(text: str) -> pl.DataFrame:
    """Make a paper with a text as its abstract."""
    columns = {"paper_id": ["a"], "title": ["A title"], "abstract": [f"A {text} b"]}
    typed = {"categories": pl.lit([], pl.List(pl.String)), "venue": pl.lit(None, pl.String)}
    return pl.DataFrame(columns).with_columns(**typed)


def resolve_title(text: str) -> pl.DataFrame:
    """Look for a text, as a title, in an index of its reverse and of a title."""
    titles = {"paper": ["a", "b"], "title": [f"A title {text[::-1]}", "A title"]}
    index = build_index(pl.DataFrame(titles).with_columns(authors=NOBODY))
    query = pl.DataFrame({"query": [0], "title": [f"A title {text}"]})
    no_abstract = pl.lit(None, CODES)
    keyed = query.with_columns(key=title_key(pl.col("title")), authors=NOBODY, codes=no_abstract)
    return compare_candidates(keyed, index)


def compare_abstracts(text: str) -> pl.Series:
    """Compare the long words of a text, as an abstract, with those of its reverse."""
    codes = [code_long_words(pl.Series([side])) for side in (text, text[::-1])]
    return compare_long_words(*codes)


FUNCTIONS: dict[str, Callable[[str], object]] = {
    **{
        function.__name__: of_expression(function)
        for function in (
            *(clean_texts, drop_invisible, join_lines, make_readable, make_readable_name),
            *(title_key, drop_title_notes, read_code_promise, clean_cells),
            *(name_before_colon, comment_kind, series_part, title_numbers, is_generic),
            *(pick_categories, pick_classes, find_id_fault, parse_day),
            *(identifiers.arxiv_id, identifiers.arxiv_version, identifiers.doi),
            *(identifiers.acl_id, identifiers.openreview_id, identifiers.semantic_scholar_id),
            *(identifiers.dblp_key, identifiers.paper_identifier),
            *(canonical_url, location_key, host_name, repository_name),
            *(pages_repository, fold, split_words, key_of_title),
        )
    },
    "list_days": of_expression(lambda text: list_days(pl.concat_list(text))),
    **{f.__name__: of_expression(f, 2) for f in (explain_spam, is_withdrawn, is_retracted)},
    **{
        function.__name__: of_series(function)
        for function in (
            *(fold_texts, list_words, simplify_texts, drop_broken_signs, trim_titles),
            *(take_openings, list_rarest_pairs),
        )
    },
    **{f.__name__: of_series(f, 2) for f in (has_sibling_name, has_other_symbol)},
    "compare_near_titles": of_series(compare_near_titles, 3),
    "compare_candidates": resolve_title,
    "compare_long_words": compare_abstracts,
    **{
        function.__name__: function
        for function in (
            *(clean_string, convert_latex, render_latex, render_formula, resolve_markup),
            *(redact.redact_url, redact.redact_text, redact.blank_unprintable, redact_tokens),
            *(redact.escape_unprintable, escape_markdown, render_cell, clean_message),
            *(author_strings.split_authors, author_strings.count_unnamed),
            *(author_strings.clean_name, encode_url, strip_braces, split_names, find_open_license),
            *(is_markdown, read_markdown, strip_markup, is_html, read_saved),
            *(escape_text, escape_json, path_of, canonicalize_name, is_hidden_member),
        )
    },
    **{f.__name__: of_lines(f) for f in (read_listing, is_single)},
    "read_single": of_lines(lambda lines: is_single(lines) and read_single(lines)),
    "decode_page": lambda text: decode_page(text.encode()),
    "classify_line": lambda text: classify_line(1, text),
    "find_arxiv_id": lambda text: find_arxiv_id({"note": text, "volume": text}, text),
    "list_surnames": of_names(list_surnames),
    "compare_author_lists": of_names(compare_author_lists, 2),
    "read_bibtex": lambda text: read_bibtex("@article{a, title = {T}}\nx" + text),
    "read_bibtex of a field": lambda text: read_bibtex("@article{a, title = {T" + text + "}}\n"),
    "read_ris": lambda text: read_ris(f"TY  - JOUR\nTI  - A {text}\nER  - \n{text}"),
    "match_records": lambda text: match_records(
        records(*(bare_record(row, title=f"A {text}", authors=[text]) for row in range(2)))
    ),
    "match_records by abstract": lambda text: match_records(
        records(*(bare_record(row, title=f"A {row}", abstract=f"A {text}") for row in range(2)))
    ),
    "build_link_table": lambda text: link_table_of_abstract(
        f"Our code: https://github.com/a/b {text}"
    ),
    "label_papers": lambda text: label_papers(hostile_paper(text)),
    "clean of feeds": clean,
    "render_record": lambda text: render_record("a", {"a": text}, text),
    "find_titled_paper": lambda text: find_titled_paper(
        text, pl.DataFrame({"paper_id": ["a"], "title": [f"A {text} b"]})
    ),
    "list_promises": lambda text: list_promises(
        pl.DataFrame({"paper_id": ["a"], "abstract_as_written": [f"A {text} b"]})
    ),
    "find_links_in_texts": lambda text: find_links_in_texts(records(bare_record(abstract=text))),
    **list_readers(),
}
"""By name."""

HEADS: dict[str, Callable[[bytes], object]] = {
    "describe_content": lambda head: describe_content(b"a" + head),
    "is_by_column": lambda head: is_by_column(b'{"a":[' + head),
    **{f"recognise {source}": module.recognise for source, module in SOURCES.items()},
}
"""What is given no more than the first `HEAD_BYTES` of a file: its time is bounded, and its growth
is none."""
