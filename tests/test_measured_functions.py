"""`bench_growth` knows every function that takes a text of somebody else: none is left out."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flows.paths import PROJECT

ROOMS = (
    *("text", "urls", "identifiers.py", "redact", "enrich", "deduplicate/match"),
    *("deduplicate/resolve", "sources", "raw", "parse", "publish/card/markdown.py"),
    *("runs/terminal.py", "site/search_words.py", "site/markup.py", "site/feeds.py"),
    *("operate/explain.py", "operate/review.py"),
)
"""Where texts are read, below ``flows``."""

LISTS = ("text_functions.py", "parsed_texts.py")
"""What names the functions that are measured, in ``tests/bench``."""

OF_NO_TEXT = {
    # ids, columns, keys and descriptions that we write ourselves
    *("list_labels", "read_sketches", "prepare_features", "explain_paper"),
    *("map_on_threads", "render_explanation", "list_record_titles", "report_rejections"),
    *("order_in_day", "choose_due_links", "collect_terms"),
    # names of weeks and months that are files of ours
    *("parse_week", "parse_month"),
    # titles in a release, which has passed all checks; their texts are written by `clean`
    *("render_table", "write_feeds", "make_feed", "read_entries", "show_entry", "show_feed"),
    "find_address",
    # answers of sites, which are bounded; they are read by the readers of the sources
    *("check_link", "check_all_links", "read_offers", "verify_offers"),
    # paths, and what hashes their files
    *("find_files", "find_misfit", "recognise_files"),
    # the names of an archive's members, whose number and length are bounded
    "name_document",
    # columns that are read by the functions of `identifiers`, which are measured
    "read_identifiers",
    # the first bytes of a file
    "name_packing",
    # training and the baseline of an evaluation, on texts that people chose
    *("find_phrases", "cross_validate", "learn_word_vectors"),
}
"""Public functions of these rooms that take no text of somebody else, or none of any length."""

TEXT = re.compile(r"\b(?:str|bytes|Expr|Series|Match|BinaryIO|_Element)\b")
WORD = re.compile(r"[A-Za-z_]\w+")

NAMES = {"names", "columns"}
"""Arguments that name columns of a table."""


def list_files() -> Iterator[Path]:
    for room in ROOMS:
        place = PROJECT / "flows" / room
        yield from [place] if place.is_file() else sorted(place.rglob("*.py"))


@cache
def list_definitions(path: Path) -> list[tuple[ast.stmt, str]]:
    """List what a module defines, each with its text; imports are none."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    return [
        (node, "\n".join(lines[node.lineno - 1 : node.end_lineno]))
        for node in ast.parse(text).body
        if not isinstance(node, ast.Import | ast.ImportFrom)
    ]


def names_of(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def takes_text(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return False
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    typed = [a.annotation for a in arguments if a.annotation and a.arg not in NAMES]
    return any(TEXT.search(ast.unparse(annotation)) for annotation in typed)


def list_reached() -> set[str]:
    """List the names in what is measured, in what that names, and so on."""
    words: dict[str, set[str]] = {}
    for path in list_files():
        for node, text in list_definitions(path):
            for name in names_of(node):
                words.setdefault(name, set()).update(WORD.findall(text))
    lists = [PROJECT / "tests" / "bench" / name for name in LISTS]
    waiting = [
        w for path in lists for _, text in list_definitions(path) for w in WORD.findall(text)
    ]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += words.get(name, ())
    return reached


def test_every_public_function_that_takes_a_text_is_measured_or_called_by_one_that_is() -> None:
    takers = {
        node.name
        for path in list_files()
        for node, _ in list_definitions(path)
        if takes_text(node) and isinstance(node, ast.FunctionDef)
    }
    reached = list_reached()
    assert len(takers) > 250
    # Measure it in `text_functions.py`, or say in `OF_NO_TEXT` why it needs none.
    assert takers - reached - OF_NO_TEXT == set()
    # What is gone is no exception any more.
    assert takers >= OF_NO_TEXT
