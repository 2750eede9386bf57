"""Cases of bibliographies: one paper in the forms of other sources, and papers that look like one.

    python -m tests.bench.bibliography_cases DEDUP [--show KIND]

DEDUP as in the evaluation of dedup: titles, authors and years are drawn from it, abstracts are left
out. The forms are those of PubMed, Crossref, Scopus, Scholar and publishers' pages; the papers that
look like one are corrections, comments, protocols, parts, yearly reports, and the same study of
others. Each kind is decided pair by pair; blocks are counted as well. Prints of each kind how many
of its pairs are joined, which should be all or none.
"""

import argparse
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from flows.deduplicate.match.compare_pairs import decide_pairs, measure_pairs
from flows.deduplicate.match.record_features import describe_records
from schemas.vocabulary import STRONG_IDENTIFIERS

DRAWN = 150
"""Papers drawn for each kind."""

Case = tuple[str, list[str], int | None]

TRIALS = (
    "Effect of vitamin D supplementation on bone density in postmenopausal women",
    "Prevalence of iron deficiency anaemia among school children in rural districts",
    "Early mobilisation after hip fracture surgery and the risk of delirium",
    "Corticosteroids for the treatment of bacterial meningitis",
    "Cognitive behavioural therapy for insomnia in primary care",
    "Laparoscopic repair of inguinal hernia under spinal anaesthesia",
    "Blood pressure variability and the incidence of stroke",
    "Screening for gestational diabetes with fasting plasma glucose",
    "Pulmonary rehabilitation following exacerbations of obstructive lung disease",
    "Serum uric acid and progression of chronic kidney disease",
    "Transcranial magnetic stimulation for treatment-resistant depression",
    "Risk factors for surgical site infection after caesarean section",
)
"""Titles as medical journals have them."""

PEOPLE = ["Maria Hoffmann", "John A. Smith", "Li Wei Zhang", "Sofia García-Márquez"]

SIBLINGS = (
    ("{} in children", "{} in adults"),
    ("{} in men", "{} in women"),
    ("{} in rats", "{} in mice"),
    ("{} in patients with type 1 diabetes", "{} in patients with type 2 diabetes"),
    ("Short-term outcomes: {}", "Long-term outcomes: {}"),
    ("{}: two-year results", "{}: five-year results"),
    ("{}: 2-year follow-up", "{}: 5-year follow-up"),
    ("{} in India", "{} in China"),
    ("Preoperative {}", "Postoperative {}"),
    ("{} with acute symptoms", "{} with chronic symptoms"),
    ("{} before treatment", "{} after treatment"),
    ("{} in vitro", "{} in vivo"),
    ("{}: a systematic review", "{}: a randomised controlled trial"),
    ("{}: a cohort study", "{}: a case-control study"),
    ("{}: study protocol", "{}: results"),
    ("{}: the patients' view", "{}: the nurses' view"),
)
"""Two studies by the same people, one word apart."""

BESIDE = (
    "Corrigendum to: {}", "Corrigendum to \u201c{}\u201d", "Erratum: {}", "Erratum to: {}",
    "Correction: {}", "Correction to: {}", "Author Correction: {}", "Publisher Correction: {}",
    "Retraction Note: {}", "Retraction: {}", "Notice of Retraction: {}",
    "Expression of Concern: {}", "Editorial Expression of Concern: {}", "Comment on: {}",
    "Comment on \u201c{}\u201d", "Comments on '{}'", "Commentary: {}", "Commentary on: {}",
    "Invited Commentary: {}", "Invited commentary on {}", "Reply to: {}", "Reply to comment on {}",
    "Re: {}", "RE: {}", "Response to: {}", "Response to \u201c{}\u201d", "Author response to {}",
    "Authors' reply to {}", "Author's reply: {}", "In response: {}", "In reply: {}",
    "Letter to the editor: {}", "Letter to the Editor regarding \u201c{}\u201d",
    "Editorial comment: {}", "Editorial commentary: {}", "Discussion of {}", "Discussion: {}",
    "Rejoinder: {}", "Review of {}", "Book review: {}", "Addendum: {}",
    "Supplementary material for {}", "Data from: {}", "{}: a reply", "{}: reply",
    "{}: authors' reply", "{}: a comment", "{}: corrigendum", "{}: erratum", "{} (Corrigendum)",
    "{} (Retraction)", "{} - Reply", "{}: study protocol", "{}: a study protocol",
    "{}: study protocol for a randomised controlled trial", "Study protocol: {}",
    "Protocol for {}", "{}: protocol for a systematic review", "{}: rationale and design",
    "{}: a pilot study", "{}: a feasibility study", "{}: an update", "{} revisited",
    "{}: a follow-up study", "{}: a replication", "{}: response to commentary",
    "Authors' response: {}", "A response to: {}", "Comment: {}", "Discussant's comment: {}",
    "Peer review report of {}", "Decision letter for \u201c{}\u201d", "Summary for patients: {}",
    "Infographic: {}", "Video abstract: {}", "Abstract 1234: {}",
)  # fmt: skip
"""What is printed about a paper, beside its title."""

PARTS = (
    ("{}. Part 1", "{}. Part 2"), ("{}: Part A", "{}: Part B"), ("{} - I", "{} - II"),
    ("{} (1)", "{} (2)"), ("{}: first report", "{}: second report"), ("{} 1/2", "{} 2/2"),
    ("{}, 2004", "{}, 2005"), ("{}: 2004 update", "{}: 2008 update"),
    ("{}: annual report 2001", "{}: annual report 2002"), ("{}: paper 1", "{}: paper 2"),
    ("{}. 3. Methods", "{}. 4. Methods"), ("{} version 2.0", "{} version 3.0"),
    ("{} (Part one)", "{} (Part two)"), ("{}: Teil 1", "{}: Teil 2"),
    ("{}: Partie I", "{}: Partie II"), ("The 12th annual {}", "The 13th annual {}"),
    ("{}", "{} - II"), ("{}, Part I", "{}, Part II"),
)  # fmt: skip
"""Two places of one series."""

GENERIC = (
    "Editorial", "Preface", "Introduction", "Letters to the Editor", "Correspondence",
    "Case report", "Book Reviews", "In Memoriam", "News", "Reply", "Response", "Authors' reply",
    "The authors reply", "Author response", "Notes", "Announcement", "Issue Information",
    "Foreword", "Guest Editorial", "Abstracts", "In this issue", "From the Editor",
    "Editor's note", "Editors' note", "Message from the chairs", "Welcome message",
    "Acknowledgement to reviewers", "Reviewers", "Contributors", "List of participants",
    "Presidential address", "Images in clinical medicine", "Clinical picture", "Commentary",
    "Conclusion", "Poster session", "Workshop report", "Introduction to the special issue",
    "About the authors", "Notes on contributors", "Index", "Errata", "Front Cover", "Masthead",
    "Table of Contents", "Author Index", "Subject Index", "List of Reviewers",
)  # fmt: skip
"""Titles of columns; years apart and by the same editors they are other pieces."""


def drop_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def split_name(name: str) -> tuple[str, str]:
    given, _, family = name.rpartition(" ")
    return given, family


def invert(name: str, between: str = ", ") -> str:
    given, family = split_name(name)
    return f"{family}{between}{given}" if given else family


def initials(name: str, dot: str = "") -> str:
    return dot.join(word[0] for word in split_name(name)[0].split()) + dot


def medline(name: str) -> str:
    return f"{split_name(name)[1]} {initials(name)}".strip()


FORMS: dict[str, Callable[[Case], Case]] = {
    "SMITH J": lambda c: (c[0], [medline(n).upper() for n in c[1]], c[2]),
    "Smith J, Doe A": lambda c: (c[0], [", ".join(map(medline, c[1]))], c[2]),
    "Smith, J. and Doe, A.": lambda c: (
        c[0], [" and ".join(f"{split_name(n)[1]}, {initials(n, '.')}" for n in c[1])], c[2]),
    "Smith, J., Doe, A.": lambda c: (
        c[0], [", ".join(f"{split_name(n)[1]}, {initials(n, '.')}" for n in c[1])], c[2]),
    "Smith J.A.; Doe A.": lambda c: (
        c[0], ["; ".join(f"{split_name(n)[1]} {initials(n, '.')}" for n in c[1])], c[2]),
    "first et al.": lambda c: (c[0], [medline(c[1][0]) + " et al."], c[2]),
    "first only": lambda c: (c[0], [f"{initials(c[1][0], '.')} {split_name(c[1][0])[1]}"], c[2]),
    "John Smith & Ann Doe": lambda c: (c[0], [" & ".join(c[1])], c[2]),
    "with affiliations": lambda c: (
        c[0], [f"{n} (University of Somewhere)" for n in c[1]], c[2]),
    "with superscripts": lambda c: (c[0], [f"{n}{i + 1},*" for i, n in enumerate(c[1])], c[2]),
    "without accents": lambda c: (drop_accents(c[0]), [drop_accents(n) for n in c[1]], c[2]),
    "last author lost": lambda c: (c[0], c[1][:-1] or c[1], c[2]),
    "other order": lambda c: (c[0], c[1][::-1], c[2]),
    "JOHN SMITH": lambda c: (c[0], [n.upper() for n in c[1]], c[2]),
    "capitals": lambda c: (c[0].upper(), c[1], c[2]),
    "full stop": lambda c: (c[0] + ".", [medline(n) for n in c[1]], c[2]),
    "[bracketed].": lambda c: (f"[{c[0]}].", c[1], c[2]),
    "quoted": lambda c: (f'"{c[0]}"', c[1], c[2]),
    "(extended abstract)": lambda c: (c[0] + " (extended abstract)", c[1], c[2]),
    "(Extended Version)": lambda c: (c[0] + " (Extended Version)", c[1], c[2]),
    ": extended abstract": lambda c: (c[0] + ": Extended Abstract", c[1], c[2]),
    "[version 2; peer review]": lambda c: (
        c[0] + " [version 2; peer review: 2 approved]", c[1], c[2]),
    "(preprint)": lambda c: (c[0] + " (Preprint)", c[1], c[2]),
    "(in German)": lambda c: (c[0] + " (in German)", c[1], c[2]),
    "[in French]": lambda c: (c[0] + " [Article in French]", c[1], c[2]),
    "RETRACTED ARTICLE:": lambda c: ("RETRACTED ARTICLE: " + c[0], c[1], c[2]),
    "journal behind": lambda c: (
        c[0] + f". J Clin Epidemiol. {c[2] or 2004};12(3):123-34", c[1], c[2]),
    "In: Proc behind": lambda c: (
        c[0] + ". In: Proceedings of the 12th Conference, pp. 123-130", c[1], c[2]),
    "pages behind": lambda c: (c[0] + ", pp. 210-219", c[1], c[2]),
    "doi behind": lambda c: (c[0] + " doi:10.1016/j.abc.2004.01.003", c[1], c[2]),
    "HTML": lambda c: (
        re.sub(r"\b(\w{6,})\b", r"<i>\1</i>", c[0], count=1).replace(" and ", " &amp; "),
        c[1], c[2]),
    "and as &": lambda c: (c[0].replace(" and ", " & "), c[1], c[2]),
    "American": lambda c: (
        c[0].replace("our", "or").replace("is", "iz", 1), c[1], c[2]),
    "cut at 60 ...": lambda c: (
        c[0] if len(c[0]) < 70 else c[0][:60] + "...", c[1], c[2]),
    "hyphens broken": lambda c: (re.sub(r"(\w{5})(\w{4,})", r"\1- \2", c[0], count=1), c[1], c[2]),
    "hyphens lost": lambda c: (c[0].replace("-", ""), c[1], c[2]),
    "misread": lambda c: (
        c[0].replace("m", "rn", 1).replace("l", "1", 1),
        [n.replace("e", "c", 1) for n in c[1]], c[2]),
    "blank lost": lambda c: (re.sub(r"(\w{5}) (\w{5})", r"\1\2", c[0], count=1), c[1], c[2]),
    "subtitle lost": lambda c: (
        c[0].partition(": ")[0] if len(c[0].partition(": ")[0].split()) > 3 else c[0], c[1], c[2]),
    "article lost": lambda c: (re.sub(r"^(?:An?|The|On the) ", "", c[0]), c[1], c[2]),
    "year off by one": lambda c: (c[0], c[1], c[2] and c[2] + 1),
    "year unknown": lambda c: (c[0], c[1], None),
    "footnote star": lambda c: (c[0] + "*", c[1], c[2]),
    "footnote 1": lambda c: (c[0] + "1", c[1], c[2]),
    "section before": lambda c: ("Original Article: " + c[0], c[1], c[2]),
    "Research before": lambda c: ("Research: " + c[0], c[1], c[2]),
    "numbered 3.": lambda c: ("3. " + c[0], c[1], c[2]),
}  # fmt: skip
"""One paper as other sources write it."""


def draw_papers(folder: Path) -> list[Case]:
    """Draw titles of five words and more with their authors and years, one per paper."""
    records = pl.read_parquet(folder / "records.parquet").join(
        pl.read_parquet(folder / "truth.parquet"), on="record_id"
    )
    year = pl.col("published").dt.year() if "published" in records.columns else pl.lit(2012)
    drawn = (
        records.unique("cluster", keep="first", maintain_order=True)
        .filter(pl.col("authors").list.len() > 1, pl.col("title").str.count_matches(" ") > 3)
        .select("title", "authors", year=year)
        .sample(DRAWN, seed=11)
    )
    papers = [(" ".join(title.split()), names, at) for title, names, at in drawn.iter_rows()]
    return papers + [(title, PEOPLE, 2015) for title in TRIALS]


def make_pairs(papers: list[Case]) -> list[tuple[str, bool, Case, Case]]:
    """Return each pair with its kind and whether it is one paper."""
    pairs = [(f"form {kind}", True, p, write(p)) for kind, write in FORMS.items() for p in papers]
    few = papers[: DRAWN // 5] + papers[DRAWN:]
    for shape in BESIDE:
        pairs += [(f"beside {shape}", False, p, (shape.format(p[0]), p[1], p[2])) for p in few]
    for left, right in (*SIBLINGS, *PARTS):
        pairs += [
            (f"sibling {left} / {right}", False, (left.format(t), n, y), (right.format(t), n, y))
            for t, n, y in few
        ]
    pairs += [(f"generic {name}", False, (name, p[1], 2003 + i % 3), (name, p[1], 2007 + i % 5))
              for name in GENERIC for i, p in enumerate(few[:8])]  # fmt: skip
    pairs += [("generic, one editor", False, (name, p[1][:1], 2003), (name, p[1][:1], 2003 + i % 2))
              for name in GENERIC for i, p in enumerate(few[:4])]  # fmt: skip
    strangers = papers[1:] + papers[:1]
    pairs += [
        ("strangers", False, p, (p[0], q[1], p[2])) for p, q in zip(papers, strangers, strict=True)
    ]
    return pairs


def decide(pairs: list[tuple[str, bool, Case, Case]]) -> pl.DataFrame:
    """Return the decision on each pair: ``kind, same, rule, why, chance, left, right``."""
    rows = [
        (f"{number:06}{side}", f"source_{side}", *case)
        for number, (_, _, *cases) in enumerate(pairs)
        for side, case in zip("ab", cases, strict=True)
    ]
    schema = {"record_id": pl.String, "source": pl.String, "title": pl.String,
              "authors": pl.List(pl.String), "year": pl.Int32}  # fmt: skip
    unknown = [pl.lit(None, pl.String).alias(name) for name in ("abstract", *STRONG_IDENTIFIERS)]
    records = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        *unknown, published=pl.date(pl.col("year"), 1, 1)
    )
    features = describe_records(records)
    places = np.arange(len(pairs), dtype=np.int64)[:, None] * 2 + np.array([0, 1])
    decided = decide_pairs(measure_pairs(features, places))
    return decided.select("rule", "why", "by_title").with_columns(
        kind=pl.Series([pair[0] for pair in pairs]),
        same=pl.Series([pair[1] for pair in pairs]),
        left=records["title"].gather_every(2),
        right=records["title"].gather_every(2, 1),
        differs=pl.Series([pair[2] != pair[3] for pair in pairs]),
    )


def main(folder: Path, shown: str | None) -> None:
    decided = decide(make_pairs(draw_papers(folder))).filter("differs")
    joined = pl.col("rule").is_not_null()
    table = decided.group_by("same", "kind", maintain_order=True).agg(
        pairs=pl.len(), joined=joined.sum()
    )
    for (same,), part in table.group_by("same", maintain_order=True):
        print("one paper:" if same else "two papers:", part["joined"].sum(), "of",
              part["pairs"].sum(), "joined")  # fmt: skip
        is_wrong = pl.col("joined") < pl.col("pairs") if same else pl.col("joined") > 0
        for row in part.filter(is_wrong).iter_rows():
            print("  ", *row[1:])
    if shown:
        with pl.Config(tbl_rows=40, fmt_str_lengths=90, tbl_width_chars=250):
            wrong = decided.filter(pl.col("kind").str.contains(shown, literal=True))
            print(wrong.filter(joined != pl.col("same")).drop("kind", "same", "differs"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show")
    arguments = parser.parse_args()
    main(arguments.folder, arguments.show)
