"""The summary says what a run did, and text from files stays text."""

import io
from pathlib import Path

from rich.console import Console

from flows.hub import Plan, Published
from flows.summary import SourceCount, Summary


def summary(**changes: object) -> Summary:
    values: dict[str, object] = {
        "release": Path("data/release"),
        "changed": True,
        "sources": [SourceCount("papers_page", files=1, records=73, papers=72, rejections=2)],
        "counts": {"papers": 72, "links": 17, "topics": 310, "rejections": 2},
        "rejected": {"ambiguous-block": 2},
        "unseen": {},
        "changes": {"added": 72},
    }
    return Summary(**{**values, **changes})  # type: ignore[arg-type]


def on_screen(one: Summary) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(one.rendered())
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_terminal_shows_counts_reasons_place_and_how_to_load() -> None:
    text = on_screen(summary())
    for expected in ("papers_page", "72", "ambiguous-block", "72 added", "data/release"):
        assert expected in text
    assert 'datasets.load_dataset("data/release", split="train")' in text


def test_unchanged_release_says_so() -> None:
    assert "nothing changed" in on_screen(summary(changed=False, changes={}))


def test_unknown_fields_and_notes_are_shown() -> None:
    text = on_screen(summary(unseen={"daily_papers: paper.mood": 3}, notes=["page.txt: cp1252"]))
    assert "unknown field daily_papers: paper.mood" in text
    assert "3 times" in text
    assert "page.txt: cp1252" in text


def test_what_matching_reported_is_counted_where_there_is_any() -> None:
    told = summary(cautions={"unknown-judgement": 1, "block-overflow": 1200})
    assert "1 times unknown-judgement, 1,200 times block-overflow: open-papers" in on_screen(told)
    assert "1,200 times block" in told.markdown()
    assert "matching" not in dict(summary().lines())


def test_markup_in_a_note_is_printed_not_obeyed() -> None:
    assert "[bold]x[/bold]" in on_screen(summary(notes=["[bold]x[/bold]"]))


def test_markdown_in_a_note_stays_text() -> None:
    text = summary(notes=["a | b `c` <script>\n# d"]).markdown()
    assert "<script>" not in text
    assert "a &#124; b &#96;c&#96; &lt;script&gt; &#35; d\n" in text


def test_control_characters_in_a_name_do_not_reach_the_terminal() -> None:
    text = on_screen(summary(unseen={"daily_papers: \x1b]0;x\x07": 1}))
    assert "\x1b" not in text
    assert r"\x1b]0;x\x07" in text


def test_hub_is_mentioned_only_when_asked() -> None:
    assert "hub" not in dict(summary().lines())
    sent = Published("ada/open-papers", "c0ffee", "2026.11.24", Plan(("README.md",), (), (), 7))
    assert "tag 2026.11.24" in dict(summary(published=sent).lines())["hub"]
