r"""Identifiers as polars expressions: each gives the canonical form, or null for junk.

Every expression is idempotent: its own answer, read again, is the same answer. Digits are those of
ASCII: ``\d`` of a pattern knows those of other scripts too, which are no numbers of arXiv's.
"""

import polars as pl

NEW_ARXIV = r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}"
"""Ids since April 2007: year, month, and four digits (five since January 2015)."""

OLD_ARXIV = (
    r"(?:acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas"
    r"|cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin"
    r"|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con)"
    r"(?:\.[A-Za-z-]{2,9})?/[0-9]{2}(?:0[1-9]|1[0-2])[0-9]{3}"
)
"""Ids until March 2007: archive, at times its subject class, then year, month, number. The archives
are those that arXiv ever had (``arxiv.org/archive``); no other word makes an id."""

_UNSEEN = r"[\x{00AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x7f-\x{9f}]"
"""What shows nothing, and is no part of an identifier."""

_OPEN = rf"(?i)^(?:[\s<(\[]|{_UNSEEN})*"
_CLOSE = rf"(?:[.,;:)\]>\s]|{_UNSEEN})*$"
"""What a sentence puts before and behind an identifier."""

_RESOLVER = r"(?:https?://)?(?:www\.|dx\.)?doi\.org/\s*|info:doi/|urn:doi:|doi\s*:?\s*"
"""What is written before a DOI, at times twice: ``doi:https://doi.org/``."""

_MIRROR = r"(?:(?:www|export|browse|lanl|[a-z]{2})\.)?"
_ACLWEB = r"(?:(?:www\.)?aclweb\.org/anthology|anthology\.aclweb\.org)"

_ADDRESS = r"https?://[^/?#\s]+/(?:[^?#\s]*/)?"
"""Any host and the first folders on it: proxies of libraries give a publisher's pages theirs."""

SPELLINGS = {
    "arxiv": (
        r"(?:arxiv(?:\s+(?:preprint|e-?prints?))?[,:]?\s+)?ar?xiv\s*:\s*",
        r"oai:arxiv\.org:",
        r"(?:corr,?\s+)?/?(?:abs|pdf)/",
        rf"(?:https?://)?{_MIRROR}arxiv(?:\.org)?/(?:abs|pdf|html|ps|format|src|e-print)/(?:arxiv:)?",
        r"(?:https?://)?(?:xxx\.lanl\.gov|(?:www\.)?ar5iv(?:\.labs\.arxiv)?\.org)/(?:abs|html|pdf)/",
        r"(?:https?://)?(?:www\.)?alphaxiv\.org/(?:abs|pdf|overview|html)/",
        r"(?:https?://)?(?:huggingface\.co|hf\.co|(?:www\.)?arxiv-vanity\.com)/papers/",
        r"(?:https?://)?(?:(?:www|api)\.)?semanticscholar\.org/arxiv[:/]",
        rf"(?:{_RESOLVER})*10\.48550/arxiv\.",
    ),
    "doi": (rf"(?:{_RESOLVER})*",),
    "doi in an address": (
        r"https?://(?:[^/?#\s]*[./-])?doi[.-][^/?#\s]+/",
        rf"{_ADDRESS}doi/(?:(?:abs|full|fullhtml|e?pdf|epub|pdfdirect|reader|book|proceedings)/)?",
        r"https?://link[.-]springer[.-]com[^/?#\s]*/(?:article|chapter|book|content/pdf)/",
        r"https?://journals[.-]aps[.-]org[^/?#\s]*/[a-z]+/(?:abstract|pdf)/",
        r"https?://iopscience[.-]iop[.-]org[^/?#\s]*/article/",
        r"https?://(?:www\.)?frontiersin\.org/(?:journals/[^/?#\s]+/)?articles/",
        r"https?://(?:www\.)?(?:bio|med)rxiv\.org/content/",
        r"https?://journals\.plos\.org/[a-z]+/article(?:/file)?\?id=",
        r"https?://api\.crossref\.org/works/",
    ),
    "acl": (
        r"acl\s*:\s*",
        r"(?:https?://)?(?:www\.)?aclanthology\.(?:org|info)/(?:papers/(?:[a-z][0-9]{2}-[0-9]{4}/)?)?",
        rf"(?:https?://)?{_ACLWEB}/(?:papers/)?(?:[a-z]/[a-z][0-9]{{2}}/)?",
        rf"(?:{_RESOLVER})*10\.(?:18653|3115)/v1/",
    ),
    "openreview": (
        r"(?:https?://)?(?:www\.)?openreview\.net/(?:forum|pdf|attachment|references/pdf)/?\?(?:.*&)?id=",
        r"(?:https?://)?api[0-9]?\.openreview\.net/notes/?\?(?:.*&)?forum=",
    ),
    "s2": (
        r"(?:https?://)?(?:(?:www|api)\.)?semanticscholar\.org/(?:reader/|paper/(?:[^/?#]+/)?)?",
    ),
    "dblp": (
        r"dblp\s*:\s*",
        r"(?:https?://)?(?:(?:www\.)?dblp\.(?:org|uni-trier\.de|dagstuhl\.de))/rec/(?:html/|bibtex/)?",
    ),
}
"""What may stand before an identifier of each kind, whatever its case: nothing else is read.

No part of a text is searched: what is neither one of these nor the identifier itself gives null.
A DOI is read from the addresses of publishers only where it is in them: ``nature.com/articles/ID``
and ``sciencedirect.com`` have none, and in most queries it is another work's.
"""


def _join_spellings(kind: str) -> str:
    return rf"(?:{'|'.join(SPELLINGS[kind])})"


_ARXIV = (
    rf"{_OPEN}{_join_spellings('arxiv')}?(?-i:({NEW_ARXIV}|{OLD_ARXIV}))(?:v[1-9][0-9]*)?(?:\.pdf|\.ps\.gz)?/?"
    # The stamp on the first page ends in a category and a day.
    r"(?:\s*[?#].*|\s*\[[a-z.-]+\])?(?:\s+[0-9]{1,2} [a-z]{3} (?:19|20)[0-9]{2})?"
    rf"{_CLOSE}"
)

ARXIV_URL = "https://arxiv.org/abs/"
HF_PAPER_URL = "https://huggingface.co/papers/"
ARXIV_DOI = "10.48550/arxiv."
"""The prefix of the DOIs that DataCite gives to arXiv papers, in lower case like all our DOIs."""


def arxiv_id(written: pl.Expr) -> pl.Expr:
    """Return the arXiv id without version, from an id, a URL, a DOI or ``arXiv:...``.

    Ids that went through a float are refused, as is anything that is not wholly an id: five
    digits are right only since 2015 and four only before, so ``1501.0001`` and ``704.0291`` give
    null. A subject class goes: ``math.GT/0309136`` and ``math/0309136`` are one paper. The rule is
    arXiv's own (``info.arxiv.org/help/arxiv_identifier``). Marks that show nothing are passed over.

    >>> written = ["arXiv:2401.00001v1 [cs.CL] 1 Jan 2024", "oai:arXiv.org:math.GT/0309136"]
    >>> written += ["https://www.alphaxiv.org/overview/2401.00001v2", "CoRR abs/2401.00001"]
    >>> written += ["doi:10.48550/arXiv.2401.00001v2.", "see 2401.00001", "arXiv:704.0291"]
    >>> pl.select(arxiv_id(pl.lit(pl.Series(written)))).to_series().to_list()
    ['2401.00001', 'math/0309136', '2401.00001', '2401.00001', '2401.00001', None, None]
    """
    short = written.str.extract(_ARXIV).str.replace(r"\.[A-Za-z-]+/", "/")
    return pl.when(_is_possible_arxiv_id(short)).then(short)


def _is_possible_arxiv_id(short: pl.Expr) -> pl.Expr:
    # Numbers that went through a float lost a zero at the end or grew one: arXiv's own rule for the
    # count of digits catches both.
    digits = short.str.extract(r"^([0-9]{4})\.").cast(pl.Int32)
    has_five = short.str.contains(r"\.[0-9]{5}$")
    since_2015 = digits.is_between(1501, 9000, closed="left")
    new = (digits >= 704) & (digits < 9000) & (has_five == since_2015)  # noqa: PLR2004  # April 2007
    old = short.str.contains(r"/(?:9[1-9]|0[0-7])") & ~short.str.ends_with("000")
    return new.fill_null(old)  # an expression, no flag


def arxiv_version(written: pl.Expr) -> pl.Expr:
    """Return the version that an arXiv id or URL names; null where it names none."""
    version = written.str.extract(r"(?:[0-9]{4,5}|/[0-9]{7})v([1-9][0-9]{0,3})\b").cast(pl.Int64)
    return pl.when(arxiv_id(written).is_not_null()).then(version)


_SUFFIX = r"(?:[^\s\"<>{}\\^|`\x00-\x1f]|<[0-9][^\s<>\"]{0,30}>[0-9])+"
"""What a DOI ends in; angles are those of journals' old numbers, ``128<0001:abc>2.0.co;2``."""


_DOI = rf"{_OPEN}{_join_spellings('doi')}(10\.[0-9]{{4,9}}/{_SUFFIX})>?\s*$"

_PAGE = r"(?i)^[\s<(\[]*(https?://[^?\s]*(?:/|\?id=)10\.[0-9]{4,9}/"
"""The beginning of any address with a DOI in it: what follows is of the page, or not of the DOI."""

_ARTICLE = r"(?i)^(\S*/[a-z-]*article[a-z-]*/doi/10\.[0-9]{4,9}/"
_NUMBERED = r"(?:\S*[a-z._]\S*[0-9]{2}|\S*[0-9]{2}\S*[a-z._]|\S*[0-9]{5})"
_VIEW = r"(?:abstract|e?pdf|full|full-?text|html|meta|summary|references|citations|figures|tables)"

_PAGE_RULES = (
    # A query and a fragment are the reader's; PLOS has the DOI in its query.
    (rf"{_PAGE}[^?&#\s]*)[?&#]\S+\s*$", "$1"),
    # Silverchair's journals put a number of their own, at times the title too, behind the DOI. What
    # is before it names an article by a letter, a full stop or five digits: an ISSN has none.
    (rf"{_ARTICLE}{_NUMBERED}\S*?)/[0-9]{{4,9}}(?:/[^/]*)?/?$", "$1"),
    (
        rf"{_PAGE}\S*?)(?:/{_VIEW}|\.(?:full|full-text|abstract|pdf|html?))(?:\.(?:pdf|html?))?/?$",
        "$1",
    ),
    # A prefix, or the name of a journal behind it, is what many works have in common.
    (rf"{_OPEN}{_join_spellings('doi in an address')}(10\.[0-9]{{4,9}}/\S*[0-9]\S*)$", "$1"),
)
"""Replacements in a row, after which a DOI in a publisher's address is alone."""

_PREPRINT = r"^(10\.1101/[0-9]{4}\.[0-9]{2}\.[0-9]{2}\.[0-9]+)v[0-9].*$"
"""bioRxiv and medRxiv write a version behind a DOI that has none."""

_BROKEN = (
    (r"(10\.[0-9]{4,9})(?:\s+/\s*|/\s+)", "$1/"),
    (r"(10\.[0-9]{4,9}/\S*[-_])\s+([\w.()/-]*[0-9][\w.()/-]*)\s*$", "$1$2"),
    # A year there is the sentence's: what is joined has more than four digits.
    (r"(10\.[0-9]{4,9}/\S*\.)[^\S\n]*\n\s*([0-9][\w.()/-]{4,})\s*$", "$1$2"),
)
"""Where a line may end inside a DOI."""

_ENCODED = {f"%{ord(sign):02x}": sign for sign in "/():<>"} | {"&lt;": "<", "&gt;": ">"}
"""How addresses and HTML write signs of a DOI."""


def doi(written: pl.Expr) -> pl.Expr:
    r"""Return the DOI in lower case, from a DOI, ``doi:...``, ``urn:doi:...`` or an address.

    Lower case because DOIs ignore case (DOI Handbook, 2.4). A closing full stop, comma or unopened
    bracket belongs to the sentence, a fragment or a query to the reader's way to the page. A DOI
    that is broken over lines is joined where a number follows its slash, hyphen or full stop.

    >>> written = ["https://dl.acm.org/doi/abs/10.1145/3292500.3330701?casa_token=x"]
    >>> written += ["https://link-springer-com.proxy.edu/content/pdf/10.1007/978-3-030-1_2.pdf"]
    >>> written += ["\u202a10.1007/978-3-\n 030-1_2\u202c", "doi:10.1145/1.2#sec1"]
    >>> written += ["10.1145/1.2. 2019"]
    >>> pl.select(doi(pl.lit(pl.Series(written)))).to_series().to_list()[1:]
    ['10.1007/978-3-030-1_2', '10.1007/978-3-030-1_2', '10.1145/1.2', None]
    """
    # What is copied from a page or a dialogue brings along marks of direction and of breaks.
    plain = written.str.replace_all(_UNSEEN, "").str.replace_many(
        _ENCODED, ascii_case_insensitive=True
    )
    # One after the other: an expression that names its input twice reads it twice.
    for pattern, replacement in (*_BROKEN, *_PAGE_RULES):
        plain = plain.str.replace(pattern, replacement)
    read = plain.str.extract(_DOI).str.to_lowercase()
    read = read.str.replace(r"(?:\?[a-z_.-]+=|#[a-z]).*$", "").str.replace(_PREPRINT, "$1")
    read = read.str.replace(r"^([^(]*)\).*$", "$1").str.replace(r"[.,;:'\]/]+$", "")
    return read.str.extract(r"^(10\.[0-9]{4,9}/.+)$")


def acl_id(written: pl.Expr) -> pl.Expr:
    """Return the ACL Anthology id (``2022.acl-long.1``, ``P18-1001``), from an id, URL or DOI.

    A letter of the old ids is upper-case, a venue of the new ids lower-case, as the Anthology
    writes them. Errata (``P18-1001e1``) and attachments are files of their own, and give null.

    >>> written = ["https://aclanthology.org/2022.acl-long.1v2.pdf", "10.3115/v1/p14-1001"]
    >>> pl.select(acl_id(pl.lit(pl.Series([*written, "P18-1001e1.pdf"])))).to_series().to_list()
    ['2022.acl-long.1', 'P14-1001', None]
    """
    lead = rf"{_OPEN}{_join_spellings('acl')}?"
    tail = rf"(?:v[0-9]+)?(?:\.(?:pdf|bib|xml|endf|ris))?/?(?:[?#].*)?{_CLOSE}"
    old = written.str.extract(rf"{lead}([a-z][0-9]{{2}}-[0-9]{{4}}){tail}").str.to_uppercase()
    new = written.str.extract(rf"{lead}((?:19|20)[0-9]{{2}}\.[a-z0-9_]+-[a-z0-9]+\.[0-9]+){tail}")
    return pl.coalesce(old, new.str.to_lowercase())


def openreview_id(written: pl.Expr) -> pl.Expr:
    """Return the id of an OpenReview forum, from an id or a URL of its forum or PDF.

    Ids are 9 to 14 letters, digits, ``-`` and ``_``, with case; a lone lower-case word is refused.

    >>> written = ["https://openreview.net/forum?noteId=q1q1q1q1q1&id=a_B-3xyz12", "interesting"]
    >>> pl.select(openreview_id(pl.lit(pl.Series(written)))).to_series().to_list()
    ['a_B-3xyz12', None]
    """
    lead = rf"{_OPEN}{_join_spellings('openreview')}"
    url = written.str.extract(rf"{lead}([A-Za-z0-9_-]{{9,14}})(?:[&#].*)?{_CLOSE}")
    bare = written.str.extract(r"^\s*([A-Za-z0-9_-]{9,14})\s*$")
    forum = pl.coalesce(url, bare)
    return pl.when(~forum.str.contains(r"^[a-z-]+$|^[0-9]+$")).then(forum)


def semantic_scholar_id(written: pl.Expr) -> pl.Expr:
    """Return Semantic Scholar's id of a paper: 40 hexadecimal digits, or ``CorpusID:`` and digits.

    The two are ids of one paper, and which belong together only the service says.

    >>> written = ["https://api.semanticscholar.org/CorpusID:13756489", "corpus id: 13756489"]
    >>> pl.select(semantic_scholar_id(pl.lit(pl.Series(written)))).to_series().to_list()
    ['CorpusID:13756489', 'CorpusID:13756489']
    """
    lead, tail = rf"{_OPEN}{_join_spellings('s2')}?", rf"/?(?:[?#].*)?{_CLOSE}"
    digits = written.str.extract(rf"{lead}([0-9a-f]{{40}}){tail}").str.to_lowercase()
    number = written.str.extract(rf"{lead}(?:s2-?)?corpus\s?id\s*[:=]\s*([1-9][0-9]{{0,11}}){tail}")
    return pl.coalesce(digits, pl.lit("CorpusID:") + number)


def dblp_key(written: pl.Expr) -> pl.Expr:
    """Return the DBLP key (``conf/acl/DevlinCLT19``), from a key, ``DBLP:...`` or a URL."""
    return written.str.extract(
        rf"^\s*(?i:{_join_spellings('dblp')})?"
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
