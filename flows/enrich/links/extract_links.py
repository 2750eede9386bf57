"""Find every link in texts, with the characters it covers."""

from collections.abc import Iterator

import polars as pl

from flows import identifiers, urls
from flows.enrich.links.invisible_characters import restore_places, strip_invisible
from flows.enrich.links.link_patterns import (
    ARXIV,
    CANDIDATE,
    GLUED_RIGHT,
    KNOWN,
    PAPER,
    STRAYED,
    TAIL,
)
from flows.enrich.links.link_places import find_link_places
from flows.runs.notices import note

MENTIONS = pl.Schema(
    {
        "record_id": pl.String,
        "field": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
        "written": pl.String,
        "url": pl.String,
        "lead": pl.String,
        "tail": pl.String,
        "sentence": pl.String,
        "before": pl.String,
        "behind": pl.String,
    }
)
"""One row per place of a text that holds a link, in order of place. ``start`` (inclusive) and
``end`` (exclusive) count characters of the text as written, ``lead`` is what the sentence says
between the link before it and this one, ``tail`` what it says up to the next, ``sentence`` all of
it, ``before`` and ``behind`` the characters on both sides (`BEFORE`, `BEHIND`)."""

BEFORE, BEHIND = 700, 300
"""Characters kept on both sides of a link, from which roles are read: more than two sentences."""

LONGEST = 200_000
"""Characters of a text in which links are looked for. The longest abstract seen has 16,000."""

LONGEST_CUT = 120
"""Characters of a path that are looked for behind a blank."""

PIECE = 20_000
"""Characters that are read at once. What is read around a link costs as much as its text is long,
so that one long text would cost its square; pieces cost their sum."""


def may_hold_links(text: pl.Expr) -> pl.Expr:
    """Return whether a text may hold a link: most hold none, which a short pattern shows."""
    return text.str.contains(CANDIDATE)


def find_links(texts: pl.DataFrame) -> pl.DataFrame:
    """Find the links of texts (``record_id``, ``field``, ``text``): see `MENTIONS`.

    A text without links gives no row. Placeholders ("this https URL") are no links.
    """
    # The long pattern is slow.
    worth = texts.filter(may_hold_links(pl.col("text")))
    if worth.is_empty():
        return pl.DataFrame(schema=MENTIONS)
    pieces = _cut_long_texts(worth)
    mentions = (
        pieces.select("text", "field", record_id="piece")
        .pipe(strip_invisible)
        .pipe(find_link_places)
        .filter(~_is_visible_text())
        .pipe(_split_glued)
        .pipe(_join_cut_paths)
        .pipe(_trim_ends)
        .with_columns(url=_canonicalize_mention())
        .filter(pl.col("url").is_not_null() & ~_is_lookalike())
        .pipe(_add_sentences)
        .rename({"record_id": "piece"})
        .pipe(restore_places, pieces)
    )
    return (
        mentions.join(pieces.drop("text", "field"), on="piece", validate="m:1")
        .with_columns(pl.col("start", "end") + pl.col("offset"))
        .sort("record_id", "field", "start")
        .select(MENTIONS.names())
        .cast(MENTIONS)
    )


def _cut_long_texts(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut texts into pieces of `PIECE` characters: ``piece`` (its key) and ``offset`` in the text.

    Texts of any length that people write are one piece. Beyond `LONGEST` nothing is read.
    """
    size = pl.col("text").str.len_chars()
    for record_id, field in texts.filter(size > LONGEST).select("record_id", "field").iter_rows():
        effect = f"longer than {LONGEST:,} characters, the rest is not looked through"
        note("links", "text", effect, f"{field} of {record_id}")
    whole = texts.filter(size <= PIECE).with_columns(offset=pl.lit(0, pl.Int64))
    rows = [
        (record_id, field, part, offset)
        for record_id, field, text in texts.filter(size > PIECE)
        .select("record_id", "field", "text")
        .iter_rows()
        for offset, part in _cut_text(text[:LONGEST])
    ]
    schema = {"record_id": pl.String, "field": pl.String, "text": pl.String, "offset": pl.Int64}
    long = pl.DataFrame(rows, schema=schema, orient="row")
    return (
        pl.concat([whole.select(*schema), long])
        .with_row_index("piece")
        .with_columns(pl.col("piece").cast(pl.String))
    )


def _cut_text(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text at blanks, so that no link is cut; without blanks, where a piece is full."""
    start = 0
    while start < len(text):
        end = start + PIECE
        if end < len(text):
            # Only in the second half: a blank near the start would leave a tiny piece.
            blank = text.rfind(" ", start + PIECE // 2, end)
            # A text without blanks has to be cut somewhere, or it would be read as one piece.
            end = blank if blank > 0 else end
        yield start, text[start:end]
        start = end


_SHOWN = (
    r"\\(?:href|hyperlink)\s*\{[^{}]*[0-9A-Za-z-]\.[A-Za-z]{2}[^{}]*\}\s*\{(?:\s|\\[a-z]+\s*\{)*$"
)


_SHOWN_IN_HTML = r"(?i)<a\s[^<>]*href\s*=[^<>]*[0-9a-z-]\.[a-z]{2}[^<>]*>\s*$"


def _is_visible_text() -> pl.Expr:
    r"""Return whether a link is what ``\href{link}{...}`` or ``<a href=...>`` shows.

    It was found already.
    """
    from_ = pl.max_horizontal(pl.col("start") - _WINDOW, 0)
    before = pl.col("text").str.slice(from_, pl.col("start") - from_)
    # Most links have no such thing before them, and the long look back is for those that do.
    is_shown = before.str.ends_with("{") & before.str.contains(r"\\(?:href|hyperlink)")
    return (
        pl.when(is_shown)
        .then(before.str.contains(_SHOWN))
        .when(before.str.ends_with(">"))
        .then(before.str.contains(_SHOWN_IN_HTML))
        .otherwise(pl.lit(value=False))
    )


def _split_glued(mentions: pl.DataFrame) -> pl.DataFrame:
    """Part two URLs that were written without a blank between them."""
    # A URL behind a slash or an equals sign is a part of the first, as in archives.
    parts = pl.col("written").str.replace_all(r"([^/=:\s]|\.[A-Z][a-z]+:)(https?://)", "$1\x1f$2")
    split = mentions.with_row_index("place").with_columns(written=parts.str.split("\x1f"))
    length = pl.col("written").str.len_chars().cast(pl.Int64)
    return (
        split.explode("written")
        .with_columns(start=pl.col("start") + (length.cum_sum() - length).over("place"))
        .drop("place")
    )


_CUT_OFF = r"^(\s{1,3}[0-9A-Za-z~][0-9A-Za-z_.~/=&?%#:-]*)[.,]?\s?\)"
"""One word between an address and the parenthesis that closes around both."""

_NO_PATH = r"^\s+(?:and|or|in|for|here|accessed|visited|retrieved|code|data|website|page|demo)[.]?$"
"""Words of a sentence that may be there."""

_HYPHENATED_NAME = r"^\s+[0-9a-z]+(?:-[0-9a-z]+)+/?\.?$"
"""A name of a page, which is no word of the sentence where a parenthesis ends behind it."""

_CUT_PATHS = (
    r"%\x1f\s{1,3}[0-9A-F]{2}|#\w+(?:\.\w+)+\.\x1f\s{1,3}[A-Z][a-z]+[A-Z]"
    r"|/\x1f\s{1,3}[\w-]+(?:/[\w.-]+)+\.(?:html?|php|pdf|zip)\b|"
    r"/\x1f\s{1,3}(?:(?:abs|pdf|records?)/\d|(?:view|datasets|spaces)/\w|\d{4}\.\d{4,5}\b|zenodo\.\d"
    r"|m9\.figshare)|zenodo\.\x1f\s{1,3}\d{5,8}\b|/(?:abs|pdf)/\d{4}\.\x1f\s{1,3}\d{4,5}\b"
    r"|[^./]/[^\s]*[^./](?:\.\x1f\s{1,3}|\x1f\s{1,3}\.)(?:html?|php|pdf|zip|tar|git)\b"
)
"""How an address may end before a blank, a mark, and what is no word of a sentence behind it."""

_LAST = 60
"""Characters at the end of an address by which it is seen to be cut."""


def _join_cut_paths(mentions: pl.DataFrame) -> pl.DataFrame:
    """Join paths that a line end cut: "(http://lab.org/a/ b.html)" holds nothing but an address."""
    text, length = pl.col("text"), pl.col("written").str.len_chars().cast(pl.Int64)
    written, behind = pl.col("written"), text.str.slice(pl.col("start") + length, LONGEST_CUT)
    opening = text.str.slice(
        pl.max_horizontal(pl.col("start") - 2, 0), pl.min_horizontal("start", 2)
    )
    is_opened = opening.str.contains(r"\(\s?$")
    cut_off = behind.str.extract(_CUT_OFF)
    is_named = is_opened | cut_off.str.contains(_HYPHENATED_NAME)
    is_cut = is_named & written.str.ends_with("/") & ~cut_off.str.contains(_NO_PATH)
    # One pattern over both sides of the blank: most links have no such end, and are seen once.
    both = pl.concat_str(written.str.tail(_LAST), pl.lit("\x1f"), behind)
    rest = both.str.extract(rf"((?:{_CUT_PATHS})[0-9A-Za-z_.~/=&?%#-]*)").str.extract(
        r"(?s)\x1f(.*)$"
    )
    joined = written + pl.coalesce(pl.when(is_cut).then(cut_off), rest, pl.lit(""))
    return mentions.with_columns(written=joined)


def _trim_ends(mentions: pl.DataFrame) -> pl.DataFrame:
    written = pl.col("written").str.replace(GLUED_RIGHT, "")
    written = written.str.replace(TAIL, "").str.replace(TAIL, "").str.replace(STRAYED, "$1")
    # Markdown writes emphasis around a link with the sign that a name may end with.
    is_emphasis = (pl.col("start") > 0) & (pl.col("text").str.slice(pl.col("start") - 1, 1) == "_")
    written = pl.when(is_emphasis).then(written.str.replace("_+$", "")).otherwise(written)
    return mentions.with_columns(written=written).with_columns(
        end=pl.col("start") + pl.col("written").str.len_chars()
    )


def _canonicalize_mention() -> pl.Expr:
    written = pl.col("written")
    is_paper = written.str.contains(rf"^{PAPER}$")
    named = written.str.replace(rf"^{ARXIV}", "arXiv:").str.replace(r"(\d{4}\.)\s+(\d)", "$1$2")
    paper = pl.when(is_paper).then(identifiers.arxiv_url(identifiers.arxiv_id(named)))
    doi = written.str.replace_all(r"\s+", "").str.extract(r"^(?i:doi)?:?(10\.\d{4,9}/.+)$")
    secured = written.str.replace(
        rf"^((?:www\.)?{KNOWN}|[0-9A-Za-z-]+\.(?i:github)\.io)", "https://$1"
    )
    # Only a line end tells this hyphen from one of the name.
    joined = secured.str.replace(r"(?i)\bgit-\s+hub\.", "github.")
    bare = pl.when(~is_paper).then(joined)
    return pl.coalesce(
        paper,
        urls.canonical_url(pl.lit("https://doi.org/") + doi),
        urls.canonical_url(bare),
    )


def _is_lookalike() -> pl.Expr:
    """Return whether a URL has the shape of a link but names only a site, or nothing."""
    url = pl.col("url")
    is_site = url.str.contains(
        r"(?i)^https?://(?:www\.)?(?:github|gitlab|huggingface|arxiv|bitbucket|zenodo|kaggle)"
        r"\.(?:com|co|org)$"
    )
    is_scheme = pl.col("written").str.contains(r"(?i)^(?:h|ftp)")
    is_nobody = url.str.contains(r"^https?://(?:[^/]*\.)?example\.(?:com|org|net)(?:/|$)")
    is_placeholder = url.str.contains(r"^https?://[^/]*\.this$")
    return (is_site & ~is_scheme) | is_nobody | is_placeholder


_SENTENCE_END = r"([.!?][\"')\]}]*\s+|\n\s*\n\s*)([A-Z0-9\\\"(\[])"


_WINDOW = 2_000
"""Characters read on each side of a link: sentences are shorter, and the sum over all links of a
text stays a multiple of their number."""


def _add_sentences(mentions: pl.DataFrame) -> pl.DataFrame:
    # The link before bounds what is said of this one: a sentence may hold several.
    ends = pl.col("end").shift().over("record_id", "field", order_by="start").fill_null(0)
    starts = pl.col("start").shift(-1).over("record_id", "field", order_by="start")
    text = pl.col("text")
    from_ = pl.max_horizontal(pl.col("start") - _WINDOW, 0)
    behind = pl.max_horizontal(from_, ends)
    sentence_start = _split_sentences(text.str.slice(from_, pl.col("start") - from_)).list.last()
    sentence_end = _split_sentences(text.str.slice(pl.col("end"), _WINDOW)).list.first()
    between = text.str.slice(behind, pl.col("start") - behind)
    # A text's last link has no next one: its tail is the rest of the sentence, however long.
    gap = (starts - pl.col("end")).fill_null(1_000_000)
    return mentions.with_columns(
        lead=_split_sentences(between).list.last(),
        tail=sentence_end.str.slice(0, gap),
        before=text.str.slice(
            pl.max_horizontal(pl.col("start") - BEFORE, 0), pl.min_horizontal("start", BEFORE)
        ),
        behind=text.str.slice(pl.col("end"), BEHIND),
        sentence=(sentence_start + pl.col("written") + sentence_end).str.strip_chars(),
    )


def _split_sentences(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_SENTENCE_END, "$1\x1f$2").str.split("\x1f")
