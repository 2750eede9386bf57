"""Identifiers as polars expressions: each gives the canonical form, or null for junk.

Every expression is idempotent: its own answer, read again, is the same answer.
"""

import polars as pl

NEW_ARXIV = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
"""Ids since April 2007: year, month, and four digits (five since January 2015)."""

OLD_ARXIV = (
    r"(?:acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas"
    r"|cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin"
    r"|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con)"
    r"(?:\.[A-Za-z-]{2,9})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
)
"""Ids until March 2007: archive, at times its subject class, then year, month, number. The archives
are those that arXiv ever had (``arxiv.org/archive``); no other word makes an id."""

_ARXIV_LEAD = (
    r"^\s*(?:(?i:https?://)?(?i:(?:www\.|export\.|browse\.|ar5iv\.labs\.|alpha)?(?:ar[x5]iv)(?:\.org)?)"
    r"/(?i:abs|pdf|html|ps|format|src|e-print)/|(?i:https?://)?(?i:huggingface\.co|hf\.co)/papers/"
    r"|(?:(?i:https?://(?:dx\.)?doi\.org/))?10\.48550/(?i:arxiv)\.|(?i:ar?xiv)\s*:\s*)?"
)
_ARXIV_TAIL = r"(?:[vV][1-9]\d*)?(?i:\.pdf|\.ps\.gz)?/?\s*(?:[?#].*|\[[a-z.A-Z-]+\])?\s*$"

ARXIV_URL = "https://arxiv.org/abs/"
HF_PAPER_URL = "https://huggingface.co/papers/"
ARXIV_DOI = "10.48550/arxiv."
"""The prefix of the DOIs that DataCite gives to arXiv papers, in lower case like all our DOIs."""


def arxiv_id(written: pl.Expr) -> pl.Expr:
    """Return the arXiv id without version, from an id, a URL, a DOI or ``arXiv:...``.

    Ids that went through a float are refused, as is anything that is not wholly an id: five
    digits are right only since 2015 and four only before, so ``1501.0001`` and ``704.0291`` give
    null. A subject class goes: ``math.GT/0309136`` and ``math/0309136`` are one paper. The rule is
    arXiv's own (``info.arxiv.org/help/arxiv_identifier``).
    """
    identifier = written.str.extract(f"{_ARXIV_LEAD}({NEW_ARXIV}|{OLD_ARXIV}){_ARXIV_TAIL}")
    short = identifier.str.replace(r"\.[A-Za-z-]+/", "/")
    return pl.when(_is_possible_arxiv_id(short)).then(short)


def _is_possible_arxiv_id(short: pl.Expr) -> pl.Expr:
    # Numbers that went through a float lost a zero at the end or grew one: arXiv's own rule for the
    # count of digits catches both.
    digits = short.str.extract(r"^(\d{4})\.").cast(pl.Int32)
    has_five = short.str.contains(r"\.\d{5}$")
    since_2015 = digits.is_between(1501, 9000, closed="left")
    new = (digits >= 704) & (digits < 9000) & (has_five == since_2015)  # noqa: PLR2004  # April 2007
    old = short.str.contains(r"/(?:9[1-9]|0[0-7])") & ~short.str.ends_with("000")
    return new.fill_null(old)  # an expression, no flag


def arxiv_version(written: pl.Expr) -> pl.Expr:
    """Return the version that an arXiv id or URL names; null where it names none."""
    version = written.str.extract(r"(?:\d{4,5}|/\d{7})v([1-9]\d{0,3})\b").cast(pl.Int64)
    return pl.when(arxiv_id(written).is_not_null()).then(version)


def doi(written: pl.Expr) -> pl.Expr:
    """Return the DOI in lower case, from a DOI, ``doi:...``, ``urn:doi:...`` or a resolver's URL.

    Lower case because DOIs ignore case (DOI Handbook, 2.4). What follows white space, and a
    closing full stop, comma or unopened bracket, belong to the sentence.
    """
    resolver = r"(?:https?://)?(?:www\.|dx\.)?doi\.org/\s*|info:doi/|urn:doi:"
    lead = rf"(?i)^[\s\x{{200b}}\x{{feff}}<(\[]*(?:{resolver})?(?:doi\s*:?\s*)?"
    written = written.str.replace(r"(?i)(\b10\.\d{4,9})%2f", "$1/")
    read = written.str.extract(lead + r"(10\.\d{4,9}/[^\s\"<>{}\\^|`\x00-\x1f]+)>?\s*$")
    read = read.str.to_lowercase().str.replace(r"[?#](?:utm_|fbclid).*$", "")
    read = read.str.replace(r"^([^(]*)\).*$", "$1").str.replace(r"[.,;:'\]/]+$", "")
    return pl.when(read.str.contains(r"^10\.\d{4,9}/.")).then(read)


def acl_id(written: pl.Expr) -> pl.Expr:
    """Return the ACL Anthology id (``2022.acl-long.1``, ``P18-1001``), from an id, URL or DOI.

    A letter of the old ids is upper-case, a venue of the new ids lower-case, as the Anthology
    writes them.
    """
    lead = (
        r"(?i)^\s*(?:https?://)?(?:(?:www\.)?aclanthology\.(?:org|info)/(?:papers/)?"
        r"|(?:www\.)?aclweb\.org/anthology/(?:papers/)?(?:[a-z]/[a-z]\d{2}/)?"
        r"|(?:(?:https?://)?(?:dx\.)?doi\.org/)?10\.18653/v1/)?"
    )
    tail = r"(?:v\d+)?(?:\.pdf|\.bib|\.xml)?/?\s*$"
    old = written.str.extract(lead + r"([a-z]\d{2}-\d{4})" + tail).str.to_uppercase()
    new = written.str.extract(lead + r"((?:19|20)\d{2}\.[a-z0-9_]+-[a-z0-9]+\.\d+)" + tail)
    return pl.coalesce(old, new.str.to_lowercase())


def openreview_id(written: pl.Expr) -> pl.Expr:
    """Return the id of an OpenReview forum, from an id or a URL of its forum or PDF.

    Ids are 9 to 14 letters, digits, ``-`` and ``_``, with case; a lone lower-case word is refused.
    """
    url = written.str.extract(
        r"(?i)^\s*(?:https?://)?(?:api\d?\.|www\.)?openreview\.net/"
        r"(?:forum|pdf|attachment|references/pdf)/?\?(?:.*&)?id=([A-Za-z0-9_-]{9,14})(?:[&#].*)?\s*$"
    )
    bare = written.str.extract(r"^\s*([A-Za-z0-9_-]{9,14})\s*$")
    forum = pl.coalesce(url, bare)
    return pl.when(~forum.str.contains(r"^[a-z-]+$|^\d+$")).then(forum)


def semantic_scholar_id(written: pl.Expr) -> pl.Expr:
    """Return the 40 hexadecimal digits of a Semantic Scholar paper, from an id or a URL."""
    return written.str.extract(
        r"(?i)^\s*(?:(?:https?://)?(?:(?:www|api)\.)?semanticscholar\.org/(?:reader/|paper/(?:[^/?#]+/)?))?"
        r"([0-9a-f]{40})/?(?:[?#].*)?\s*$"
    ).str.to_lowercase()


def dblp_key(written: pl.Expr) -> pl.Expr:
    """Return the DBLP key (``conf/acl/DevlinCLT19``), from a key, ``DBLP:...`` or a URL."""
    return written.str.extract(
        r"^\s*(?:(?i:dblp)\s*:\s*|(?i:https?://)?(?i:(?:www\.)?dblp\.(?:org|uni-trier\.de|dagstuhl\.de))/rec/(?:html/|bibtex/)?)?"
        r"((?:conf|journals|series|books|phd|reference|data|homepages|tr)/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+)"
        r"(?:\.(?:html|bib|xml|rdf|nt))?(?:[?#].*)?\s*$"
    )


def arxiv_url(identifier: pl.Expr) -> pl.Expr:
    """Return the abstract page of a canonical arXiv id."""
    return pl.lit(ARXIV_URL) + identifier


def hf_paper_url(identifier: pl.Expr) -> pl.Expr:
    """Return the Hugging Face paper page of a canonical arXiv id."""
    return pl.lit(HF_PAPER_URL) + identifier


def arxiv_doi(identifier: pl.Expr) -> pl.Expr:
    """Return the DOI that DataCite holds for a canonical arXiv id."""
    return pl.lit(ARXIV_DOI) + identifier


def paper_identifier(url: pl.Expr) -> pl.Expr:
    """Return the identifier of the publication that a canonical URL names, with its kind before it.

    ``arxiv:2312.00752`` (from arXiv and from Hugging Face's paper pages), ``doi:...``, ``acl:...``,
    ``openreview:...``, ``s2:...`` (Semantic Scholar), ``dblp:...``; null where it names none.
    """
    kinds = {
        "arxiv": arxiv_id,
        "acl": acl_id,
        "doi": doi,
        "openreview": openreview_id,
        "s2": semantic_scholar_id,
        "dblp": dblp_key,
    }
    return pl.coalesce(pl.lit(f"{kind}:") + read(url) for kind, read in kinds.items())
