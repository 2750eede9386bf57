from pathlib import Path

import pytest

from flows.deduplicate.match.judgements import COLUMNS, BadJudgement, read_judgements
from flows.paths import PROJECT


def written(folder: Path, *lines: str) -> Path:
    path = folder / "judgements.csv"
    path.write_text("\n".join(["# why", ",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return path


def test_the_projects_own_file_can_be_read() -> None:
    assert read_judgements(PROJECT / "data" / "curation" / "judgements.csv").columns == list(
        COLUMNS
    )


def test_a_judgement_is_read_as_text(tmp_path: Path) -> None:
    path = written(tmp_path, "arxiv:2312.00010,doi:10.1000/x,same,one text,me,2026-03-01")
    assert read_judgements(path)["left"].to_list() == ["arxiv:2312.00010"]


def test_identifiers_are_read_in_any_form_of_theirs(tmp_path: Path) -> None:
    path = written(tmp_path, "arxiv:2312.00010v3,doi:10.1000/X,same,one text,me,2026-03-01")
    assert read_judgements(path).row(0)[:2] == ("arxiv:2312.00010", "doi:10.1000/x")


@pytest.mark.parametrize(
    "name",
    [
        "papers_with_code:https://paperswithcode.com/paper/routing",
        "papers_page:text:0123456789abcdef",
        "arxiv:text:0123456789abcdef",
    ],
)
def test_records_are_named_by_their_source_as_well(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, f"{name},{A},different,two texts,me,2026-03-01")
    assert read_judgements(path)["left"].to_list() == [name]


def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, f'{A},{B},same,"one text,\r\nin two lines",me,2026-03-01')
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_judgements(path)["verdict"].to_list() == ["same"]


A, B = "arxiv:0123456789ab:1", "daily_papers:0123456789ab:2"
GOOD = f"{A},{B},same,one text,me,2026-03-01"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{A},{B},maybe,why,me,2026-03-01", "has the verdict maybe; expected same or different"),
        (f",{B},same,why,me,2026-03-01", "names nothing where a record_id or an identifier"),
        (f"{A},2312.00752,same,why,me,2026-03-01", "names 2312.00752 where a record_id"),
        (f"{A},papers_page:text:12,same,why,me,2026-03-01", "names papers_page:text:12 where"),
        (f"{A},title:0123456789abcdef,same,why,me,2026-03-01", "names title:0123456789abcdef"),
        (f"{A},arxiv:12.34,same,why,me,2026-03-01", "names arxiv:12.34 where a record_id"),
        (f"{A},{A},same,why,me,2026-03-01", "names one record twice"),
        (f"{A},{B},same,,me,2026-03-01", "gives no reason"),
        (f"{A},{B},same,why,,2026-03-01", "does not say by whom"),
        (f"{A},{B},same,why,me,yesterday", "is of yesterday; expected a day such as"),
        (f"{A},{B},same,two, commas,me,2026-03-01", "has 7 cells; expected 6"),
        (f"{A},{B}", "has 2 cells; expected 6"),
        (f"{B},{A},different,why,me,2026-03-02", "says different, and line 3 says same"),
        (f'{A},{B},same,"why,me,2026-03-01', "unexpected end of data"),
    ],
)
def test_a_judgement_that_cannot_be_followed_is_refused_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    with pytest.raises(BadJudgement, match=f"judgements.csv.*line 5:? .*{message}"):
        read_judgements(written(tmp_path, GOOD, "# and then", line))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    lines = [f"{A},{B},maybe,why,me,2026-03-01", f"{A},{B},same,,me,2026-03-01"]
    with pytest.raises(BadJudgement, match=r"line 3 has the verdict.*line 4 gives no reason"):
        read_judgements(written(tmp_path, *lines))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadJudgement, match="cannot be read"):
        read_judgements(tmp_path / "none.csv")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "judgements.csv"
    path.write_text("left,right\na,b\n", encoding="utf-8")
    with pytest.raises(BadJudgement, match="the columns are left, right; expected left, right, v"):
        read_judgements(path)
