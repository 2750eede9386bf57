"""The fields of a source that hold URLs: which they are, and the mentions that they make."""

import polars as pl

from flows import identifiers, urls
from flows.enrich.links import extract_links, link_kinds
from flows.enrich.links.describe_links import MENTION_COLUMNS
from flows.urls import rules
from schemas.vocabulary import LinkKind, LinkRole

CODE_FIELDS = ("githubRepo", "repo_url", "pwccode", "code", "code_url", "software")
"""Fields by which sources name a repository."""

PROJECT_FIELDS = ("projectPage", "project_page", "homepage", "website")
"""Fields by which sources name a project's page."""

PAPER_FIELDS = (
    *("url_abs", "url_pdf", "conference_url_abs", "conference_url_pdf"),
    *("openAccessPdf", "pdf", "locations"),
)
"""Fields by which sources say where the paper itself can be read: Papers with Code, Semantic
Scholar, OpenReview, OpenAlex. On a host that nobody knows the page or PDF is still the paper's."""

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

EMPTY = dict.fromkeys(MENTION_COLUMNS, pl.String) | extract_links.MENTIONS
"""The dtypes of mentions."""


def read_link_fields(records: pl.DataFrame) -> pl.DataFrame:
    """Read the URLs that sources keep in fields of their own, as is done in texts (`find_links`).

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
    # arXiv's records have no such field, and to compile all patterns takes longer than to see it.
    if fields.is_empty():
        return pl.DataFrame(schema=EMPTY)
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

    A bare arXiv id or DOI leads to its paper; what is no host leads nowhere.

    >>> fields = pl.DataFrame({"written": ["<github.com/lab/tool.>", "2301.00001v2", "N.A."]})
    >>> fields.select(_clean_field_url()).to_series().to_list()
    ['https://github.com/lab/tool', 'https://arxiv.org/abs/2301.00001', None]
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
    is_account = (
        pl.col("host").is_in([*rules.FORGES]) & pl.col("repo").is_null()
    ) | urls.is_impossible_repository(pl.col("url"))
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
        .when(name.is_in(PAPER_FIELDS) & pl.col("kind").is_in(["project", "other"]))
        .then(pl.lit(LinkKind.PAPER.value))
        .otherwise(pl.col("kind"))
    )


def _is_own_field() -> pl.Expr:
    """Return whether a source's field says by itself that the authors made what it names."""
    name = pl.col("field").str.replace(FLAGS, "")
    is_marked = pl.col("field").str.contains(OFFICIAL, literal=True)
    is_foreign = pl.col("kind").is_in([LinkKind.PAPER.value, LinkKind.OTHER.value])
    is_attached = name.str.starts_with(ATTACHED)
    return is_marked | is_attached | (~name.is_in(OTHERS_FIELDS) & ~is_foreign)
