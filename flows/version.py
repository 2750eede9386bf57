"""The project's own version."""

import tomllib

from flows.paths import PROJECT


def read_own_version() -> str:
    """Give the version in ``pyproject.toml``, which holds whether or not it is installed."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])
