"""The steps of a run: what was edited during one of them ends it before the next."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from flows import refresh
from flows.publish import manifest


def test_a_table_that_is_edited_during_deduplication_ends_the_run_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "judgements.csv").write_text("before")
    monkeypatch.setattr(manifest, "CURATION", tmp_path)
    monkeypatch.setattr(manifest, "SHIPPED", tmp_path)

    def deduplicate(*_: object) -> Path:
        (tmp_path / "judgements.csv").write_text("after")
        return tmp_path

    def validate(*_: object) -> Path:
        raise AssertionError("the next step begins")

    monkeypatch.setattr(refresh, "resolve_records", lambda *_: SimpleNamespace(table=None))
    monkeypatch.setattr(refresh, "deduplicate", deduplicate)
    monkeypatch.setattr(refresh, "validate", validate)
    options = refresh.DEFAULTS.model_copy(update={"interim": tmp_path, "release": tmp_path})
    with pytest.raises(manifest.EditedInputs, match="changed during the run"):
        refresh.run_steps(options, [], [], tmp_path / "previous")
