"""Pandera, as where polars is the only one of its libraries that is installed.

It would import pandas and Hypothesis as well, of which no table of ours uses any, and every command
would start half a second later. Who imports Pandera before has it whole, and the same checks.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

__all__ = ["SchemaErrors", "pa"]

UNUSED = ("pandas", "hypothesis")
"""What Pandera imports where it is installed, and does without where it is not."""


class Hidden:
    """A finder that knows of some packages that they are not installed."""

    @staticmethod
    def find_spec(name: str, _path: Sequence[str] | None, _target: object = None) -> None:
        """Raise what Python raises for a package that is not installed; leave others alone."""
        if name in UNUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def hide_unused() -> Iterator[None]:
    """Let packages that Pandera can do without seem not to be installed."""
    sys.meta_path.insert(0, Hidden)
    try:
        yield
    finally:
        sys.meta_path.remove(Hidden)


with hide_unused():
    # What checks do to frames of polars: a schema that is made before it never knows it.
    import pandera.backends.polars.builtin_checks  # noqa: F401  # for what it registers
    import pandera.polars as pa
    from pandera.errors import SchemaErrors
