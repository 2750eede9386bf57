"""What the maintainers of the taxonomy ask for is read off a release."""

from pathlib import Path

import pytest

from flows.operate.maintain_topics import render_suggestions
from flows.release import NotARelease
from tests.written_releases import write


def test_without_a_release_no_topic_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        render_suggestions(tmp_path / "none")


def test_that_the_taxonomy_lacks_no_frequent_phrase_is_said(tmp_path: Path) -> None:
    write(tmp_path / "release")
    message = render_suggestions(tmp_path / "release")
    assert message == "No phrase that the taxonomy lacks is in the titles of 5 papers or more."
