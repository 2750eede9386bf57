"""From mentions to the `Link` table, and from it to what a paper says about its code."""

import polars as pl

from flows import identifiers, urls
from flows.enrich.links import extract_links, link_kinds, moved_repositories, promises
from flows.enrich.links.describe_links import describe_links
from flows.urls import rules
from schemas.link import Link
from schemas.vocabulary import Availability, License, LinkKind, LinkRole

TEXTS = ("title", "abstract", "comments")
"""The texts of a record that may hold links."""

CODE_FIELDS = ("githubRepo", "repo_url", "pwccode", "code", "code_url", "software")
"""Fields by which sources name a repository."""

PROJECT_FIELDS = ("projectPage", "project_page", "homepage", "website")
"""Fields by which sources name a project's page."""

OTHERS_FIELDS = ("repo_url", "linkedModels", "linkedDatasets", "linkedSpaces")
"""Fields that hold anyone's repository: Papers with Code lists those of third parties, and says
which are the authors' own by a flag behind the field's name; Hugging Face lists whatever names the
paper."""

FLAGS = r":(?:is_official|mentioned_in_paper|mentioned_in_github)\b.*$"
"""What Papers with Code says of a repository, as in ``repo_url:is_official:mentioned_in_paper``."""

OFFICIAL = ":is_official"

ATTACHMENTS = {"attachment:software": LinkKind.CODE, "attachment:dataset": LinkKind.DATASET}
"""What the Anthology calls attachments that are more than slides, posters and notes."""

ATTACHED = "attachment:"
"""How the names of the Anthology's attachments begin: authors hand them in with their paper."""

OTHER_FIELDS = r"^(?:attachment:|mediaUrls$)"
"""Fields of things beside the paper: slides, posters, notes, pictures."""

_JUNK = r"(?i)^\s*(?:not\s+provided|n/?a|none|null|tbd|todo|-+)?\s*\.?\s*$"
"""What people write into a field that they leave empty."""

_TEXT = r"\S\s+[^\s/.]|\]\(|,\s*https?:"
"""What tells that a field holds more than a URL."""

_MENTION = ("record_id", "field", "start", "end", "written", "sentence")

MENTION_COLUMNS = (
    *extract_links.MENTIONS,
    *("host", "repo", "kind", "availability", "role", "role_words"),
)
"""What is known of one mention, from a text or from a field."""


def find_links_in_texts(records: pl.DataFrame) -> pl.DataFrame:
    """Find the links in the titles, abstracts and comments of records.

    One row per mention: `extract_links.MENTIONS` with ``kind``, ``availability``, ``host``,
    ``repo``, ``role`` and ``role_words``.
    """
    texts = (
        records.select("record_id", *TEXTS)
        .unpivot(index="record_id", on=TEXTS, variable_name="field", value_name="text")
        .drop_nulls("text")
    )
    return extract_links.find_links(texts).pipe(describe_links)


def read_link_fields(records: pl.DataFrame) -> pl.DataFrame:
    """Read the URLs that sources keep in fields of their own, as `find_links_in_texts` does.

    What is no URL ("Not provided") gives no row. An account without a repository in a field for
    code is kept, as kind ``other``: it leads somewhere, yet to no code of the paper.
    """
    fields = (
        records.select("record_id", pl.col("urls"))
        .explode("urls", empty_as_null=False)
        .unnest("urls")
        .rename({"url": "written"})
        .drop_nulls("written")
        .filter(~pl.col("written").str.contains(_JUNK))
    )
    # In a field that is one URL a bare host is believed; among words it needs a cue.
    is_text = pl.col("written").str.contains(_TEXT)
    return (
        pl.concat(
            [_read_whole_fields(fields.filter(~is_text)), _find_in_fields(fields.filter(is_text))]
        )
        .pipe(link_kinds.add_kinds)
        .with_columns(kind=_decide_field_kind())
        .with_columns(
            role=pl.when(_is_own_field())
            .then(pl.lit(LinkRole.OWN.value))
            .otherwise(pl.lit(LinkRole.UNKNOWN.value)),
            role_words=pl.when(_is_own_field()).then("field"),
        )
        .select(MENTION_COLUMNS)
    )


def _read_whole_fields(fields: pl.DataFrame) -> pl.DataFrame:
    """Read fields that are a URL as a whole."""
    return (
        fields.with_columns(url=_clean_field_url())
        .drop_nulls("url")
        .with_columns(
            start=pl.lit(0, pl.Int64),
            end=pl.col("written").str.len_chars().cast(pl.Int64),
            lead=pl.lit(""),
            tail=pl.lit(""),
            sentence=pl.lit(None, pl.String),
            before=pl.lit(""),
            behind=pl.lit(""),
        )
        .select(extract_links.MENTIONS.names())
        .cast(extract_links.MENTIONS)
    )


def _find_in_fields(fields: pl.DataFrame) -> pl.DataFrame:
    """Read fields in which people wrote more than a URL: several, or words around one."""
    numbered = fields.with_row_index("row").with_columns(row=pl.col("row").cast(pl.String))
    mentions = extract_links.find_links(numbered.select("field", record_id="row", text="written"))
    owners = numbered.select("row", owner="record_id")
    return (
        mentions.join(owners, left_on="record_id", right_on="row", validate="m:1")
        .with_columns(record_id="owner")
        .sort("record_id", "field", "start", "url")
        .select(extract_links.MENTIONS.names())
    )


def _clean_field_url() -> pl.Expr:
    """Mend what people put around a URL: quotes, brackets, full stops, a missing scheme.

    A bare arXiv id or DOI leads to its paper; what is no host ("N.A.") leads nowhere.
    """
    visible = pl.col("written").str.replace_all(urls.INVISIBLE, "")
    written = visible.str.strip_chars(" \t\r\n<>\"'`()[]{},;")
    is_host = written.str.contains(r"(?i)^(?:[0-9a-z-]{2,}\.)+[a-z]{2,}(?:[:/?#]|$)")
    has_scheme = written.str.contains(r"(?i)^(?:git\+)?(?:h{1,2}t{1,3}ps?|s?ftp|ssh|git)\s*[:/@]")
    # What is no host and has no scheme stays null here: it may be an id, which comes next.
    bare = pl.when(is_host).then(pl.lit("https://") + written).when(has_scheme).then(written)
    url = pl.coalesce(
        urls.canonical_url(bare.str.replace(r"[.,;:!?'\")\]}]+$", "")),
        pl.when(~has_scheme).then(identifiers.arxiv_url(identifiers.arxiv_id(written))),
        pl.when(~has_scheme).then(pl.lit("https://doi.org/") + identifiers.doi(written)),
    )
    return pl.when(url.str.contains(r"^(?:https?|ftp)://[^\s<>\"]+$")).then(url)


def _decide_field_kind() -> pl.Expr:
    name = pl.col("field").str.replace(FLAGS, "")
    is_code = name.is_in(CODE_FIELDS)
    is_account = pl.col("host").is_in([*rules.FORGES]) & pl.col("repo").is_null()
    is_sure_by_host = pl.col("kind").is_in(["paper", "video", "model", "dataset"])
    project = pl.when(is_sure_by_host | pl.col("kind").is_in(["demo", "code"])).then(pl.col("kind"))
    attached = name.str.to_lowercase().replace_strict(
        {field: kind.value for field, kind in ATTACHMENTS.items()},
        default=LinkKind.OTHER.value,
        return_dtype=pl.String,
    )
    is_beside = name.str.contains(OTHER_FIELDS) & (pl.col("kind") != LinkKind.VIDEO.value)
    return (
        pl.when(is_account)
        .then(pl.lit(LinkKind.OTHER.value))
        .when(is_beside)
        .then(attached)
        .when(is_code & ~is_sure_by_host)
        .then(pl.lit(LinkKind.CODE.value))
        .when(name.is_in(PROJECT_FIELDS))
        .then(project.otherwise(pl.lit(LinkKind.PROJECT.value)))
        .otherwise(pl.col("kind"))
    )


def _is_own_field() -> pl.Expr:
    """Return whether a source's field says by itself that the authors made what it names."""
    name = pl.col("field").str.replace(FLAGS, "")
    is_marked = pl.col("field").str.contains(OFFICIAL, literal=True)
    is_foreign = pl.col("kind").is_in([LinkKind.PAPER.value, LinkKind.OTHER.value])
    is_attached = name.str.starts_with(ATTACHED)
    return is_marked | is_attached | (~name.is_in(OTHERS_FIELDS) & ~is_foreign)


def find_mentions(records: pl.DataFrame) -> pl.DataFrame:
    """Find the links of records in texts and fields: one row per mention, `MENTION_COLUMNS`."""
    return pl.concat(
        [find_links_in_texts(records).select(MENTION_COLUMNS), read_link_fields(records)]
    )


def build_link_table(
    records: pl.DataFrame,
    origins: pl.DataFrame,
    layer: License = License.CC0,
    moved: pl.DataFrame | None = None,
    mentions: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Make the `Link` table of one layer of licence from `Record` rows and `Origin` rows.

    A layer holds the links that records of its licence establish, with the mentions of those
    records alone: what a share-alike source says never reaches a row of the core, and a link that
    both kinds of source give has a row in both layers. ``origins`` needs ``record_id`` and
    ``paper_id``; records that are part of no paper give nothing. ``moved`` says which repositories
    were renamed (`moved_repositories.MOVES`). ``mentions`` are those of the records, where they are
    known already (`find_mentions`).
    """
    renamed = pl.DataFrame(schema=moved_repositories.MOVES) if moved is None else moved
    # Before anything is joined: later, votes of another licence would have a say in the row.
    chosen = records.filter(pl.col("license") == layer.value)
    chosen_mentions = (
        find_mentions(chosen)
        if mentions is None
        else mentions.join(chosen, on="record_id", how="semi", maintain_order="left")
    )
    return (
        chosen_mentions.join(
            origins.select("record_id", "paper_id"), on="record_id", how="inner", validate="m:1"
        )
        .pipe(moved_repositories.follow_moves, renamed)
        .with_columns(identity=urls.location_key(pl.col("url")))
        .pipe(_merge_mentions)
        .with_columns(license=pl.lit(layer.value))
        .select(list(Link.dtypes()))
        .cast(Link.dtypes())
        .sort("paper_id", "url")
    )


def _merge_mentions(mentions: pl.DataFrame) -> pl.DataFrame:
    """Join the mentions of one place into one row; each column's rule is named here.

    The spelling and the kind are the most frequent ones (ties: the shorter spelling, the earlier
    kind of the vocabulary). A text that names data outweighs fields, which call every repository
    code. A thing that one record says is available is available: the promise was older. A link that
    one mention says is the authors' own is theirs; the words are those of the role that counts.
    """
    key = ["paper_id", "identity"]
    best_url = pl.col("url").sort_by("_uses", "_length", "url", descending=[True, False, False])
    kind_rank = [~pl.col("_is_data"), -pl.col("_votes").cast(pl.Int64), "_kind_order"]
    best_kind = pl.col("kind").sort_by(kind_rank)
    return (
        _add_votes(mentions, key)
        .group_by(key, maintain_order=True)
        .agg(
            url=best_url.first(),
            kind=best_kind.first(),
            availability=pl.col("availability").sort_by("_there").first(),
            role=pl.col("role").sort_by("_role_order").first(),
            role_words=pl.col("role_words").sort_by("_role_order", "_has_no_words").first(),
            # All old places are kept: the next release follows them without asking again.
            moved_from=pl.col("moved_from").drop_nulls().unique().sort(),
            mentions=pl.struct(_MENTION),
        )
        .with_columns(
            is_official=pl.col("role") == LinkRole.OWN.value,
            host=urls.host_name(pl.col("url")),
            repo=pl.coalesce(
                urls.repository_name(pl.col("url")), urls.pages_repository(pl.col("url"))
            ),
            identifier=identifiers.paper_identifier(pl.col("url")),
        )
    )


def _add_votes(mentions: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Add what the mentions of a place are weighed by, and put them in order."""
    is_data_by_text = (pl.col("kind") == LinkKind.DATASET.value) & pl.col("field").is_in(TEXTS)
    kinds_of, states = _rank_values(LinkKind.values()), _rank_values(Availability.values())
    roles_of = _rank_values(LinkRole.values())
    return mentions.with_columns(
        _uses=pl.len().over(*key, "url"),
        _votes=pl.len().over(*key, "kind"),
        _is_data=is_data_by_text.any().over(*key, "kind"),
        _kind_order=pl.col("kind").replace_strict(kinds_of, return_dtype=pl.Int64),
        _there=pl.col("availability").replace_strict(states, return_dtype=pl.Int64),
        _role_order=pl.col("role").replace_strict(roles_of, return_dtype=pl.Int64),
        _has_no_words=pl.col("role_words").is_null(),
        _length=pl.col("url").str.len_chars(),
    ).sort(*key, "record_id", "field", "start", maintain_order=True)


def _rank_values(values: list[str]) -> dict[str, int]:
    return {value: rank for rank, value in enumerate(values)}


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


def list_promises(papers: pl.DataFrame, abstract: str = "abstract_as_written") -> pl.DataFrame:
    """List what abstracts promise of code: ``paper_id``, ``promise``, a row where one does."""
    return promises.find_code_promises(papers, abstract)


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
