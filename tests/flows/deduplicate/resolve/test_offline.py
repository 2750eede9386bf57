"""Titles to ids: the same, the changed, and what must be refused."""

import polars as pl
import pytest

from flows.deduplicate import resolve
from flows.deduplicate.resolve.abstract_index import code_long_words

TITLES = [
    ("1", "Zebrafish Navigation: A Benchmark for Underwater Robot Planning", ["Ann Lee", "Bo Xu"]),
    ("2", "Rejoinder", ["Cy Day"]),
    ("3", "On cuts in ultraproducts of linear orders I", ["Mo Go"]),
    ("4", r"LR${}^{2}$Bench: Evaluating Long-chain Reflective Reasoning", ["Ed Fox"]),
    ("5", "A shared and common title", ["Ann Lee"]),
    ("6", "A shared and common title", ["Zoe Kim"]),
    *[
        (f"x{i}", f"Filler study number{i} of planning for robot learning topic{i}", [])
        for i in range(1_000)
    ],
]

ABSTRACTS = {
    "1": "Underwater vehicles navigate turbulent, featureless environments where cameras degrade. "
    "Zebrafish larvae navigate comparable conditions using lateral-line sensing. Borrowing from "
    "neuroethology, our benchmark evaluates hydrodynamic perception with recorded trajectories.",
    "5": "Common titles conceal different experiments. Spectroscopy measurements demonstrate "
    "superconductivity in layered materials under pressure, contradicting previous predictions.",
    "6": "Randomized clinical interventions improve medication adherence among adolescents. "
    "Participating hospitals contributed questionnaires, interviews and anonymous prescriptions.",
}


@pytest.fixture(scope="module")
def index():
    schema = {"paper": pl.String, "title": pl.String, "authors": pl.List(pl.String)}
    reference = pl.DataFrame(TITLES, schema=schema, orient="row")
    abstracts = pl.Series([ABSTRACTS.get(paper) for paper in reference["paper"]], dtype=pl.String)
    return resolve.build_index(reference.with_columns(codes=code_long_words(abstracts)))


def answer(index, title, authors=None, abstract=None):
    schema = {"title": pl.String, "authors": pl.List(pl.String), "abstract": pl.String}
    asked = pl.DataFrame([(title, authors, abstract)], schema=schema, orient="row")
    return resolve.resolve_titles(asked, index).select("paper", "rule").row(0)


def test_the_same_title_is_found_whatever_its_marks(index):
    title = "zebrafish navigation -- a benchmark for underwater robot planning"
    assert answer(index, title) == ("1", "title")


def test_latex_and_blanks_do_not_hide_a_title(index):
    assert answer(index, "LR^2Bench: Evaluating Longchain Reflective Reasoning") == ("4", "letters")


def test_a_changed_title_is_found_by_its_rare_words(index):
    title = "Zebrafish Navigation: A New Benchmark for Underwater Robot Path Planning"
    assert answer(index, title) == ("1", "near")


def test_a_count_that_only_one_title_has_does_not_hide_a_paper(index):
    title = "Zebrafish Navigation: A Benchmark of 300 Tasks for Underwater Robot Planning"
    assert answer(index, title) == ("1", "near")


def test_authors_and_abstracts_choose_among_candidates_before_titles_are_weighed():
    text = (
        "Estuaries, mudflats: predictions of turbulence under seasonal sedimentation, calibrated "
        "against observations of neighbouring catchments, hydrodynamics and bathymetry."
    )
    # Half of its long words are of that text, too few for the abstract to answer by itself.
    edited = (
        "Estuaries, mudflats: predictions of turbulence under seasonal sedimentation. Statistical "
        "inference quantifies uncertainty throughout simulated perturbations."
    )
    rows = [
        ("a", "Tidal forecasts for muddy estuaries of small rivers", ["Ann Lee", "Bo Xu"]),
        ("b", "Tidal forecasts for sandy estuaries", ["Ann Lee", "Bo Xu"]),
        ("c", "Tidal forecasts for stony estuaries by the sea", ["Cy Day", "Ed Fox"]),
        *TITLES,
    ]
    schema = {"paper": pl.String, "title": pl.String, "authors": pl.List(pl.String)}
    reference = pl.DataFrame(rows, schema=schema, orient="row")
    codes = code_long_words(pl.Series([text] + [None] * (len(rows) - 1), dtype=pl.String))
    candidates = resolve.build_index(reference.with_columns(codes=codes))
    title = "Tidal forecasts for estuaries"
    asked = pl.DataFrame(
        [(title, None, None), (title, ["Cy Day", "Ed Fox"], None), (title, None, edited)],
        schema={"title": pl.String, "authors": pl.List(pl.String), "abstract": pl.String},
        orient="row",
    )
    chosen = resolve.resolve_titles(asked, candidates)["matched_title"].to_list()
    assert chosen == [rows[1][1], rows[2][1], rows[0][1]]


def test_among_few_titles_a_changed_one_needs_more_than_itself():
    schema = {"paper": pl.String, "title": pl.String, "authors": pl.List(pl.String)}
    few = resolve.build_index(pl.DataFrame(TITLES[:6], schema=schema, orient="row"))
    title = "Zebrafish Navigation: A New Benchmark for Underwater Robot Path Planning"
    assert answer(few, title) == (None, "look-alike")
    assert answer(few, title, ["Ann Lee", "Bo Xu"]) == ("1", "near")


def test_a_second_part_is_not_resolved_to_the_first(index):
    assert answer(index, "On cuts in ultraproducts of linear orders II")[0] is None


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("CAT3D: Creating Anything in Three Dimensions", "CAT4D: Creating Anything in Dimensions"),
        ("WARM: On Averaging Weights of Reward Models", "WARP: On Averaging Weights of Policies"),
        ("NeuFlow: Optical Flow for Small Robots", "NeuFlow v2: Optical Flow for Small Robots"),
        ("Quiver invariants of SU(2n) covers", "Quiver invariants of GL(2n) covers"),
        ("Quiver invariants of cyclic covers", "Addendum to quiver invariants of cyclic covers"),
    ],
)
def test_siblings_and_addenda_are_not_resolved_to_each_other(listed, asked):
    schema = {"paper": pl.String, "title": pl.String, "authors": pl.List(pl.String)}
    rows = [("s", listed, ["Ann Lee"]), *TITLES]
    siblings = resolve.build_index(pl.DataFrame(rows, schema=schema, orient="row"))
    assert answer(siblings, asked)[0] is None
    assert answer(siblings, asked, ["Ann Lee"])[0] is None


def test_a_title_of_many_papers_needs_authors(index):
    assert answer(index, "A shared and common title") == (None, "ambiguous")
    assert answer(index, "A shared and common title", ["Kim, Zoe"]) == ("6", "title")


def test_a_one_word_title_is_refused_without_authors(index):
    assert answer(index, "Rejoinder") == (None, "ambiguous")
    assert answer(index, "Rejoinder", ["C. Day"]) == ("2", "title")


def test_other_authors_refuse_a_match(index):
    title = "Zebrafish Navigation: A Benchmark for Underwater Robot Planning"
    assert answer(index, title, ["Someone Else"])[0] is None


def test_a_paper_under_another_title_is_found_by_its_abstract(index):
    copied = ABSTRACTS["1"].replace(", our benchmark evaluates", " we evaluate") + " this https URL"
    title = "How Larvae Teach Submarines to Swim"
    assert answer(index, title)[0] is None
    assert answer(index, title, None, copied) == ("1", "abstract")
    assert answer(index, title, ["Someone Else"], copied)[0] is None


def test_a_renamed_paper_without_a_common_word_is_found_by_its_authors_and_most_of_its_abstract(
    index,
):
    part = ABSTRACTS["1"].partition("Borrowing")[0]
    edited = part + "Inspired by animals, we present simulation protocols and annotated sequences."
    title = "How Fish Would Swim: Sensing Currents"
    assert answer(index, title, ["Ann Lee", "Bo Xu"], edited) == ("1", "near")
    assert answer(index, title, ["Ann Lee", "Zoe Kim"], edited)[0] is None


def test_a_number_that_one_title_has_is_no_other_work_over_one_text_by_the_same_people(index):
    authors, text = ["Ann Lee", "Bo Xu"], ABSTRACTS["1"]
    release = "Zebrafish Navigation (v3.1.0): Benchmark for Underwater Robot Planning"
    assert answer(index, release, authors, text)[0] == "1"
    assert answer(index, release, authors)[0] is None
    later = "Zebrafish Navigation: A Benchmark for Underwater Robot Planning II"
    changed = text.replace("hydrodynamic perception", "locomotion strategies")
    assert answer(index, later, authors, changed)[0] is None


def test_of_two_papers_with_one_title_the_abstract_chooses(index):
    assert answer(index, "A shared and common title", None, ABSTRACTS["6"]) == ("6", "title")


def test_an_equal_title_over_another_text_is_refused_unless_the_authors_agree(index):
    title = TITLES[0][1]
    assert answer(index, title, None, ABSTRACTS["5"])[0] is None
    assert answer(index, title, ["Bo Xu"], ABSTRACTS["5"]) == ("1", "title")


def test_a_title_without_a_shared_word_is_absent(index):
    assert answer(index, "Quixotic bleen grues") == (None, "absent")


def test_an_index_survives_the_disk(index, tmp_path):
    again = resolve.TitleIndex.load(index.save(tmp_path / "index"))
    assert answer(again, TITLES[0][1]) == ("1", "title")


@pytest.mark.parametrize("former", ["papers.parquet", "papers.arrow", "keyed-papers.arrow"])
def test_an_index_of_a_former_format_is_refused_and_replaced(index, tmp_path, former):
    folder = tmp_path / "index"
    folder.mkdir()
    frames = (former, former.replace("papers", "words"))
    for name in (*frames, "data.npy", "indices.npy", "indptr.npy"):
        (folder / name).touch()
    with pytest.raises(resolve.MissingTitleIndex, match="open-papers index"):
        resolve.TitleIndex.load(folder)
    assert not (index.save(folder) / frames[0]).exists()


def test_a_missing_index_says_how_to_make_one(tmp_path):
    with pytest.raises(resolve.MissingTitleIndex, match="open-papers index"):
        resolve.TitleIndex.load(tmp_path)
