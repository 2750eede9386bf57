"""An explanation names records, rules and near misses, read off a release and the last run."""

from pathlib import Path

import pytest

from flows.deduplicate.match.review import UnknownPaper
from flows.operate.explain import render_explanation
from flows.parts import break_seal
from flows.paths import StepFolder
from flows.release import NotARelease
from tests.builders import written_release
from tests.flows.operate.left_by_run import print_wide, write_traces


@pytest.fixture
def merged(tmp_path: Path) -> StepFolder:
    return write_traces(tmp_path)


def test_explanation_names_records_rules_and_what_nearly_joined(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release")
    shown = print_wide(render_explanation("arxiv:2603.00001", release, merged))
    assert "arxiv:2603.00001 is made of" in shown
    assert "the record the paper is named after" in shown
    assert "Sparse attention for long documents, part 1" in shown
    assert "block-overflow" in shown
    assert "of arxiv:2603.00002; near" in shown
    assert "probability 0.40: not sure enough" in shown


def test_explanation_needs_no_run_but_says_what_it_lacks_without(tmp_path: Path) -> None:
    release = written_release(tmp_path / "release")
    shown = print_wide(render_explanation("arxiv:2603.00001", release, StepFolder(tmp_path)))
    assert "the record the paper is named after" in shown
    assert "no run has left it. Run `open-papers refresh` first" in shown


def test_after_a_run_that_was_stopped_it_says_what_to_run(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release")
    break_seal(merged.folder)
    shown = print_wide(render_explanation("arxiv:2603.00001", release, merged))
    assert "the record the paper is named after" in shown
    assert "is unfinished: the run that writes it was stopped" in shown
    assert "run `open-papers refresh` again" in shown
    assert "disk" not in shown


def test_an_unknown_paper_is_answered_with_what_ids_look_like(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release")
    with pytest.raises(UnknownPaper, match=r"no paper has the id arxiv:1.*arxiv:2312\.00752"):
        render_explanation("arxiv:1", release, merged)
    # What a shell hands over need not be UTF-8.
    with pytest.raises(UnknownPaper, match="no paper"):
        render_explanation("Zebra \udcff", release, merged)


def test_without_a_release_there_is_nothing_to_explain(merged: StepFolder, tmp_path: Path) -> None:
    with pytest.raises(NotARelease, match=r"none is not a release.*open-papers refresh --release"):
        render_explanation("arxiv:1", tmp_path / "none", merged)


@pytest.mark.parametrize(
    "name",
    [
        "Sparse attention for long documents, part 1",
        "SPARSE  attention for long documents: Part 1",
        "long documents, part 1",
        "https://arxiv.org/abs/2603.00001v2",
        "https://huggingface.co/papers/2603.00001",
    ],
)
def test_a_paper_is_found_by_title_and_by_url(
    name: str, merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release", papers=3)
    shown = print_wide(render_explanation(name, release, merged))
    assert "arxiv:2603.00001 is made of" in shown


def test_words_of_several_titles_are_answered_with_their_ids(
    merged: StepFolder, tmp_path: Path
) -> None:
    release = written_release(tmp_path / "release", papers=3)
    with pytest.raises(
        UnknownPaper, match=r"(?s)3 papers have that in their title.*arxiv:2603\.00001"
    ):
        render_explanation("Sparse attention", release, merged)
