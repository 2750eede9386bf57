"""arXiv's own cases of TeX as text: each one is met, or answered otherwise for a reason."""

import json

import polars as pl

from flows.paths import PROJECT
from flows.text import make_readable

CASES = PROJECT / "tests/fixtures/arxiv_base/tex2utf_cases.json"

ANSWERED_OTHERWISE = {
    r"\alpha": "arXiv leaves Greek where it is asked to; we have no such option",
    r"\ddag \OE\S": "a blank behind a sign stays, for readers",
    r"foo \alpha bar": "the same",
    r"ARXIVOPS-805 \aa  fix": "TeX takes the blanks behind a macro of a letter",
    r"\alpha{\beta{\gamma}}": "braces behind a macro without arguments are left as written",
    r"\alpha{\beta{\gamma\macro}": "the same",
    r"\alpha\ \beta{something}": "the same",
    r"foo \alpha{-}bar": "the same",
}


def test_tex_reads_as_at_arxiv() -> None:
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    frame = pl.DataFrame(
        {
            "written": [case["input"] for case in cases],
            "expected": [case["expected"].strip() for case in cases],
        }
    )
    differing = frame.filter(make_readable(pl.col("written")) != pl.col("expected"))
    assert set(differing["written"]) == set(ANSWERED_OTHERWISE)
