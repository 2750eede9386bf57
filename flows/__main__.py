"""The command line. Flows are imported inside the handlers, so that --help answers at once."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from flows import PROJECT
from flows.refusal import Refusal
from schemas.vocabulary import Source

RELEASE = PROJECT / "data" / "release"
INTERIM = PROJECT / "data" / "interim"
TOPIC_MODEL = PROJECT / "data" / "models" / "topics"


class OneMessage(TyperGroup):
    """A command group that answers an error with one message instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit with 1 when it refuses or fails, unless --debug is given."""
        try:
            return super().invoke(ctx)
        except (TyperException, typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if ctx.params["debug"]:
                raise
            typer.echo(f"open-papers: {describe(error)}", err=True)
            raise typer.Exit(1) from None


def describe(error: Exception) -> str:
    """Give an error as one message: its own if it is meant for users, else what to do about it."""
    if isinstance(error, Refusal):
        return str(error)
    kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"unexpected {kind}. Run again with `open-papers --debug ...` to see where."


app = typer.Typer(
    name="open-papers",
    cls=OneMessage,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 an input or a gate was refused, 2 wrong usage.",
)

Release = Annotated[Path, typer.Option(help="Folder of the release.", file_okay=False)]
Interim = Annotated[
    Path, typer.Option(help="Folder for what a run makes on its way.", file_okay=False)
]
Repo = Annotated[str, typer.Argument(metavar="OWNER/NAME", help="Dataset repository on the Hub.")]
Branch = Annotated[
    str | None, typer.Option(metavar="NAME", help="Stage on this branch, without a tag.")
]
PullRequest = Annotated[bool, typer.Option("--pr", help="Stage as a pull request, without a tag.")]
Private = Annotated[bool, typer.Option("--private", help="To a private repository or not at all.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change on the Hub only.")]


@app.callback()
def main(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks and Prefect's log.")
    ] = False,
) -> None:
    """Rebuild the open table of machine-learning papers, code and topics."""
    if not debug:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


@app.command(epilog="Example: open-papers refresh downloads/ --publish-to me/open-papers")
def refresh(  # noqa: PLR0913  # every parameter of the flow is an option here
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="[INPUT]...", help="Files or folders to read.")
    ] = None,
    release: Release = RELEASE,
    interim: Interim = INTERIM,
    publish_to: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Publish the release there.")
    ] = None,
    source: Annotated[Source | None, typer.Option(help="Take every INPUT for this source.")] = None,
    *,
    previous: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="The release before: a folder or OWNER/NAME@REVISION; else the one in --release.",
        ),
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Let this gate fail; see --because.")
    ] = None,
    because: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Why; one for each --allow, in order.")
    ] = None,
    branch: Branch = None,
    pr: PullRequest = False,
    private: Private = False,
    dry_run: DryRun = False,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out files that no source recognises.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse the run when anything is rejected.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Parse again what an earlier run has parsed.")
    ] = False,
) -> None:
    """Read INPUTs (default: data/raw) into a release.

    Nothing is sent anywhere unless --publish-to says where.
    """
    from flows.progress import OUTPUT, step

    allowed = reasons(allow or [], because or [])
    if publish_to is None and (branch or pr or private):
        raise typer.BadParameter("--branch, --pr and --private need --publish-to OWNER/NAME.")
    with step("Start Prefect"):
        from flows import refresh as flow
    with step("Refresh"):
        summary = flow.refresh(
            inputs=inputs,
            release=release,
            interim=interim,
            publish_to=publish_to,
            source=source,
            previous=previous,
            allowed=allowed,
            branch=branch,
            create_pr=pr,
            private=private,
            dry_run=dry_run,
            skip_unknown=skip_unknown,
            strict=strict,
            fresh=fresh,
        )
    OUTPUT.print(summary.rendered())


def reasons(allow: list[str], because: list[str]) -> dict[str, str]:
    """Pair each gate that may fail with its reason."""
    if len(allow) != len(because):
        raise typer.BadParameter(
            f"{len(allow)} --allow and {len(because)} --because: every gate that may fail needs "
            "its reason, as in --allow papers.kept.paper_id --because 'a source has closed'."
        )
    return dict(zip(allow, because, strict=True))


@app.command(epilog="Example: open-papers publish me/open-papers --dry-run")
def publish(  # noqa: PLR0913  # each is an option
    repo: Repo,
    release: Release = RELEASE,
    branch: Branch = None,
    *,
    pr: PullRequest = False,
    private: Private = False,
    dry_run: DryRun = False,
) -> None:
    """Publish a release that exists already: one commit, one tag."""
    from flows import hub
    from flows.progress import step

    with step(f"Publishing to {repo}"):
        published = hub.publish(
            release, repo, branch=branch, create_pr=pr, private=private, dry_run=dry_run
        )
    typer.echo(published.sentence())


@app.command(epilog='Example: open-papers serve --cron "0 6 * * 1"')
def serve(
    cron: Annotated[str, typer.Option(help="When to run, in UTC.")] = "0 6 * * 1",
    publish_to: Annotated[
        str | None, typer.Option(metavar="OWNER/NAME", help="Publish every release there.")
    ] = None,
) -> None:
    """Stay here and refresh on a schedule, shown in Prefect's pages (see `make ui`)."""
    from flows import refresh as flow

    flow.refresh.serve(
        name="open-papers", cron=cron, parameters={"publish_to": publish_to}, limit=1
    )


@app.command(epilog="Example: open-papers sources")
def sources() -> None:
    """List the sources, by merge precedence, with the licence of what they give."""
    from rich.table import Table

    from flows.progress import OUTPUT
    from flows.sources import SOURCES

    table = Table("source", "licence", "what", box=None, pad_edge=False)
    for name, module in SOURCES.items():
        table.add_row(name, module.LICENSE, module.SOURCE.meaning)
    OUTPUT.print(table)


@app.command(epilog="Example: open-papers card > README.md")
def card(release: Release = RELEASE) -> None:
    """Print the dataset card of a release, made from its tables."""
    from flows import card as cards

    typer.echo(cards.of_release(release, PROJECT / "dataset_card.md"), nl=False)


@app.command(epilog="Example: open-papers explain arxiv:2312.00752")
def explain(
    paper_id: Annotated[str, typer.Argument(metavar="PAPER_ID", help="An id, old ones included.")],
    release: Release = RELEASE,
    interim: Interim = INTERIM,
) -> None:
    """Say why these records are one paper, and what nearly joined them."""
    from flows import reports
    from flows.progress import OUTPUT

    OUTPUT.print(reports.explanation(paper_id, release, interim / "merged"))


@app.command(epilog="Example: open-papers review --out review.csv")
def review(
    out: Annotated[Path, typer.Option(help="Where to write the table, as CSV.")],
    interim: Interim = INTERIM,
) -> None:
    """Write the uncertain pairs of the last run, both texts side by side, for people to judge."""
    from flows import reports

    pairs = reports.write_review(interim / "merged", out)
    typer.echo(f"{pairs:,} pairs in {out}: move decided rows to data/curation/judgements.csv")


@app.command(epilog="Example: open-papers train-topics ../shared/train/arxiv-categories.parquet")
def train_topics(
    records: Annotated[
        Path, typer.Argument(exists=True, help="Parquet with title, abstract and categories.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the model.")] = TOPIC_MODEL,
) -> None:
    """Learn the weights of the topic labeller; the same data give the same bytes."""
    from flows import reports
    from flows.progress import step

    with step("Learn from the labelled papers and the categories"):
        folder = reports.train_topics(records, out)
    typer.echo(f"the model lies in {folder}")


topics = typer.Typer(no_args_is_help=True, help="Look after the taxonomy.")
app.add_typer(topics, name="topics")


@topics.command(epilog="Example: open-papers topics suggest")
def suggest(release: Release = RELEASE) -> None:
    """List frequent phrases of titles that no topic knows, as candidates for the taxonomy."""
    from flows import reports
    from flows.progress import OUTPUT

    OUTPUT.print(reports.suggestions(release))


@topics.command(epilog="Example: open-papers topics check")
def check() -> None:
    """Read the curated tables; name every line that cannot be read, and its fault."""
    from flows import topics as labeller

    known = labeller.taxonomy()
    typer.echo(f"{known.height} topics, version {labeller.taxonomy_version()}: no fault found")


@app.command(epilog="Example: open-papers diff me/open-papers@2026.11.23 data/release --json")
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Folder, or OWNER/NAME@REVISION.")],
    now: Annotated[str, typer.Argument(metavar="B", help="Likewise, the later one.")],
    interim: Interim = INTERIM,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show what differs between two releases, in folders or on the Hub."""
    import json

    from flows import differences
    from flows.progress import OUTPUT

    found = differences.between(before, now, interim / "hub")
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        OUTPUT.print(differences.rendered(found))


@app.command(epilog="Example: open-papers reproduce data/release/manifest.json --raw data/raw")
def reproduce(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", exists=True, dir_okay=False, help="Of a release.")
    ],
    raw: Annotated[
        Path, typer.Option(help="Folder that holds the raw files.", exists=True, file_okay=False)
    ],
    previous: Annotated[
        str | None,
        typer.Option(metavar="PLACE", help="The release before: a folder or OWNER/NAME@REVISION."),
    ] = None,
    interim: Interim = INTERIM,
) -> None:
    """Rebuild a release from its raw files and compare hashes; exit with 1 if any differs."""
    from flows.progress import OUTPUT, step

    with step("Rebuild"):
        from flows import reproduce as rebuilding

        found = rebuilding.reproduce(manifest, raw, previous, interim / "hub")
    OUTPUT.print(found.rendered())
    raise typer.Exit(0 if found.is_same else 1)


@app.command(epilog="Example: open-papers index data/interim/parsed --out data/interim/index")
def index(
    reference: Annotated[
        Path, typer.Argument(exists=True, help="Release, or folder of parsed records.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the index.", file_okay=False)],
) -> None:
    """Index the titles of a REFERENCE, for `open-papers resolve --offline`."""
    from flows import resolution
    from flows.progress import step

    with step(f"Indexing {reference}"):
        made = resolution.build(resolution.read_reference(reference))
        made.save(out)
    typer.echo(f"{made.papers.height:,} titles in {out}")


@app.command(epilog="Example: open-papers resolve titles.txt --offline index --out ids.parquet")
def resolve(
    titles: Annotated[
        Path,
        typer.Argument(
            metavar="RELEASE_OR_TITLES", exists=True, help="Release, Parquet or a .txt of titles."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the ids, as Parquet.", dir_okay=False)],
    offline: Annotated[
        Path | None, typer.Option(metavar="INDEX", help="Look titles up in this index.")
    ] = None,
    cache: Annotated[
        Path, typer.Option(help="Folder that keeps the services' answers.", file_okay=False)
    ] = PROJECT / "data" / "interim" / "answers",
    *,
    online: Annotated[
        bool, typer.Option("--online", help="Ask Hugging Face, arXiv, Semantic Scholar, Crossref.")
    ] = False,
) -> None:
    """Find the arXiv ids of titles. The network is asked only with --online."""
    from flows import resolution
    from flows.progress import step

    with step(f"Resolving {titles}"):
        found = resolution.resolve_all(
            resolution.read_titles(titles), offline, cache if online else None
        )
        found.write_parquet(out)
    typer.echo(f"{found['arxiv_id'].count():,} of {found.height:,} titles have an id, in {out}")


@app.command(epilog="Example: open-papers check-links --limit 1000")
def check_links(
    release: Release = RELEASE,
    out: Annotated[
        Path, typer.Option(help="Folder of the observations.", file_okay=False)
    ] = PROJECT / "data" / "link_checks",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask so many links, those asked longest ago first.")
    ] = None,
) -> None:
    """Ask whether the links of a release still work. Nothing is dropped for being dead."""
    from flows import check_links as flow

    for line in flow.check_links(release, out, limit=limit):
        typer.echo(line)


class Room(StrEnum):
    """What can be evaluated."""

    DEDUP = "dedup"
    TITLES = "titles"
    LINKS = "links"
    TOPICS = "topics"


@app.command(epilog="Example: open-papers evaluate dedup ../shared/eval/dedup --out dedup.parquet")
def evaluate(
    what: Annotated[Room, typer.Argument(help="Which part of the pipeline.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Evaluation set.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the predictions, as Parquet.")],
) -> None:
    """Predict on an evaluation set, write the predictions, print the score if truth is there."""
    from flows import evaluation

    for line in evaluation.evaluate(what, folder, out):
        typer.echo(line)


if __name__ == "__main__":
    app()
