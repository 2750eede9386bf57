"""Every state that three publishers and the Hub can come to, each visited once.

A state is the Hub, where each publisher is, and whether a fault or a crash may still come. Where a
publisher is, is the stack of its frames with their variables and its next operation: it runs the
real code, and only where no run has come to the same place with the same answer before. From each
state every next operation, fault and crash is tried; the number of schedules is that of the paths.

What is asked of a commit by its id has the same answer whatever others do meanwhile. Schedules that
differ in nothing but when that is asked are visited once (a persistent set of one publisher), and
are not counted either.
"""

import random
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from pathlib import Path
from types import (
    BuiltinFunctionType,
    CodeType,
    FrameType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

from greenlet import greenlet
from huggingface_hub import CommitOperationAdd
from huggingface_hub.hf_api import BlobLfsInfo, RepoFile

from flows.release import Release
from tests.live_variables import list_live
from tests.publication_model import (
    FAILED,
    PUBLISHED,
    PUBLISHERS,
    Answer,
    HubState,
    Operation,
    Publisher,
    Shelf,
    apply_operation,
    check_end,
    check_step,
    is_visible,
    list_faults,
    list_tag_faults,
)

ALIVE = 300
"""How many publishers are kept where they stopped; others are run again up to there."""

REPEATING = {"download_newest"}
"""Functions with a loop in which two turns may have equal variables: operations are counted."""

RANDOM_NAME = re.compile(r"(open-papers-|/caches/)\w+")
"""The part of a path that differs each time without a meaning."""


def describe(value: Any, seen: tuple[int, ...] = ()) -> Any:  # noqa: PLR0911  # a table of kinds
    """Describe a value by what it holds. Raises `TypeError` for a kind that is not known."""
    if value is None or isinstance(value, bool | int | float | bytes | date):
        return value
    if isinstance(value, str | Path):
        text = str(value)
        return RANDOM_NAME.sub(r"\1", text) if "/" in text else text
    # Values that lead to themselves are described once.
    if id(value) in seen:
        return "..."
    seen = (*seen, id(value))
    if isinstance(value, set | frozenset):
        return ("set", *sorted(map(repr, (describe(item, seen) for item in value))))
    if isinstance(value, Mapping):
        return describe(tuple(value.items()), seen)
    if isinstance(value, tuple | list):
        return (type(value).__name__, *(describe(item, seen) for item in value))
    return _describe_object(value, seen)


def _describe_object(value: Any, seen: tuple[int, ...]) -> Any:
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    for kinds, describe_kind in DESCRIPTIONS:
        if isinstance(value, kinds):
            return (name, describe_kind(value, seen))
    if is_dataclass(value):
        return (name, *(describe(getattr(value, field.name), seen) for field in fields(value)))
    if hasattr(value, "__length_hint__"):
        return (name, value.__length_hint__())
    if name.partition(".")[0] in {"contextlib", "tempfile", "re", "itertools", "tests"}:
        return (name, describe(getattr(value, "gen", None), seen))
    raise TypeError(f"{name} has no description")


def _describe_cells(value: FunctionType, seen: tuple[int, ...]) -> Any:
    return tuple(describe(cell.cell_contents, seen) for cell in value.__closure__ or ())


DESCRIPTIONS: tuple[tuple[Any, Callable[[Any, tuple[int, ...]], Any]], ...] = (
    (Release, lambda value, _: value.manifest.get("digest")),
    ((type, ModuleType, BuiltinFunctionType), lambda value, _: value.__name__),
    ((CodeType, Shelf, greenlet), lambda *_: None),
    (FunctionType, lambda value, seen: (value.__qualname__, _describe_cells(value, seen))),
    (CommitOperationAdd, lambda value, _: value.path_in_repo),
    (MethodType, lambda value, seen: (value.__name__, describe(value.__self__, seen))),
    (GeneratorType, lambda value, seen: _describe_frame(value.gi_frame, seen)),
    (BaseException, lambda value, _: describe(str(value))),
    ((SimpleNamespace, RepoFile, BlobLfsInfo), lambda value, seen: describe(vars(value), seen)),
)
"""How values of some kinds are described."""


def _describe_frame(frame: FrameType | None, seen: tuple[int, ...] = ()) -> Any:
    if frame is None:
        return None
    live = list_live(frame.f_code, frame.f_lasti)
    names = {name: value for name, value in frame.f_locals.items() if name in live}
    return (frame.f_code.co_qualname, frame.f_lasti, describe(names, seen))


def describe_publisher(publisher: Publisher, operation: Operation) -> Any:
    """Describe where a publisher has stopped: its next operation, and all its frames.

    What was damaged is named, too, and whether it is still in a cache: no variable holds that.
    """
    frames, frame = [], publisher.gr_frame
    while frame is not None:
        is_repeating = frame.f_code.co_name in REPEATING
        frames.append((_describe_frame(frame), publisher.asked if is_repeating else None))
        frame = frame.f_back
    damaged = [(*file, file[1].parent.exists()) for file in publisher.damaged]
    return (
        publisher.own,
        describe(damaged),
        operation.name,
        describe(operation.arguments),
        *frames,
    )


@dataclass
class Place:
    """Where a publisher can be: how one run came there, and what it does next."""

    own: int
    answers: tuple[Answer, ...]
    operation: Operation | None
    """None where it has ended."""
    end: str = ""
    is_visible: bool = True
    """Whether the next operation depends on what others do, or they on it."""


State = tuple[HubState, tuple[int, ...], bool, bool]
"""The Hub, the place of each publisher, whether a fault may come, whether a crash may come."""


@dataclass
class StateSpace:
    """The states that were visited, and what was needed for it."""

    shelf: Shelf
    publishers: tuple[int, ...] = PUBLISHERS
    places: list[Place] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)
    """The number of each place by its description."""
    following: dict[tuple[int, Answer], int] = field(default_factory=dict)
    answers: dict[tuple[HubState, int], tuple[HubState, Answer]] = field(default_factory=dict)
    """What the Hub is after the next operation of a place, and its answer."""
    alive: OrderedDict[int, tuple[Publisher, Operation]] = field(default_factory=OrderedDict)
    schedules: dict[State, int] = field(default_factory=dict)
    """How many schedules there are from a state to an end."""
    ends: set[tuple[HubState, tuple[str, ...]]] = field(default_factory=set)
    merged: list[tuple[int, tuple[Answer, ...], HubState]] = field(default_factory=list)
    """Places that another run came to as well: by which answers, and the Hub then."""
    transitions: int = 0
    executed: int = 0
    """Steps of real code from one operation to the next, without those that were run again."""
    repeated: int = 0
    """Publishers that were run again up to a place."""

    def __post_init__(self) -> None:
        """Publishers that have failed are all alike."""
        self.places += [Place(-1, (), None, FAILED), Place(-1, (), None, PUBLISHED)]
        self.numbers |= {FAILED: 0, PUBLISHED: 1}

    def start(self, own: int) -> int:
        """Start a publisher, and return its place."""
        publisher = Publisher(self.shelf, own)
        return self.settle(publisher, publisher.switch(), (), HubState())

    def settle(
        self, publisher: Publisher, operation: Any, answers: tuple[Answer, ...], state: HubState
    ) -> int:
        """Return the number of the place that a publisher has come to."""
        if publisher.dead:
            return self.numbers[operation]
        description = hash(describe_publisher(publisher, operation))
        if description in self.numbers:
            place = self.numbers[description]
            self.merged.append((place, answers, state))
        else:
            place = self.numbers[description] = len(self.places)
            seen = is_visible(operation, self.shelf)
            self.places.append(Place(publisher.own, answers, operation, is_visible=seen))
        if place not in self.alive:
            self.alive[place] = (publisher, operation)
            if len(self.alive) > ALIVE:
                self.alive.popitem(last=False)[1][0].throw()
        return place

    def advance(self, place: int, answer: Answer, state: HubState) -> int:
        """Return the place that follows one with an answer; run the code where nobody has yet."""
        key = (place, answer)
        if key not in self.following:
            origin = self.places[place]
            if place in self.alive:
                publisher, _ = self.alive.pop(place)
            else:
                publisher, _ = run_again(self.shelf, origin.own, origin.answers)
                self.repeated += 1
            operation = publisher.switch(answer)
            self.executed += 1
            answers = (*origin.answers, answer)
            self.following[key] = self.settle(publisher, operation, answers, state)
        return self.following[key]

    def list_following(self, state: State) -> list[State]:
        """List the states that may follow one."""
        hub, places, can_fail, can_crash = state
        waiting = [n for n in self.publishers if self.places[places[n]].operation is not None]
        fixed = [n for n in waiting if not self.places[places[n]].is_visible]
        following = [after for n in fixed[:1] or waiting for after in self._list_steps(state, n)]
        if can_fail and waiting and not fixed:
            following += [
                (changed, places, False, can_crash) for changed in list_tag_faults(hub, self.shelf)
            ]
        return following

    def _operation(self, place: int) -> Operation:
        operation = self.places[place].operation
        assert operation is not None
        return operation

    def _list_steps(self, state: State, number: int) -> Iterator[State]:
        hub, places, can_fail, can_crash = state
        place = places[number]
        operation = self._operation(place)
        if (step := (hub, place)) not in self.answers:
            self.answers[step] = apply_operation(hub, operation, self.shelf)
            check_step(hub, self.answers[step][0])
        after, answer = self.answers[step]

        def put(there: int) -> tuple[int, ...]:
            return (*places[:number], there, *places[number + 1 :])

        yield after, put(self.advance(place, answer, after)), can_fail, can_crash
        if can_fail:
            for _, failed, is_done in list_faults(operation, answer):
                come = after if is_done else hub
                yield come, put(self.advance(place, failed, come)), False, can_crash
        if can_crash:
            # What has ended is no longer looked at: where it was makes no difference.
            for come in {hub, after}:
                yield come, put(self.numbers[FAILED]), can_fail, False

    def visit(self, *, faults: bool, crashes: bool) -> int:
        """Visit every state from the start, and return the number of schedules.

        Raises where an invariant does not hold, with the state.
        """
        start = (HubState(), tuple(map(self.start, self.publishers)), faults, crashes)
        stack, open_states = [(start, iter(self.list_following(start)), [0])], {start}
        while stack:
            state, following, total = stack[-1]
            for after in following:
                self.transitions += 1
                if after in self.schedules:
                    total[0] += self.schedules[after]
                    continue
                assert after not in open_states, "a publisher goes in a circle"
                stack.append((after, iter(self.list_following(after)), [0]))
                open_states.add(after)
                break
            else:
                stack.pop()
                open_states.remove(state)
                self.schedules[state] = total[0] or self._end(state)
                if stack:
                    stack[-1][2][0] += self.schedules[state]
        return self.schedules[start]

    def _end(self, state: State) -> int:
        """Check an end, once; it is one schedule."""
        hub, places, *_ = state
        ends = tuple(self.places[place].end for place in places)
        if (hub, ends) not in self.ends:
            try:
                check_end(hub, dict(enumerate(ends)), self.shelf)
            except AssertionError as error:
                error.add_note(f"at the end {hub}, {ends}")
                raise
            self.ends.add((hub, ends))
        return 1

    def check_merged(self, number: int, seed: int) -> int:
        """Check that runs which came to one place go on alike, for so many of them."""
        dice = random.Random(seed)  # noqa: S311  # no secret
        sample = dice.sample(self.merged, min(number, len(self.merged)))
        for place, answers, state in sample:
            runs = [
                list_rest(state, self.shelf, *run_again(self.shelf, self.places[place].own, path))
                for path in (answers, self.places[place].answers)
            ]
            assert runs[0] == runs[1], f"two runs differ: {answers}, {self.places[place].answers}"
        return len(sample)


def run_again(shelf: Shelf, own: int, answers: tuple[Answer, ...]) -> tuple[Publisher, Operation]:
    """Run a publisher up to where it has got some answers."""
    publisher = Publisher(shelf, own)
    operation = publisher.switch()
    for answer in answers:
        operation = publisher.switch(answer)
    return publisher, operation


def list_rest(state: HubState, shelf: Shelf, publisher: Publisher, operation: Any) -> list[Any]:
    """List what a publisher asks until its end, with the answers that it gets."""
    steps: list[Any] = []
    while not publisher.dead:
        steps.append((operation.name, describe(operation.arguments)))
        state, answer = apply_operation(state, operation, shelf)
        operation = publisher.switch(answer)
    return [*steps, operation, state]
