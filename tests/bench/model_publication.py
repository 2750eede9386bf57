"""Visit every schedule of three publishers, one fault and one crash, and count them.

Usage: python -m tests.bench.model_publication [PUBLISHERS] [SEED]

First without trouble, then with a crash, with a fault, with both: each is complete when its line is
printed. Ends with the state where an invariant does not hold. Then a sample of the places that were
taken for one another is run on from both, and drawn schedules are run one operation after another,
nothing left out: each has to come to an end that was visited.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.publication_model import (
    MEMORY,
    PUBLISHERS,
    Schedule,
    Shelf,
    draw_schedules,
    modelled_hub,
    run_schedule,
)
from tests.publication_states import StateSpace

LEVELS = {"no trouble": (False, False), "a crash": (False, True), "a fault": (True, False)}
LEVELS |= {"a fault and a crash": (True, True)}
SAMPLE, DRAWN = 2_000, 2_000


def main() -> None:
    """Visit level after level, then check what the visit relies on."""
    publishers = PUBLISHERS[: int(sys.argv[1]) if len(sys.argv) > 1 else len(PUBLISHERS)]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0  # the second argument
    place = MEMORY if MEMORY.is_dir() else None
    with TemporaryDirectory(dir=place) as folder, modelled_hub(shelf := Shelf(Path(folder))):
        space = StateSpace(shelf, publishers)
        for name, (faults, crashes) in LEVELS.items():
            schedules = space.visit(faults=faults, crashes=crashes)
            print(f"{name}: {schedules:.3g} schedules; {describe_cost(space)}", flush=True)
        sample = space.check_merged(SAMPLE, seed)
        print(f"{sample:,} of {len(space.merged):,} places that two runs came to: they go on alike")
        if publishers == PUBLISHERS:
            check_drawn(space, seed)


def describe_cost(space: StateSpace) -> str:
    """Say what a visit has taken until now."""
    return (
        f"{len(space.schedules):,} states and {space.transitions:,} steps between them, "
        f"{space.executed:,} of real code ({space.repeated:,} publishers run again), "
        f"{len(space.ends):,} ends; {time.process_time():.0f} s"
    )


def check_drawn(space: StateSpace, seed: int) -> None:
    """Run schedules as they are; raise where one comes to an end that was not visited."""
    operations = run_schedule(Schedule(), space.shelf).operations
    for schedule in draw_schedules(DRAWN, operations, seed):
        outcome = run_schedule(schedule, space.shelf)
        ends = tuple(outcome.ends[own] for own in PUBLISHERS)
        assert (outcome.state, ends) in space.ends, f"not visited: {schedule}"
    print(f"{DRAWN:,} drawn schedules came to ends that were visited; {time.process_time():.0f} s")


if __name__ == "__main__":
    main()
