"""Which local variables of a function can still be read from a place in it."""

import dis
from functools import cache
from itertools import pairwise
from types import CodeType

ENDS = {"RETURN_VALUE", "RAISE_VARARGS", "RERAISE"}
JUMPS = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}


@cache
def list_live(code: CodeType, place: int) -> frozenset[str]:
    """List the variables that may be read after the instruction at a place, before they are set.

    Those of loops are always among them, since how far a loop is cannot be seen elsewhere, and so
    are those that inner functions share.
    """
    steps = _list_steps(code)
    here = max(offset for offset in steps if offset <= place)
    shared = {*code.co_cellvars, *code.co_freevars}
    return _find_live(code)[here] | shared | _list_loop_variables(code)


@cache
def _find_live(code: CodeType) -> dict[int, frozenset[str]]:
    """Find what is live after each instruction: the usual analysis, from the end to the start."""
    steps = _list_steps(code)
    before = dict.fromkeys(steps, frozenset[str]())
    after = dict(before)
    is_changing = True
    while is_changing:
        is_changing = False
        for offset, (step, following) in reversed(steps.items()):
            after[offset] = frozenset().union(*(before[n] for n in following))
            read = {step.argval} if step.opname in {"LOAD_FAST", "DELETE_FAST"} else set()
            written = {step.argval} if step.opname == "STORE_FAST" else set()
            live = frozenset((after[offset] - written) | read)
            is_changing |= live != before[offset]
            before[offset] = live
    return after


@cache
def _list_steps(code: CodeType) -> dict[int, tuple[dis.Instruction, list[int]]]:
    """List the instructions by place, each with the places that may follow it."""
    steps = list(dis.get_instructions(code))
    handlers = dis._parse_exception_table(code)  # type: ignore[attr-defined]  # noqa: SLF001  # no other way
    following = {}
    for number, step in enumerate(steps):
        targets = [entry.target for entry in handlers if entry.start <= step.offset < entry.end]
        if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
            targets.append(step.argval)
        if step.opname not in ENDS | JUMPS:
            targets.append(steps[number + 1].offset)
        following[step.offset] = (step, targets)
    return following


@cache
def _list_loop_variables(code: CodeType) -> frozenset[str]:
    steps = list(dis.get_instructions(code))
    pairs = pairwise(steps)
    return frozenset(
        step.argval
        for loop, step in pairs
        if loop.opname == "FOR_ITER" and step.opname == "STORE_FAST"
    )
