"""From mentions, in texts and fields, to the `Link` table."""

import polars as pl

from flows import identifiers, urls
from flows.enrich.links import extract_links, moved_repositories
from flows.enrich.links.describe_links import MENTION_COLUMNS, describe_links
from flows.enrich.links.link_fields import read_link_fields
from schemas.link import Link
from schemas.vocabulary import Availability, License, LinkKind, LinkRole

TEXTS = ("title", "abstract", "comments")
"""The texts of a record that may hold links."""


_MENTION = ("record_id", "field", "start", "end", "written", "sentence")


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


def find_mentions(records: pl.DataFrame) -> pl.DataFrame:
    """Find the links of records in texts and fields: one row per mention, `MENTION_COLUMNS`."""
    return pl.concat(
        [find_links_in_texts(records).select(MENTION_COLUMNS), read_link_fields(records)]
    )


def select_linking_records(records: pl.DataFrame) -> pl.DataFrame:
    """Select the records that may have mentions: all others have none."""
    may_hold = [extract_links.may_hold_links(pl.col(name)).fill_null(value=False) for name in TEXTS]
    return records.filter(pl.any_horizontal(*may_hold, pl.col("urls").list.len() > 0))


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
    were renamed (`moved_repositories.MOVES`), ``mentions`` what `find_mentions` has found already.
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
            origins.select("record_id", "paper_id"),
            on="record_id",
            how="inner",
            validate="m:1",
            # Mentions of one field keep their order, however many records there are.
            maintain_order="left",
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
