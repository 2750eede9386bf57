"""Scripts: the modules of a page joined into one file, which a browser asks for once."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

IMPORT = re.compile(r"^import \{[^}]*\} from '\./(?P<name>\w+)\.js'\n", re.MULTILINE)
"""How modules of ours import from each other: names as they are, on one line."""

EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class)\b)", re.MULTILINE)

DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function ?\*?|const|let|class) (?P<name>\w+)", re.MULTILINE
)
"""What a module declares at its top."""

OUTSIDE = frozenset({"parquet"})
"""Modules that stay files of their own: bundles of others, which need not be read again here."""


def join_modules(name: str, folder: Path, stand_ins: Mapping[str, str] | None = None) -> str:
    """Join a module of ``folder`` with all that it imports, each before those that import it.

    ``stand_ins`` names the module that takes the place of another. Raises `ValueError` when two of
    them declare the same name, which in one file would be one thing.
    """
    modules = dict(_read_modules(name, folder, stand_ins or {}))
    declared = Counter(
        match["name"] for text in modules.values() for match in DECLARED.finditer(text)
    )
    twice = sorted(word for word, number in declared.items() if number > 1)
    if twice:
        raise ValueError(f"{', '.join(modules)} declare {', '.join(twice)} twice: rename one")
    outside = [
        match[0]
        for text in modules.values()
        for match in IMPORT.finditer(text)
        if match["name"] in OUTSIDE
    ]
    bodies = [EXPORT.sub("", IMPORT.sub("", text)).strip() for text in modules.values()]
    return "\n\n".join(["".join(outside).strip(), *bodies]).strip() + "\n"


def _read_modules(
    name: str, folder: Path, stand_ins: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Read a module after those it imports. One that several import comes several times."""
    text = (folder / f"{stand_ins.get(name, name)}.js").read_text(encoding="utf-8")
    for match in IMPORT.finditer(text):
        if match["name"] not in OUTSIDE:
            yield from _read_modules(match["name"], folder, stand_ins)
    yield name, text
