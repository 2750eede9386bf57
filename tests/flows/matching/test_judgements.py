from pathlib import Path

import pytest

from flows import PROJECT
from flows.matching.judgements import COLUMNS, BadJudgement, read


def written(folder: Path, *lines: str) -> Path:
    path = folder / "judgements.csv"
    path.write_text("\n".join(["# why", ",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def test_the_projects_own_file_can_be_read() -> None:
    assert read(PROJECT / "data" / "curation" / "judgements.csv").columns == list(COLUMNS)


def test_a_judgement_is_read_as_text(tmp_path: Path) -> None:
    path = written(tmp_path, "arxiv:2312.00010,doi:10.1/x,same,one text,me,2026-03-01")
    assert read(path)["left"].to_list() == ["arxiv:2312.00010"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,b,maybe,why,me,2026-03-01"], "verdict other than same or different: a / b"),
        ([",b,same,why,me,2026-03-01"], "names no record"),
        (["a,a,same,why,me,2026-03-01"], "names one record twice"),
        (["a,b,same,,me,2026-03-01"], "gives no reason"),
        (["a,b,same,x,me,2026-03-01", "b,a,different,y,me,2026-03-02"], "contradicts another line"),
    ],
)
def test_a_judgement_that_cannot_be_followed_is_refused(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    with pytest.raises(BadJudgement, match=message):
        read(written(tmp_path, *lines))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text("left,right\na,b\n", encoding="utf-8")
    with pytest.raises(BadJudgement, match="the columns are left, right; expected left, right, v"):
        read(path)
