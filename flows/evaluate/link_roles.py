"""Whose links are, against sentences that people sorted: precision and recall of each role."""

from pathlib import Path

import polars as pl

from flows import urls
from schemas.vocabulary import LinkRole

ROLES_OF_FUNCTIONS = {
    "Produce": LinkRole.OWN.value,
    "Use": LinkRole.USED.value,
    "Extend": LinkRole.USED.value,
    "Compare": LinkRole.COMPARED.value,
}
"""What sets of URL citations call the function of a link; all others say nothing of whose it is."""


def read_gold_roles(folder: Path) -> pl.DataFrame:
    """Read ``i, url, role`` of the marked links; no row where the lines of the set hold no roles.

    A line gives its links a ``function`` (`ROLES_OF_FUNCTIONS`), or each link its ``role``.
    """
    link = pl.Struct({"url": pl.String, "role": pl.String})
    schema: dict[str, pl.DataType] = {
        "i": pl.Int64(),
        "function": pl.String(),
        "links": pl.List(link),
    }
    lines = pl.read_ndjson(folder / "gold.jsonl", schema=schema)
    of_line = pl.col("function").replace_strict(
        ROLES_OF_FUNCTIONS, default=LinkRole.UNKNOWN.value, return_dtype=pl.String
    )
    return (
        # An empty list would else become a row without a link.
        lines.explode("links", empty_as_null=False)
        .drop_nulls("links")
        .with_columns(
            url=pl.col("links").struct.field("url"),
            role=pl.coalesce(
                pl.col("links").struct.field("role"),
                pl.when(pl.col("function").is_not_null()).then(of_line),
            ),
        )
        .drop_nulls("role")
        .select("i", "url", "role")
    )


def score_roles(predictions: pl.DataFrame, gold: pl.DataFrame) -> pl.DataFrame:
    """Calculate precision and recall of each role, one row per role that the gold holds.

    A link of the gold is the predicted one where one URL begins with the other: sets from PDFs cut
    many URLs at a line end. One that was not found counts against recall.
    """
    marked = gold.with_row_index("link").with_columns(
        _marked=urls.location_key(urls.canonical_url(pl.col("url")))
    )
    predicted = predictions.select("i", said="role", _predicted=urls.location_key(pl.col("url")))
    begins = pl.col("_predicted").str.starts_with(pl.col("_marked")) | pl.col(
        "_marked"
    ).str.starts_with(pl.col("_predicted"))
    matched = marked.join(predicted, on="i", how="inner", maintain_order="left").filter(begins)
    judged = marked.join(
        # A cut URL may begin several that were found: only the first may answer for it.
        matched.unique("link", keep="first", maintain_order=True).select("link", "said"),
        on="link",
        how="left",
        validate="1:1",
        maintain_order="left",
    )
    return pl.DataFrame(
        [_score_role(judged, role) for role in LinkRole.values() if role in set(gold["role"])]
    )


def _score_role(judged: pl.DataFrame, role: str) -> dict[str, object]:
    is_marked = judged["role"] == role
    # What was not found has no role: null would drop it from the sums instead of counting it.
    is_called = (judged["said"] == role).fill_null(value=False)
    right = int((is_marked & is_called).sum())
    return {
        "role": role,
        "precision": right / max(int(is_called.sum()), 1),
        "recall": right / max(int(is_marked.sum()), 1),
        "links": int(is_marked.sum()),
    }
