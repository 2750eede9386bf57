"""Make the Parquet files of the small evaluation sets: `python -m tests.evaluation.make_sets`."""

from pathlib import Path

import polars as pl

HERE = Path(__file__).parent

PAPERS = [
    (
        "Segmenting kidneys in CT scans with a convolutional network",
        "Kidneys are segmented in computed tomography of four hundred patients from three clinics.",
        "Nadia Okafor, Lars Petersen",
    ),
    (
        "A survey of graph neural networks for recommendation",
        "One hundred and forty papers on recommender systems with graphs are sorted and compared.",
        "Mei Tanaka",
    ),
    (
        "Lower bounds for stochastic bandits with delayed rewards",
        "Rewards that arrive late make bandits harder; a lower bound on the regret says how much.",
        "Igor Novak, Ruth Alvarez, Sam Lee",
    ),
    (
        "Grasping transparent objects with a two-finger gripper",
        "Depth cameras do not see glass, so a policy is trained in simulation with refraction.",
        "Aisha Khan, Tom Berg",
    ),
    (
        "Forecasting electricity demand with transformers",
        "The demand of three hundred substations is forecast a day ahead from earlier weeks.",
        "Paulo Costa, Ingrid Dahl",
    ),
    (
        "Rejoinder",
        "We thank the discussants of our paper on spatial covariance for their careful comments.",
        "Greta Holm",
    ),
    (
        "Rejoinder",
        "The discussion of causal mediation raised four points, which we answer one after another.",
        "Viktor Adler",
    ),
]
"""Made-up papers: title, abstract, authors. Two share a title and nothing else."""

CHANGED = {
    0: "Segmenting Kidneys in CT Scans with a Convolutional Neural Network",
    3: "Grasping Transparent Objects with a Simple Two-Finger Gripper",
}
"""Titles that were changed since, by the number of the paper."""


def make_dedup() -> None:
    """Write two records of each paper but the last, and their clusters."""
    rows = []
    for number, (title, abstract, authors) in enumerate(PAPERS):
        rows.append((f"a{number}", "arxiv", title, abstract, authors.split(", "), number))
        if number < len(PAPERS) - 1:
            other = [" ".join(reversed(name.split(" "))) for name in authors.split(", ")]
            renamed = CHANGED.get(number, title).upper()
            turned = [", ".join(name.split(" ")) for name in other]
            rows.append((f"b{number}", "daily_papers", renamed, abstract, turned, number))
    columns = ["record_id", "source", "title", "abstract", "authors", "cluster"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    folder = HERE / "dedup"
    folder.mkdir(exist_ok=True)
    frame.drop("cluster").write_parquet(folder / "records.parquet")
    frame.select("record_id", "cluster").write_parquet(folder / "truth.parquet")


def make_titles() -> None:
    """Write a reference of the papers with one title each, and queries: as is, changed, absent."""
    reference = pl.DataFrame(
        [
            (f"2401.{number:05}", title, authors.split(", "), "2024-01-01")
            for number, (title, _, authors) in enumerate(PAPERS)
            if title != "Rejoinder"
        ],
        schema=["arxiv_id", "title", "authors", "date"],
        orient="row",
    )
    known = zip(reference["title"], reference["arxiv_id"], strict=True)
    queries = [(title.title(), number, "made", True) for title, number in known]
    queries += [(title, f"2401.{number:05}", "made", False) for number, title in CHANGED.items()]
    queries += [("Counting birds by their songs", None, "made", None)]
    folder = HERE / "titles"
    folder.mkdir(exist_ok=True)
    reference.write_parquet(folder / "reference.parquet")
    pl.DataFrame(
        queries, schema=["title", "arxiv_id", "source", "same_norm"], orient="row"
    ).write_parquet(folder / "queries.parquet")


if __name__ == "__main__":
    make_dedup()
    make_titles()
