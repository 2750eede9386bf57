"""Hosts and endings of addresses that say what a link leads to."""

import polars as pl

from flows.urls import rules


def is_on_host(*patterns: str) -> pl.Expr:
    """Return whether an address begins with one of the patterns, ``www.`` left out."""
    return pl.col("url").str.contains(
        r"(?i)^(?:https?|ftp)://(?:www\.)?(?:" + "|".join(patterns) + ")"
    )


PAPER_HOSTS = (
    r"arxiv\.org(?:/(?:abs|pdf).*)?$",
    r"openreview\.net",
    r"aclanthology\.org",
    r"doi\.org",
    r"link\.springer\.com",
    r"ieeexplore",
    r"dl\.acm\.org",
    r"proceedings\.",
    r"papers\.",
    r"(?:journals|iopscience)\.",
    r"sciencedirect\.com",
    r"nature\.com/articles",
    r"biorxiv\.org",
    r"medrxiv\.org",
    r"hal\.science",
    r"hal\.archives",
    r"ssrn\.com",
    r"huggingface\.co/papers",
    r"semanticscholar\.org",
    r"jmlr\.org",
    r"eprint\.iacr\.org",
    r"philpapers",
)
"""Beginnings of addresses of publications; so with all tuples here, as `is_on_host` reads them."""

_DATA_DOIS = (
    r"doi\.org/(?i:10\.5281|10\.6084|10\.7910|10\.5061|10\.17632|10\.57967|10\.17605|10\.21227"
    r"|10\.5683)"
)
"""DOI prefixes of Zenodo, figshare, Dataverse, Dryad, Mendeley Data, Hugging Face, OSF, IEEE
DataPort and Borealis: what they hold is data or code, no publication."""
DATA_HOSTS = (
    r"zenodo\.org",
    r"figshare\.com",
    r"osf\.io",
    r"kaggle\.com/(?:datasets|c|competitions)/",
    r"datadryad\.org",
    r"data\.mendeley",
    r"dataverse",
    r"physionet\.org",
    r"ieee-dataport\.org",
    r"openneuro\.org",
    r"archive\.ics\.uci\.edu",
    r"opendatalab\.(?:com|org)",
    _DATA_DOIS,
)
VIDEO_HOSTS = (r"youtu\.be", r"youtube\.com", r"vimeo\.com", r"bilibili\.com", r"b23\.tv")
PAGE_HOSTS = (
    r"[^/]+\.(?:github|gitlab)\.io",
    r"sites\.google\.com",
    r"[^/]+\.notion\.site",
    r"[^/]+\.netlify\.app",
    r"[^/]+\.pages\.dev",
)
CODE_HOSTS = (
    *(name.replace(".", r"\.") for name in rules.FORGES),
    r"gist\.github\.com",
    r"anonymous\.4open\.science",
    r"sourceforge\.net",
    r"pypi\.org",
    r"cran\.r-project",
    r"code\.google\.com",
    r"git\.io",
    r"(?:gitlab|git|github\.[^/.]+)\.[^/]+",
    r"kaggle\.com/code/",
    r"[^/]+\.(?:readthedocs|rtfd)\.(?:io|org)",
    r"codeocean\.com",
    r"bitbucket\.",
    r"npmjs\.com",
    r"colab\.research\.google\.com",
    r"[^/]+\.sourceforge\.net",
    r"hub\.docker\.com",
    r"ascl\.net",
)
DEMO_HOSTS = (
    r"apps\.apple\.com",
    r"play\.google\.com",
    r"huggingface\.co/spaces",
    r"[^/]+\.hf\.space",
    r"[^/]+\.streamlit\.app",
    r"[^/]+\.gradio\.(?:app|live)",
    r"replicate\.com",
    r"[^/]+\.shinyapps\.io",
    r"[^/]+\.herokuapp\.com",
)

FILMS = r"\.(?:mp4|m4v|mkv|webm|avi|mov|qt|wmv|mpe?g)$"
SLIDES = r"\.(?:pptx?|pps|odp|key)$"


def is_decided_by_host() -> pl.Expr:
    """Return whether the host or the ending of an address decides its kind, whatever is said."""
    by_ending = pl.col("url").str.to_lowercase().str.contains(f"{FILMS}|{SLIDES}")
    hosts = (*DEMO_HOSTS, *VIDEO_HOSTS, *DATA_HOSTS, *PAPER_HOSTS)
    # What has no repository there is an account or a page of the site.
    is_model = is_on_host(r"huggingface\.co/[^/]") & pl.col("repo").is_not_null()
    return by_ending | is_on_host(*hosts) | is_model | is_paper_in_repository()


def is_paper_in_repository() -> pl.Expr:
    """Return whether an address is of a paper or poster that a repository holds as a file."""
    return is_on_code_host() & pl.col("url").str.contains(r"(?i)/(?:blob|raw|tree)/.*\.pdf$")


def is_on_code_host() -> pl.Expr:
    """Return whether an address is of a host whose pages are code, or data kept as code is."""
    return is_on_host(*CODE_HOSTS)


def is_on_page_host() -> pl.Expr:
    """Return whether an address is of a host where people put pages of their projects."""
    return is_on_host(*PAGE_HOSTS)


def is_document() -> pl.Expr:
    """Return whether an address ends as files of documents do."""
    return pl.col("url").str.contains(r"(?i)\.(?:pdf|ps)(?:\.gz)?$")
