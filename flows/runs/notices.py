"""Notices: what a run met that people should know, one line of each kind with how often it was met.

Modules note what they meet where they meet it, on any thread and in any process of a cluster; the
run shows the lines when it ends. A thousand damaged files of a cache are one line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from flows.errors import count_noun
from flows.redact import blank_unprintable


@dataclass(frozen=True)
class Notice:
    """What was met: all examples of one kind."""

    subject: str
    """What it is about, such as a cache."""
    noun: str
    """What is counted, in the singular."""
    effect: str
    """What is the matter with it, and what is done about it."""
    examples: tuple[str, ...]

    def sentence(self) -> str:
        """Return the line that people read.

        >>> Notice("text cache", "file", "damaged, derived again", ("a.topics", "b")).sentence()
        'text cache: 2 files damaged, derived again (the first: a.topics)'
        """
        count = len(self.examples)
        first = f"{'the first: ' if count > 1 else ''}{blank_unprintable(self.examples[0])}"
        return f"{self.subject}: {count_noun(count, self.noun)} {self.effect} ({first})"


_LOCK = Lock()

_MET: dict[tuple[str, str, str], dict[str, None]] = {}
"""What this process met and has not shown: examples by subject, noun and effect, each once, since a
step that is taken again meets the same damage again."""


def add_notices(notices: Iterable[Notice]) -> None:
    """Add to what was met, here or in another process."""
    # Parts are worked on by threads.
    with _LOCK:
        for notice in notices:
            kind = notice.subject, notice.noun, notice.effect
            _MET.setdefault(kind, {}).update(dict.fromkeys(notice.examples))


def take_notices() -> list[Notice]:
    """Return what was met since the last call, one notice of each kind, and forget it."""
    with _LOCK:
        notices = [Notice(*kind, tuple(examples)) for kind, examples in _MET.items()]
        _MET.clear()
    return notices


def note(subject: str, noun: str, effect: str, example: object) -> None:
    """Note that something was met."""
    add_notices([Notice(subject, noun, effect, (str(example),))])


def note_damage(
    cache: str, example: object, remedy: str = "made again", noun: str = "file"
) -> None:
    """Note that something in a cache is damaged, and what is done about it."""
    note(cache, noun, f"damaged, {remedy}", example)


def note_unkept(cache: str, error: OSError) -> None:
    """Note that something cannot be kept in a cache, so that it is made again by the next run."""
    note(cache, "file", "not kept, the next run makes it again", error)
