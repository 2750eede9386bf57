"""What may be chosen about a refresh is refused where it cannot be, whoever chooses it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from flows.refresh_options import RefreshOptions, describe_wrong_options


def test_a_release_folder_has_a_name_beside_which_a_run_keeps_what_belongs_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert RefreshOptions(release=Path()).release == tmp_path
    assert RefreshOptions(release=Path("out")).release == Path("out")
    with pytest.raises(ValidationError, match="/ has no place beside it: name a folder within it"):
        RefreshOptions(release=Path("/"))


@pytest.mark.parametrize(("release", "interim"), [("o", "o"), ("o", "o/x"), ("i/new", "i")])
def test_a_release_and_what_a_run_leaves_on_its_way_are_not_within_each_other(
    release: str, interim: str, tmp_path: Path
) -> None:
    with pytest.raises(ValidationError) as caught:
        RefreshOptions(release=tmp_path / release, interim=tmp_path / interim, keep=1)
    assert "are within each other" in describe_wrong_options(caught.value)


def test_what_is_wrong_with_an_option_is_a_sentence() -> None:
    with pytest.raises(ValidationError) as caught:
        RefreshOptions(keep=-1)
    message = describe_wrong_options(caught.value)
    assert message == "--keep: Input should be greater than or equal to 0"


def test_an_option_is_named_as_it_is_typed() -> None:
    with pytest.raises(ValidationError) as caught:
        RefreshOptions(link_checks=1)  # type: ignore[arg-type]  # what a parameter of Prefect may be
    assert describe_wrong_options(caught.value).startswith("--link-checks: ")


@pytest.mark.parametrize("name", ["papers[1]/release", "what?", "a\udcffb"])
def test_a_release_is_written_nowhere_where_nobody_could_load_it(name: str) -> None:
    with pytest.raises(ValidationError, match="Name another folder"):
        RefreshOptions(release=Path(name))
