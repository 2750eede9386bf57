"""Blocks: the generated parts of the card, each from the tables of one release."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flows.errors import count_noun
from flows.publish.card.describe_columns import describe_columns, explain_codes
from flows.publish.card.example import show_example
from flows.publish.card.facts import Facts, count_rows_of_table, find_newest_by_source, rank_counts
from flows.publish.card.markdown import (
    escape_markdown,
    format_bytes,
    format_share,
    render_code,
    render_table,
)
from flows.release.layout import ALL_LAYERS, ASSETS, DEFAULT, TABLES
from flows.release.source_age import rank_ages
from schemas.vocabulary import (
    ChangeKind,
    Described,
    Facet,
    License,
    LinkKind,
    MatchRule,
    Reason,
    SetKind,
    Source,
)

COMMON_TOPICS = 5
"""How many topics of a facet the card names."""


def describe_size(facts: Facts) -> str:
    """Say in a sentence how many papers and links there are, and up to which snapshot."""
    papers = count_rows_of_table(facts.counted, DEFAULT)
    links = count_rows_of_table(facts.counted, "links")
    is_open = {config: n for config, n in facts.configs.items() if config.name == DEFAULT}
    until = f", of snapshots up to {facts.newest}" if facts.newest else ""
    return (
        f"This release has {count_noun(papers, 'paper')}, {sum(is_open.values()):,} of them CC0, "
        f"and {count_noun(links, 'link')}{until}."
    )


def show_configs(facts: Facts) -> str:
    """Name every table with its configs by licence, its size and its rows."""
    rows = []
    for table in dict.fromkeys(config.table for config in facts.configs):
        layers = {config: rows for config, rows in facts.configs.items() if config.table == table}
        parts = [f"`{config.name}` {config.license}: {n:,}" for config, n in layers.items()]
        wide = [f"`{name}`: all of them" for name, of in ALL_LAYERS.items() if of == table]
        size = sum(facts.bytes[config.name] for config in layers)
        total = sum(layers.values())
        about = TABLES[table].about
        rows.append((f"`{table}`", about, "<br>".join(parts + wide), format_bytes(size), total))
    header = ("table", "holds", "configs and their rows, by licence", "size", "rows")
    return render_table(header, rows, numbers=2)


def count_changes(facts: Facts) -> str:
    """Say what changed since the release before."""
    if facts.manifest.get("previous_release") is None:
        return "This is the first release: every paper is new."
    counts = rank_counts(facts.tally("changes"))
    if not counts:
        return "No paper was added, updated, merged or removed since the previous release."
    return render_table(
        ("change", "meaning", "papers"), _explain_counts(ChangeKind, counts), numbers=1
    )


def show_papers_per_month(facts: Facts) -> str:
    """Show the chart of papers per month."""
    if not facts.tally("months"):
        return "No paper of this release has a date of publication."
    return f"![Papers per month of publication]({ASSETS}/papers_per_month.svg)"


def show_fill_rates(facts: Facts) -> str:
    """Say in how many papers each column has a value."""
    papers = count_rows_of_table(facts.counted, DEFAULT)
    values = facts.tally("filled")
    columns = TABLES[DEFAULT].model.dtypes().names()
    rows = [
        (f"`{name}`", format_share(values.get(name, 0), papers), values.get(name, 0))
        for name in columns
        if values.get(name, 0) < papers
    ]
    every = [f"`{name}`" for name in columns if f"`{name}`" not in [row[0] for row in rows]]
    return (
        render_table(("column", "share", "papers with a value"), rows, numbers=2)
        + f"\n\nEvery paper has {', '.join(every)}."
    )


def describe_sources(facts: Facts) -> str:
    """Name every source with its snapshots, licences, counts and age, best source first."""
    days_of: dict[str, list[str]] = {}
    for key in facts.tally("snapshots"):
        source_name, _, day = key.partition("\t")
        days_of.setdefault(source_name, []).append(day)
    behind = {age.source: age.behind for age in rank_ages(find_newest_by_source(facts.counted))}
    rows = []
    for source in Source:
        days = sorted(days_of.get(source.value, ()))
        if not days:
            continue
        span = days[0] if len(days) == 1 else f"{len(days)} from {days[0]} to {days[-1]}"
        counts = ("records", "papers_of_source", "refused")
        numbers = [facts.tally(name).get(source.value, 0) for name in counts]
        licenses = _list_licences(facts, source) or "none kept"
        rows.append((f"`{source}`", source.meaning, licenses, span, *numbers, behind[source]))
    texts = ("source", "what", "licence", "snapshots")
    return render_table((*texts, "records", "papers", "rejections", "days behind"), rows, numbers=4)


def count_match_rules(facts: Facts) -> str:
    """Count records by the rule that put them in their paper."""
    counts = rank_counts(facts.tally("rules"))
    return render_table(
        ("rule", "meaning", "records"), _explain_counts(MatchRule, counts), numbers=1
    )


def count_links(facts: Facts) -> str:
    """Count links by kind."""
    counts = rank_counts(facts.tally("kinds"))
    if not counts:
        return "This release has no links."
    chart = f"![Links per kind]({ASSETS}/links_per_kind.svg)\n\n"
    return chart + render_table(
        ("kind", "meaning", "links"), _explain_counts(LinkKind, counts), numbers=1
    )


def show_topics(facts: Facts) -> str:
    """Name every facet with the topics that most papers have."""
    rows = []
    for facet in Facet:
        counts = {
            key.partition("\t")[2]: n
            for key, n in facts.tally("topics").items()
            if key.startswith(f"{facet.value}\t")
        }
        if counts:
            common = [f"{render_code(name)} ({n:,})" for name, n in rank_counts(counts).items()]
            names = ", ".join(common[:COMMON_TOPICS])
            papers = facts.tally("papers_of_facet")[facet.value]
            rows.append((f"`{facet}`", facet.meaning, names, papers))
    if not rows:
        return "This release has no topics."
    chart = f"![Assigned topics per facet]({ASSETS}/topics_per_facet.svg)\n\n"
    return chart + render_table(("facet", "meaning", "most frequent", "papers"), rows, numbers=1)


def count_rejections(facts: Facts) -> str:
    """Count what was refused, by reason."""
    counts = rank_counts(facts.tally("reasons"))
    if not counts:
        return "Nothing was rejected in this release."
    return render_table(("reason", "meaning", "pieces"), _explain_counts(Reason, counts), numbers=1)


def show_accuracy(facts: Facts) -> str:
    """Show each measured figure with its set, size, interval and kind, the foreign sets first."""
    measured: Sequence[Mapping[str, Any]] = facts.manifest.get("accuracy") or ()
    if not measured:
        return (
            "No accuracy was measured in the run that made this release. `make evaluate` measures "
            "it against judgements made by people."
        )
    kinds = SetKind.values()
    rows = [
        (
            escape_markdown(f"{figure['part']}, {figure['metric']}"),
            render_code(figure["set"]),
            render_code(figure["kind"]),
            figure["size"],
            f"{figure['value']:.3f}",
            f"{figure['low']:.3f} to {figure['high']:.3f}",
        )
        for figure in sorted(measured, key=lambda figure: kinds.index(figure["kind"]))
    ]
    present = {figure["kind"] for figure in measured}
    meanings = [f"- {kind.value}: {kind.meaning}" for kind in SetKind if kind.value in present]
    header = ("what", "set", "kind of set", "size", "value", "95 % interval")
    return "\n".join([render_table(header, rows, numbers=3), "", *meanings])


def show_overrides(facts: Facts) -> str:
    """Name the gates that were overridden, with the reason that was given."""
    allowed: Mapping[str, str] = facts.manifest.get("allowed") or {}
    if not allowed:
        return "The release passed every gate, the bounds that it must keep; none was overridden."
    rows = [(escape_markdown(name), escape_markdown(because)) for name, because in allowed.items()]
    table = render_table(("gate that failed", "why the release was made nevertheless"), rows)
    return f"Not every gate was passed:\n\n{table}"


def show_licences(facts: Facts) -> str:
    """Say which configs are under which licence."""
    by_license: dict[str, list[str]] = {}
    for config in facts.configs:
        by_license.setdefault(config.license, []).append(f"`{config.name}`")
    meanings = {license_.value: license_.meaning for license_ in License}
    rows = [(name, meanings.get(name, ""), ", ".join(of)) for name, of in by_license.items()]
    return render_table(("licence", "meaning", "configs"), rows)


def describe_versions(facts: Facts) -> str:
    """Name the versions of the code and of the packages that decide the bytes."""
    inputs = facts.manifest.get("inputs") or []
    ours = facts.manifest.get("code") or {}
    packages = facts.manifest.get("packages") or {}
    listed = ", ".join(
        f"{render_code(name)} {render_code(tested)}" for name, tested in packages.items()
    )
    version = render_code(ours.get("open-papers", "unknown"))
    files = count_noun(len(inputs), "raw file")
    sentence = f"This release was made from {files} by open-papers {version} with {listed}."
    taxonomy = facts.manifest.get("taxonomy")
    return sentence + (
        f" Its topics are those of taxonomy {render_code(taxonomy)}." if taxonomy else ""
    )


def write_citation(facts: Facts) -> str:
    """Return a BibTeX entry, dated by the newest snapshot."""
    newest = facts.newest
    year = f"  year      = {{{newest.year}}},\n" if newest else ""
    note = f"  note      = {{snapshots up to {newest}; cite the tag you used}},\n" if newest else ""
    return (
        "```bibtex\n@misc{open_papers,\n  title     = {Open Papers},\n"
        "  author    = {{The Open Papers maintainers}},\n"
        f"{year}{note}  publisher = {{Hugging Face}},\n}}\n```"
    )


def _list_licences(facts: Facts, source: Source) -> str:
    keys = (key.split("\t") for key in facts.tally("licences"))
    return ", ".join(sorted(license_ for name, license_ in keys if name == source.value))


def _explain_counts(
    vocabulary: type[Described], counts: Mapping[str, int]
) -> list[tuple[object, ...]]:
    meanings = {member.value: member.meaning for member in vocabulary}
    return [(f"`{value}`", meanings[value], n) for value, n in counts.items()]


BLOCKS: Mapping[str, Callable[[Facts], str]] = {
    "accuracy": show_accuracy,
    "citation": write_citation,
    "codes": explain_codes,
    "columns": describe_columns,
    "counts": show_configs,
    "example": show_example,
    "fill_rates": show_fill_rates,
    "licences": show_licences,
    "links": count_links,
    "made_with": describe_versions,
    "merging": count_match_rules,
    "months": show_papers_per_month,
    "news": count_changes,
    "overrides": show_overrides,
    "rejections": count_rejections,
    "size": describe_size,
    "sources": describe_sources,
    "topics": show_topics,
}
"""Every block that the template may ask for, by the name it asks with."""
