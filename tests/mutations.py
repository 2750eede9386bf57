"""Seeded mutations of real files: what transfers, editors and hostile people make of them."""

import gzip
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flows.paths import PROJECT

FIXTURES = PROJECT / "tests" / "fixtures"
LARGEST = 60_000
"""Bytes of the largest file that is mutated: small ones meet more of their own kind."""

SPICE = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8" * 50),
    *(b"\r\n", b"\n" * 300, b" " * 300, b"\\", b"$", b"\\u0000", b'"', b"'"),
    *(b"{", b"}", b"[", b"]", b"<", b">", b"&", b"[[[[", b"{{{{"),
    *(b"<!DOCTYPE x>", b"<a:b>", b"</record>", b"&x;", b"null", b"1e999", b"-1"),
    *(b"### ", b"](", b"![", b"Abstract", b"Upvote", b"Submitted by", b"arxiv:2301.00001"),
)
"""Pieces that are put in at random places."""


def list_seeds() -> list[Path]:
    """List the fixtures of all sources that are small enough."""
    files = (path for path in sorted(FIXTURES.rglob("*")) if path.is_file())
    return [path for path in files if 0 < path.stat().st_size <= LARGEST]


def mutate_file(content: bytes, dice: random.Random) -> bytes:
    """Change a content in one to six ways, the last of which may pack it or change its encoding."""
    for _ in range(dice.randint(1, 6)):
        content = _mutate_once(content, dice)
    kind = dice.randrange(12)
    if kind == 0:
        return gzip.compress(content, mtime=0)[: dice.randint(1, 1 << 20)]
    if kind == 1:
        return content.decode("utf-8", "replace").encode(dice.choice(("utf-16-le", "utf-16")))
    return content


def _mutate_once(content: bytes, dice: random.Random) -> bytes:  # noqa: PLR0911  # a way each
    start, end = sorted(dice.randrange(len(content) + 1) for _ in range(2))
    end = min(end, start + 2_000)
    match dice.randrange(7):
        case 0:  # a piece is lost
            return content[:start] + content[end:]
        case 1:  # a piece is there again and again
            return content[:start] + content[start:end] * dice.randint(2, 5) + content[end:]
        case 2:  # the transfer breaks off
            return content[:end]
        case 3:  # a byte is another one
            at = min(start, max(len(content) - 1, 0))
            return content[:at] + bytes([dice.randrange(256)]) + content[at + 1 :]
        case 4:  # two pieces change places
            return content[end:] + content[start:end] + content[:start]
        case 5:  # the line ends are others
            return content.replace(b"\n", dice.choice((b"\r\n", b"\r", b"\n\n", b"")))
        case _:
            return content[:start] + dice.choice(SPICE) * dice.randint(1, 40) + content[start:]


def list_mutants(count: int, seed: int, longest: int = LARGEST) -> Iterator[tuple[str, bytes]]:
    """Yield mutants, each with a name that says how to make it again.

    ``longest``: bytes of a file that are changed; of a longer one its beginning, to a line's end.
    """
    for number in range(count):
        yield make_mutant(number, seed, longest)


def make_mutant(number: int, seed: int, longest: int = LARGEST) -> tuple[str, bytes]:
    """Make the mutant of a number, and the name by which it can be made again."""
    dice = random.Random(f"{seed}:{number}")  # noqa: S311  # no secret, a repeatable choice
    path, content = dice.choice(_read_seeds())
    if len(content) > longest:
        content = content[: content.rfind(b"\n", 0, longest) + 1] or content[:longest]
    return f"{seed}:{number}:{path.parent.name}/{path.name}", mutate_file(content, dice)


@cache
def _read_seeds() -> list[tuple[Path, bytes]]:
    return [(path, path.read_bytes()) for path in list_seeds()]
