"""Run schedules of publication through the model, and count them.

The first are all with one switch and one fault or crash, and all with two switches; the rest are
drawn. Ends with 1 and the schedule where an invariant does not hold.

Usage: python -m tests.bench.model_publication [SECONDS] [SEED]
"""

import itertools
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.publication_model import (
    ReleaseShelf,
    Schedule,
    draw_schedules,
    list_schedules,
    run_schedule,
)


def main() -> None:
    """Run schedules until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0  # the second argument
    with TemporaryDirectory() as folder:
        shelf = ReleaseShelf(Path(folder))
        operations = run_schedule(Schedule(), shelf).operations
        drawn = draw_schedules(10**7, operations, seed)
        schedules = itertools.chain(drawn if seed else list_schedules(operations), drawn)
        start, number, steps, refused = time.monotonic(), 0, 0, 0
        for schedule in schedules:
            try:
                outcome = run_schedule(schedule, shelf)
            except BaseException:
                print(f"after {number:,} schedules: {schedule}", file=sys.stderr)
                raise
            number, steps = number + 1, steps + outcome.operations
            refused += len(outcome.refused)
            if time.monotonic() - start > seconds:
                break
        spent = time.monotonic() - start
    print(f"{number:,} schedules of {operations} operations and more, {steps:,} operations")
    print(f"{refused:,} publishers were refused or crashed; every invariant held; {spent:.0f} s")


if __name__ == "__main__":
    main()
