"""The words by which a sentence says whose a link is: who acts, what is done, with what."""

from typing import NamedTuple

import polars as pl

_ADVERBS = r"(?:(?:also|then|first|further|only|simply|again|directly|are|have|will|now|here|hereby|therefore|\w+ly) ){0,3}"  # noqa: E501  # one list of words
_AUTHORS = r"\b(?:we|i|authors|paper|work|study|article|project|demo)\b"
_IS = r"\b(?:is|are|be|been|was|were|can|may|could|made|will)\b"
_THERE = (
    r"(?:available|accessible|downloadable|released|published|provided|shared|hosted|located|found"
    r"|accessed|downloaded|obtained|viewed|seen|opensourced?|online|public|opened|made)"
)
_MAKE = (
    r"(?:propos|present|introduc|develop|creat|construct|buil[dt]|design|compil|annotat|implement"
    r"|contribut|set up|organi[sz]|launch)\w*"
)
_GIVE = r"(?:releas|publish|shar|provid|open ?sourc|distribut|offer|upload|host|mak|made|put)\w*"
_USE = (
    r"(?:us(?:e|es|ed|ing)|utili[sz]\w+|employ\w*|adopt\w*|appl(?:y|ied|ying)|leverag\w+|ran|run"
    r"|rely|follow(?:ed|ing|s)?|exploit\w*|tak(?:e|en|ing)|took|choos\w*|chose|select\w*"
    r"|consider\w*|experiment(?:s|ed|ing)?|evaluat\w*|train\w*|test\w*|borrow\w*)"
)
_CODE = r"(?:codes?|source ?code|implementations?|scripts?|code ?base|software|programs?)"
_DATA = (
    r"(?:data ?sets?|data|corpus|corpora|annotations?|resources?|models?|embeddings|lexicons?"
    r"|benchmarks?|checkpoints?|weights|outputs?|materials?|treebank)"
)
_SITE = (
    r"(?:demo|demonstration|system|interface|web ?site|tool|toolkit|framework|platform|video"
    r"|screencast|app|service|portal|page|leaderboard|library|package|parser|prototype|version"
    r"|repository)"
)
_PLAIN = (
    r"(?:(?:the|all|both|an?|our|full|complete|corresponding|relevant|associated|annotated"
    r"|anonymi[sz]ed|source|python|online|live) )*"
)
"""What may precede the noun that a sentence begins with: no name, and nobody but the authors."""

STATEMENT, OBJECT, OUTSIDE, BEHIND = "statement", "object", "outside", "behind"
PLACES = (STATEMENT, OBJECT, OUTSIDE, BEHIND)
"""Where a cue is looked for. ``statement``: what is said of the link itself, in its parenthesis or
its sentence. ``object``: the sentence up to a parenthesis that holds nothing but the link, whose
last words name what the link is. ``outside``: the sentence up to a parenthesis that has words.
``behind``: what follows."""


class Cue(NamedTuple):
    """Words that speak for or against a role: what they are called, where they count."""

    name: str
    places: tuple[str, ...]
    pattern: str


_CUES = (
    # who acts, and what they do with it
    Cue("our", (STATEMENT, OUTSIDE), r"\bour\b"),
    Cue("our thing", (OBJECT,), r"\b(?:our|ours)\b(?: [^\s,]+){0,4} ?$"),
    Cue(
        "our is there",
        (STATEMENT, OBJECT),
        rf"\bour\b[^.]*?{_IS}[^.]*?\b{_THERE}",
    ),
    Cue("we give", (STATEMENT, OBJECT, OUTSIDE), rf"{_AUTHORS} {_ADVERBS}{_GIVE}"),
    Cue(
        "we release",
        (STATEMENT, OBJECT),
        (
            rf"{_AUTHORS}[^.]*?\b(?:releas(?:e|ed|ing)|publish|share|make|made|open ?source"
            r"|contribute|distribute)"
        ),
    ),
    Cue("we make", (STATEMENT, OUTSIDE), rf"{_AUTHORS} {_ADVERBS}{_MAKE}"),
    Cue("we make it", (OBJECT,), rf"{_AUTHORS} {_ADVERBS}{_MAKE}(?: \S+){{0,9}} ?$"),
    Cue(
        "we present it",
        (STATEMENT, OBJECT, OUTSIDE),
        rf"{_AUTHORS} {_ADVERBS}(?:propos|present|introduc|releas|develop|describ|design and buil)"
        r"\w*(?: (?:an?|the|new|novel))*(?: [^\s,]+){1,4}(?:, [^,]{3,60})?,? ?$",
    ),
    Cue(
        "by making it",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:by|through|of) (?:proposing|presenting|introducing|developing|releasing|building"
        r"|creating|the (?:creation|development|design) of)(?: [^\s,]+){1,5},? ?$",
    ),
    Cue("new", (OBJECT,), r"\b(?:new|novel)\b"),
    Cue(
        "this paper",
        (STATEMENT, OBJECT),
        r"\b(?:this (?:paper|work|study|article|project)|proposed|described here|contributions?"
        r"|our experiments|the experiments|reported here)\b",
    ),
    # what is there
    Cue("is there", (STATEMENT, OBJECT), rf"{_IS}[^.]*?\b{_THERE}\b"),
    Cue("code is there", (OBJECT,), rf"\b{_CODE}\b[^.]*?{_IS}[^.]*?\b{_THERE}"),
    Cue(
        "data is there",
        (STATEMENT, OBJECT),
        rf"\b{_DATA}\b[^.]*?{_IS}[^.]*?\b{_THERE}",
    ),
    Cue("begins with code", (STATEMENT,), rf"^[\W\d]*{_PLAIN}{_CODE}\b"),
    Cue("begins with data", (STATEMENT,), rf"^[\W\d]*{_PLAIN}{_DATA}\b"),
    Cue("begins with site", (STATEMENT,), rf"^[\W\d]*{_PLAIN}{_SITE}\b"),
    Cue(
        "project page",
        (STATEMENT, OBJECT, BEHIND),
        r"\b(?:project|our|this paper's|paper) (?:web ?|home ?)?(?:page|site)s?\b|^\W*(?:\w+ )?"
        r"(?:web ?|home ?|project ?)(?:page|site)\W*(?:is|at|:)?\W*$",
    ),
    Cue("names code", (STATEMENT,), rf"\b{_CODE}\b"),
    Cue("names a demo", (STATEMENT, OBJECT), r"\b(?:demo|demonstration|video|screencast|live)\b"),
    Cue("publicly", (STATEMENT, OBJECT), r"\b(?:publicly|freely|openly)\b"),
    Cue(
        "will be there",
        (STATEMENT, OBJECT),
        rf"\bwill\b[^.]*?\b{_THERE}|\bupon (?:accept|publi)",
    ),
    Cue(
        "for others' work",
        (STATEMENT, OBJECT),
        r"reproduc|replicat|facilitat|encourag|foster|further research|\bcommunity\b"
        r"|future (?:work|research)|interested reader|for download",
    ),
    Cue("here", (STATEMENT,), r"\bhere\b|following (?:url|link|address|web)"),
    Cue("at", (STATEMENT,), r"(?:\b(?:at|in|on|via|under)|:)[\s:]*$"),
    Cue("licence", (STATEMENT, OBJECT), r"licen[cs]e"),
    Cue("ends the sentence", (BEHIND,), r"^\W*$"),
    Cue(
        "for research",
        (BEHIND,),
        r"^[^a-z]*(?:for|to) (?:\w+ )?(?:reproduc|research|facilit|encourag|public|stimul|support"
        r"|further|help|academic)",
    ),
    # what is taken from others
    Cue("we use", (STATEMENT, OBJECT, OUTSIDE), rf"\bwe {_ADVERBS}{_USE}\b"),
    Cue("used", (STATEMENT, OUTSIDE), rf"\b{_USE}\b"),
    Cue("used it", (OBJECT,), rf"\b{_USE}(?: \S+){{0,8}} ?$"),
    Cue(
        "with it",
        (OBJECT,),
        r"\b(?:using|with|via|from|through|by|on|in|of|and|to)(?: (?:the|an?))?(?: \S+){1,3} ?$",
    ),
    Cue(
        "taken from",
        (STATEMENT, OBJECT),
        r"\b(?:download|obtain|collect|extract|crawl|scrap|retriev|took|tak|deriv|sampl|adapt"
        r"|modif|available)\w*\s+(?:\w+ ){0,4}?from\b",
    ),
    Cue(
        "based on",
        (STATEMENT, OUTSIDE),
        r"\b(?:based|built|build|building|adapted|modified|modification|implemented|extension"
        r"|extend|extends)\b[^.]*?\b(?:on|upon|from|of|in|with)\b",
    ),
    Cue(
        "based on it",
        (OBJECT,),
        r"\b(?:based|built|build|building|adapted|modified|modification|implement\w*|extension"
        r"|extend|extends)\b[^.]*?\b(?:on|upon|from|of|in|with)\b(?: \S+){0,9} ?$",
    ),
    Cue(
        "made by",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:provid|releas|develop|creat|publish|propos|maintain|distribut|offer|collect"
        r"|implement|organi[sz]|introduc|describ|annotat)(?:ed|ized|ised)? (?:\w+ )?(?:by|in)\b",
    ),
    Cue(
        "a public one",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:an?|the|existing|several|some|other|two|three) (?:\w+ )?(?:freely|publicly|openly)"
        r" available\b",
    ),
    Cue(
        "cited",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\bet al\b|\((?:[^()]*, )?(?:19|20)\d\d[a-z]?\)|\[\d+",
    ),
    Cue("cited next", (BEHIND,), r"^[^a-z]{0,4}(?:\(?[a-z ]+et al\b|\([^()]*(?:19|20)\d\d)"),
    Cue(
        "a reference",
        (STATEMENT, OBJECT),
        r"\bin proceedings|\bpages?\b|\bpp\b|arxiv preprint|technical report|\bjournal\b|\bpress\b"
        r"|\bvol(?:ume)?\b|\burl ?:?\s*$|(?:19|20)\d\d[a-z]?\. \w",
    ),
    Cue(
        "such as",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:such as|e\. ?g|like|including|for example|for instance|among others)\b",
    ),
    Cue("a version", (STATEMENT, OBJECT), r"\bv(?:ersion)? ?\.?\d"),
    Cue(
        "theirs",
        (STATEMENT, OBJECT),
        r"\b(?:their|his|her|theirs|authors|authors'|original|official)\b",
    ),
    Cue(
        "popular",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:widely|popular|wellknown|famous|commonly|standard|offtheshelf|called|known)\b",
    ),
    Cue(
        "a shared task",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:shared task|challenge|competition|workshop|campaign|organi[sz]|conference"
        r"|participant)",
    ),
    Cue(
        "compared",
        (STATEMENT, OBJECT, OUTSIDE),
        r"\b(?:compar|baseline|stateoftheart|existing|previous|prior|outperform|similar|other"
        r"|alternative|recent)\w*",
    ),
)
"""Verbs, pronouns and common nouns, for texts as `read_contexts` writes them: no product, person or
site is named, so that they hold in other fields."""


_ASCII = {
    r"\b": r"(?-u:\b)",
    r"\w": "[0-9a-z_]",
    r"\W": "[^0-9a-z_]",
    r"\S": "[^ ]",
    r"\d": "[0-9]",
}
"""Classes as English needs them: those of Unicode take ten times as long."""


def _in_ascii(pattern: str) -> str:
    # Within brackets a class cannot hold another pair of brackets.
    plain = pattern.replace(r"[\W\d]", "[^a-z_]").replace(r"[\W]", "[^0-9a-z_]")
    for written, meant in _ASCII.items():
        plain = plain.replace(written, meant)
    return plain


CUES = tuple(cue._replace(pattern=_in_ascii(cue.pattern)) for cue in _CUES)
"""What is looked for, as `_CUES` writes it."""


def read_contexts(mentions: pl.DataFrame) -> pl.DataFrame:
    """Read what is said around each mention, one column per place, one row per mention, in order.

    Needs ``before`` and ``behind``. Texts are in lower case, with other links as ``URL`` and
    words joined that a line end or a hyphen cuts, so that ``avail-able`` is ``available``. Where
    the words around a link are missing, the sentence before is read.
    """
    before, behind = _plain(pl.col("before")), _plain(pl.col("behind"))
    # The innermost parenthesis that is open before the link; pairs within it are closed.
    parenthesis = pl.col("_before").str.extract(r"\(([^()]*(?:\([^()]*\)[^()]*)*)$")
    around = pl.when(pl.col("_inside").is_not_null()).then(
        pl.col("_before")
        .str.strip_suffix(pl.col("_inside"))
        .str.strip_suffix("(")
        .str.strip_chars()
    )
    sentences = _cut_sentences(pl.col("_before"))
    near = pl.coalesce("_inside", sentences.list.last())
    main = pl.coalesce(
        _cut_sentences(pl.col("_around")).list.last(), sentences.list.get(-2, null_on_oob=True)
    )
    return (
        mentions.select(_before=before, _behind=behind)
        .with_columns(_inside=parenthesis)
        .with_columns(_around=around)
        .with_columns(_near=near, _main=main.fill_null(""))
        .with_columns(_has_words=pl.col("_near").str.contains(r"[A-Za-z]{2}"))
        .select(
            pl.when("_has_words").then("_near").otherwise(pl.lit("")).alias(STATEMENT),
            pl.when("_has_words").then(pl.lit("")).otherwise("_main").alias(OBJECT),
            pl.when(pl.col("_has_words") & pl.col("_inside").is_not_null())
            .then("_main")
            .otherwise(pl.lit(""))
            .alias(OUTSIDE),
            pl.col("_behind").str.extract(r"^([^.]*\.?)").fill_null("").alias(BEHIND),
        )
        .with_columns(pl.col(PLACES).str.to_lowercase())
    )


def _plain(text: pl.Expr) -> pl.Expr:
    links = r"(?:(?:https?|ftp)\s?:\s?/\s?/|www\.)(?:\S*[^\s.,;:)])?"
    return (
        # First of all: the dots of an address would be ends of sentences to what follows.
        text.str.replace_all(links, "URL")
        .str.replace_all(r"\\(?:href|url|texttt|footnote)\b|[{}~\\]", " ")
        # Cues are written without hyphens, so real ones go along with those of line ends.
        .str.replace_all(r"(\p{L})-\s*(\p{Ll})", "$1$2")
        .str.replace_all(r"\s+", " ")
    )


def _cut_sentences(text: pl.Expr) -> pl.Expr:
    """Cut texts into sentences: an initial ends none ("J. Doe"), but "et al. (2013)" is cut."""
    ends = r"((?:[a-z0-9)\"'%]|[A-Z]{2})[.!?][\"')\]]*\s+)([A-Z0-9(\[•])"
    return text.str.replace_all(ends, "$1\x1f$2").str.split("\x1f")
