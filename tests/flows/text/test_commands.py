"""Commands in texts: what is not searched for is not there."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from flows.text.commands import STEPS, resolve_commands

PIECES = st.sampled_from(
    [
        *("\\", "{", "}", " ", "a", "e", "x", "*", "[", "]", ",", "%", "&"),
        *("\\'", '\\"o', "\\c c", "\\ae", "\\i", "\\textbackslash{}", "\\\\", "\\quad", "\\,"),
        *("\\emph{", "{\\em ", "\\textcolor{red}{", "\\footnote{", "\\label{l}", "\\protect"),
        *("\\cite", "ref", "\\eqref{", "\\hspace*{", "\\texorpdfstring{", "\\bf", "\\alpha"),
    ]
)


def resolve_without_names(text: str) -> str:
    for step in STEPS:
        text = step.pattern.sub(step.replacement, text)
    return text


@given(st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=200, deadline=None)
@example("\\cit\\emph{e}{x}")
@example("\\textbackslash{}%")
@example("\\\\cite{x} \\\\")
def test_only_patterns_that_find_nothing_are_left_out(text: str) -> None:
    assert resolve_commands(text) == resolve_without_names(text)
