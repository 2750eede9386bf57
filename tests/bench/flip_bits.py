"""Flip single bits of a release and of every cache, and count what is done about it.

Usage: python -m tests.bench.flip_bits [FLIPS] [SEED] [KIND ...]

``release`` is given to `verify` and to the readers; each cache is used as the next run would: a
flip is noticed where the cache says that it has nothing, or refuses by name what people made. It
ends with 1 where a flip goes unnoticed, or where anything but a `UserError` is raised.
"""

import logging
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.release import NotARelease, find_damage, read_tables
from tests.builders import written_release
from tests.caches import CACHES, Cache


def flip_one(dice: random.Random, folder: Path) -> tuple[Path, bytes]:
    """Flip one bit of one file below a folder, and return the file with its content of before."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    path = dice.choice(files)
    content = path.read_bytes()
    bit = dice.randrange(8 * len(content))
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    path.unlink()  # first: another name of the same content must not change with it
    path.write_bytes(damaged)
    return path, content


def flip_release(flips: int, dice: random.Random, parent: Path) -> str:
    """Flip bits of a release; `verify` must name the file each time."""
    folder = written_release(parent / "release")
    read = 0
    for _ in range(flips):
        path, content = flip_one(dice, folder)
        name = path.relative_to(folder).as_posix()
        if [*find_damage(folder)] != [name]:
            sys.exit(f"a flipped bit of {name} went unnoticed")
        try:
            read_tables(folder)
        except NotARelease:
            read += 1
        path.write_bytes(content)
    return f"named by its file each time; {read:,} in what a run reads, and refused there"


def flip_cache(flips: int, dice: random.Random, parent: Path, cache: Cache) -> str:
    """Flip bits of a cache; it must never give what was not put into it."""
    recomputed = same = refused = 0
    folder = parent / cache.name
    for _ in range(flips):
        if not folder.exists():
            cache.make(folder)
            expected = cache.use(folder)
        path, content = flip_one(dice, folder)
        result = cache.use(folder)
        if result is None:
            recomputed += 1
        elif isinstance(result, str):
            refused += 1
        elif result == expected:
            same += 1
        else:
            sys.exit(f"{cache.name}: a flipped bit of {path.name} was used")
        if path.exists():
            path.write_bytes(content)
        if cache.use(folder) != expected:
            cache.make(folder)
    return f"{recomputed:,} made again, {refused:,} refused by name, {same:,} of no effect"


def list_kinds() -> Iterator[tuple[str, Callable[[int, random.Random, Path], str]]]:
    """List what is flipped, by name."""
    yield "release", flip_release
    for cache in CACHES:
        yield cache.name, lambda *given, cache=cache: flip_cache(*given, cache)


def main() -> None:
    """Flip bits of each kind one at a time."""
    logging.disable()  # a line for each flip is not what is counted
    flips = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)  # noqa: S311  # no secret
    for name, flip in list_kinds():
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        start = time.process_time()
        with TemporaryDirectory() as parent:
            outcome = flip(flips, dice, Path(parent))
        print(f"{name}: {flips:,} bits: {outcome}; {time.process_time() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main()
