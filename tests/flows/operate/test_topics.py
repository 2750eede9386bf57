"""What the maintainers of the taxonomy ask for is read off a release."""

from pathlib import Path

import pytest

from flows.operate.topics import render_suggestions
from flows.release import NotARelease


def test_without_a_release_no_topic_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        render_suggestions(tmp_path / "none")
