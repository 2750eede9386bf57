"""The project's own version."""

import tomllib
from importlib.metadata import version

from flows.paths import IS_CHECKOUT, PROJECT


def read_own_version() -> str:
    """Return the version in ``pyproject.toml``, or that of the package where it was installed."""
    if not IS_CHECKOUT:
        return version("open-papers")
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])
