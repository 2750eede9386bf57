"""What may be chosen about a refresh is refused where it cannot be, whoever chooses it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from flows.refresh_options import RefreshOptions


def test_a_release_folder_has_a_name_beside_which_a_run_keeps_what_belongs_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert RefreshOptions(release=Path()).release == tmp_path
    assert RefreshOptions(release=Path("out")).release == Path("out")
    with pytest.raises(ValidationError, match="/ has no place beside it: name a folder within it"):
        RefreshOptions(release=Path("/"))
