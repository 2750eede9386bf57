"""Flip single bits of a release, and count how many `verify` and the readers notice.

Usage: python -m tests.bench.flip_bits [FLIPS] [SEED]
"""

import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.release import NotARelease, find_damage, read_tables
from tests.builders import written_release


def main() -> None:
    """Flip bits one at a time; end with 1 where one goes unnoticed."""
    flips = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    dice = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)  # noqa: S311  # no secret
    with TemporaryDirectory() as parent:
        folder = written_release(Path(parent) / "release")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        start, read = time.monotonic(), 0
        for flip in range(flips):
            path = dice.choice(files)
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            bit = dice.randrange(8 * len(content))
            damaged = bytearray(content)
            damaged[bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)
            if [*find_damage(folder)] != [name]:
                sys.exit(f"flip {flip}: bit {bit} of {name} went unnoticed")
            try:
                read_tables(folder)
            except NotARelease:
                read += 1
            path.write_bytes(content)
        spent = time.monotonic() - start
    print(f"{flips:,} of {flips:,} flipped bits found in their file; {spent:.0f} s")
    print(f"{read:,} of them in what the next release would read, and refused there")


if __name__ == "__main__":
    main()
