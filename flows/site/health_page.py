"""Health page: how old, how complete and how accurate a release is."""

from flows.site.markup import Content, Markup, element, table
from flows.site.overview import Overview
from schemas.vocabulary import Reason


def show_health(overview: Overview) -> Content:
    """Show ages, rejections and accuracy."""
    return [
        element("h1", "Health of this release"),
        element("p", f"Snapshots up to {overview.newest}.", class_="lead"),
        _show_sources(overview),
        _show_rejections(overview),
        _show_accuracy(overview),
    ]


def _show_sources(overview: Overview) -> Markup:
    read = {source: (records, papers) for source, records, papers in overview.sources.iter_rows()}
    rows = [
        (
            source.value,
            source.meaning,
            str(age.newest),
            age.behind,
            # A source whose records were all rejected has an age, but no origins.
            *read.get(source.value, (0, 0)),
        )
        for age in overview.ages
        for source in [age.source]
    ]
    header = ("source", "what it is", "newest snapshot", "days behind", "records", "papers")
    return element(
        "section",
        element("h2", "Age of the sources"),
        element("p", "Days behind counts from the newest snapshot of all sources."),
        table("Sources and how old their newest snapshot is", header, rows),
    )


def _show_rejections(overview: Overview) -> Markup:
    meanings = {reason.value: reason.meaning for reason in Reason}
    rows = [
        (source, f"{reason}: {meanings[reason]}", number, example)
        for source, reason, number, example in overview.rejections.iter_rows()
    ]
    content: Content = element("p", "Nothing that was read was rejected.")
    if rows:
        header = ("source", "reason", "pieces", "example")
        content = table("What was read and is in no paper", header, rows)
    return element("section", element("h2", "Rejections"), content)


def _show_accuracy(overview: Overview) -> Markup:
    content: Content = element("p", "No accuracy was measured for this release.")
    if overview.accuracy:
        header = ("what", "value (95 % interval)", "set", "measured")
        content = table("Accuracy on evaluation sets", header, overview.accuracy)
    return element(
        "section",
        element("h2", "Accuracy"),
        element(
            "p",
            "Of a development set, rules were chosen while its errors were read: on other papers "
            "expect less. The figures of foreign and unread sets tell what to expect.",
        ),
        content,
    )
