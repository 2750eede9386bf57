"""Find every link in texts, with the characters it covers."""

import logging
from collections.abc import Iterator
from typing import Final

import polars as pl

from flows import identifiers, urls

logger = logging.getLogger(__name__)

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

PIECE = 20_000
"""Characters that are read at once. What is read around a link costs as much as its text is long,
so that one long text would cost its square; pieces cost their sum."""

_TLD = (
    r"(?:com|org|net|edu|gov|io|ai|co|dev|app|me|info|eu|de|fr|uk|cn|jp|ch|it|nl|se|es|at|be|au|ca|"
    r"us|in|kr|ru|br|pl|fi|no|dk|il|sg|tw|hk|ie|gr|pt|cz|hu|ro|tr|ua|rs|si|sk|lt|ee|lu|mx|ar|cl|nz|"
    r"za|ir|vn|th|cc|tv|fm|ac|li|page|site|online|tech|science|xyz|cloud|space|gl|ly|gg|group|live|"
    r"world|studio|wiki|blog|tools|network|systems|institute)"
)
"""Endings that a host without scheme must have: with any ending, ``e.g/`` would be a host."""

_FORGE = (
    r"(?i:github\s?\.\s?com|gitlab\s?\.\s?com|bitbucket\s?\.\s?org|huggingface\s?\.\s?co"
    r"|anonymous\s?\.\s?4open\s?\.\s?science)"
)

_LATEX = (
    r"\\~\{\}|\\[_%#&~/$-]|\{\\?_\}|\\string~|\\textasciitilde(?:\{\})?|\$\\sim\$|\$\\?_\$"
    r"|\{?\\textunderscore(?:\{\}|\s[0-9A-Za-z])?\}?"
)
"""How LaTeX writes the characters that it reserves."""

_TILDE = r"[~\x{223C}\x{02DC}\x{FF5E}]"
"""Tildes, and what texts from PDFs have in their place."""

_LETTER = r"\x{00C0}-\x{00D6}\x{00D8}-\x{00F6}\x{00F8}-\x{024F}"
"""Latin letters beyond ASCII, which stand in hosts and paths. Letters of other scripts do too, but
as often they are the sentence that goes on behind the URL without a blank."""

_CHARACTER = (
    rf"(?:[0-9A-Za-z\-_./?=&%#:+@{_LETTER}]|{_TILDE}|{urls.INVISIBLE}|{_LATEX}"
    r"|,+[0-9+.]|,[A-Za-z]+[0-9][0-9A-Za-z]*|;[a-z]+[0-9]*=|;[0-9]|!+[0-9A-Za-z/]"
    r"|\((?:[0-9A-Za-z_.:%~=-]|,[.0-9])*\))"
)
"""What a URL is made of in an abstract. Commas and semicolons close far more URLs than they are
part of, so that they need behind them what no sentence has there; brackets only in pairs."""

_HYPHENATED = r"(?:[-_]\s{1,3}[0-9A-Za-z]|10\.\s{1,3}\d{4,9}/)"
"""A line broken behind a hyphen that is part of the URL, or behind the ``10.`` of a DOI."""

_CONTINUED = (
    rf"(?:/\s+(?:{_TILDE}\s?[a-z]|[0-9A-Za-z-]*\\?_[0-9A-Za-z]|[A-Z][0-9A-Za-z-]*/"
    r"|[0-9A-Za-z-]+\.(?:html?|php|git|pdf|zip|tgz|tar)\b|10\.\d{4,9}/"
    r"|[A-Za-z]+[0-9]{2,}[0-9A-Za-z]*\b)"
    rf"|{_TILDE}\s[a-z]+/)"
)
"""A blank behind a slash is inside the URL only where what follows is no word of the sentence:
``fips.fi/ EIT_dataset.php`` is, ``vicp.fun/ and a demonstration`` is not."""

_PATH = rf"(?:{_HYPHENATED}|{_CONTINUED}|/r/\s+[0-9A-Za-z]|{_CHARACTER})*"

_REST = rf"(?:(?:{_CONTINUED}|[/?]|\\?#){_PATH})?"

_LABEL = rf"(?:[0-9A-Za-z_{_LETTER}]|-\s{{0,3}})"
_NAME = rf"(?:(?i:www)\.\s{{1,3}})?[0-9A-Za-z{_LETTER}]{_LABEL}*"
_DOTTED = rf"(?:\$?\.\$?{_LABEL}+)"
"""Parts of a host: a blank may follow ``www.`` and a hyphen."""

_ENDING = r"(?:com|org|net|edu|gov|(?:ac|co|edu)\.[a-z]{2})\b"
"""Endings that are no word of a sentence: a blank may stand before them even without a path."""

_HOST = (
    rf"(?:{_NAME}{_DOTTED}*\.\s{{1,3}}{_TLD}/{_PATH}"
    rf"|{_NAME}{_DOTTED}*\.\s{{1,3}}{_ENDING}{_REST}"
    rf"|{_NAME}{_DOTTED}+(?::\d{{2,5}}\b)?{_REST})"
)
"""A host and its path. A blank before the ending is inside only where a path follows."""

_GLUED_LEFT = r"(?:at|on|in|from)"
"""A word that was written without a blank before ``github.com``."""

_FORGE_PATH = r"\s?/\s*[0-9A-Za-z_.-]+(?:/|/\s|\s/)[0-9A-Za-z_.-]"
"""``github.com/ owner/name``: blanks are inside only where both parts of a repository follow."""

_SCHEME = r"(?:(?i:git\+)?(?i:h{1,2}t{1,3}ps?|s?ftp|ssh|git)\s?(?::\s*/\s*/|:\\?/\\?/|:/|//)\s?)+"
"""``http://``, ``https: // ``, ``http:// http://``, ``https:/``, ``https//``."""

_WITH_SCHEME = (
    rf"(?:{_SCHEME}(?:[0-9A-Za-z_.-]+@)?(?:(?:www\.)?{_FORGE}{_FORGE_PATH}"
    rf"(?:{_HYPHENATED}|{_CHARACTER})*|{_HOST})"
    rf"|(?i:https?):\s?(?:www\.)?{_FORGE}/(?:{_CHARACTER})*)"
)

_KNOWN = (
    r"(?i:(?:www\.)?(?:github|gitlab|kaggle|youtube|figshare|tinyurl)\.com|bitbucket\.org"
    r"|huggingface\.co|hf\.co|arxiv\.org|(?:dx\.)?doi\.org|zenodo\.org|youtu\.be|osf\.io"
    r"|openreview\.net|bit\.ly|goo\.gl|git\.io|aka\.ms)/"
)

_CUE = (
    r"(?:(?i:(?:available|found|accessible|accessed|hosted|visit|see|released|on-?\s?line|downloaded"
    r"|downloadable|website|homepage|page|site|code|demo|shared|published|viewed|located|service"
    r"|portal|wiki|leaderboard|maintained)"
    r"(?:\s+(?:is|are))?(?:\s+(?:for|to)\s+download(?:ing)?)?"
    r"(?:\s+(?:at|from|on|under|via|through|here|in)|:)(?:\s+the)?:?\s+"
    r"(?:\\(?:url|texttt|href)\{)?|(?:website|home\s?page|web\s?(?:page|server|portal|app)|demo)\s\()"
    r"|\\(?:url|href)\{)"
)
"""A bare host is a link where the sentence announces one; ``users of meetup.com`` is not."""

_BARE_FORGE = rf"{_GLUED_LEFT}?{_FORGE}{_FORGE_PATH}(?:{_HYPHENATED}|{_CHARACTER})*"

_NO_SCHEME = (
    rf"(?:(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*\.\s{{1,3}}{_ENDING}{_REST}"
    r"|(?i:www)\.[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)+"
    rf"(?::\d{{2,5}}\b)?{_REST}"
    rf"|{_BARE_FORGE}"
    rf"|{_KNOWN}(?:{_HYPHENATED}|{_CHARACTER})+"
    rf"|(?:[0-9A-Za-z-]*-\n\s*)?[0-9A-Za-z-]+\.(?i:github|gitlab)\.io\b{_REST}"
    rf"|[0-9a-z][0-9a-z-]*(?:\.[0-9a-z-]+)*\.{_TLD}/(?:[0-9A-Za-z~_#?]{_CHARACTER}*)"
    r"|git@[0-9A-Za-z.-]+:[0-9A-Za-z_./-]+)"
)

_BARE_HOST = rf"[0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9a-z][0-9a-z-]*)*\.{_TLD}\b"

_ARXIV = r"(?i:arxiv(?:\.org)?\s?[:\s.]\s?(?:abs/)?)"

_PAPER = (
    rf"(?:{_ARXIV}(?:{identifiers.NEW_ARXIV}|{identifiers.OLD_ARXIV})(?:v[1-9]\d?\b)?"
    rf"|{identifiers.OLD_ARXIV}(?:v[1-9]\d?)?\b)"
)
"""Old ids need no word before them: nothing else looks like ``hep-th/9901001``."""

_DOI = rf"(?:(?i:doi)\s?:?\s?)?10\.\d{{4,9}}/{_CHARACTER}+"

_BOUNDARY = r"[\s(\[{<\"'~,;:=`|}>]"
_BEFORE = rf"(?:^|{_BOUNDARY})"

_LINK: Final = (
    rf"(?:{_WITH_SCHEME}|{_BEFORE}(?:{_NO_SCHEME}|{_PAPER}|{_DOI})|"
    rf"{_CUE}(?:{_BARE_FORGE}|{_BARE_HOST}{_REST}))"
)
"""A link, with the character or the words in front of it where those make it one."""

_CANDIDATE = (
    r"(?i)https?\s?:|http//|ftp:/|git@|git:|ssh:|www\.|arxiv|10\.\d{4,9}/|/\d{7}"
    rf"|\.\s?(?:com|org|net|edu|gov|io|ai|co|ms)/|\.{_TLD}\b"
)
"""What a text must hold to be worth the long pattern: one abstract in six does."""

_GLUED_RIGHT = (
    r"\.(?:We|The|Our|This|These|It|In|An?|To|For|Code|Data|Project|Keywords?|Index|Demo|Also|All"
    r"|Additionally|Furthermore|However|Moreover|See|Here|Video|Supplementary|Please|Finally)"
    r"(?:[^0-9A-Za-z./_-].*)?$"
)
"""The next sentence, written without a blank behind the full stop."""

_TAIL = rf"(?:[.,;:?!*#&~@+(]|{urls.INVISIBLE}|--+|\\|\$)+$"
"""What closes a sentence, not a URL. A single hyphen may end the name of a repository."""

_STRAYED = (
    r"(/)\s+(?:soon|upon|after|once|and|or|in|for|with|as|is|are|was|were|to|by|on|under|along|which"
    r"|where|that|together|including|later|shortly|the|a|an|we|our|this|it|it's)$"
)
"""A word of the sentence behind ``github.com/owner/ ``, where a repository may stand."""


def find_links(texts: pl.DataFrame) -> pl.DataFrame:
    """Find the links of texts (``record_id``, ``field``, ``text``): see `MENTIONS`.

    A text without links gives no row. Placeholders ("this https URL") are no links.
    """
    worth = texts.filter(pl.col("text").str.contains(_CANDIDATE))
    if worth.is_empty():
        return pl.DataFrame(schema=MENTIONS)
    pieces = _cut_long_texts(worth)
    mentions = (
        pieces.select("text", "field", record_id="piece")
        .pipe(_cut_behind_links)
        .filter(~_is_visible_text())
        .pipe(_split_glued)
        .pipe(_trim_ends)
        .with_columns(url=_canonicalize_mention())
        .filter(pl.col("url").is_not_null() & ~_is_lookalike())
        .pipe(_add_sentences)
        .rename({"record_id": "piece"})
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
        logger.warning(
            "%s: links in its %s were looked for in the first %s characters only",
            record_id,
            field,
            f"{LONGEST:,}",
        )
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
            blank = text.rfind(" ", start + PIECE // 2, end)
            end = blank if blank > 0 else end
        yield start, text[start:end]
        start = end


def _cut_behind_links(texts: pl.DataFrame) -> pl.DataFrame:
    """Cut each text behind every link: the lengths of the pieces are the places."""
    pieces = texts.with_columns(
        piece=pl.col("text").str.extract_all(rf"(?s).*?{_LINK}"),
        link=pl.col("text").str.extract_all(_LINK),
    )
    # Polars gives no places of matches, but pieces that end with a match add up to them.
    end = pl.col("piece").str.len_chars().cast(pl.Int64).cum_sum().over("record_id", "field")
    written = pl.col("link").str.replace(f"^{_CUE}", "").str.replace(f"^{_BOUNDARY}", "")
    written = written.str.replace(rf"^{_GLUED_LEFT}({_FORGE})", "$1")
    return (
        pieces.filter(pl.col("piece").list.len() > 0)
        .explode("piece", "link")
        .select(*texts.columns, written=written, end=end)
        .with_columns(start=pl.col("end") - pl.col("written").str.len_chars())
        .drop("end")
    )


_SHOWN = (
    r"\\(?:href|hyperlink)\s*\{[^{}]*[0-9A-Za-z-]\.[A-Za-z]{2}[^{}]*\}\s*\{(?:\s|\\[a-z]+\s*\{)*$"
)


def _is_visible_text() -> pl.Expr:
    r"""Return whether a link is what ``\href{link}{...}`` shows: it was found already."""
    from_ = pl.max_horizontal(pl.col("start") - _WINDOW, 0)
    before = pl.col("text").str.slice(from_, pl.col("start") - from_)
    # Most links have no such thing before them, and the long look back is for those that do.
    is_shown = before.str.ends_with("{") & before.str.contains(r"\\(?:href|hyperlink)")
    return pl.when(is_shown).then(before.str.contains(_SHOWN)).otherwise(pl.lit(value=False))


def _split_glued(mentions: pl.DataFrame) -> pl.DataFrame:
    """Part two URLs that were written without a blank between them."""
    parts = pl.col("written").str.replace_all(r"([^/=:\s])(https?://)", "$1\x1f$2")
    split = mentions.with_row_index("place").with_columns(written=parts.str.split("\x1f"))
    length = pl.col("written").str.len_chars().cast(pl.Int64)
    return (
        split.explode("written")
        .with_columns(start=pl.col("start") + (length.cum_sum() - length).over("place"))
        .drop("place")
    )


def _trim_ends(mentions: pl.DataFrame) -> pl.DataFrame:
    written = pl.col("written").str.replace(_GLUED_RIGHT, "")
    written = written.str.replace(_TAIL, "").str.replace(_TAIL, "").str.replace(_STRAYED, "$1")
    return mentions.with_columns(written=written).with_columns(
        end=pl.col("start") + pl.col("written").str.len_chars()
    )


def _canonicalize_mention() -> pl.Expr:
    written = pl.col("written")
    is_paper = written.str.contains(rf"^{_PAPER}$")
    named = written.str.replace(rf"^{_ARXIV}", "arXiv:")
    paper = pl.when(is_paper).then(identifiers.arxiv_url(identifiers.arxiv_id(named)))
    doi = written.str.extract(r"^(?i:doi)?\s?:?\s?(10\.\d{4,9}/.+)$")
    secured = written.str.replace(
        rf"^((?:www\.)?{_KNOWN}|[0-9A-Za-z-]+\.(?i:github)\.io)", "https://$1"
    )
    bare = pl.when(~is_paper).then(secured)
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
