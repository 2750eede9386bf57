"""What a paper says about its code: from its links, and from what its abstract promises."""

import polars as pl

from flows import urls
from flows.enrich.links import promises
from flows.enrich.links.build_links import TEXTS
from flows.urls import rules
from schemas.vocabulary import Availability, LinkKind


def _is_code_of_paper() -> pl.Expr:
    """Return whether a link leads to the paper's code: its authors', or one that a source lists.

    A repository is code also where it is called the project's page. What a text only uses or
    compares with is code of other papers.
    """
    is_repository = pl.col("host").is_in([*rules.FORGES]) & pl.col("repo").is_not_null()
    is_page = pl.col("kind") == LinkKind.PROJECT.value
    fields = pl.col("mentions").list.eval(pl.element().struct.field("field").is_in(TEXTS))
    is_listed = ~fields.list.all()
    is_code = (pl.col("kind") == LinkKind.CODE.value) | (is_repository & is_page)
    return is_code & (pl.col("is_official") | is_listed)


ABSTRACT = "abstract_as_written"
"""The text that promises are read from."""


def list_promises(papers: pl.DataFrame, abstract: str = ABSTRACT) -> pl.DataFrame:
    """List what abstracts promise of code: ``paper_id``, ``promise``, a row where one does."""
    return promises.find_code_promises(papers, abstract)


def select_promising_papers(papers: pl.DataFrame, abstract: str = ABSTRACT) -> pl.DataFrame:
    """Select the papers that may promise something: all others do not."""
    return promises.select_candidates(papers, abstract)


def build_code_columns(
    links: pl.DataFrame, papers: pl.DataFrame, promised: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Build ``paper_id, code_url, code_urls, code_availability``, one row per paper, in order.

    ``code_urls`` holds the authors' own links to code, then implementations that a source lists;
    within each, available before promised, repositories before other pages, then the most
    mentioned. ``code_url`` is the first of them where it is the authors' own, else null.
    ``code_availability`` is that of ``code_url``, else what the abstract promises without a URL,
    else null. ``links`` are those of the core layer, ``promised`` is what
    `list_promises` lists, where that is known already.
    """
    code = links.filter(_is_code_of_paper()).sort(
        "paper_id",
        ~pl.col("is_official"),
        pl.col("availability") != Availability.AVAILABLE.value,
        urls.repository_name(pl.col("url")).is_null(),
        -pl.col("mentions").list.len().cast(pl.Int64),
        "url",
    )
    own = pl.col("is_official")
    best = code.group_by("paper_id", maintain_order=True).agg(
        code_urls=pl.col("url"),
        code_url=pl.col("url").filter(own).first(),
        _available=pl.col("availability").filter(own).first(),
    )
    # Code that is said to be there, with no link that leads to it, is as good as not there.
    listed = list_promises(papers) if promised is None else promised
    open_promises = listed.filter(pl.col("promise") != Availability.AVAILABLE.value)
    return (
        papers.select("paper_id")
        .join(best, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .join(open_promises, on="paper_id", how="left", validate="1:1", maintain_order="left")
        .select(
            "paper_id",
            "code_url",
            pl.col("code_urls").fill_null([]),
            code_availability=pl.coalesce("_available", "promise"),
        )
    )
