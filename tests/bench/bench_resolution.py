"""Build an index over many titles and resolve 10,000 against it, beside other ways, in one table.

    python tests/bench/bench_resolution.py CORPUS.jsonl.zst [--titles N] [--kept DIR]

The corpus is grown to the number of titles: in each round every title (and abstract) has each of
its words of four letters and more replaced, with a chance of 0.85, by a word of the corpus, drawn
by a generator of fixed seed from all words, as often as they occur, and gets the authors of another
paper. The first round is the corpus itself.

Asked are 10,000 titles: 4,000 as they are in the reference, 4,000 changed (one to three words left
out, added or replaced, half of them with another part before or behind the colon dropped), 2,000 of
papers that were left out of the reference. The floor answers equal title keys only; the peer is
rapidfuzz, which compares a title with every other: it gets a sample, and its time is scaled.
Each way runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from backports import zstd
from rapidfuzz import fuzz, process

from flows.deduplicate import resolve
from flows.deduplicate.resolve.abstract_index import code_long_words
from flows.text.title_key import title_key

ASKED = {"same": 4_000, "changed": 4_000, "absent": 2_000}
SAMPLE = 20
"""Titles that the peer is asked for: it takes seconds for each."""

ALTERED = 0.85
"""Chance of a word to be replaced: at one half the copies are nearer than any two real papers."""

CUTOFF = 85
"""Similarity from which the peer answers."""


def corpus(path: Path) -> pl.DataFrame:
    """Read ``paper, title, authors, abstract`` of an arXiv snapshot."""
    rows = []
    with zstd.open(path, "rb") as stream:
        for line in stream.read().splitlines():
            each = json.loads(line)
            names = [" ".join(filter(None, name[1::-1])) for name in each["authors_parsed"]]
            rows.append((each["id"], " ".join(each["title"].split()), names, each["abstract"]))
    columns = ["paper", "title", "authors", "abstract"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def altered(texts: pl.Series, words: np.ndarray, rng: np.random.Generator) -> pl.Series:
    """Replace most of the words of four letters and more by words drawn from ``words``."""
    pieces = texts.str.split(" ").explode()
    sizes = texts.str.split(" ").list.len().to_numpy()
    is_long = (pieces.str.len_chars() >= 4).to_numpy() & (rng.random(len(pieces)) < ALTERED)
    drawn = pl.Series(words[rng.integers(0, len(words), len(pieces))])
    mixed = pl.select(pl.when(pl.Series(is_long)).then(drawn).otherwise(pieces)).to_series()
    owner = pl.Series(np.repeat(np.arange(len(texts)), sizes))
    frame = pl.DataFrame({"owner": owner, "word": mixed})
    return frame.group_by("owner", maintain_order=True).agg(pl.col("word").str.join(" "))["word"]


def grown(base: pl.DataFrame, titles: int, folder: Path, *, has_abstracts: bool) -> None:
    """Write the reference in parts of one round each."""
    rng = np.random.default_rng(0)
    words = {
        name: base[name].str.split(" ").explode().drop_nulls().to_numpy()
        for name in ("title", "abstract")
    }
    for number, start in enumerate(range(0, titles, base.height)):
        part = base.head(titles - start)
        if number:
            names = ("title", "abstract") if has_abstracts else ("title",)
            part = part.with_columns(altered(part[n], words[n], rng).alias(n) for n in names)
            part = part.with_columns(part["authors"].gather(rng.permutation(part.height)))
        arxiv_id = pl.format("{}.{}", (number // 12 + 15) * 100 + number % 12 + 1,
                             pl.int_range(pl.len()).cast(pl.String).str.zfill(6))  # fmt: skip
        part = part.with_columns(paper=arxiv_id)
        kept = part if has_abstracts else part.drop("abstract")
        kept.write_parquet(folder / f"part-{number:03}.parquet")


def changed(title: str, words: np.ndarray, rng: np.random.Generator) -> str:
    """Change one to three words of a title; at times drop what stands before or behind a colon."""
    before, colon, behind = title.partition(": ")
    parts = (
        (behind if rng.random() < 0.5 else before).split()
        if colon and rng.random() < 0.5
        else title.split()
    )  # one choice
    for _ in range(int(rng.integers(1, 4))):
        place, how = int(rng.integers(0, len(parts))), rng.random()
        if how < 0.4 and len(parts) > 4:
            parts.pop(place)
        elif how < 0.7:
            parts.insert(place, str(words[rng.integers(0, len(words))]))
        else:
            parts[place] = str(words[rng.integers(0, len(words))])
    return " ".join(parts)


def queries(folder: Path) -> pl.DataFrame:
    """Draw what is asked for, and take the absent papers out of the reference."""
    rng = np.random.default_rng(1)
    files = sorted(folder.glob("*.parquet"))
    each = -(-sum(ASKED.values()) // len(files))
    drawn = []
    for file in files:
        part = pl.read_parquet(file)
        rows = np.sort(rng.choice(part.height, min(each, part.height), replace=False))
        drawn.append(part[rows])
        absent = drawn[-1].tail(len(rows) * ASKED["absent"] // sum(ASKED.values()))
        part.join(absent, on="paper", how="anti", maintain_order="left").write_parquet(file)
        kinds = ["absent"] * absent.height
        there = len(rows) - absent.height
        kinds = ["same" if n % 2 else "changed" for n in range(there)] + kinds
        drawn[-1] = drawn[-1].with_columns(kind=pl.Series(kinds))
    asked = pl.concat(drawn)
    words = asked["title"].str.split(" ").explode().to_numpy()
    titles = [
        changed(title, words, rng) if kind == "changed" else title
        for title, kind in asked.select("title", "kind").iter_rows()
    ]
    return asked.with_columns(title=pl.Series(titles))


def score(found: pl.Series, asked: pl.DataFrame) -> dict[str, float]:
    """Give precision over answers, recall on both kinds of titles, refusal of the absent."""
    right = (found == asked["paper"]).fill_null(value=False) & (asked["kind"] != "absent")
    is_given = found.is_not_null()
    shares = {
        "precision": right.filter(is_given),
        "recall same": right.filter(asked["kind"] == "same"),
        "recall changed": right.filter(asked["kind"] == "changed"),
        "absent refused": (~is_given).filter(asked["kind"] == "absent"),
    }
    return {name: round(float(share.mean() or 0), 4) for name, share in shares.items()}


def reference_of(folder: Path) -> pl.DataFrame:
    """Read the reference as `resolve.read_reference` does, whatever its ids look like."""
    parts = []
    for file in sorted(folder.glob("*.parquet")):
        part = pl.read_parquet(file)
        known = {"codes": code_long_words(part["abstract"])} if "abstract" in part.columns else {}
        parts.append(part.select("paper", "title", "authors").with_columns(**known))
    return pl.concat(parts)


def build(folder: Path, index: Path, *_: object) -> dict[str, object]:
    """Build and save the index."""
    made = resolve.build_index(reference_of(folder)).save(index)
    size = sum(path.stat().st_size for path in made.iterdir())
    return {"index MB": size // 10**6}


def resolve_offline(
    _: Path, index: Path, asked: pl.DataFrame, columns: list[str]
) -> dict[str, object]:
    """Resolve what is asked for, the loading of the index included and told by itself."""
    started = time.perf_counter()
    loaded = resolve.TitleIndex.load(index)
    taken = round(time.perf_counter() - started, 1)
    found = resolve.resolve_titles(asked.select(columns), loaded)
    return {"of it loading s": taken} | score(found["paper"], asked)


def equal_keys(folder: Path, _: Path, asked: pl.DataFrame, *__: object) -> dict[str, object]:
    """Answer where one title of the reference has the same key."""
    key = title_key(pl.col("title"))
    reference = pl.scan_parquet(folder / "*.parquet").select("paper", key=key).collect()
    only = reference.unique("key", keep="none")
    found = asked.select(key=key).join(only, on="key", how="left", maintain_order="left")
    return score(found["paper"], asked)


def rapidfuzz(folder: Path, _: Path, asked: pl.DataFrame, *__: object) -> dict[str, object]:
    """Compare each title of a sample with every title of the reference."""
    key = title_key(pl.col("title"))
    reference = pl.scan_parquet(folder / "*.parquet").select("paper", key=key).collect()
    chosen = asked.sample(SAMPLE, shuffle=True, seed=0)
    keys = chosen.select(key)["title"].to_list()
    choices = reference["key"].to_list()
    started = time.perf_counter()
    best = [process.extractOne(k, choices, scorer=fuzz.ratio, score_cutoff=CUTOFF) for k in keys]
    taken = time.perf_counter() - started
    found = pl.Series(
        [reference["paper"][each[2]] if each else None for each in best], dtype=pl.String
    )  # one row a title
    return score(found, chosen) | {"scaled s": round(taken * asked.height / SAMPLE)}


def measured(name: str, way: Callable[..., dict[str, object]], *given: object) -> dict[str, object]:
    """Run a way in a process of its own; give its seconds and its peak memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return {"what": name} | pool.apply(_timed, (way, given))


def _timed(way: Callable[..., dict[str, object]], given: tuple[object, ...]) -> dict[str, object]:
    started, used = time.perf_counter(), time.process_time()
    told = way(*given)
    wall, cpu = (
        round(now, 1) for now in (time.perf_counter() - started, time.process_time() - used)
    )
    return {"wall s": wall, "CPU s": cpu, "peak GB": round(_peak() / 1e6, 2)} | told


def _peak() -> int:
    """Give the most kB that this process held: getrusage would count those of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def measure(given: argparse.Namespace, place: Path) -> tuple[list[dict[str, object]], int]:
    """Measure all ways; what a kept place holds already is not made again."""
    folder, index, drawn = place / "reference", place / "index", place / "asked.parquet"
    rows = []
    if not (index.exists() and drawn.exists()):
        folder.mkdir(parents=True)
        grown(corpus(given.corpus), given.titles, folder, has_abstracts=given.abstracts)
        queries(folder).write_parquet(drawn)
        rows.append(measured("build", build, folder, index))
    asked = pl.read_parquet(drawn)
    columns = [["title"], ["title", "authors"]]
    columns += [["title", "authors", "abstract"]] if given.abstracts else []
    rows += [
        measured(f"resolve by {', '.join(known)}", resolve_offline, folder, index, asked, known)
        for known in columns
    ]
    if not given.alone:
        rows.append(measured("floor: equal title keys", equal_keys, folder, index, asked))
        rows.append(measured("peer: rapidfuzz", rapidfuzz, folder, index, asked))
    return rows, asked.height


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--titles", type=int, default=3_000_000)
    parser.add_argument("--abstracts", action="store_true", help="index the abstracts too")
    parser.add_argument("--kept", type=Path, help="keep reference and index here, or use them")
    parser.add_argument("--alone", action="store_true", help="leave out the floor and the peer")
    given = parser.parse_args()
    with TemporaryDirectory() as made:
        rows, asked = measure(given, given.kept or Path(made))
    print(f"{given.titles:,} titles, {asked:,} asked")
    names = list(dict.fromkeys(name for row in rows for name in row))
    print("| " + " | ".join(names) + " |")
    print("|---" * len(names) + "|")
    for row in rows:
        print("| " + " | ".join(str(row.get(name, "")) for name in names) + " |")


if __name__ == "__main__":
    main()
