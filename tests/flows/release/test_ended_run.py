"""A run that ends in the middle leaves a whole release, and the next run leaves no trace of it.

`python -m tests.bench.model_folder` ends one at each of its changes of the disk.
"""

import pytest

from tests.folder_model import FolderModel


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> FolderModel:
    return FolderModel(tmp_path_factory.mktemp("folder"))


@pytest.mark.parametrize("back", [40, 8], ids=["while it writes", "while it deletes an old one"])
def test_the_next_run_makes_up_for_one_that_ended(model: FolderModel, back: int) -> None:
    model.end_at(model.changes - back)


def test_readers_between_any_two_changes_see_one_release(model: FolderModel) -> None:
    assert model.read_at_every_change() > 40
