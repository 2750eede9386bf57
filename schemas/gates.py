"""Gates: what a release must be like, as data. A failed minimum stops it, a maximum warns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from schemas.gate import Counts, Gate, Tables
from schemas.metrics import METRICS
from schemas.vocabulary import Source

__all__ = ["FLOORS", "GATES", "METRICS", "Gate", "GateFailure", "find_failures"]


@dataclass(frozen=True)
class GateFailure:
    """A gate that a release does not pass."""

    gate: Gate
    value: float
    is_fatal: bool
    """True below the minimum; False above the maximum, which is a warning."""

    @property
    def message(self) -> str:
        """Say what is wrong, by how much, and why it matters."""
        gate = self.gate
        bound, side = (
            (gate.minimum, "below the minimum") if self.is_fatal else (gate.maximum, "above")
        )
        return f"{gate.name} is {self.value:,.6g}, {side} {bound:,.6g}: {gate.why}"


def _at_least(name: str, minimum: float, why: str, sources: tuple[str, ...] = ()) -> Gate:
    """Make a gate by the name that messages give it: ``table.metric.column``, or without one."""
    table, metric, *column = name.split(".", 2)
    return Gate(table, metric, column[0] if column else None, minimum, None, why, sources)


def _at_most(name: str, maximum: float, why: str) -> Gate:
    gate = _at_least(name, 0, why)
    return replace(gate, minimum=None, maximum=maximum)


_KEY = "readers join on this key; a repeated one would multiply their rows"
_REFERENCE = "a row that belongs to no paper cannot be joined"
_LAYER = "what follows from share-alike rows alone must not stand in an open row"

_MEASURED = "the project promises as much of what data/accuracy.csv measures (make evaluate)"

WITH_ABSTRACTS = (Source.ARXIV.value, Source.DAILY_PAPERS.value, Source.PAPERS_PAGE.value)
"""Sources that give an abstract with every paper. Others do not: of the Anthology's volumes some
have none, and lists of links or titles have none at all."""

FLOORS = {
    "merging:pairwise-precision": 0.993,
    "merging:pairwise-recall": 0.96,
    "links:F1-on-canonical-URLs": 0.97,
    "links:accuracy-of-the-kind": 0.9,
    "topics:F1-of-area": 0.8,
    "topics:F1-of-task": 0.78,
    "topics:F1-of-method": 0.76,
    "topics:F1-of-domain": 0.72,
    "topics:F1-of-contribution": 0.78,
}
"""The least that each part must reach on its evaluation set: the goals it was built to."""

GATES: tuple[Gate, ...] = (
    _at_least("papers.rows", 1, "an empty release replaces a full one only by accident"),
    _at_least("papers.unique.paper_id", 1, _KEY),
    _at_least("links.unique.paper_id+url+license", 1, _KEY),
    _at_least("topics.unique.paper_id+facet+topic", 1, _KEY),
    _at_least("origins.unique.record_id", 1, "a record is part of exactly one paper"),
    _at_least("resolutions.unique.record_id", 1, _KEY),
    _at_least("aliases.unique.alias_id", 1, "an old id leads to exactly one paper"),
    _at_least("papers.unique.arxiv_id", 1, "one arXiv id is one paper, by the merge rules"),
    _at_least("links.refers.paper_id", 1, _REFERENCE),
    _at_least("topics.refers.paper_id", 1, _REFERENCE),
    _at_least("origins.refers.paper_id", 1, _REFERENCE),
    _at_least("aliases.refers.paper_id", 1, "an old id must lead to a paper that is there"),
    _at_least("resolutions.accounted.record_id", 1, "each is about a record that was read"),
    _at_least("changes.unique.paper_id", 1, "a paper changes in one way at a time"),
    _at_least("changes.told", 1, "what is said of a paper must be true of it"),
    _at_least("aliases.current.alias_id", 1, "an id is a paper's own or an old one"),
    _at_least("papers.traced.paper_id", 1, "every paper can be traced to a record"),
    _at_least("aliases.kept.alias_id", 1, "an alias is kept for ever: people have cited it"),
    _at_least(
        "papers.kept.paper_id",
        0.95,
        "ids stay; some are removed on request, but one in twenty is an input left out by mistake",
    ),
    _at_most(
        "papers.growth",
        10,
        "ten times the papers is a new source, or a parser that cuts papers in pieces",
    ),
    _at_least("papers.fill_rate.title", 1, "a paper without a title cannot be recognised"),
    _at_least(
        "papers.fill_rate.abstract",
        0.5,
        "these sources give an abstract with every paper; below half, a parser has lost them",
        WITH_ABSTRACTS,
    ),
    _at_least(
        "origins.fill_rate_of_sources.abstract",
        0.5,
        "a source does not lose its abstracts: half of them gone at once is a broken parser",
    ),
    _at_least(
        "papers.fill_rate_kept.code_url",
        0.5,
        "papers do not lose their code: half of it gone at once is a broken extractor",
    ),
    _at_least(
        "papers.fill_rate_kept.areas",
        0.5,
        "papers do not lose their areas: half of them gone at once is a broken taxonomy",
    ),
    *(
        _at_least(name, 0.5, "papers do not lose these: half of them gone at once is a broken step")
        for name in ("links.rows_kept", "topics.rows_kept", "origins.rows_kept")
    ),
    _at_least("origins.accepted", 0.5, "inputs of which half is refused are not understood"),
    _at_most(
        "rejections.most_rejected.source",
        0.5,
        "a source of which half is refused has a form that its parser does not know",
    ),
    _at_most(
        "rejections.rejected",
        # A warning from a twentieth on; from half on the gate `accepted` above stops the release.
        0.05,
        "real inputs have about one unreadable record in a hundred; look at the reasons",
    ),
    _at_least(
        "rejections.read_whole.file",
        1,
        "what stood behind the place where a file broke off is missing from the release; bring the "
        "whole file, or repair it",
    ),
    # Passed where nothing was evaluated: a release can be made without the evaluation sets.
    *(_at_least(f"accuracy.measured.{name}", floor, _MEASURED) for name, floor in FLOORS.items()),
    _at_least("papers.open_code.code_urls", 1, _LAYER),
    _at_least("papers.open_topics.areas", 1, _LAYER),
    _at_least("papers.open_topics.tasks", 1, _LAYER),
    _at_least("papers.open_topics.methods", 1, _LAYER),
    _at_least("papers.open_topics.domains", 1, _LAYER),
    _at_least("papers.open_topics.contributions", 1, _LAYER),
    _at_least("papers.open_topics.languages", 1, _LAYER),
)
"""Every gate of a release, each with why it has its bound."""


def count_gates(
    tables: Tables, previous: Tables | None = None, gates: Iterable[Gate] = GATES
) -> dict[str, Counts]:
    """Count what gates measure, by their names.

    Both arguments are tables of a release by name, frames or scans; ``previous`` is None for the
    first release.
    """
    return {gate.name: METRICS[gate.metric].count(tables, gate, previous) for gate in gates}


def judge_counts(counts: Mapping[str, Counts], gates: Iterable[Gate] = GATES) -> list[GateFailure]:
    """Return the gates that fail by what was counted for them, the fatal ones first.

    What is measured as NaN reaches no bound.
    """
    measured = [(gate, METRICS[gate.metric].conclude(counts[gate.name])) for gate in gates]
    failures = [
        GateFailure(gate, value, is_fatal=is_low)
        for gate, value in measured
        if value is not None
        # `not >=` instead of `<`, in which NaN would pass for good.
        for is_low in [gate.minimum is not None and not value >= gate.minimum]
        if is_low or (gate.maximum is not None and not value <= gate.maximum)
    ]
    return sorted(failures, key=lambda failure: not failure.is_fatal)


def find_failures(
    tables: Tables, previous: Tables | None = None, gates: tuple[Gate, ...] = GATES
) -> list[GateFailure]:
    """Measure every gate on whole tables and give those that fail: see `judge_counts`."""
    return judge_counts(count_gates(tables, previous, gates), gates)
