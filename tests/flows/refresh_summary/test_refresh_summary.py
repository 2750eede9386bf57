"""The summary says what a run did, and text from files stays text."""

import ast
import io
from datetime import date
from pathlib import Path

from markdown_it import MarkdownIt
from rich.console import Console

from flows.publish.hub import CommitPlan, PushReport
from flows.raw.fetch_result import FetchResult
from flows.refresh_summary import SourceCount, Summary
from flows.release.source_age import SourceAge
from schemas.vocabulary import Source


def summary(**changes: object) -> Summary:
    values: dict[str, object] = {
        "release": Path("data/release"),
        "changed": True,
        "sources": [SourceCount("papers_page", 1, 75, 73, 72, 2)],
        "counts": {"papers": 72, "links": 17, "topics": 310, "rejections": 2},
        "rejected": {"ambiguous-block": 2},
        "unseen": {},
        "changes": {"added": 72},
    }
    return Summary(**{**values, **changes})  # type: ignore[arg-type]  # values by name


def on_screen(one: Summary) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(one.rendered())
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]  # a StringIO


def test_terminal_shows_counts_reasons_place_and_how_to_load() -> None:
    text = on_screen(summary())
    for expected in ("papers_page", "72", "ambiguous-block", "72 added", "data/release"):
        assert expected in text
    assert 'datasets.load_dataset("data/release", split="train")' in text


def test_the_line_that_loads_a_release_can_be_copied_whatever_its_folder_is_called() -> None:
    for name in ('a"b', "a\nb", "a\u202eb", "Zähler"):
        line = summary(release=Path("/x") / name).load_line()
        call = ast.parse(line, mode="eval").body
        assert isinstance(call, ast.Call)
        assert ast.literal_eval(call.args[0]) == f"/x/{name}"
        assert line.isprintable()


def test_unchanged_release_says_so() -> None:
    assert "nothing changed" in on_screen(summary(changed=False, changes={}))


def test_a_first_release_is_not_said_to_follow_another() -> None:
    assert "in this first release" in on_screen(summary(is_first=True))
    assert "since the last release" in on_screen(summary())


def test_unknown_fields_and_notes_are_shown() -> None:
    text = on_screen(summary(unseen={"daily_papers: paper.mood": 3}, notes=["page.txt: cp1252"]))
    assert "unknown field daily_papers: paper.mood, 3 times" in " ".join(text.split())
    assert "3 times" in text
    assert "page.txt: cp1252" in text


def test_of_many_unknown_fields_the_most_frequent_are_named_and_the_rest_counted() -> None:
    unseen = {f"reference_list: field{n}": n for n in range(1, 31)}
    shown = [text for name, text in summary(unseen=unseen).lines() if name == "unknown field"]
    assert shown[0] == "reference_list: field30, 30 times"
    assert shown[8:] == ["and 22 fields more"]
    assert summary(unseen=unseen).markdown().count("unknown:") == 30


def test_lines_end_with_their_text() -> None:
    text = on_screen(summary(notes=["short", "long " * 90]))
    assert all(line == line.rstrip() for line in text.splitlines())
    # What is wider than the terminal goes on below where it began.
    assert text.count("\n" + " " * 24 + "long") == 2


def test_what_matching_reported_is_counted_where_there_is_any() -> None:
    told = summary(cautions={"unknown-judgement": 1, "block-overflow": 1200})
    assert "1 time unknown-judgement, 1,200 times block-overflow: open-papers" in on_screen(told)
    assert "1,200 times block" in told.markdown()
    assert "matching" not in dict(summary().lines())


def test_markup_in_a_note_is_printed_not_obeyed() -> None:
    assert "[bold]x[/bold]" in on_screen(summary(notes=["[bold]x[/bold]"]))


def test_markdown_in_a_note_stays_text() -> None:
    hostile = "a | b `c` <script>\n# d [x](http://a.org) ![y](z) ~~~ *e* not-a-paper"
    text = summary(notes=[hostile]).markdown()
    assert "- `a | b 'c' <script> # d [x](http://a.org) ![y](z) ~~~ *e* not-a-paper`" in text
    tokens = [
        (token.type, token.content)
        for block in MarkdownIt("commonmark").parse(text)
        for token in (block.children or ())
    ]
    assert {kind for kind, _ in tokens} <= {"text", "code_inline", "softbreak"}
    assert any(kind == "code_inline" and "<script>" in content for kind, content in tokens)


def test_control_characters_in_a_name_do_not_reach_the_terminal() -> None:
    text = on_screen(summary(unseen={"daily_papers: \x1b]0;x\x07": 1}))
    assert "\x1b" not in text
    assert " ]0;x " in text


def test_what_the_default_config_leaves_out_is_said_with_the_way_to_have_it() -> None:
    counts = {"papers": 4_714}
    assert "  in the default config" not in dict(summary(counts=counts).lines())
    told = dict(summary(counts=counts, default_papers=1_306).lines())["  in the default config"]
    assert told == "1,306 under CC0; `all_papers` has all 4,714"


def test_records_in_papers_and_papers_are_two_columns() -> None:
    lines = on_screen(summary()).splitlines()
    assert lines[0].split() == [
        "source",
        "files",
        "records",
        "in",
        "papers",
        "papers",
        "rejections",
    ]
    assert lines[1].split() == ["papers_page", "1", "75", "73", "72", "2"]


def test_a_published_release_is_loaded_at_its_tag() -> None:
    plan = CommitPlan(("README.md",), (), (), 7)
    text = on_screen(summary(published=PushReport("ada/papers", "c0ffee", "2026.11.24", plan)))
    assert "/datasets/ada/papers" in text
    assert 'load_dataset("ada/papers", split="train", revision="2026.11.24")' in text


def test_hub_is_mentioned_only_when_asked() -> None:
    assert "hub" not in dict(summary().lines())
    sent = PushReport(
        "ada/open-papers", "c0ffee", "2026.11.24", CommitPlan(("README.md",), (), (), 7)
    )
    assert "tag 2026.11.24" in dict(summary(published=sent).lines())["hub"]


OLD = [SourceAge(Source.DAILY_PAPERS, date(2026, 11, 1), behind=0)]


def test_sources_that_all_fell_silent_are_stale_by_the_day_of_the_run() -> None:
    one = summary(ages=OLD, today=date(2026, 11, 24))
    assert dict(one.lines())["stale"] == "daily_papers is of 2026-11-01, 23 days old"
    assert "| daily_papers | 2026-11-01 | yes | 23 |" in one.markdown()


def test_an_answer_that_has_not_changed_keeps_a_source_fresh() -> None:
    heard = [FetchResult(Source.DAILY_PAPERS, unchanged=7, newest=date(2026, 11, 24))]
    one = summary(ages=OLD, today=date(2026, 11, 24), harvested=heard)
    assert "stale" not in dict(one.lines())
    assert "| daily_papers | 2026-11-24 |  | 0 |" in one.markdown()


def test_without_a_day_snapshots_are_compared_so_that_the_same_files_say_the_same() -> None:
    assert "stale" not in dict(summary(ages=OLD).lines())
    behind = [SourceAge(Source.DAILY_PAPERS, date(2026, 11, 1), behind=9)]
    told = dict(summary(ages=behind).lines())["stale"]
    assert told == "daily_papers is of 2026-11-01, 9 days behind the newest snapshot"


def test_what_we_say_ourselves_reads_well_as_it_stands() -> None:
    text = summary(harvested=[FetchResult(Source.DAILY_PAPERS, failures=("a <b>",))]).markdown()
    assert "- daily_papers: 0 new, 0 unchanged, 1 failed; nothing so far\n" in text
    assert "  - `a <b>`" in text
    assert "72 added. The release holds 72 papers, 17 links, 310 topics." in text


def test_rejections_are_counted_with_the_place_of_the_first_and_the_file_of_all() -> None:
    where = {"first_rejected": {"ambiguous-block": "page.txt at place 12"}}
    told = dict(summary(rejections_file=Path("data/interim/rejections.jsonl"), **where).lines())
    assert told["  ambiguous-block"] == "2, the first in page.txt at place 12"
    assert told["  each of them"] == "in data/interim/rejections.jsonl"


def test_what_was_not_read_and_what_was_carried_over_is_counted() -> None:
    told = dict(summary(unread={"a.xml": 1}, carried_over=9_000, topic_rows=400).lines())
    assert told["not read"] == "1 byte of a.xml"
    assert told["carried over"] == "9,000 records of the last release"
    assert told["topics"] == "310 assigned, of 400 rows with a score"


def test_many_notes_are_cut_in_the_terminal_and_whole_in_the_artifact() -> None:
    many = summary(notes=[f"page {number}" for number in range(100)])
    assert "and 92 more" in on_screen(many)
    assert "page 99" not in on_screen(many)
    assert "page 99" in many.markdown()
