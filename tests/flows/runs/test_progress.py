"""Progress is a spinner on a terminal and plain lines elsewhere, with counts and rates."""

import io

import pytest
from rich.console import Console

from flows.runs import progress


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that keeps what is written to it."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100, markup=False, highlight=False)
    monkeypatch.setattr(progress, "CONSOLE", console)
    monkeypatch.setattr(progress, "WORTH_A_LINE", 0.0)
    return text


def test_a_terminal_shows_how_many_files_and_records_are_done(screen: io.StringIO) -> None:
    with progress.show_step("Refresh"):
        progress.show_count(3, 58, "Files that are parsed", rows=1_234)
        shown = progress.SPINNER.status
        assert shown
        assert "Refresh: Files that are parsed, 3 of 58: 1,234 records" in str(shown.status)
    assert "Refresh" in screen.getvalue()


def test_markup_and_controls_in_a_name_do_not_reach_the_terminal(screen: io.StringIO) -> None:
    with progress.show_step("Refresh"):
        progress.SPINNER.show("Parse [red]\x1b[2Jx")
        assert progress.SPINNER.status
        assert "\x1b" not in str(progress.SPINNER.status.status)
    assert "\x1b[2J" not in screen.getvalue()


def test_a_log_gets_a_line_of_progress_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    text, now = io.StringIO(), [100.0]
    monkeypatch.setattr(progress, "CONSOLE", Console(file=text, width=100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    # As a step before left it.
    monkeypatch.setattr(progress.SPINNER, "printed", 9_999.0)
    with progress.show_step("Ask links"):
        for done in range(1, 26):
            now[0] += 1
            progress.SPINNER.show(f"{done} of 25")
    assert text.getvalue().splitlines() == [
        "Ask links: 10 of 25",
        "Ask links: 20 of 25",
        "  25.0 s  Ask links",
    ]


def test_elsewhere_a_step_is_one_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(progress, "CONSOLE", Console(file=text, width=100))
    progress.show_line("Deduplicate" + progress.describe_rate(1_000, 2.0), 2.0)
    assert text.getvalue() == "   2.0 s  Deduplicate: 1,000 records, 500/s\n"


def test_after_a_command_nothing_is_counted_any_more(screen: io.StringIO) -> None:
    with progress.show_step("Refresh"):
        progress.note_records(7)
    assert (progress.SPINNER.records, progress.SPINNER.status) == (0, None)
    progress.SPINNER.show("nothing")
    assert "nothing" not in screen.getvalue()
