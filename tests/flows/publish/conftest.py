"""A release that several tests only read."""

from pathlib import Path

import pytest

from flows.publish import write_release
from tests.builders import (
    manifest,
    release_tables,
    template,
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "release"
    return write_release.write_tables(
        release_tables(3), template(folder.parent), manifest(), folder
    ).folder
